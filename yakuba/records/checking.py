"""Files of the standard, held to their definition: every cell, every condition over a row, every key. One DuckDB run a file;
nothing is done row by row in Python."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from yakuba.conditions import quoted
from yakuba.records.rules import CrossRule, Place, Rules
from yakuba.records.standards import Definition, Item
from yakuba.records.values.encodings import Refused, pieces
from yakuba.words import Text, ui_text

LONGEST = 2_000_000
"""Bytes of one line; DuckDB's own limit (`max_line_size`). A row of the standard has some thousands."""
GUARDED = frozenset({"kojinbango", "kozabango"})
"""Items whose values no report shows: My Number and account numbers, by romaji name or its end."""
_SHAPES = {
    "X": r"[\x20-\x7e｡-ﾟ]*",
    "N": r"[^\x00-\x7e｡-ﾟ]*",
    "9": r"\d+",
    "S9": r"-?\d+",
    "YEAR": r"\d{4}",
    "TIME": r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?",
}
"""How each type is written. Source: 凡例）データ型 of the item definition sheets."""
_OPEN_DAYS = "('0000-01-01', '9999-12-31')"
"""An unknown beginning and no end (凡例）データ型, DATE)."""
_UNCERTAIN = "不詳日を許容"
"""What the notes of an item say where a day need not be known."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a row. `row`: from 1, the headings not counted; `value` None where it is guarded or empty; `kind`: of a
    rule across rows `rule:ID`."""

    row: int
    item: Item
    kind: str
    value: str | None
    text: Text


@dataclass(slots=True)
class Report:
    """How a file stood the test: rows = accepted + held. `looks`: what rules across rows want somebody to look at, by rule in
    `looked`; it holds no row."""

    group: str
    file: str
    sha256: str = ""
    rows: int = 0
    held: int = 0
    refused: Text | None = None
    absent: tuple[str, ...] = ()
    kinds: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    looked: dict[str, int] = field(default_factory=dict)
    looks: list[Finding] = field(default_factory=list)

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
        self.path, self.definition, self.group, self.as_of = path, definition, group, as_of
        self.items = {one.romaji: one for one in definition.groups()[group]}
        self.con = duckdb.connect(":memory:")
        self._report = Report(group, path.name)
        self._texts: dict[tuple[str, str], Text] = {}
        self._said: dict[str, Text] = {}

    def __enter__(self) -> Checked:
        try:
            self._report.sha256, self._report.absent = read_rows(self.con, "rows", self.path, self.items)
            self._look()
            self._conditions()
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
    def _look(self) -> None:
        """Which rows have a fault is asked of all rows; which faults, only of those."""
        checks = [
            (name, kind, wrong)
            for name, item in self.items.items()
            for kind, wrong in _wrong(item, self.definition)
        ]
        faults = ", ".join(
            f"case when {wrong} then {{'item': {_text(name)}, 'kind': {_text(kind)}, 'value': {quoted(name)}}} end"
            for name, kind, wrong in checks
        )
        anything = " or ".join(f"coalesce({wrong}, false)" for _, _, wrong in checks)
        self.con.execute(
            "create table faults as select _row, unnest(faults, recursive := true) from (select _row, list_filter("
            f"[{faults}], lambda one: one is not null) as faults from rows where {anything})"
        )
        keys = ", ".join(quoted(name) for name, item in self.items.items() if item.key)
        first = next(name for name, item in self.items.items() if item.key)
        self.con.execute(
            f"insert into faults select _row, {_text(first)}, 'twice', {quoted(first)} from rows where ({keys}) in "
            f"(select ({keys}) from rows group by {keys} having count(*) > 1)"
        )

    def _conditions(self) -> None:
        """What is needed by a condition over the row, and is not there."""
        program = self.definition.requirements_of(self.group)
        if not program.rules:
            return
        facts = ", ".join(f"{_typed(item)} as {quoted(f'row.{name}')}" for name, item in self.items.items())
        self.con.execute(f"create view facts as select _row as _case, {facts} from rows")
        program.run_tables(self.con, as_of=self.as_of).create("needed")
        for rule in program.rules:
            name = rule.rule.name.removeprefix("required.")
            self.con.execute(
                f"insert into faults select _row, {_text(name)}, 'conditional', null from rows join needed on _case = _row "
                f"where {quoted(rule.rule.name)} and {quoted(name)} is null"
            )

    def lacks(self, name: str, other: Checked) -> None:
        """Rows whose foreign key `name` no row of the other file has are faulty."""
        known = other.con.sql(f"select distinct {quoted(name)} as known from rows").to_arrow_table()
        self.con.register("known", known)
        self.con.execute(
            f"insert into faults select _row, {_text(name)}, {_text(f'nowhere:{other.group}')}, {quoted(name)} from rows "
            f"where {quoted(name)} is not null and {quoted(name)} not in (select known from known where known is not null)"
        )
        self.con.unregister("known")

    def ruled(self, table: str, found: pa.Table, say: Mapping[str, Text]) -> None:
        """What rules across rows found goes to a table, `faults` or `looks`: `_row`, item, kind, value; `say` by kind. A cell
        that is at fault by itself is not told a second time."""
        self._said |= say
        self.con.register("found", found)
        self.con.execute(
            f"create table if not exists looks as from faults limit 0; insert into {table} select * from found "
            "where (_row, item) not in (select (_row, item) from faults where not starts_with(kind, 'rule:'))"
        )
        self.con.unregister("found")

    # -- telling -------------------------------------------------------------------------------------
    def report(self, most: int = 10_000) -> Report:
        """What was found so far."""
        report = self._report
        if report.refused is None:
            report.rows = _one(self.con, "select count(*) from rows")
            report.held = _one(self.con, "select count(distinct _row) from faults")
            report.kinds, report.findings = self._listed("faults", most)
            if self._said:
                report.looked, report.looks = self._listed("looks", most)
        return report

    def _listed(self, table: str, most: int) -> tuple[dict[str, int], list[Finding]]:
        counted = self.con.execute(
            f"select kind, count(*) from {table} group by kind order by kind"
        ).fetchall()
        found = self.con.execute(
            f"select _row, item, kind, value from {table} order by _row, item, kind limit {int(most)}"
        ).fetchall()
        return dict(counted), [self._finding(*one) for one in found]

    def _finding(self, row: int, name: str, kind: str, value: str | None) -> Finding:
        item = self.items[name]
        if kind in self._said:
            return Finding(row, item, kind, shown(item, value), self._said[kind])
        if (name, kind) not in self._texts:
            self._texts[name, kind] = self._text(item, kind)
        return Finding(row, item, kind.partition(":")[0], shown(item, value), self._texts[name, kind])

    def _text(self, item: Item, kind: str) -> Text:
        said, _, group = kind.partition(":")
        needed = self.definition.requirements.get(item.id)
        return ui_text(f"standard.{said}").format(
            digits=_digits(item),
            code=item.code or "",
            group=group,
            when=(needed.when or "") if needed else "",
        )


def shown(item: Item, value: str | None) -> str | None:
    """The value as a report may show it: None where it is guarded."""
    return None if any(item.romaji.endswith(one) for one in GUARDED) else value


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
    columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in heads)
    given = ", ".join(f"nullif({quoted(name)}, '') as {quoted(name)}" for name in heads)
    others = "".join(f", null::varchar as {quoted(name)}" for name in items if name not in heads)
    try:
        con.execute(
            f"create table {table}_read as select {given} from read_csv("
            f"{_text(str(path))}, header = true, auto_detect = false, columns = {{{columns}}}, delim = ',', "
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


# -- the checks of one item --------------------------------------------------------------------------
def _wrong(item: Item, definition: Definition) -> Iterator[tuple[str, str]]:
    """The kinds of faults a cell may have, each with the SQL that is true of a faulty one."""
    cell = quoted(item.romaji)
    if item.output == "required":
        yield "required", f"{cell} is null"
    if item.type == "BLOB":
        return
    shape = f"not ({_shaped(item, cell)})"
    yield item.type, shape
    if item.digits and item.type not in ("9V", "DATE", "TIME", "YEAR"):
        written = f"ltrim({cell}, '-')" if item.type == "S9" else cell
        yield "digits", f"length({written}) > {item.digits.whole}"
    codes = definition.codes.get(item.code) if item.code else None
    if codes and codes.values and not codes.open:
        listed = ", ".join(_text(value) for value in codes.values)
        yield "code", f"{cell} not in ({listed})"
    if item.romaji.endswith("kojinbango"):
        right = f"regexp_full_match({cell}, '\\d{{12}}') and {_my_number(cell)}"
        yield "number", f"{cell} is not null and not coalesce({right}, false)"


def _shaped(item: Item, cell: str) -> str:
    """True where the cell is written as its type wants it."""
    if item.type == "9V":
        assert item.digits
        fraction = f"(\\.\\d{{1,{item.digits.fraction}}})?" if item.digits.fraction else ""
        return f"regexp_full_match({cell}, '\\d{{1,{item.digits.whole}}}{fraction}')"
    if item.type == "DATE":
        day = f"(regexp_full_match({cell}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') and try_cast({cell} as date) is not null)"
        uncertain = (
            f" or regexp_full_match({cell}, '\\d{{4}}-(00|0[1-9]|1[0-2])-00')"
            if _UNCERTAIN in item.notes
            else ""
        )
        return f"{cell} in {_OPEN_DAYS} or {day}{uncertain}"
    return f"regexp_full_match({cell}, {_text(_SHAPES[item.type])})"


def _my_number(cell: str) -> str:
    """The twelfth digit of a My Number fits the eleven before it: weights 2 to 7, then 2 to 6, from the right.

    Source: 行政手続における特定の個人を識別するための番号の利用等に関する法律の規定による通知カード及び個人番号カード並びに情報提供ネットワーク
    システムによる特定個人情報の提供等に関する省令（平成26年総務省令第85号）第5条.
    """
    total = " + ".join(
        f"{n + 1 if n <= 6 else n - 5} * try_cast(substr({cell}, {12 - n}, 1) as int)" for n in range(1, 12)
    )
    rest = f"(({total}) % 11)"
    return f"try_cast(substr({cell}, 12, 1) as int) = case when {rest} <= 1 then 0 else 11 - {rest} end"


def _typed(item: Item) -> str:
    """The cell as the language of conditions knows it; what is not written as it should be is not known."""
    cell = quoted(item.romaji)
    kind = {"9": "bigint", "S9": "bigint", "YEAR": "bigint", "9V": "double"}.get(item.type)
    return f"try_cast({cell} as {kind})" if kind else cell


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


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
    rules: Sequence[CrossRule] = ()
    """Those across its rows that were asked."""

    @property
    def conforms(self) -> bool:
        """Every group has a file, and nothing was found in any."""
        return all(one.conforms for one in self.reports.values())


def conform(
    folder: Path, definition: Definition, *, as_of: date, most: int = 1_000, rules: Rules | None = None
) -> Conformance:
    """Hold a folder with a file GROUP.csv for each group to an operation, foreign keys between its files and `rules` across
    its rows too."""
    (found,) = conform_all({folder: definition}, as_of=as_of, most=most, rules=rules)
    return found


def conform_all(
    folders: Mapping[Path, Definition], *, as_of: date, most: int = 1_000, rules: Rules | None = None
) -> list[Conformance]:
    """As `conform`, each folder to its operation, and `rules` across all of them."""
    with ExitStack() as open_files:
        delivered = [_delivered(folder, one, as_of, open_files) for folder, one in folders.items()]
        readable = {
            (one.id, group): file
            for one, files in zip(folders.values(), delivered, strict=True)
            for group, file in files.items()
            if file.readable
        }
        asked = ask(rules, readable, as_of) if rules else []
        return [
            Conformance(one, _reports(one, files, most), [rule for rule in asked if rule.place[0] == one.id])
            for one, files in zip(folders.values(), delivered, strict=True)
        ]


def _delivered(
    folder: Path, definition: Definition, as_of: date, open_files: ExitStack
) -> dict[str, Checked]:
    """The files of a folder that are there, held to their groups and to one another's keys."""
    checked = {
        group: open_files.enter_context(Checked(path, definition, group, as_of=as_of))
        for group in definition.groups()
        if (path := folder / f"{group}.csv").is_file()
    }
    readable = {group: one for group, one in checked.items() if one.readable}
    for group, one in readable.items():
        for name, other in _points_to(definition, group):
            if other in readable:
                one.lacks(name, readable[other])
    return checked


def _reports(definition: Definition, checked: Mapping[str, Checked], most: int) -> dict[str, Report]:
    return {
        group: checked[group].report(most)
        if group in checked
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


def _points_to(definition: Definition, group: str) -> Iterator[tuple[str, str]]:
    """The foreign keys of a group that are the whole key of another group of the operation, and which group that is."""
    keys = {name: [item.romaji for item in items if item.key] for name, items in definition.groups().items()}
    for item in definition.groups()[group]:
        for other, key in keys.items():
            if item.foreign_key and other != group and key == [item.romaji]:
                yield item.romaji, other
