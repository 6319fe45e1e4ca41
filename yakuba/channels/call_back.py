"""Somebody asks to be called: from a page, with what it was about filled in, or through an operator who is on the telephone."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.cases import catalogue
from yakuba.channels import acting, actions
from yakuba.channels.actions import CALL_BACK
from yakuba.channels.models import Draft
from yakuba.channels.web import begun, is_own, remember
from yakuba.declare import Service
from yakuba.words import ui_text

MOST_ABOUT = 500
"""Characters of what it is about, as `callback.about` takes them."""


@require_POST
@asks("form.answer")
def ask(request: Request, town: str) -> HttpResponse:
    """Begin a request for a call, from the page that says what it is `about`."""
    about = acting.text_of(request, "about")[:MOST_ABOUT]
    return begun(request, _service(), {"callback": {"about": about}} if about else {})


@require_POST
@asks("register.search")
def later(request: Request, town: str, draft: uuid.UUID) -> HttpResponse:
    """The caller cannot go on now: a request for a call, with the name and number that were given so far. What was keyed
    in stays where it is."""
    before = Draft.objects.filter(id=draft, channel="phone", case=None).first()
    if before is None or not is_own(request, draft):
        raise Http404
    service = _service()
    named = catalogue.service(before.service).name
    about = ui_text("callback.about_service").format(service=named).get(request.language)
    made = actions.begin(
        service,
        channel="phone",
        language=before.language,
        as_of=clock.now(),
        said={"applicant": before.facts.get("applicant") or {}, "callback": {"about": about}},
    )
    remember(request, made)
    return redirect("channels:resume_at", town=town, draft=made.id)


def _service() -> Service:
    """Raises Http404 where the town calls nobody back."""
    try:
        return catalogue.offered()[CALL_BACK]
    except KeyError as error:
        raise Http404 from error
