"""What can be asked of the booking room."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from yakuba.booking.models import Allotment, Place, Round
from yakuba.cases import queries as cases
from yakuba.clock import say_datetime, say_time
from yakuba.declare import Service
from yakuba.words import Text

if TYPE_CHECKING:
    from yakuba.cases.models import Case


@dataclass(frozen=True, slots=True)
class Offer:
    """A place as it is offered: how many it still takes."""

    place: Place
    free: int

    @property
    def name(self) -> Text:
        return Text(**self.place.name)

    def when(self, language: str) -> str:
        """From when until when, in words; nothing for a place without a time."""
        return when(self.place, language)


def when(place: Place, language: str) -> str:
    """The time of a place in words: its day once, and from when until when; empty for a place without a time."""
    if place.starts is None:
        return ""
    until = f"～{say_time(place.ends, language)}" if place.ends else ""
    return say_datetime(place.starts, language) + until


def rounds(service: str) -> list[Round]:
    """The rounds of a service, the newest first."""
    return list(Round.objects.filter(service=service).order_by("-opens", "code"))


def all_rounds() -> list[Round]:
    """The rounds of all services, those of one together, the newest first."""
    return list(Round.objects.order_by("service", "-opens", "code"))


def round_of(service: str, code: str) -> Round | None:
    """One round of a service."""
    return Round.objects.filter(service=service, code=code).first()


def place(code: str) -> Place | None:
    """The place with this code."""
    return Place.objects.filter(code=code).select_related("round").first()


def offers(service: str, *, as_of: datetime, kind: str | None = None) -> list[Offer]:
    """The places that can be asked for now, full ones, too: whoever asks for these waits. `kind`: only places for these,
    and those for everybody."""
    open_now = Place.objects.filter(round__service=service, round__opens__lte=as_of).filter(
        Q(round__closes=None) | Q(round__closes__gt=as_of), Q(starts=None) | Q(starts__gt=as_of)
    )
    if kind is not None:
        open_now = open_now.filter(kind__in=("", kind))
    return with_free(open_now)


def with_free(places: QuerySet[Place]) -> list[Offer]:
    """The places with what they still take, in the order of their time and name."""
    found = list(places.select_related("round").order_by("starts", "code"))
    taken = taken_of([one.id for one in found])
    return [Offer(one, max(0, one.capacity - taken[one.id])) for one in found]


def taken_of(places: Collection[uuid.UUID], besides: Collection[uuid.UUID] = ()) -> Counter[uuid.UUID]:
    """How often each of the places is given to a case whose grant stands. `besides`: cases that do not count."""
    rows = list(Allotment.objects.filter(place__in=places).values_list("place_id", "case"))
    standing = cases.granted([case for _, case in rows]) - set(besides)
    return Counter(place for place, case in rows if case in standing)


def places_of(rounds: Sequence[Round]) -> list[Offer]:
    """All places of the rounds with what they still take."""
    return with_free(Place.objects.filter(round__in=rounds))


@dataclass(frozen=True, slots=True)
class Points:
    """One of the values that rank a case: what it is for, how much, and the rule it rests on."""

    label: Text
    points: int
    law: str


def given_at(places: Sequence[Place]) -> list[tuple[Place, uuid.UUID]]:
    """The cases that have these places, in the order of their time and number."""
    held = list(Allotment.objects.filter(place__in=places).select_related("place"))
    stands = cases.granted({one.case for one in held})
    turns = sorted(
        held, key=lambda one: (one.place.starts is None, one.place.starts, one.place.code, one.number)
    )
    return [(one.place, one.case) for one in turns if one.case in stands]


def points_of(case: Case) -> list[Points]:
    """What ranks a case among those who ask for the same places, by the values of its newest decision."""
    service = cases.service_of(case)
    values = cases.grounds([case.id]).get(case.id)
    if service.book is None or values is None:
        return []
    return [
        Points(service.label(name), values.values.get(name) or 0, service.values[name].law or "")
        for name in service.book.points
    ]


def given_to(case: uuid.UUID) -> Allotment | None:
    """The place of a case."""
    return Allotment.objects.filter(case=case).select_related("place").first()


@dataclass(frozen=True, slots=True)
class Standing:
    """How one who asked for places of a round stands: `rank` and `points` of the draw, the place with their number in it,
    or that they wait; neither: they withdrew, or it was decided otherwise."""

    case: uuid.UUID
    reference: str
    rank: int | None
    points: int | None
    place: Place | None
    number: int | None
    waits: bool

    @property
    def named(self) -> Text | None:
        """What their place is called."""
        return Text(**self.place.name) if self.place else None


def standing(found: Round) -> list[Standing]:
    """Everybody who asked for places of a round, by rank, or by place and number where nothing is drawn; who waits for a
    place that nobody ranked comes last, in the order of asking."""
    codes = set(found.places.values_list("code", flat=True))
    held = Allotment.objects.filter(place__round=found).select_related("place")
    given = {one.case: one for one in held}
    stands = cases.granted(given)
    waiting = [
        task.case_id
        for task in cases.open_with_verb(found.service, ("allot", "wait"))
        if codes.intersection(wishes_of(cases.service_of(task.case), cases.state(task.case).facts)[:1])
    ]
    result = {uuid.UUID(case): drawn for case, drawn in (found.result or {}).items()}
    asked = dict.fromkeys([*result, *given, *waiting])
    references = cases.references(list(asked))
    rows = [
        Standing(
            case,
            references.get(case, ""),
            (result.get(case) or {}).get("rank"),
            (result.get(case) or {}).get("points"),
            given[case].place if case in stands else None,
            given[case].number if case in stands else None,
            case in waiting,
        )
        for case in asked
    ]
    return sorted(rows, key=_turn)


def _turn(one: Standing) -> tuple[int, str, int]:
    """Ranked ones first, then by place and number; the others keep the order in which they asked."""
    last = 2**31
    code = one.place.code if one.place else "\uffff"
    return (one.rank or last, code, one.number or last)


def wishes_of(service: Service, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of the places that somebody wishes for, the best first, each once."""
    names = [name.split(".") for name, fact in service.facts.items() if fact.answer == "place"]
    said = [(facts.get(group) or {}).get(key) for group, key in names]
    return tuple(dict.fromkeys(code for code in said if code))
