"""What facts are: their kinds, the lists they stand in, parameters with their dates, and rules over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Kind = Literal["bool", "int", "number", "date", "text", "choice"]
Value = Any
"""bool, int, float, datetime.date, str, or None for what is not known."""


@dataclass(frozen=True, slots=True)
class FactType:
    """What a fact may be. `unit`: JPY, people, months …; `choices`: the ids a choice may have."""

    kind: Kind
    unit: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListType:
    """A list of things, each called `item` in expressions (children → child)."""

    item: str
    facts: Mapping[str, FactType]


@dataclass(frozen=True, slots=True)
class Schema:
    """All facts an expression may use. Names are dotted (`applicant.birth_date`)."""

    facts: Mapping[str, FactType]
    lists: Mapping[str, ListType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """A named expression. `each`: the list over whose items it is computed, one value an item."""

    name: str
    expr: str
    each: str | None = None
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Param:
    """A number, date or text of a law that changes with time. Before its first date it is not known."""

    name: str
    kind: Kind
    values: Mapping[date, Value]
    unit: str | None = None
    source: str = ""

    def at(self, on: date) -> tuple[date, Value] | None:
        """The version in force on a day, with the day from which it is; None before the first."""
        since = max((start for start in self.values if start <= on), default=None)
        return None if since is None else (since, self.values[since])
