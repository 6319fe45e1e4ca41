"""What can happen in the booking room: a round is set up, and drawn."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yakuba import access
from yakuba.access import Worker, towns
from yakuba.booking import giving
from yakuba.booking.errors import NoSuchRound, NotClosed, NothingToDraw, NotPlaces
from yakuba.booking.models import Place, Round
from yakuba.cases import catalogue, jobs
from yakuba.declare.model import Book
from yakuba.words import Text


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A place to be offered. `kind`: for whom, where the service declares one; times aware; `capacity`: how many it takes."""

    code: str
    name: Text
    capacity: int
    kind: str = ""
    starts: datetime | None = None
    ends: datetime | None = None


def set_up(
    service: str,
    code: str,
    name: Text,
    places: Sequence[NewPlace],
    *,
    opens: datetime,
    closes: datetime | None = None,
    by: Worker,
) -> Round:
    """Offer places, or more of them in a round that is there already; a place that is offered already is changed.

    Raises NotPlaces, access.Denied.
    """
    access.require(by, "booking.set_up", _hall())
    _booked(service)
    town = towns.current_town()
    found, _ = Round.objects.update_or_create(
        town=town,
        service=service,
        code=code,
        defaults={"name": name.model_dump(), "opens": opens, "closes": closes},
        create_defaults={
            "name": name.model_dump(),
            "opens": opens,
            "closes": closes,
            "seed": secrets.token_bytes(32),
        },
    )
    Place.objects.bulk_create(
        [
            Place(
                town=town,
                round=found,
                code=one.code,
                name=one.name.model_dump(),
                kind=one.kind,
                starts=one.starts,
                ends=one.ends,
                capacity=one.capacity,
            )
            for one in places
        ],
        update_conflicts=True,
        unique_fields=["town", "code"],
        update_fields=["round", "name", "kind", "starts", "ends", "capacity"],
    )
    return found


def draw(service: str, code: str, *, by: Worker, as_of: datetime) -> Round:
    """Draw a round that has closed: rank everybody who asks and give the places out. Drawn again, it is what it was.

    Raises NoSuchRound, NotClosed, NothingToDraw, NotPlaces, access.Denied.
    """
    access.require(by, "booking.draw", _hall())
    declared = catalogue.service(service)
    if _booked(service).order == "received":
        raise NothingToDraw
    towns.alone_with(f"booking:{service}")
    found = Round.objects.select_for_update().filter(service=service, code=code).first()
    if found is None:
        raise NoSuchRound(code)
    if found.drawn_at is None:
        if found.closes is None or found.closes > as_of:
            raise NotClosed(found.closes)
        giving.draw(found, declared, giving.asking(service), by=by.id, as_of=as_of)
        for step in declared.steps:
            if step.do == giving.ALLOT:
                jobs.wake(found.town, service, step.id)
    return found


def _booked(service: str) -> Book:
    book = catalogue.service(service).book
    if book is None:
        raise NotPlaces(service)
    return book


def _hall() -> access.Resource:
    town = towns.current_town()
    return access.Resource("Town", town, town)
