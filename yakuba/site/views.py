"""Pages outside of any town."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader

from yakuba.access.web import open_to_all
from yakuba.register import queries as register


@open_to_all("the names of the towns that are served here are no secret")
def towns(request: HttpRequest) -> HttpResponse:
    """Which towns are served here."""
    return render(request, "site/towns.html", {"towns": register.towns()})


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without the sign of our own page: mostly one that stood open while somebody signed in or out."""
    return render(request, "400.html", {"title": "stale_form.title", "text": "stale_form.text"}, status=403)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that is too large or makes no sense, such as a form of a thousand fields."""
    return render(request, "400.html", {"title": "bad_request.title", "text": "bad_request.text"}, status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """Something went wrong: said in the reader's language, with what to do; the log has the rest."""
    return HttpResponseServerError(loader.render_to_string("500.html", {}, request))
