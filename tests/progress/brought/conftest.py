"""Rows about cases, made without the cases."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cases.conftest import apply, small, staff
from tests.conftest import TOWN
from yakuba import clock
from yakuba.cases import actions, catalogue
from yakuba.cases.models import Case
from yakuba.clock import TOKYO
from yakuba.progress.models import Served

__all__ = ["apply", "small"]

JUNE = datetime(2026, 6, 1, 9, tzinfo=TOKYO)
Serve = Callable[..., list[Served]]
NOTHING: dict[str, Any] = {
    "minutes": 0.0, "timed": 0, "untimed": 0, "robot_steps": 0, "partner_steps": 0, "partner_late": 0, "letters": 0,
    "texts": 0, "transfers": 0, "returned": 0, "failed": 0, "late": 0, "seq": 1, "language": "ja", "outcome": "granted",
}  # fmt: skip


@pytest.fixture
def serve(in_town) -> Serve:
    """`serve(12, days=3, channel="paper")`: so many rows of cases that ended after so many days."""
    return rows


def withdrawn(applicant: dict[str, Any], who: uuid.UUID) -> Case:
    """A request for 児童手当 that somebody sent and took back today. `applicant`: facts about them; `who`: in the register."""
    now, clerk = clock.now(), staff("kato", "clerk")
    service = catalogue.service("child-allowance")
    case = actions.open_case(
        service, {"applicant": applicant}, channel="web", by=clerk, as_of=now, key="withdrawn", applicant=who
    )
    actions.withdraw(case.id, by=clerk, as_of=now)
    return case


def rows(count: int = 1, *, days: float | None = 3, opened: datetime = JUNE, **more: Any) -> list[Served]:
    """So many rows of the open town."""
    more = {"service": "heating", "channel": "web", **NOTHING, **more}
    closed = None if days is None else opened + timedelta(days=days)
    return Served.objects.bulk_create(
        Served(town=TOWN, case=uuid.uuid4(), opened_at=opened, closed_at=closed, days=days, **more)
        for _ in range(count)
    )
