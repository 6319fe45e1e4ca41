"""Files of the standard, held to their definition: every cell, every condition over a row, every key (`checks`). One DuckDB run
a file; nothing is done row by row in Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from yakuba.conditions import quoted
from yakuba.records.checks import Plan, plan, sql_text
from yakuba.records.report import Conformance, Finding, Part, Report, called, shown
from yakuba.records.rules import CrossRule, Place, Rules
from yakuba.records.sound import LONGEST, heads_of, sha256_beside
from yakuba.records.standards import Definition, Item
from yakuba.records.values.encodings import Refused
from yakuba.words import Text, ui_text

__all__ = [
    "Checked", "Conformance", "Finding", "Report", "check", "conform", "conform_all", "look_at", "parts_of", "read_rows", "shown"
]  # fmt: skip


class Looking(Protocol):
    """A group that an engine holds to its plan, from `with` to its end."""

    plan: Plan

    @property
    def readable(self) -> bool:
        """Could everything be looked at as a whole?"""

    def lacks(self, name: str, other: Any) -> None:
        """Rows whose foreign key `name` no row of the other group has are faulty."""

    def report(self, most: int = 10_000) -> Report:
        """What was found so far."""


class Engine(Protocol):
    """Makes groups that can be looked at: `Checked`, or that of another engine."""

    def __call__(
        self, path: Sequence[Path], definition: Definition, group: str, *, as_of: date
    ) -> AbstractContextManager[Looking]: ...


def check(
    path: Path | Sequence[Path],
    definition: Definition,
    group: str,
    *,
    as_of: date,
    most: int = 10_000,
    by: Engine | None = None,
) -> Report:
    """Hold a UTF-8 CSV file with a line of headings (romaji names or the Japanese ones) to a group, or several files that are
    its parts. At most `most` faults are listed; all are counted. What cannot be read as a whole is reported as refused."""
    paths = [path] if isinstance(path, Path) else path
    with (by or Checked)(paths, definition, group, as_of=as_of) as checked:
        return checked.report(most)


class Checked:
    """A group in DuckDB, with what is wrong with it in the table `faults`. Closed by `with`.

    Rows are looked at while they are read: of one that is right nothing is kept but its keys and the items `keep` (`rows`).
    """

    def __init__(
        self,
        path: Path | Sequence[Path],
        definition: Definition,
        group: str,
        *,
        as_of: date,
        keep: Iterable[str] = (),
    ):
        self.paths = [path] if isinstance(path, Path) else list(path)
        self.definition, self.group = definition, group
        self.items = {one.romaji: one for one in definition.groups()[group]}
        self.plan = plan(definition, group, as_of=as_of)
        self.keep = sorted(keep)
        self.con = duckdb.connect(":memory:")
        self._report = Report(group, called(self.paths))
        self._rules: dict[str, Text] = {}

    def __enter__(self) -> Checked:
        for path in self.paths:
            try:
                sha256, (rows, absent) = sha256_beside(path, partial(self._look, path))
            except Refused as refused:
                self._report.refuse(path.name, refused.text)
                return self
            self._report.parts.append(Part(path.name, sha256, rows, absent))
        self.con.execute("create view rows as select rowid + 1 as _row, * from looked")
        self.con.execute(
            f"create table faults as {self.plan.faulty('rows')} union all {self.plan.twice('rows')}"
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()

    @property
    def readable(self) -> bool:
        """Could everything be looked at as a whole?"""
        return self._report.refused is None

    def _look(self, path: Path) -> tuple[int, tuple[str, ...]]:
        """Look at the rows of a file; how many there are, and which items have no column. Raises Refused."""
        heads = heads_of(path, self.items)
        into = "insert into looked" if self._report.parts else "create table looked as"
        rows = _run(self.con, f"{into} {self.plan.looked(_source(path, heads, self.items), *self.keep)}")
        return rows, absent_of(heads, self.items)

    def lacks(self, name: str, other: Checked) -> None:
        """Rows whose foreign key `name` no row of the other file has are faulty."""
        known = other.con.sql(f"select distinct {quoted(name)} as known from rows").to_arrow_table()
        self.con.register("known", known)
        self.con.execute(f"insert into faults {self.plan.nowhere(name, other.group, 'rows', 'known')}")
        self.con.unregister("known")

    def ruled(self, table: str, found: pa.Table, say: Mapping[str, Text]) -> None:
        """What rules across rows found goes to a table, `faults` or `looks`: `_row`, item, kind, value; `say` by kind. A cell
        that is at fault by itself is not told a second time."""
        self._rules |= say
        self.con.register("found", found)
        self.con.execute(
            f"create table if not exists looks as from faults limit 0; insert into {table} select * from found "
            "where (_row, item) not in (select (_row, item) from faults where not starts_with(kind, 'rule:'))"
        )
        self.con.unregister("found")

    def report(self, most: int = 10_000) -> Report:
        """What was found so far."""
        report = self._report
        if report.refused is None:
            (report.held,) = self.con.execute("select count(distinct _row) from faults").fetchall()[0]
            report.kinds, report.findings = self._listed("faults", most)
            if self._rules:
                report.looked, report.looks = self._listed("looks", most)
        return report

    def _listed(self, table: str, most: int) -> tuple[dict[str, int], list[Finding]]:
        counted = self.con.execute(
            f"select kind, count(*) from {table} group by kind order by kind"
        ).fetchall()
        found = self.con.execute(
            f"select _row, item, kind, value from {table} order by _row, item, kind limit {int(most)}"
        ).fetchall()
        return dict(counted), self._report.worded(self.definition, found, self._rules)


def look_at(con: duckdb.DuckDBPyConnection, checks: Plan, rows: str, faults: str = "faults") -> None:
    """Make the table `faults` (`_row`, `item`, `kind`, `value`) of what is wrong with a table that lies in a connection already:
    `_row` and every item of the group as text, null where nothing stands."""
    con.execute(f"create table {quoted(faults)} as {checks.faults(quoted(rows))}")


# -- reading -----------------------------------------------------------------------------------------
def read_rows(
    con: duckdb.DuckDBPyConnection, table: str, path: Path, items: Mapping[str, Item]
) -> tuple[str, tuple[str, ...]]:
    """Make a view of a file of the standard: `_row` from 1, and every item as text by its romaji name, null where nothing
    stands. Returns the SHA-256 of the file and the names of items that have no column. Raises Refused."""

    def read() -> tuple[str, ...]:
        heads = heads_of(path, items)
        _run(con, f"create table {table}_read as select * from {_source(path, heads, items)}")
        return absent_of(heads, items)

    read_as = sha256_beside(path, read)
    con.execute(f"create view {table} as select rowid + 1 as _row, * from {table}_read")
    return read_as


def _source(path: Path, heads: Sequence[str], items: Mapping[str, Item]) -> str:
    """A file as a table in SQL: every item as text, null where nothing stands, quoted or not."""
    columns = ", ".join(f"{sql_text(name)}: 'VARCHAR'" for name in heads)
    others = "".join(f", null::varchar as {quoted(name)}" for name in items if name not in heads)
    return (
        f"(select *{others} from read_csv({sql_text(str(path))}, header = true, auto_detect = false, "
        f"columns = {{{columns}}}, delim = ',', quote = '\"', escape = '\"', strict_mode = true, null_padding = false, "
        f"nullstr = '', allow_quoted_nulls = true, max_line_size = {LONGEST}))"
    )


def _run(con: duckdb.DuckDBPyConnection, query: str) -> int:
    """How many rows a query that reads a file put into a table. Raises Refused."""
    try:
        (count,) = con.execute(query).fetchall()[0]
    except duckdb.Error as error:
        found = re.search(r"Line: (\d+)", str(error))
        raise Refused(ui_text("standard.no_csv").format(line=found[1] if found else "?")) from error
    return int(count)


def absent_of(heads: Sequence[str], items: Mapping[str, Item]) -> tuple[str, ...]:
    """The names of items that have no column."""
    return tuple(one.name for name, one in items.items() if name not in heads)


# -- everything that a vendor delivers ---------------------------------------------------------------
def conform(
    folder: Path,
    definition: Definition,
    *,
    as_of: date,
    most: int = 1_000,
    rules: Rules | None = None,
    by: Engine | None = None,
) -> Conformance:
    """Hold a folder with a file GROUP.csv for each group, or a folder GROUP of its parts, to an operation, foreign keys between
    its files and `rules` across its rows too."""
    (found,) = conform_all({folder: definition}, as_of=as_of, most=most, rules=rules, by=by)
    return found


def conform_all(
    folders: Mapping[Path, Definition],
    *,
    as_of: date,
    most: int = 1_000,
    rules: Rules | None = None,
    by: Engine | None = None,
) -> list[Conformance]:
    """As `conform`, each folder to its operation, and `rules` across all of them. Rules run on DuckDB: another engine does not
    ask them."""
    there = {
        (one.id, group): paths
        for folder, one in folders.items()
        for group in one.groups()
        if (paths := parts_of(folder, group))
    }
    needs = rules.needs(there) if rules else {}
    known = {one.id: one for one in folders.values()}
    with ExitStack() as open_files:
        checked: dict[Place, Looking] = {
            place: open_files.enter_context(
                by(paths, known[place[0]], place[1], as_of=as_of)
                if by
                else Checked(paths, known[place[0]], place[1], as_of=as_of, keep=needs.get(place, ()))
            )
            for place, paths in there.items()
        }
        readable = {place: one for place, one in checked.items() if one.readable}
        for (standard, _), one in readable.items():
            for name, other in one.plan.points_to:
                if (standard, other) in readable:
                    one.lacks(name, readable[standard, other])
        ours = {place: one for place, one in readable.items() if isinstance(one, Checked)}
        asked = ask(rules, ours, as_of) if rules else []
        return [
            Conformance(
                one, _reports(one, checked, most), [rule for rule in asked if rule.place[0] == one.id]
            )
            for one in folders.values()
        ]


def _reports(definition: Definition, checked: Mapping[Place, Looking], most: int) -> dict[str, Report]:
    return {
        group: checked[definition.id, group].report(most)
        if (definition.id, group) in checked
        else Report(group, f"{group}.csv", refused=ui_text("standard.no_file"))
        for group in definition.groups()
    }


def ask(rules: Rules, files: Mapping[Place, Checked], as_of: date) -> list[CrossRule]:
    """Run the rules that can be asked over these files; what they find is theirs. Returns those rules."""
    with duckdb.connect(":memory:") as con:
        tables = {}
        for number, (place, items) in enumerate(rules.needs(files).items()):
            columns = ", ".join(map(quoted, ["_row", *sorted(items)]))
            con.register(
                f"rows_{number}", files[place].con.sql(f"select {columns} from rows").to_arrow_table()
            )
            tables[place] = f"rows_{number}"
        rules.run(con, tables, as_of=as_of)
        say = {f"rule:{one.id}": one.say for one in rules.rules.values()}
        for place, file in files.items():
            file.ruled("faults", rules.found(con, place, "hold"), say)
            file.ruled("looks", rules.found(con, place, "look"), say)
    return rules.asked(files)


def parts_of(folder: Path, group: str) -> list[Path]:
    """The file of a group in what is delivered, or the files of its folder; none where there is neither."""
    file = folder / f"{group}.csv"
    return [file] if file.is_file() else sorted((folder / group).glob("*.csv"))
