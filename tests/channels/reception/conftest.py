"""A reception with two clerks, and visits that are called and asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.access.people import make_staff
from tests.channels.conftest import chromium, desk, household, served, taro
from yakuba import clock
from yakuba.access import Worker
from yakuba.channels.reception import places, visits
from yakuba.channels.reception.interview import Interview

__all__ = ["chromium", "desk", "household", "served", "taro"]


@pytest.fixture
def clerk(in_town) -> Worker:
    return make_staff("clerk", login="ichi", name="窓口 一葉").worker()


@pytest.fixture
def colleague(in_town) -> Worker:
    return make_staff("clerk", login="futa", name="税務 二葉").worker()


class Reception:
    """Visits, minute by minute."""

    def __init__(self, clerk: Worker):
        self.clerk, self.now = clerk, clock.now().replace(hour=3, minute=0)  # noon in Tokyo

    def after(self, minutes: int) -> datetime:
        self.now += timedelta(minutes=minutes)
        return self.now

    def desk(self, number: int) -> places.Desk:
        return places.desks()[number - 1]

    def came(self, event: str = "moving-in"):
        return visits.ticket(places.places()[0].code, event, language="ja", by=self.clerk, as_of=self.now)

    def called(self, event: str = "moving-in"):
        case = self.came(event)
        visits.call(case.id, self.desk(1), by=self.clerk, as_of=self.now)
        return case

    def interview(self, case) -> Interview:
        found = visits.visit(case.id)
        assert found is not None
        return Interview(found, self.now)

    def asked(self, *services: str, event: str = "moving-in", person=None, **first: Any) -> Interview:
        """An interview of somebody about these services; of none yet where none is named."""
        whole = self.interview(self.called(event))
        whole.meet(person, "運転免許証" if person else "")
        assert whole.first is not None
        for name, value in first.items():
            whole.first.form.put(f"life.{name}", value)
        whole.first.changed = True
        whole.keep()
        return whole.choose(list(services)) if services else whole


@pytest.fixture
def reception(clerk) -> Callable[..., Any]:
    return Reception(clerk)
