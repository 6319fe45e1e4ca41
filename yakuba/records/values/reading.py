"""A file's rows as text: CSV, fixed width, Excel; each row good, or held with what, where and how to mend it.

Everything streams: the file is read once for its encoding and its SHA-256 (`encodings.decide`), once for its rows. What
makes a whole file unreadable raises `encodings.Refused`.
"""

from __future__ import annotations

import csv
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from lxml import etree
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from yakuba.records.values.encodings import (
    LINE_LIMIT,
    NAMES,
    Decision,
    Refused,
    decide,
    decode,
    likeliest,
    too_long,
    undecided,
    utf8_instead,
)
from yakuba.register.tables import cell_text
from yakuba.words import Text, ui_text
from yakuba.words.formulas import like_formula

QUOTED_LINES = 100
"""Lines that one quoted cell may have; beyond, its quotation mark was never closed."""
UNPACKED_LIMIT = 1 << 30
"""Bytes that an Excel file may have unpacked."""
EXACT = 10**15
"""Excel keeps 15 digits of a number (ECMA-376-1 18.3.1.96 stores IEEE 754 doubles; Microsoft: Excel specifications)."""
_EXCEL_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)")
_NO_TEXT = re.compile("[\x00\x1b]")
"""NUL, and what ISO-2022-JP leaves where it was read as something else."""
_MARK = "\ufeff"
_END = b"\x1a"
"""Where DOS ended a file."""


@dataclass(frozen=True, slots=True)
class Csv:
    """Cells parted by `delimiter`, quoted as RFC 4180 says. The first line has the heads."""

    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class Fixed:
    """Cells by their widths in bytes, as old systems count; `lines=False`: no line ends between the records."""

    heads: Sequence[str]
    widths: Sequence[int]
    lines: bool = True


@dataclass(frozen=True, slots=True)
class Excel:
    """The first sheet of an .xlsx file. Its first line has the heads."""


@dataclass(frozen=True, slots=True)
class Row:
    """A good row: `line` (from 1) in which it begins; `formulas`: the columns (from 1) whose cell a spreadsheet would
    compute."""

    line: int
    cells: tuple[str, ...]
    formulas: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A row that cannot be taken: `line` and, where known, `column` from 1; `text`: what, where and how to mend it."""

    line: int
    column: int | None
    text: Text


@dataclass(slots=True)
class Reading:
    """The rows of one file, to be gone through once; `good` and `held` count what was given out so far, and together they
    are all rows that came in. `decision` has encoding, SHA-256 and size."""

    decision: Decision
    heads: tuple[str, ...]
    _rows: Iterator[Row | Held]
    good: int = field(default=0, init=False)
    held: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[Row | Held]:
        for row in self._rows:
            if isinstance(row, Row):
                self.good += 1
            else:
                self.held += 1
            yield row

    @property
    def rows(self) -> int:
        """How many rows came in so far."""
        return self.good + self.held


def read(
    path: Path, layout: Csv | Fixed | Excel, encoding: str = "", *, line_limit: int = LINE_LIMIT
) -> Reading:
    """The rows of a file. `encoding` as declared ("": to be found); `line_limit` in bytes.

    Raises Refused, also while going through the rows: what no row can be blamed for. A row that is wrong is Held.
    """
    if isinstance(layout, Excel):
        return _excel(path, undecided(path))
    has_lines = isinstance(layout, Csv) or layout.lines
    decision = decide(path, encoding, line_limit=line_limit if has_lines else None)
    if isinstance(layout, Fixed):
        return Reading(decision, tuple(layout.heads), _fixed(path, layout, decision.encoding))
    return Reading(decision, *_csv(_lines(path, decision.encoding, line_limit), layout.delimiter))


def heads_of(path: Path, layout: Csv, encoding: str) -> tuple[str, ...]:
    """The heads of a CSV file whose encoding is decided. Raises Refused."""
    return _csv(_lines(path, encoding, LINE_LIMIT), layout.delimiter)[0]


def judged(
    lines: Iterable[tuple[int, bytes]], encoding: str, delimiter: str, heads: Sequence[str]
) -> Iterator[Row | Held]:
    """Some lines of a CSV file, by number, as `read` takes them; each is a record of its own."""
    for number, line in lines:
        records = _records(deque(), iter([_decoded(number, line, encoding)]), delimiter, len(heads))
        yield from (_checked(record, heads) for record in records)


# -- lines ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Line:
    """A line with its end; empty where it cannot be decoded, for the reason in `wrong`."""

    number: int
    text: str
    wrong: Text | None = None


def _lines(path: Path, encoding: str, limit: int) -> Iterator[_Line]:
    if encoding.startswith("utf-16"):
        yield from _wide_lines(path, encoding, limit)
        return
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(limit + 1), b""), start=1):
            if len(line) > limit:
                raise Refused(too_long(number, limit), number)
            yield _decoded(number, line, encoding)


def _decoded(number: int, line: bytes, encoding: str) -> _Line:
    try:
        text = decode(line, encoding)
    except UnicodeDecodeError as error:
        return _Line(number, "", _not_in(number, line, encoding, error.start))
    if encoding != "utf-8" and utf8_instead(line, text):
        said = ui_text("records.row.utf8_instead").format(line=number, encoding=NAMES[encoding])
        return _Line(number, "", said)
    return _Line(number, text.removeprefix(_MARK) if number == 1 else text)


def _not_in(number: int, line: bytes, encoding: str, place: int) -> Text:
    other = likeliest(line)
    byte = f"{line[place]:02X}"
    key = "records.row.other_encoding" if other and other != encoding else "records.row.not_in_encoding"
    values = {"line": number, "byte": byte, "place": place + 1, "encoding": NAMES[encoding]}
    return ui_text(key).format({**values, "other": NAMES.get(other, "")})


def _wide_lines(path: Path, encoding: str, limit: int) -> Iterator[_Line]:
    """Lines of two-byte units. After a unit that is wrong nothing can be trusted, so the file is refused."""
    number = 0
    with path.open(encoding=encoding, newline="\n") as file:
        while True:
            try:
                line = file.readline(limit + 1)
            except UnicodeError as error:
                raise Refused(
                    ui_text("records.file.broken_utf16").format(line=number + 1), number + 1
                ) from error
            if not line:
                return
            number += 1
            if len(line) > limit:
                raise Refused(too_long(number, limit), number)
            yield _Line(number, line.removeprefix(_MARK) if number == 1 else line)


# -- CSV ------------------------------------------------------------------------------------------
def _csv(lines: Iterator[_Line], delimiter: str) -> tuple[tuple[str, ...], Iterator[Row | Held]]:
    waiting: deque[_Line] = deque()
    heads = next(_records(waiting, lines, delimiter, None), None)
    if heads is None:
        raise Refused(ui_text("records.file.empty"))
    if isinstance(heads, Held):
        raise Refused(heads.text, heads.line, heads.column)
    _check_heads(heads.cells, heads.line)
    records = _records(waiting, lines, delimiter, len(heads.cells))
    return heads.cells, (_checked(record, heads.cells) for record in records)


def _records(
    waiting: deque[_Line], lines: Iterator[_Line], delimiter: str, width: int | None
) -> Iterator[Row | Held]:
    """Lines put together to records of `width` cells: one is whole when its quotation marks are even. Where that gives no
    record, only the line with the mark is held, and reading goes on behind it."""
    while waiting or (waiting := _extended(waiting, lines)):
        line = waiting[0]
        if line.wrong is not None:
            waiting.popleft()
            yield Held(line.number, None, line.wrong)
            continue
        count = _whole(waiting, lines)
        text = "".join(part.text for part in islice(waiting, count or 1))
        record = _cells(line.number, text, delimiter) if count else None
        if count > 1 and not (isinstance(record, Row) and width in (None, len(record.cells))):
            record, count = None, 1
        for _ in range(count or 1):
            waiting.popleft()
        if text.strip("\r\n\x1a"):
            yield record or Held(
                line.number, None, ui_text("records.row.open_quote").format(line=line.number)
            )


def _extended(waiting: deque[_Line], lines: Iterator[_Line]) -> deque[_Line]:
    waiting.extend(islice(lines, 1))
    return waiting


def _whole(waiting: deque[_Line], lines: Iterator[_Line]) -> int:
    """How many of the lines are one record; 0 where the quotation mark of the first is not closed."""
    marks = 0
    for count in range(1, QUOTED_LINES + 1):
        if count > len(waiting):
            _extended(waiting, lines)
        if count > len(waiting) or waiting[count - 1].wrong is not None:
            return 0
        marks += waiting[count - 1].text.count('"')
        if marks % 2 == 0:
            return count
    return 0


def _cells(number: int, text: str, delimiter: str) -> Row | Held:
    try:
        cells = tuple(next(csv.reader([text], delimiter=delimiter, strict=True)))
    except (csv.Error, StopIteration):
        return Held(number, None, ui_text("records.row.no_csv").format(line=number))
    return Row(number, cells)


def _checked(record: Row | Held, heads: Sequence[str]) -> Row | Held:
    """The row, when it has a cell for each head and nothing in it that no text has."""
    if isinstance(record, Held):
        return record
    line, cells = record.line, record.cells
    if cells == tuple(heads):
        return Held(line, None, ui_text("records.row.heads_again").format(line=line))
    if len(cells) != len(heads):
        key = "records.row.cut_off" if len(cells) < len(heads) else "records.row.too_many"
        return Held(
            line,
            min(len(cells), len(heads)) + 1,
            ui_text(key).format(line=line, cells=len(cells), heads=len(heads)),
        )
    for column, cell in enumerate(cells, start=1):
        if _NO_TEXT.search(cell):
            return Held(
                line,
                column,
                ui_text("records.row.nul").format(line=line, column=column, head=heads[column - 1]),
            )
    return Row(line, cells, tuple(column for column, cell in enumerate(cells, start=1) if like_formula(cell)))


def _check_heads(heads: Sequence[str], line: int) -> None:
    """Heads that are empty or stand twice are those of merged cells, or of several header lines. Raises Refused."""
    for column, head in enumerate(heads, start=1):
        if _NO_TEXT.search(head):
            said = ui_text("records.row.nul").format(line=line, column=column, head=_NO_TEXT.sub("", head))
            raise Refused(said, line, column)
        if not head.strip():
            raise Refused(ui_text("records.file.no_head").format(line=line, column=column), line, column)
        if head in heads[: column - 1]:
            raise Refused(
                ui_text("records.file.head_twice").format(line=line, column=column, head=head), line, column
            )


# -- fixed width ----------------------------------------------------------------------------------
def _fixed(path: Path, layout: Fixed, encoding: str) -> Iterator[Row | Held]:
    if encoding.startswith("utf-16"):
        raise Refused(ui_text("records.file.fixed_utf16"))
    with path.open("rb") as file:
        if encoding != "utf-8" or file.read(3) != _MARK.encode():
            file.seek(0)
        for number, record in enumerate(_byte_records(file, layout), start=1):
            yield _fixed_row(number, record, layout, encoding)


def _byte_records(file: BinaryIO, layout: Fixed) -> Iterator[bytes]:
    width = sum(layout.widths)
    records = (line.rstrip(b"\r\n") for line in file) if layout.lines else iter(lambda: file.read(width), b"")
    return (record for record in records if record not in (b"", _END))


def _fixed_row(number: int, record: bytes, layout: Fixed, encoding: str) -> Row | Held:
    width = sum(layout.widths)
    if len(record) != width:
        said = ui_text("records.row.width").format(line=number, length=len(record), width=width)
        return Held(number, None, said)
    cells, start = [], 0
    for column, (head, size) in enumerate(zip(layout.heads, layout.widths, strict=True), start=1):
        part = record[start : start + size]
        start += size
        try:
            cells.append(decode(part, encoding).rstrip(" \u3000"))
        except UnicodeDecodeError:
            said = ui_text("records.row.cut_character")
            return Held(
                number, column, said.format(line=number, column=column, head=head, encoding=NAMES[encoding])
            )
    return _checked(Row(number, tuple(cells)), layout.heads)


# -- Excel ----------------------------------------------------------------------------------------
_BROKEN = (
    InvalidFileException,
    BadZipFile,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    EOFError,
    SyntaxError,
    zlib.error,
)
"""What the readers of ZIP, XML and workbooks raise on files that are none."""


def _excel(path: Path, decision: Decision) -> Reading:
    file = path.open("rb")
    try:
        _check_size(path)
        book = load_workbook(file, read_only=True, data_only=True)
        return _opened(path, book.worksheets[0], decision, file)
    except _BROKEN as error:
        file.close()
        raise Refused(ui_text("records.file.no_excel")) from error
    except Refused:
        file.close()
        raise


def _check_size(path: Path) -> None:
    with ZipFile(path) as parts:
        if sum(part.file_size for part in parts.infolist()) > UNPACKED_LIMIT:
            raise Refused(ui_text("records.file.excel_too_large").format(limit=f"{UNPACKED_LIMIT:,}"))


def _opened(path: Path, sheet: Any, decision: Decision, file: BinaryIO) -> Reading:
    if merged := _merged(path, sheet._worksheet_path):
        raise Refused(ui_text("records.file.merged").format(cells=merged, sheet=sheet.title))
    lines = enumerate(sheet.iter_rows(values_only=True), start=1)
    filled = ((number, row) for number, row in lines if any(value not in (None, "") for value in row))
    first = next(filled, None)
    if first is None:
        raise Refused(ui_text("records.file.empty"))
    heads = tuple(_excel_text(value) for value in _trimmed(first[1]))
    _check_heads(heads, first[0])
    return Reading(decision, heads, _excel_rows(filled, heads, file))


def _excel_rows(
    filled: Iterator[tuple[int, Sequence[Any]]], heads: Sequence[str], file: BinaryIO
) -> Iterator[Row | Held]:
    try:
        for number, row in filled:
            yield _excel_row(number, row, heads)
    except _BROKEN as error:
        raise Refused(ui_text("records.file.no_excel")) from error
    finally:
        file.close()


def _merged(path: Path, part: str) -> str:
    """The first range of merged cells, which openpyxl tells only where it holds the whole sheet; read piece by piece."""
    with ZipFile(path) as parts, parts.open(part) as sheet:
        events = etree.iterparse(sheet, events=("end",), resolve_entities=False, no_network=True)
        for _, element in events:
            if etree.QName(element).localname == "mergeCell":
                return str(element.get("ref"))
            if etree.QName(element).localname == "row":
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    return ""


def _trimmed(row: Sequence[Any]) -> list[Any]:
    """Without the empty cells at its end, which Excel keeps where something once stood."""
    last = max((place for place, value in enumerate(row, start=1) if value not in (None, "")), default=0)
    return list(row[:last])


def _excel_row(number: int, row: Sequence[Any], heads: Sequence[str]) -> Row | Held:
    values = _trimmed(row)
    values += [None] * (len(heads) - len(values))
    for column, value in enumerate(values, start=1):
        where = {"line": number, "column": get_column_letter(column)}
        if isinstance(value, int | float) and abs(value) >= EXACT:
            return Held(number, column, ui_text("records.row.inexact").format(where))
        if isinstance(value, str) and _EXCEL_ERROR.fullmatch(value):
            return Held(number, column, ui_text("records.row.excel_error").format({**where, "value": value}))
    return _checked(Row(number, tuple(map(_excel_text, values))), heads)


def _excel_text(value: Any) -> str:
    """As `register.tables` writes cells, but with the time of day where there is one."""
    if isinstance(value, datetime) and value.time() != time():
        return value.isoformat(sep=" ", timespec="seconds")
    return cell_text(value)
