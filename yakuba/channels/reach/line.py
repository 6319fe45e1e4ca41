"""Drafts on a line that dies: the service worker that keeps what could not be sent, and the page that it shows meanwhile."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.channels.forms import Form, Screen
from yakuba.channels.models import Draft

MOST_AHEAD = 12
"""Screens that a phone keeps for the case that the line dies: about 3 KB each on the line."""


@require_GET
@asks("form.answer")
def worker(request: Request, town: str) -> HttpResponse:
    """The service worker: it must come from where the drafts are (W3C Service Workers, scope)."""
    return render(request, "channels/reach/draft_worker.js", content_type="text/javascript; charset=utf-8")


@require_GET
@asks("form.answer")
def no_line(request: Request, town: str) -> HttpResponse:
    """What is shown where there is no line: what waits, and what to do."""
    back = reverse("channels:resume", args=[town]).replace("/resume/", "/draft/DRAFT/")
    return render(request, "channels/reach/no_line.html", {"back": back})


def shown(request: Request, draft: Draft, form: Form, screen: Screen) -> dict[str, object]:
    """What a screen needs to go on without a line: where the next one is, and which ones to keep. Nothing for staff, whose
    devices are not the resident's."""
    if draft.channel != "web" or request.worker.kind == "staff":
        return {}
    keys = [one.key for one in form.screens]
    after = form.screens[keys.index(screen.key) + 1 :] if screen.key in keys else []
    following = after[0].key if after else None
    ahead = [one for one in after if _is_blank(form, one)][:MOST_AHEAD]

    def to(key: str) -> str:
        return reverse("channels:screen", args=[draft.town, draft.id, key])

    changes_one = "check" in request.GET
    return {
        "line": True,
        "kept_next": to(following) if following and not changes_one else "",
        "ahead": " ".join(to(one.key) for one in ahead),
    }


def _is_blank(form: Form, screen: Screen) -> bool:
    """Does nothing of what anybody answered stand on it? Only such a page is kept in a phone."""
    if screen.overview:
        return not form.facts.get(screen.list)
    return screen.position is None and all(one.value is None and not one.files for one in screen.fields)
