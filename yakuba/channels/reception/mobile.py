"""The hall on wheels (巡回窓口): a van visits a hamlet on a day. What is booked are cases of `services/hall-on-wheels`; the agenda
of a day is printed, or taken along in an offline pack where there is no line."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks, look, may_here
from yakuba.booking import queries as booking
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases.log import case_resource
from yakuba.channels import acting
from yakuba.channels.disaster import pack
from yakuba.clock import in_tokyo
from yakuba.words import Text, ui

if TYPE_CHECKING:
    from yakuba.booking.models import Place

SERVICE = "hall-on-wheels"
HOURS = 48
"""How long a pack for a day holds: the evening before, the day, and the way home."""
PAST = timedelta(days=30)
MOST_NAME = 60


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which the van goes out: the places and times that are offered, and who has them."""

    day: date
    places: Sequence[Place]
    given: Sequence[tuple[Place, uuid.UUID]]

    @property
    def names(self) -> list[Text]:
        """Where it goes, each place once."""
        return list({one.name["ja"]: Text(**one.name) for one in self.places}.values())

    @property
    def capacity(self) -> int:
        return sum(one.capacity for one in self.places)

    @property
    def cases(self) -> list[uuid.UUID]:
        return [case for _, case in self.given]


def days(as_of: datetime) -> list[Day]:
    """The days of the van from a month ago on, the first one first."""
    by_day: dict[date, list[Place]] = {}
    for offer in booking.places_of(booking.rounds(SERVICE)):
        if offer.place.starts and offer.place.starts > as_of - PAST:
            by_day.setdefault(in_tokyo(offer.place.starts).date(), []).append(offer.place)
    given = booking.given_at([one for some in by_day.values() for one in some])
    return [
        Day(day, places, [(place, case) for place, case in given if place in places])
        for day, places in sorted(by_day.items())
    ]


def _day(when: date, as_of: datetime) -> Day:
    """Raises Http404 for a day without a van."""
    found = next((one for one in days(as_of) if one.day == when), None)
    if found is None:
        raise Http404
    return found


@require_GET
@asks("reception.read")
def mobile(request: Request, town: str) -> HttpResponse:
    """The days of the van, and how many have booked."""
    now = clock.now()
    shown = {
        "days": days(now),
        "today": now.date(),
        "offered": SERVICE in catalogue.offered(),
        "can_offer": may_here(request, "booking.set_up"),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/reception_mobile.html", shown)


@require_GET
@asks("reception.work")
def agenda(request: Request, town: str, year: int, month: int, day: int) -> HttpResponse:
    """A day's agenda, to be printed: who comes when and where, and what for."""
    return _agenda(request, _asked(year, month, day), None)


def _asked(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Http404 from error


def _agenda(request: Request, when: date, made: pack.Made | None) -> HttpResponse:
    found = _day(when, clock.now())
    shown = {
        "day": found,
        "rows": [_row(request, place, case) for place, case in found.given],
        "made": made,
        "can_pack": may_here(request, "offline.pack"),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/reception_agenda.html", shown)


def _row(request: Request, place: Place, case: uuid.UUID) -> dict[str, Any]:
    """What stands on the agenda of one who comes. Asks the policy about the case, so that it stands in the log."""
    kept = case_queries.one(case)
    state = case_queries.state(kept)
    look(request, "case.read", case_resource(kept.id, state, request.town))
    said: Mapping[str, Any] = state.facts.get("mobile") or {}
    return {
        "when": booking.when(place, request.language),
        "where": Text(**place.name),
        "case": kept,
        "applicant": state.facts.get("applicant") or {},
        "about": said.get("about", ""),
        "comes": said.get("comes"),
        "language": kept.language,
    }


@require_POST
@asks("offline.pack")
def make_pack(request: Request, town: str, year: int, month: int, day: int) -> HttpResponse:
    """A pack for the day: its agenda to be read, and the forms that can be filled in without a line. This page alone shows its
    passphrase."""
    when = _asked(year, month, day)
    found, made = _day(when, clock.now()), list[pack.Made]()

    def do() -> None:
        forms = [name for name, one in catalogue.offered().items() if name != SERVICE and pack.takes(one)]
        named = f"{when:%Y-%m-%d} {'・'.join(one.ja for one in found.names)}"[:MOST_NAME]
        made.append(
            pack.make(
                named, [SERVICE, *forms], HOURS, by=request.worker, as_of=clock.now(), agenda=found.cases
            )
        )

    back = acting.act(request, do, reverse("desk:agenda", args=[town, year, month, day]))
    if not made:
        return back
    acting.said(request)
    acting.say(request, "ok", ui("reception.pack_made", request.language, count=made[0].cases))
    return _agenda(request, when, made[0])
