"""How cases of a service were decided, counted in the database by what their conditions said. One that is decided and
not yet closed counts as well: where something is paid every month, those that were granted stay open for years.

The values of conditions are in the public part of the log: a case counts after it was anonymised too, and no personal
fact is looked at.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from yakuba.access import towns


@dataclass(frozen=True, slots=True)
class Example:
    """One of the newest cases of a group. `by_person`: somebody of the staff decided."""

    case: uuid.UUID
    reference: str
    decided_at: datetime
    amount: int | None
    by_person: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """Cases that were decided alike on the same values of their conditions (None: not known, so a person looked).
    `least`, `median`, `most`: of their amounts in yen."""

    conditions: Mapping[str, bool | None]
    decision: str
    count: int
    by_person: int
    first: datetime
    last: datetime
    least: int | None
    median: int | None
    most: int | None
    examples: tuple[Example, ...]


_DECIDED = """
with ended as (
  select id, reference, decision, amount from cases_case
  where town = %(town)s and service = %(service)s and decision = any(%(decisions)s) and id <> %(besides)s),
judged as materialized (
  select case_id, (array_agg(by_kind = 'staff' order by seq desc))[1] as by_person, max(at) as decided_at,
         (array_agg(body ->> 'conditions' order by seq desc) filter (where body ->> 'conditions' <> '{}'))[1] as conditions
  from cases_event where kind = 'decided' and case_id in (select id from ended) group by case_id),
decided as (
  select ended.*, by_person, conditions, decided_at from ended join judged on case_id = id where conditions is not null),
numbered as (
  select *, row_number() over (partition by conditions, decision order by decided_at desc, id) as place from decided)
select conditions, decision, count(*), count(*) filter (where by_person), min(decided_at), max(decided_at),
       min(amount), percentile_disc(0.5) within group (order by amount), max(amount),
       json_agg(json_build_array(id, reference, decided_at, amount, by_person) order by place)
         filter (where place <= %(examples)s)::text
from numbered group by 1, 2"""


def decided(
    service: str,
    besides: uuid.UUID,
    *,
    examples: int = 3,
    decisions: tuple[str, ...] = ("granted", "refused"),
) -> list[Decided]:
    """How the cases of a service in this town were decided, without the case `besides`; one query."""
    bound: dict[str, Any] = {
        "town": towns.current_town(),
        "service": service,
        "besides": besides,
        "examples": examples,
        "decisions": list(decisions),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, bound)
        return [_row(*row) for row in cursor.fetchall()]


def _row(conditions: str, decision: str, count: int, by_person: int, *spans: Any) -> Decided:
    first, last, least, median, most, newest = spans
    examples = tuple(_example(row) for row in orjson.loads(newest))
    values = orjson.loads(conditions)
    return Decided(values, decision, count, by_person, first, last, least, median, most, examples)


def _example(row: list[Any]) -> Example:
    case, reference, decided_at, amount, by_person = row
    return Example(uuid.UUID(case), reference, datetime.fromisoformat(decided_at), amount, by_person)
