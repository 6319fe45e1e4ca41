"""The town's standard data, given on: as files of the standard, and page by page to other systems.

Records stand in versions, each from one number on, so that what is read page by page is one state, and what changed since a
number is known without looking at anything else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from django.db import connection
from django.db.models import Max
from psycopg import sql as parts

from yakuba import access
from yakuba.access import Worker, log, towns
from yakuba.records import sql
from yakuba.records.models import Cutover, Load
from yakuba.records.standards import Definition
from yakuba.records.states import CURRENT
from yakuba.records.versions import exactly

Change = Literal["new", "changed", "gone"]
READ = "record.read"
FIRST = ""
"""Before the first key."""


@dataclass(frozen=True, slots=True)
class Given:
    """One record: the values of its key, and of all its items by romaji name (none of one that is gone). `sequence`: since
    when it is so."""

    key: str
    sequence: int
    values: dict[str, str] | None
    change: Change | None


def in_use(standard: str) -> Definition | None:
    """The version of a definition by which what is current was read; None where there is nothing. Raises KeyError,
    FaultyDefinition."""
    last = Load.objects.filter(standard=standard, state=CURRENT).order_by("-taken_in_at").first()
    return exactly(last.standard, last.version) if last else None


def standards() -> list[str]:
    """The definitions of which something is current."""
    found = Load.objects.filter(state=CURRENT).values_list("standard", flat=True)
    return sorted(set(found))


def last(standard: str) -> int:
    """The number of the last change of an operation; 0 where there was none."""
    found = Cutover.objects.filter(standard=standard).aggregate(last=Max("sequence"))
    return int(found["last"] or 0)


def resource(standard: str, group: str) -> access.Resource:
    """The standard data of a group as the policy sees it: with the scopes that open it."""
    opened_by = {"standard": scope(standard), "group": scope(standard, group)}
    return access.Resource("Records", f"{standard}/{group}", towns.current_town(), opened_by)


def scope(standard: str, group: str = "") -> str:
    """The scope that opens an operation, or one group of it; a scope has no letters but ASCII (RFC 6749, section 3.3)."""
    return f"records:{standard}" + (f"/{quote(group, safe='')}" if group else "")


def trace(by: Worker, standard: str, group: str, *, as_of: datetime) -> None:
    """Somebody reads the standard data of a group."""
    log.record(by, READ, resource(standard, group), log.ALLOWED, as_of=as_of)


def export(definition: Definition, group: str, out: Path, *, by: Worker, as_of: datetime) -> None:
    """Write what is current of a group as a file of the standard, as its own check takes it. Raises access.Denied."""
    access.require(by, READ, resource(definition.id, group))
    trace(by, definition.id, group, as_of=as_of)
    query = 'select key, values from records_record where standard = {} and "group" = {} and until_sequence is null'
    records = parts.SQL(query).format(parts.Literal(definition.id), parts.Literal(group))
    sql.write_csv(records, definition.groups()[group], out)


def page(standard: str, group: str, *, at: int, after: str = FIRST, most: int) -> list[Given]:
    """What was current under the number `at`, by key, after a key."""
    query = (
        'select key, since_sequence, values, null from records_record where standard = %(standard)s and "group" = %(group)s '
        "and key > %(after)s and since_sequence <= %(at)s and (until_sequence is null or until_sequence > %(at)s) "
        "order by key limit %(most)s"
    )
    return _given(query, standard=standard, group=group, at=at, after=after, most=most)


def changes(standard: str, group: str, *, since: int, at: int, after: str = FIRST, most: int) -> list[Given]:
    """What is otherwise under the number `at` than it was under `since`, by key, after a key."""
    held = 'standard = %(standard)s and "group" = %(group)s and key > %(after)s'
    query = (
        f"with touched as (select distinct key from records_record where {held} and since_sequence > %(since)s "
        "and since_sequence <= %(at)s "
        f"union select key from records_record where {held} and until_sequence > %(since)s and until_sequence <= %(at)s), "
        f"was as (select key, values from records_record join touched using (key) where {held} "
        "and since_sequence <= %(since)s and (until_sequence is null or until_sequence > %(since)s)), "
        f"is_now as (select key, values, since_sequence from records_record join touched using (key) where {held} "
        "and since_sequence <= %(at)s and (until_sequence is null or until_sequence > %(at)s)) "
        "select key, coalesce(n.since_sequence, %(at)s), n.values, "
        "case when w.key is null then 'new' when n.key is null then 'gone' else 'changed' end "
        "from was w full join is_now n using (key) where w.values is distinct from n.values order by key limit %(most)s"
    )
    return _given(query, standard=standard, group=group, since=since, at=at, after=after, most=most)


def _given(query: str, **about: Any) -> list[Given]:
    with connection.cursor() as cursor:
        cursor.execute(query, about)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return [Given(key, sequence, _values(values), change) for key, sequence, values, change in rows]


def _values(values: Any) -> dict[str, str] | None:
    """The database's driver leaves JSON as text."""
    return None if values is None else dict(json.loads(values))
