"""Rounds of places in a town, and people who ask for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from yakuba.access import SYSTEM
from yakuba.booking import actions
from yakuba.booking.models import Round
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case
from yakuba.clock import TOKYO
from yakuba.words import Text

MONDAY = datetime(2026, 10, 5, 9, tzinfo=TOKYO)
FRIDAY = MONDAY + timedelta(days=4)
LATER = MONDAY + timedelta(days=30)
GOOD = {
    "course-application": {"course": {"resident": True}},
    "facility-reservation": {"hall": {"people": 9, "for_profit": False, "exempt": True}},
    "library-reservation": {"library": {"card": "20251234", "owing": False}},
    "nursery-admission": {
        "pupil": {"birth_date": "2024-06-01", "resident": True},
        "parents": {"first": "work_120", "alone": False, "second": "work_120"},
        "family": {"sibling": False, "welfare": False, "returning": False, "income_tax": 100_000},
    },
}


@pytest.fixture
def offer(in_town) -> Callable[..., Round]:
    """`offer(service, {"a": 1, "b": 2})`: a round with places of so many, which closes on Friday."""

    def set_up(
        service: str, places: dict[str, int], *, kind: str = "", code: str = "autumn", **more
    ) -> Round:
        new = [
            actions.NewPlace(name, Text.same(f"Place {name}"), room, kind, more.get("starts"))
            for name, room in places.items()
        ]
        closes = more.get("closes", FRIDAY)
        return actions.set_up(
            service, code, Text.same("Autumn"), new, opens=MONDAY, closes=closes, by=SYSTEM(in_town)
        )

    return set_up


@pytest.fixture
def ask(in_town) -> Callable[..., Case]:
    """`ask(service, "a", "b")`: somebody asks for these places, the best first; the system has worked it."""

    def ask_one(
        service: str, *wishes: str, at: datetime = MONDAY, language: str = "ja", applicant=None, **facts
    ) -> Case:
        number = Case.objects.count()
        wish = dict(zip(("first", "second", "third"), wishes, strict=False))
        one = cases.open_case(
            catalogue.service(service),
            {"applicant": {"name": f"見本 {number}"}, **GOOD[service], **facts, "wish": wish},
            channel="web",
            by=SYSTEM(in_town),
            as_of=at + timedelta(minutes=number),
            key=f"ask:{number}",
            applicant=applicant,
            identified=True,
            language=language,
        )
        jobs.drain(in_town, as_of=at + timedelta(minutes=number))
        return Case.objects.get(id=one.id)

    return ask_one


def told(case: Case) -> dict:
    """What was said to somebody about their place."""
    return case_queries.state(Case.objects.get(id=case.id)).facts.get("place", {})


def outcome(case: Case, step: str = "allot") -> str | None:
    return case_queries.state(Case.objects.get(id=case.id)).steps[step].outcome
