"""Tables that others send: CSV in the encoding that was agreed on (or UTF-8 with its mark), CSV as offices write it, or
the first sheet of Excel."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zipfile import BadZipFile, ZipFile

MARK = b"\xef\xbb\xbf"
_ZIP = b"PK\x03\x04"
MOST_UNPACKED, MOST_PARTS = 200 * 2**20, 5_000
"""Bytes and parts of a workbook once it is unpacked: a sheet of 100,000 rows has some 50 MB."""


class UnreadableTable(Exception):
    """The file is no table that can be read. `reason` says in Japanese what is wrong and where; `line`: in which line, where
    that is known."""

    def __init__(self, reason: str, line: int | None = None):
        self.reason, self.line = reason, line
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and rows, all as text; every row has as many cells as there are heads."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


OFFICE = ("utf-8-sig", "cp932")
"""How offices in Japan write text: UTF-8, with its mark or without, or what Excel writes (CP932)."""
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff]")
"""What no text has, or what only the machine knows that wrote it (外字): Python reads the byte FF of CP932 so, for one."""


def decoded(content: bytes) -> str:
    """The text of a file from an office, strictly: no character is guessed, and none is of one machine alone. Raises
    UnreadableTable with its line."""
    text = office_text(content)
    if strange := _NO_TEXT.search(text):
        line = text.count("\n", 0, strange.start()) + 1
        raise UnreadableTable(f"{line}行目に外字か、文字でないものがあります", line)
    return text


def office_text(content: bytes) -> str:
    """The same with whatever the machine knew that wrote it (外字). Raises UnreadableTable with its line."""
    wrong = 0
    for encoding in OFFICE:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            wrong = max(wrong, error.start)  # the one that came further is the one that was meant
    line = content.count(b"\n", 0, wrong) + 1
    raise UnreadableTable(f"{line}行目に UTF-8 でも CP932（Excel）でもない文字があります", line)


def read_office_csv(content: bytes) -> Table:
    """A table as offices write it. Raises UnreadableTable, as `read_csv` does."""
    return _csv(decoded(content))


def read_csv(content: bytes, encoding: str) -> Table:
    """Raises UnreadableTable: another encoding (with the line), no CSV, rows of another length, nothing in it."""
    try:
        text = content.decode("utf-8-sig" if content.startswith(MARK) else encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableTable(f"{line}行目に {encoding} でない文字があります", line) from error
    return _csv(text)


def _csv(text: str) -> Table:
    return _table([line for line in _csv_lines(text) if line])


def _csv_lines(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise UnreadableTable(f"CSV として読めません（{error}）") from error


def read_workbook(content: bytes) -> Table:
    """The first sheet; days as 2026/04/01, whole numbers without a point. Raises UnreadableTable."""
    return _table([line for line in _workbook_lines(content) if any(line)])


def office_lines(content: bytes) -> list[list[str]]:
    """A sheet that is no plain table, with headings above, as it stands: CSV as offices write it, or the first sheet of
    Excel. Raises UnreadableTable."""
    return _workbook_lines(content) if content.startswith(_ZIP) else _csv_lines(decoded(content))


def _workbook_lines(content: bytes) -> list[list[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise UnreadableTable("Excel のファイルが大きすぎます。必要な行だけにしてください")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return [[cell_text(value) for value in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    except (InvalidFileException, BadZipFile, KeyError, IndexError, ValueError) as error:
        raise UnreadableTable("Excel のファイルとして開けません") from error


def cell_text(value: object) -> str:
    if isinstance(value, datetime | date):
        return f"{value:%Y/%m/%d}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _table(lines: Sequence[Sequence[str]]) -> Table:
    if not lines:
        raise UnreadableTable("空です")
    heads = lines[0]
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(heads):
            wrong = f"{number}行目は {len(line)} 列で、見出しの {len(heads)} 列と違います"
            raise UnreadableTable(wrong, number)
    return Table(heads, lines[1:])
