"""What the rooms above the register know for open data: events, from the places of courses that residents can apply for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from yakuba.booking import queries as booking
from yakuba.clock import TOKYO, in_tokyo

COURSES = "course-application"
"""The service whose places are events (講座・イベントの申込)."""


def rows(dataset: str, on: date) -> Sequence[Mapping[str, str]]:
    """The rows of a dataset as far as they are known here; none of a dataset that is not."""
    return _events(on) if dataset == "events" else ()


def _events(on: date) -> list[dict[str, str]]:
    """Courses that are still to come, by time."""
    offers = booking.places_of(booking.rounds(COURSES))
    begins = datetime.combine(on, time(), TOKYO)
    return [_event(one) for one in offers if one.place.starts and one.place.starts >= begins]


def _event(offer: booking.Offer) -> dict[str, str]:
    place = offer.place
    assert place.starts is not None
    ends = place.ends or place.starts
    return {
        "ID": place.code,
        "イベント名": offer.name.ja,
        "イベント名_英語": offer.name.en,
        "開始日": _day(place.starts),
        "終了日": _day(ends),
        "開始時間": _time(place.starts),
        "終了時間": _time(place.ends),
        "定員": str(place.capacity),
        "参加申込終了日": _day(place.round.closes),
        "参加申込終了時間": _time(place.round.closes),
    }


def _day(moment: datetime | None) -> str:
    return in_tokyo(moment).date().isoformat() if moment else ""


def _time(moment: datetime | None) -> str:
    return in_tokyo(moment).strftime("%H:%M") if moment else ""
