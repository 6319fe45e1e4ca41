"""Rows for every table of a town, so that whoever tries all tables finds something in each.

What rooms make themselves is better; this is for the tables that nobody filled. It works as the owner of the database, from
what the database says of its columns, and puts a mark into everything that can hold one.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from typing import Any

import psycopg
from psycopg import sql

from tests.field.hall import TERMS
from yakuba.access import sealed
from yakuba.site.moving_town import tables

PLAIN = {
    "integer": "1", "bigint": "1", "smallint": "1", "double precision": "0.5", "boolean": "false", "date": "2026-04-01",
    "timestamp with time zone": "2026-04-01 09:00+09", "time without time zone": "09:00", "tstzrange": "[2026-04-01,)",
    "numeric": "1",
}  # fmt: skip
ONLY = {
    ("access_absence", "last"): "2026-04-02",
    ("access_network", "cidr"): "203.0.113.0/24",
    ("access_emergency", "ends"): "2026-04-02 09:00+09",
    ("access_emergency", "confirmed_by"): "staff:other",
    ("access_accessgrant", "ends"): "2026-04-01 09:30+09",
    ("access_posture", "profile"): "none",
    ("access_staff", "roles"): "{clerk}",
    ("assistant_suggestion", "outcome"): "",
    ("booking_round", "code"): "R7",
    ("field_customercontract", "body"): TERMS.model_dump_json(),
    ("progress_saving", "body"): '{"robot": "heating/ledger", "person_minutes": null, "months": {}}',
    ("progress_served", "troubles"): '{"review": [1, 0, 0]}',
    ("records_load", "state"): "rehearsal",
    ("records_loadedrow", "state"): "held",
    ("workbench_proposal", "state"): "open",
    ("workbench_publication", "by"): "staff:other",
    ("workbench_publication", "files"): "{}",
    ("workbench_publication", "own"): "{}",
}
"""Columns for which the database takes some values only."""
AT_LEAST = {"access_staff": 2}
"""Tables of which others need more than one row: an absence is of one person, and another stands in."""


def fill(owner: psycopg.Connection[Any], town: str, mark: str, besides: Collection[str] = ()) -> list[str]:
    """One row in each table in which the town has none, but for those `besides`; returns the tables."""
    filled = []
    for table in every_table():
        name = table.name
        there = 1 if name in (tables.TOWN, *besides) else _count(owner, name, town)
        for number in range(there, AT_LEAST.get(name, 1)):
            _add(owner, table, town, f"{mark}{number or ''}")
            filled.append(name)
    return filled


def every_table() -> list[tables.Table]:
    """All tables with rows of a town, those that do not go with it last."""
    return [*tables.of_a_town(), *map(tables.left_behind, tables.LEFT_BEHIND)]


def _count(owner: psycopg.Connection[Any], table: str, town: str) -> int:
    query = sql.SQL("select count(*) from {} where town = %s").format(sql.Identifier(table))
    return int(owner.execute(query, [town]).fetchone()[0])


def _add(owner: psycopg.Connection[Any], filled: tables.Table, town: str, mark: str) -> None:
    table, secrets = filled.name, {filled.columns[place] for place in filled.sealed}
    columns = owner.execute(
        """select a.attname, format_type(a.atttypid, null), nullif(a.atttypmod, -1) - 4, a.attidentity <> '',
                  (select confrelid::regclass::text from pg_constraint where contype = 'f' and conrelid = attrelid
                   and attnum = any(conkey) and a.attname <> 'town')
           from pg_attribute a where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum""",
        [table],
    ).fetchall()
    values: dict[str, Any] = {}
    for name, kind, most, numbered, parent in columns:
        if name == "town":
            values[name] = town
        elif (table, name) in ONLY:
            values[name] = ONLY[table, name]
        elif parent == table or numbered:
            continue
        elif name in secrets:
            values[name] = sealed.seal(mark)
        elif parent:
            query = sql.SQL("select id from {} where town = %s order by id").format(sql.Identifier(parent))
            found = owner.execute(query, [town]).fetchall()
            before = sum(1 for other in columns if other[4] == parent and other[0] in values)
            values[name] = found[min(before, len(found) - 1)][0]
        else:
            values[name] = _value(kind, most, mark)
    query = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(sql.SQL("%s") for _ in values),
    )
    owner.execute(query, list(values.values()))


def _value(kind: str, most: int | None, mark: str) -> Any:
    if kind == "uuid":
        return str(uuid.uuid4())
    if kind == "jsonb":
        return json.dumps({"ja": mark, "easy": mark, "en": mark})
    if kind == "bytea":
        return mark.encode()
    if kind.endswith("[]"):
        return "{}"
    if kind in ("text", "character varying"):
        return mark[:most] if most else mark
    return PLAIN[kind]
