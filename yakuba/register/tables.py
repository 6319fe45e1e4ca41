"""Tables that others send: CSV in the encoding that was agreed on (or UTF-8 with its mark), or the first sheet of Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

MARK = b"\xef\xbb\xbf"


class UnreadableTable(Exception):
    """The file is no table that can be read. `reason` says in Japanese what is wrong and where."""

    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and rows, all as text; every row has as many cells as there are heads."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def read_csv(content: bytes, encoding: str) -> Table:
    """Raises UnreadableTable: another encoding (with the line), no CSV, rows of another length, nothing in it."""
    try:
        text = content.decode("utf-8-sig" if content.startswith(MARK) else encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableTable(f"{line}行目に {encoding} でない文字があります") from error
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise UnreadableTable(f"CSV として読めません（{error}）") from error
    return _table([line for line in lines if line])


def read_workbook(content: bytes) -> Table:
    """The first sheet; days as 2026/04/01, whole numbers without a point. Raises UnreadableTable."""
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        lines = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    except (InvalidFileException, BadZipFile, KeyError, IndexError, ValueError) as error:
        raise UnreadableTable("Excel のファイルとして開けません") from error
    return _table([line for line in lines if any(line)])


def _cell(value: object) -> str:
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
            raise UnreadableTable(f"{number}行目は {len(line)} 列で、見出しの {len(heads)} 列と違います")
    return Table(heads, lines[1:])
