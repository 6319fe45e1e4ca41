"""Files of open data, held to their dataset: any town's, in UTF-8 or any other encoding of `values.encodings`, in the edition
that their headings fit. One DuckDB run a file, as for files of the standard (`records.checking`)."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import duckdb

from yakuba.conditions import quoted
from yakuba.records.checking import read_rows
from yakuba.records.checks import sql_text
from yakuba.records.opendata.dataset import SUPPRESSED, Column, Dataset, Version
from yakuba.records.report import Finding, Part, Report
from yakuba.records.standards import Item
from yakuba.records.values.encodings import CHUNK, Refused, decide
from yakuba.words import Text, ui_text

SOUTH, NORTH, WEST, EAST = 20.4, 45.6, 122.9, 154.0
"""Degrees between which all of Japan lies: 沖ノ鳥島, 択捉島, 与那国島, 南鳥島 (国土地理院「日本の東西南北端点の経度緯度」)."""
_OWN = "own_column"
_SHAPES: Mapping[str, str] = {
    "kana": r"[^ぁ-ゖ一-鿿｡-ﾟ]*",
    "town-id": r"[0-9]{7}",
    "month": r"\d{4}-(0[1-9]|1[0-2])",
    "time": r"([01]\d|2[0-4]):[0-5]\d(:[0-5]\d)?",
    "url": r"https?://[^\s/]+\.[^\s]+",
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "phone": r"(0|\+81-?)[0-9()-]{8,14}",
    "postal-code": r"\d{3}-?\d{4}",
    "integer": r"\d+",
    "number": r"-?\d+(\.\d+)?",
    "count": rf"\d+|{SUPPRESSED}",
    "flag": "1",
}
"""How each kind is written (データ項目特記事項【共通ルール】 of 推奨データセット, where it speaks of it; a day may end at 24:00)."""
_FORMULA = r"^[=+@＝＋＠\t\r]|^[-－][^\s-]"
"""Texts that a spreadsheet would compute (OWASP, CSV Injection); a dash alone, or before a blank, is none."""


def check(path: Path, dataset: Dataset, *, encoding: str = "", most: int = 10_000) -> tuple[Version, Report]:
    """Hold a file to a dataset. `encoding` as declared ("": to be found). A file that cannot be read as a whole is reported as
    refused; columns that the dataset does not have are told and hold nothing. Returns the edition that it was held to, too."""
    report = Report(dataset.name.ja, path.name)
    version = dataset.current
    with duckdb.connect(":memory:") as con, tempfile.TemporaryDirectory() as folder:
        try:
            decision = decide(path, encoding)
            copy = Path(folder) / "rows.csv"
            _as_utf8(path, decision.encoding, copy)
            heads = _heads(copy)
            version = dataset.fitting(heads)
            items = _items(version, heads)
            _, absent = read_rows(con, "rows", copy, items)
            (rows,) = con.execute("select count(*) from rows").fetchall()[0]
            report.parts.append(Part(path.name, decision.sha256, rows, absent))
            _Look(con, version, heads, items).into(report, most)
        except Refused as refused:
            report.refuse(path.name, refused.text)
    return version, report


def _as_utf8(path: Path, encoding: str, copy: Path) -> None:
    with (
        path.open(encoding=encoding, newline="") as file,
        copy.open("w", encoding="utf-8", newline="") as out,
    ):
        try:
            while piece := file.read(CHUNK):
                out.write(piece)
        except UnicodeDecodeError as error:
            raise Refused(ui_text("opendata.broken_text").format(encoding=encoding)) from error


def _heads(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [one.strip() for one in next(csv.reader(file), [])]


def _items(version: Version, heads: Sequence[str]) -> dict[str, Item]:
    """The columns of the edition, and those that the town has besides, as the engine knows items."""
    own = [Column(head, "text", False, False, ()) for head in heads if head and head not in version.heads]
    return {one.name: _item(number, one) for number, one in enumerate([*version.columns, *own], start=1)}


def _item(number: int, column: Column) -> Item:
    return Item(
        id=f"{number:02}", name=column.name, romaji=column.name, group="", key=column.key, foreign_key=False, classes=(),
        type="X", digits=None, code=None, repeat=None, output="required" if column.required else "optional", meaning="",
        notes="", must_exist=column.required, sample="",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Look:
    """A file that was read, and what is wrong with it."""

    con: duckdb.DuckDBPyConnection
    version: Version
    heads: Sequence[str]
    items: Mapping[str, Item]

    def into(self, report: Report, most: int) -> None:
        """Write what is found into the report."""
        self._faults()
        (report.held,) = self.con.execute("select count(distinct _row) from faults").fetchall()[0]
        kinds = self.con.execute("select kind, count(*) from faults group by kind order by kind").fetchall()
        found = self.con.execute(
            f"select _row, item, kind, value from faults order by _row, item, kind limit {int(most)}"
        ).fetchall()
        file = report.parts[0].file
        own = [self._own(file, head) for head in self.heads if head not in self.version.heads]
        report.kinds = dict(kinds) | ({_OWN: len(own)} if own else {})
        report.findings = own + [self._finding(file, *one) for one in found]

    def _faults(self) -> None:
        checks = [
            (column.name, kind, wrong)
            for column in self.version.columns
            for kind, wrong in _wrong(column, self.version)
        ]
        told = ", ".join(
            f"case when {wrong} then {{'item': {sql_text(name)}, 'kind': {sql_text(kind)}, 'value': {quoted(name)}}} end"
            for name, kind, wrong in checks
        )
        self.con.execute(
            "create table faults as select _row, unnest(faults, recursive := true) from (select _row, "
            f"list_filter([{told}], lambda one: one is not null) as faults from rows)"
        )
        names = [one.name for one in self.version.columns if one.key]
        keys = ", ".join(map(quoted, names))
        self.con.execute(
            f"insert into faults select _row, {sql_text(names[-1])}, 'twice', {quoted(names[-1])} from rows "
            f"where ({keys}) in (select ({keys}) from rows group by {keys} having count(*) > 1)"
        )

    def _finding(self, file: str, row: int, name: str, kind: str, value: str | None) -> Finding:
        column = next(one for one in self.version.columns if one.name == name)
        said = ui_text(f"opendata.wrong.{kind.replace('-', '_')}").format(codes="、".join(column.codes))
        return Finding(file, row, self.items[name], kind, value, said)

    def _own(self, file: str, head: str) -> Finding:
        absent = [one for one in self.version.heads if one not in self.heads]
        near = get_close_matches(head, absent, n=1)
        key = "opendata.wrong.near_column" if near else "opendata.wrong.own_column"
        said: Text = ui_text(key).format(name=near[0]) if near else ui_text(key)
        return Finding(file, 0, replace(self.items[head], name=head), _OWN, None, said)


def _wrong(column: Column, version: Version) -> Iterator[tuple[str, str]]:
    """The kinds of faults that a cell may have, each with the SQL that is true of a faulty one."""
    cell, kind = quoted(column.name), column.kind
    if column.required:
        yield "required", f"{cell} is null"
    if kind == "text":
        yield "formula", f"regexp_matches({cell}, {sql_text(_FORMULA)}) and not {_is(cell, 'double')}"
    elif kind in ("latitude", "longitude"):
        yield from _degrees(cell, kind, version)
    else:
        yield kind, f"{cell} is not null and not coalesce({_right(column, cell)}, false)"


def _right(column: Column, cell: str) -> str:
    """The SQL that is true of a cell written as its kind wants it."""
    match column.kind:
        case "list":
            return f"{cell} in ({', '.join(map(sql_text, column.codes))})"
        case "date":
            return f"regexp_full_match({cell}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') and {_is(cell, 'date')}"
        case "municipality":
            return _municipality(cell)
        case "corporate-number":
            return _corporate_number(cell)
        case kind:
            return f"regexp_full_match({cell}, {sql_text(_SHAPES[kind])})"


def _degrees(cell: str, kind: str, version: Version) -> Iterator[tuple[str, str]]:
    """A place in Japan, in degrees with a point; both of its numbers or none."""
    value, least, most = (
        f"try_cast({cell} as double)",
        *((SOUTH, NORTH) if kind == "latitude" else (WEST, EAST)),
    )
    yield kind, f"{cell} is not null and not coalesce({value} between {least} and {most}, false)"
    other = quoted("経度" if kind == "latitude" else "緯度")
    if version.places:
        yield "pair", f"{cell} is null and {other} is not null"


def _is(cell: str, kind: str) -> str:
    return f"try_cast({cell} as {kind}) is not null"


def _digit(cell: str, at: int) -> str:
    return f"try_cast(substr({cell}, {at}, 1) as int)"


def _municipality(cell: str) -> str:
    """Six digits, of a prefecture from 01 to 47, with a right check digit (`register.codes.check_digit`)."""
    total = " + ".join(f"{weight} * {_digit(cell, at)}" for at, weight in enumerate((6, 5, 4, 3, 2), start=1))
    prefecture = f"try_cast(substr({cell}, 1, 2) as int) between 1 and 47"
    return f"regexp_full_match({cell}, '\\d{{6}}') and {prefecture} and {_digit(cell, 6)} = (11 - ({total}) % 11) % 10"


def _corporate_number(cell: str) -> str:
    """Thirteen digits, the first of which checks the others: 9 less the remainder by 9 of their sum with the weights 1 and 2 in
    turn from the right (法人番号の指定等に関する省令（平成26年財務省令第70号）第2条)."""
    total = " + ".join(f"{1 if (13 - at) % 2 == 0 else 2} * {_digit(cell, at)}" for at in range(2, 14))
    return f"regexp_full_match({cell}, '\\d{{13}}') and {_digit(cell, 1)} = 9 - ({total}) % 9"
