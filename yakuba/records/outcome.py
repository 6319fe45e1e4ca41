"""What an import leaves in its folder, as it is taken in: `outcome.json`, and of each group its rows in Parquet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yakuba.conditions import quoted
from yakuba.records.checks import sql_text
from yakuba.records.errors import FaultyFolder
from yakuba.records.standards import Definition, FaultyDefinition
from yakuba.records.versions import exactly

MEMORY = "512MB"
"""What DuckDB may hold while rows go into the database: it would take four fifths of the machine."""
_MARKS = ("_row", "_file", "_line", "_state", "_told", "_given")
_STATES = ("accepted", "repaired", "held")


class _Said(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class Counts(_Said):
    """in = accepted + repaired + held."""

    rows: int = Field(alias="in")
    accepted: int
    repaired: int
    held: int


class File(Counts):
    """One file that was read. `refused`: why it could not be read as a whole."""

    file: str
    source: str
    group: str
    sha256: str
    refused: Any = None


class Outcome(_Said):
    """outcome.json."""

    standard: str
    version: str
    as_of: date | datetime
    files: list[File]
    groups: Mapping[str, Counts]
    kinds: Mapping[str, int] = {}

    @property
    def source(self) -> str:
        """The old system that the files come from. Raises FaultyFolder where it is not one."""
        sources = sorted({one.source for one in self.files})
        if len(sources) != 1:
            raise FaultyFolder("not_one_source", sources=", ".join(sources))
        return sources[0]


def read(folder: Path) -> Outcome:
    """The outcome of an import, every file of which could be read. Raises FaultyFolder."""
    try:
        found = Outcome.model_validate_json((folder / "outcome.json").read_bytes())
    except (OSError, ValidationError) as error:
        raise FaultyFolder("no_outcome", folder=folder.name) from error
    for one in found.files:
        if one.refused:
            raise FaultyFolder("file_refused", file=one.file)
    return found


def definition_of(found: Outcome) -> Definition:
    """The version of the definition by which it was read. Raises FaultyFolder."""
    try:
        return exactly(found.standard, found.version)
    except (KeyError, FaultyDefinition) as error:
        raise FaultyFolder("no_definition", standard=found.standard, version=found.version) from error


class Rows:
    """The rows of all groups, in DuckDB. Closed by `with`."""

    def __init__(self, folder: Path, outcome: Outcome, definition: Definition):
        self.folder, self.outcome = folder, outcome
        groups = definition.groups()
        if unknown := [group for group in outcome.groups if group not in groups]:
            raise FaultyFolder("no_such_group", group=unknown[0], standard=definition.id)
        self.items = {group: {one.romaji: one for one in groups[group]} for group in outcome.groups}
        self.con = duckdb.connect(
            ":memory:", config={"memory_limit": MEMORY, "preserve_insertion_order": False}
        )

    def __enter__(self) -> Rows:
        try:
            for number, group in enumerate(self.outcome.groups):
                self._look(f"came{number}", group)
        except BaseException:
            self.con.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()

    def _look(self, view: str, group: str) -> None:
        """Every row that was promised is there, once, with every item. Raises FaultyFolder."""
        path = self.folder / f"{group}.parquet"
        try:
            self.con.execute(f"create view {view} as select * from read_parquet({sql_text(str(path))})")
            columns = {name for (name, *_) in self.con.execute(f"describe {view}").fetchall()}
            if lacking := [name for name in (*_MARKS, *self.items[group]) if name not in columns]:
                raise FaultyFolder("no_column", group=group, column=lacking[0])
            counted = self.con.execute(
                f"select _state, count(*), count(distinct _row) from {view} group by 1"
            )
            self._count(group, counted.fetchall())
        except duckdb.Error as error:
            raise FaultyFolder("no_rows", group=group) from error

    def _count(self, group: str, counted: list[tuple[str, int, int]]) -> None:
        said = self.outcome.groups[group]
        found = dict.fromkeys(_STATES, 0) | {state: rows for state, rows, _ in counted}
        wanted = {state: getattr(said, state) for state in _STATES}
        once = all(rows == numbers for _, rows, numbers in counted)
        if found != wanted or sum(found.values()) != said.rows or not once:
            total = sum(found.values())
            raise FaultyFolder("counts_differ", group=group, said=f"{said.rows:,}", found=f"{total:,}")

    @property
    def digest(self) -> str:
        """SHA-256 over the files and what they were read as: the same files, read in the same way, have the same."""
        lines = sorted(f"{one.group} {one.sha256}" for one in self.outcome.files)
        for number, group in enumerate(self.outcome.groups):
            ((content,),) = self.con.execute(
                f"select bit_xor(md5_number(cast(one as varchar))) from came{number} as one"
            ).fetchall()
            lines.append(f"{group} {content}")
        about = [self.outcome.standard, self.outcome.version, self.outcome.source]
        return hashlib.sha256("\n".join(about + lines).encode()).hexdigest()

    def write(self, group: str, out: Path) -> None:
        """The rows of a group as CSV for the database: row, file, line, values, cells as they came, state, what was told."""
        view = f"came{list(self.outcome.groups).index(group)}"
        values = ", ".join(f"{sql_text(name)}: cast({quoted(name)} as varchar)" for name in self.items[group])
        self.con.execute(
            f"copy (select _row, _file, _line, to_json({{{values}}}), coalesce(_given, ''), _state, "
            f"to_json(coalesce(_told, [])) from {view}) to {sql_text(str(out))} (format csv, header false)"
        )
