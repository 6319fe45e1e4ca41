"""The numbers that are called, large enough to be read from the back of the hall. Numbers and desks only: no names, and not
what anybody came for."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.channels.reception import places, visits

SECONDS = 15
"""After so many the page is loaded anew, by a header and without a script."""
JUST = timedelta(minutes=3)
"""So long a number counts as being called."""


@require_GET
@asks("ticket.read")
def tickets(request: Request, town: str) -> HttpResponse:
    """Who is called to which desk, and how many wait. `still`: the page stays as it is (WCAG 2.2, success criterion 2.2.2);
    `place`: only this place."""
    now, still = clock.now(), bool(request.GET.get("still"))
    chosen = places.place(request.GET.get("place", ""))
    there = [one for one in visits.there() if chosen is None or one.place == chosen.code]
    served = sorted((one for one in there if not one.waits), key=lambda one: one.since, reverse=True)
    shown = {
        "called": [(one, places.desk_name(one.place, one.desk), now - one.since < JUST) for one in served],
        "waiting": [one.number for one in there if one.waits],
        "place": chosen,
        "still": still,
        "at": now,
    }
    page = render(request, "channels/web/reception_tickets.html", shown)
    if not still:
        page["Refresh"] = f"{SECONDS}; url={request.get_full_path()}"
    page["Cache-Control"] = "no-store"
    return page
