"""What a customer's contract says: prices of units of work, and service levels with the hours they count. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from yakuba.clock import BusinessCalendar, Duration, due_with_pauses
from yakuba.declare import yaml_files

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "customer-contract.yaml"
Work = Literal["install", "configure", "lecture", "collect", "exchange", "repair", "remote"]
Level = Literal["respond", "arrive", "restore"]
_Within = Annotated[
    Duration,
    BeforeValidator(lambda value: Duration.parse(str(value)) if isinstance(value, str) else value),
    PlainSerializer(str),
]


class Unreadable(Exception):
    """The file is no contract; says where and what."""


class Terms(BaseModel):
    """A contract: the customer, from when until when, prices in yen without tax, service levels.

    `within`: "4 hours" run day and night on 365 days, "4 business hours" while the calendar is open.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    number: Annotated[str, Field(min_length=1, max_length=40)]
    customer: Annotated[str, Field(min_length=1, max_length=40)]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    since: date
    until: date | None = None
    within: Mapping[Level, _Within] = {}
    prices: Mapping[Work, Annotated[int, Field(ge=0)]]

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Terms:
        if self.until and self.until < self.since:
            raise ValueError("until is before since")
        return self

    def in_force(self, on: date) -> bool:
        """Whether it holds on a day; its last day is one of them."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Times:
    """When a case was opened, somebody had looked at it, was there, and it was put right; None: not yet. `pauses`: (from,
    until) during which the contract's clock stood still."""

    opened: datetime
    respond: datetime | None = None
    arrive: datetime | None = None
    restore: datetime | None = None
    pauses: Sequence[tuple[datetime, datetime | None]] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """One level of one case: until when, when it happened, and whether it was kept (None: still open). `level`: one of the
    contract's, or `window` for a visit that was agreed on beforehand."""

    level: Level | Literal["window"]
    due: datetime
    at: datetime | None
    met: bool | None


def read(path: Path) -> Terms:
    """A contract's file. Raises Unreadable."""
    return yaml_files.read(path, Terms, Unreadable)


def kept(terms: Terms, times: Times, calendar: BusinessCalendar, as_of: datetime) -> list[Kept]:
    """How a case stands to its contract at `as_of` (aware). What is overdue and not done yet is not kept."""
    found = []
    for level, within in terms.within.items():
        due = due_with_pauses(times.opened, within, times.pauses, calendar)
        at: datetime | None = getattr(times, level)
        late = as_of > due and not _stands(times)
        found.append(Kept(level, due, at, at <= due if at else (False if late else None)))
    return found


def window_kept(latest: datetime, arrive: datetime | None, as_of: datetime) -> Kept:
    """Whether somebody was there by the latest moment that was agreed on."""
    met = arrive <= latest if arrive else (False if as_of > latest else None)
    return Kept("window", latest, arrive, met)


def _stands(times: Times) -> bool:
    """Whether the clock stands still now."""
    return any(until is None for _, until in times.pauses)
