"""What is one statement over a whole load. Every statement works in the open town: row security lets it see no other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import sql

from yakuba.records.models import Load
from yakuba.records.standards import Item

PIECE = 2**20
"""Bytes that are handed to the database at a time."""
_TAKEN = "l.state in ('accepted', 'repaired')"
_OF_GROUP = 'r.standard = %(standard)s and r."group" = %(group)s'
_ROWS = 'from records_loadedrow l where l.load_id = %(load)s and l."group" = %(group)s'


def key_of(items: Sequence[Item]) -> str:
    """How the key of a row is written: the values of its key items as JSON text. One spelling, so that keys can be compared
    as text."""
    names = ", ".join(f"values ->> '{one.romaji}'" for one in items if one.key)
    return f"jsonb_build_array({names})::text"


def key(items: Sequence[Item], values: Mapping[str, str]) -> str:
    """The key of one row, in the same spelling."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {key_of(items)} from (select %s::jsonb as values) as one", [json.dumps(values)]
        )
        return str(cursor.fetchone()[0])


# -- into the database -----------------------------------------------------------------------------
def copy_rows(load: Load, group: str, items: Sequence[Item], rows: Path) -> None:
    """Put the rows of a group (a CSV file of `outcome.Rows.write`) beside what is current."""
    with connection.cursor() as cursor:
        # COPY into a table under row security is refused, so the rows go through a table of this transaction
        cursor.execute(
            "create temp table came (row bigint, file text, line bigint, values jsonb, given text, state text, told text)"
        )
        with rows.open("rb") as file, cursor.copy("copy came from stdin (format csv)") as copy:
            while piece := file.read(PIECE):
                copy.write(piece)
        cursor.execute(
            'insert into records_loadedrow (town, load_id, "group", row, file, line, key, values, given, state, told) '
            f"select %s, %s, %s, row, file, line, {key_of(items)}, jsonb_strip_nulls(values), "
            "case when state = 'held' then given else '' end, state, told from came order by row",
            [load.town, load.id, group],
        )
        cursor.execute("drop table came")


def gather_statistics() -> None:
    """The database plans for the rows that came, not for empty tables."""
    with connection.cursor() as cursor:
        cursor.execute("select records_gather_statistics()")


@contextmanager
def whole_tables() -> Iterator[None]:
    """The database joins whole tables, and does not look each row up in the other: it plans by statistics that are older than
    what this transaction has written. 300,000 rows into an empty table took 11 s so, and were not done after 150 s otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("set local enable_nestloop = off")
        yield
        cursor.execute("set local enable_nestloop = on")


# -- what is current ---------------------------------------------------------------------------------
class Group:
    """One group of a load, as statements see it."""

    def __init__(self, load: Load, group: str):
        self.load, self.group = load, group
        self.about: dict[str, Any] = {
            "town": load.town,
            "load": load.id,
            "standard": load.standard,
            "group": group,
            "source": load.source,
        }

    def keys_twice(self) -> list[str]:
        """Keys that several rows would take, three at most, for people."""
        query = f"select l.key {_ROWS} and {_TAKEN} group by l.key having count(*) > 1 order by l.key limit 3"
        return [" ".join(map(str, json.loads(key))) for (key,) in self._rows(query)]

    def take_over(self, sequence: int, only: int | None = None) -> dict[str, int]:
        """Make the rows of the load current: what they say otherwise ends, what they no longer have ends, what is not there
        yet begins. `only`: one row of it (its id). Returns how many are new, changed, gone."""
        about = {"sequence": sequence, "only": only}
        taken = f"{_ROWS} and {_TAKEN}" + (" and l.id = %(only)s" if only is not None else "")
        changed = self._do(
            f"update records_record r set until_sequence = %(sequence)s {taken} and {_OF_GROUP} "
            "and r.until_sequence is null and r.key = l.key "
            "and (r.values is distinct from l.values or r.source <> %(source)s)",
            **about,
        )
        gone = 0
        if only is None and self.load.whole:
            gone = self._do(
                f"update records_record r set until_sequence = %(sequence)s where {_OF_GROUP} and {self._left_out}",
                **about,
            )
        begun = self._do(
            'insert into records_record (town, standard, "group", key, values, source, load_id, since_sequence) '
            f'select %(town)s, %(standard)s, l."group", l.key, l.values, %(source)s, l.load_id, %(sequence)s {taken} '
            f"and not exists (select from records_record r where {_OF_GROUP} and r.until_sequence is null and r.key = l.key)",
            **about,
        )
        return {"new": begun - changed, "changed": changed, "gone": gone}

    def go_back(self, sequence: int, to: int) -> dict[str, int]:
        """Make current again what was so under the number `to`. Returns how many are new, changed, gone."""
        about = {"sequence": sequence, "to": to}
        ended = self._do(
            f"update records_record r set until_sequence = %(sequence)s where {_OF_GROUP} "
            "and r.until_sequence is null and r.since_sequence > %(to)s",
            **about,
        )
        begun = self._do(
            'insert into records_record (town, standard, "group", key, values, source, load_id, since_sequence) '
            'select r.town, r.standard, r."group", r.key, r.values, r.source, r.load_id, %(sequence)s '
            f"from records_record r where {_OF_GROUP} and r.since_sequence <= %(to)s and r.until_sequence > %(to)s "
            "and not exists (select from records_record c where c.standard = r.standard "
            'and c."group" = r."group" and c.key = r.key and c.until_sequence is null)',
            **about,
        )
        changed = self._one(
            f'select count(*) from records_record r join records_record o using (standard, "group", key) where {_OF_GROUP} '
            "and r.since_sequence = %(sequence)s and o.until_sequence = %(sequence)s",
            **about,
        )
        return {"new": begun - changed, "changed": changed, "gone": ended - changed}

    @property
    def _left_out(self) -> str:
        """Current records of the source that no row of the load speaks of. One that is held speaks of its record, which
        stays as it is until the row is mended."""
        return (
            "r.until_sequence is null and r.source = %(source)s and not exists "
            f"(select {_ROWS} and l.state <> 'set_aside' and l.key = r.key)"
        )

    def now(self) -> sql.Composable:
        """What is current, as key and values."""
        return self._composed(
            f"select r.key, r.values from records_record r where {_OF_GROUP} and r.until_sequence is null"
        )

    def afterwards(self) -> sql.Composable:
        """What would be current after the cut-over, as key and values."""
        gone = f"or ({self._left_out})" if self.load.whole else ""
        return self._composed(
            f"select l.key, l.values {_ROWS} and {_TAKEN} union all "
            f"select r.key, r.values from records_record r where {_OF_GROUP} and r.until_sequence is null "
            f"and not (exists (select {_ROWS} and {_TAKEN} and l.key = r.key) {gone})"
        )

    def _composed(self, query: str) -> sql.Composable:
        """A statement with its values in it: COPY takes none beside it."""
        return sql.SQL(query.replace("%(", "{").replace(")s", "}")).format(
            **{name: sql.Literal(value) for name, value in self.about.items()}
        )

    def _do(self, query: str, **more: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(query, self.about | more)
            return int(cursor.rowcount)

    def _rows(self, query: str, **more: Any) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(query, self.about | more)
            return list(cursor.fetchall())

    def _one(self, query: str, **more: Any) -> int:
        return int(self._rows(query, **more)[0][0])


# -- out of the database -----------------------------------------------------------------------------
def write_csv(records: sql.Composable, items: Sequence[Item], out: Path) -> None:
    """Records (key and values) as a file of the standard: romaji names above, ordered by key."""
    cells = sql.SQL(", ").join(
        sql.SQL("values ->> {} as {}").format(sql.Literal(one.romaji), sql.Identifier(one.romaji))
        for one in items
    )
    query = sql.SQL("copy (select {} from ({}) as one order by key) to stdout (format csv, header true)")
    with (
        connection.cursor() as cursor,
        out.open("wb") as file,
        cursor.copy(query.format(cells, records)) as copy,
    ):
        for piece in copy:
            file.write(piece)
