"""Who looked at the data of who is signed in, on their own page (閲覧履歴)."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from yakuba.access.request import Request
from yakuba.access.web import ask, asks_within
from yakuba.audit import looks
from yakuba.cases import catalogue

PAGE = 50
MOST_PAGES = 200
SERVICE = "disclosure-request"


@require_GET
@asks_within("looks.read")
def looked(request: Request, town: str) -> HttpResponse:
    """When which office looked at what, and why; for who is signed in with their card."""
    if request.worker.person is None:
        return redirect(f"{reverse('access:sign_in', args=[town])}?next={request.path}")
    me = uuid.UUID(request.worker.person)
    ask(request, looks.resource(me, town))
    text = request.GET.get("page", "1")
    page = min(max(int(text), 1), MOST_PAGES) if text.isdecimal() and len(text) < 6 else 1
    entries, more = looks.of_person(me, by=request.worker, page=page, size=PAGE)
    shown = {
        "entries": entries,
        "older": page + 1 if more and page < MOST_PAGES else None,
        "newer": page - 1 if page > 1 else None,
        "disclosure": SERVICE if SERVICE in catalogue.offered() else "",
    }
    return render(request, "channels/web/looked.html", shown)
