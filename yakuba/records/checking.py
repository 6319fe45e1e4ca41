"""Files of the standard, held to their definition: every cell, every condition over a row, every key (`checks`). One DuckDB run
a file; nothing is done row by row in Python."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from yakuba.conditions import quoted
from yakuba.records.checks import Plan, plan, sql_text
from yakuba.records.standards import Definition, Item
from yakuba.records.values.encodings import Refused, pieces
from yakuba.words import Text, ui_text

LONGEST = 2_000_000
"""Bytes of one line; DuckDB's own limit (`max_line_size`). A row of the standard has some thousands."""
GUARDED = frozenset({"kojinbango", "kozabango"})
"""Items whose values no report shows: My Number and account numbers, by romaji name or its end."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a row. `row`: from 1, the headings not counted; `value` None where it is guarded or empty."""

    row: int
    item: Item
    kind: str
    value: str | None
    text: Text


@dataclass(slots=True)
class Report:
    """How a file stood the test: rows = accepted + held."""

    group: str
    file: str
    sha256: str = ""
    rows: int = 0
    held: int = 0
    refused: Text | None = None
    absent: tuple[str, ...] = ()
    kinds: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Rows without a fault."""
        return self.rows - self.held

    @property
    def conforms(self) -> bool:
        """Nothing was found."""
        return self.refused is None and not self.held


def check(path: Path, definition: Definition, group: str, *, as_of: date, most: int = 10_000) -> Report:
    """Hold a UTF-8 CSV file with a line of headings (romaji names or the Japanese ones) to a group. At most `most` faults
    are listed; all are counted. A file that cannot be read as a whole is reported as refused."""
    with Checked(path, definition, group, as_of=as_of) as checked:
        return checked.report(most)


class Checked:
    """A file in DuckDB, with what is wrong with it in the table `faults`. Closed by `with`."""

    def __init__(self, path: Path, definition: Definition, group: str, *, as_of: date):
        self.path, self.definition, self.group = path, definition, group
        self.items = {one.romaji: one for one in definition.groups()[group]}
        self.plan = plan(definition, group, as_of=as_of)
        self.con = duckdb.connect(":memory:")
        self._report = Report(group, path.name)
        self._texts: dict[tuple[str, str], Text] = {}

    def __enter__(self) -> Checked:
        try:
            self._report.sha256, self._report.absent = read_rows(self.con, "rows", self.path, self.items)
            look_at(self.con, self.plan, "rows")
        except Refused as refused:
            self._report.refused = refused.text
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()

    @property
    def readable(self) -> bool:
        """Could the file be looked at as a whole?"""
        return self._report.refused is None

    # -- looking -------------------------------------------------------------------------------------
    def lacks(self, name: str, other: Checked) -> None:
        """Rows whose foreign key `name` no row of the other file has are faulty."""
        known = other.con.sql(f"select distinct {quoted(name)} as known from rows").to_arrow_table()
        self.con.register("known", known)
        self.con.execute(f"insert into faults {self.plan.nowhere(name, other.group, 'rows', 'known')}")
        self.con.unregister("known")

    # -- telling -------------------------------------------------------------------------------------
    def report(self, most: int = 10_000) -> Report:
        """What was found so far."""
        report = self._report
        if report.refused is None:
            report.rows = _one(self.con, "select count(*) from rows")
            report.held = _one(self.con, "select count(distinct _row) from faults")
            counted = self.con.execute(
                "select kind, count(*) from faults group by kind order by kind"
            ).fetchall()
            report.kinds = dict(counted)
            found = self.con.execute(
                f"select _row, item, kind, value from faults order by _row, item, kind limit {int(most)}"
            ).fetchall()
            report.findings = [self._finding(*one) for one in found]
        return report

    def _finding(self, row: int, name: str, kind: str, value: str | None) -> Finding:
        item = self.items[name]
        if (name, kind) not in self._texts:
            self._texts[name, kind] = said(self.definition, item, kind)
        return Finding(row, item, kind.partition(":")[0], shown(item, value), self._texts[name, kind])


def said(definition: Definition, item: Item, kind: str) -> Text:
    """What a fault of a kind says of an item, and how to mend it."""
    what, _, group = kind.partition(":")
    needed = definition.requirements.get(item.id)
    return ui_text(f"standard.{what}").format(
        digits=_digits(item), code=item.code or "", group=group, when=(needed.when or "") if needed else ""
    )


def look_at(con: duckdb.DuckDBPyConnection, checks: Plan, rows: str, faults: str = "faults") -> None:
    """Make the table `faults` (`_row`, `item`, `kind`, `value`) of what is wrong with a table that lies in a connection already:
    `_row` and every item of the group as text, null where nothing stands."""
    con.execute(f"create table {quoted(faults)} as {checks.faults(quoted(rows))}")


def guarded(item: Item) -> bool:
    """Are the values of an item shown in no report?"""
    return any(item.romaji.endswith(one) for one in GUARDED)


def shown(item: Item, value: str | None) -> str | None:
    """The value as a report may show it: None where it is guarded."""
    return None if guarded(item) else value


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    (count,) = con.execute(query).fetchall()[0]
    return int(count)


def _digits(item: Item) -> str:
    if item.digits is None:
        return ""
    return f"{item.digits.whole}.{item.digits.fraction}" if item.digits.fraction else str(item.digits.whole)


# -- reading -----------------------------------------------------------------------------------------
def read_rows(
    con: duckdb.DuckDBPyConnection, table: str, path: Path, items: Mapping[str, Item]
) -> tuple[str, tuple[str, ...]]:
    """Make a view of a file of the standard: `_row` from 1, and every item as text by its romaji name, null where nothing
    stands. Returns the SHA-256 of the file and the names of items that have no column. Raises Refused."""
    sha256 = _sound(path)
    heads = _heads(path, items)
    columns = ", ".join(f"{sql_text(name)}: 'VARCHAR'" for name in heads)
    given = ", ".join(f"nullif({quoted(name)}, '') as {quoted(name)}" for name in heads)
    others = "".join(f", null::varchar as {quoted(name)}" for name in items if name not in heads)
    try:
        con.execute(
            f"create table {table}_read as select {given} from read_csv("
            f"{sql_text(str(path))}, header = true, auto_detect = false, columns = {{{columns}}}, delim = ',', "
            f"quote = '\"', escape = '\"', strict_mode = true, null_padding = false, max_line_size = {LONGEST})"
        )
    except duckdb.Error as error:
        raise _refusal(error) from error
    con.execute(f"create view {table} as select rowid + 1 as _row, *{others} from {table}_read")
    return sha256, tuple(one.name for name, one in items.items() if name not in heads)


def _heads(path: Path, items: Mapping[str, Item]) -> list[str]:
    """The romaji name of each column."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        written = next(csv.reader(file), [])
    if not any(written):
        raise Refused(ui_text("standard.empty_file"))
    names = {one.name: one.romaji for one in items.values()}
    heads = [names.get(one.strip(), one.strip()) for one in written]
    for name in heads:
        if name not in items:
            raise Refused(ui_text("standard.unknown_column").format(name=name))
        if heads.count(name) > 1:
            raise Refused(ui_text("standard.column_twice").format(name=name))
    for one in items.values():
        if one.must_exist and one.romaji not in heads:
            raise Refused(ui_text("standard.missing_column").format(name=one.name))
    return heads


# -- what cannot be looked at ------------------------------------------------------------------------
def _sound(path: Path) -> str:
    """The SHA-256 of a file of text in UTF-8. Read in pieces, whatever its size. Raises Refused: another encoding, a NUL
    byte, or a line without end."""
    digest, decoder, line = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), 1
    for piece in pieces(path, LONGEST):
        digest.update(piece)
        _text_only(piece, decoder, line)
        line += piece.count(b"\n")
    return digest.hexdigest()


def _text_only(piece: bytes, decoder: codecs.IncrementalDecoder, line: int) -> None:
    try:
        decoder.decode(piece)
    except UnicodeDecodeError as error:
        before = error.object[: error.start].count(b"\n")
        raise Refused(ui_text("standard.not_utf8").format(line=line + before)) from error
    if (at := piece.find(b"\0")) >= 0:
        raise Refused(ui_text("standard.nul").format(line=line + piece.count(b"\n", 0, at)))


def _refusal(error: duckdb.Error) -> Refused:
    found = re.search(r"Line: (\d+)", str(error))
    return Refused(ui_text("standard.no_csv").format(line=found[1] if found else "?"))


# -- everything that a vendor delivers ---------------------------------------------------------------
@dataclass(slots=True)
class Conformance:
    """How the files of an operation stood the test, by group."""

    definition: Definition
    reports: Mapping[str, Report]

    @property
    def conforms(self) -> bool:
        """Every group has a file, and nothing was found in any."""
        return all(one.conforms for one in self.reports.values())


def conform(folder: Path, definition: Definition, *, as_of: date, most: int = 1_000) -> Conformance:
    """Hold a folder with a file GROUP.csv for each group to an operation, foreign keys between its files too."""
    reports: dict[str, Report] = {}
    with ExitStack() as open_files:
        checked: dict[str, Checked] = {}
        for group in definition.groups():
            path = folder / f"{group}.csv"
            if path.is_file():
                checked[group] = open_files.enter_context(Checked(path, definition, group, as_of=as_of))
            else:
                reports[group] = Report(group, path.name, refused=ui_text("standard.no_file"))
        readable = {group: one for group, one in checked.items() if one.readable}
        for one in readable.values():
            for name, other in one.plan.points_to:
                if other in readable:
                    one.lacks(name, readable[other])
        reports |= {group: one.report(most) for group, one in checked.items()}
    return Conformance(definition, {group: reports[group] for group in definition.groups()})
