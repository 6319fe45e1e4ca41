"""A table as an Excel file (.xlsx): written row by row, texts as texts, days as days."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from yakuba.clock import in_tokyo
from yakuba.words.formulas import FORMULA

Value = str | int | date | datetime | bool | None
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DAY, MOMENT, YEN = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "#,##0"
WIDTH = 18
"""Of a column, in characters: enough for a reference number and for a day with its time."""


def workbook(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Value]]]]) -> bytes:
    """The file of some sheets: title, heads, rows."""
    book = Workbook(write_only=True)
    for title, heads, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for number in range(1, len(heads) + 1):
            sheet.column_dimensions[get_column_letter(number)].width = WIDTH
        sheet.append([_head(sheet, head) for head in heads])
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _head(sheet: object, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: object, value: Value) -> WriteOnlyCell | Value:
    """A value as Excel shall take it: nothing that was typed is ever computed."""
    if isinstance(value, str):
        return _text(sheet, value)
    if isinstance(value, datetime):
        return _formatted(sheet, in_tokyo(value).replace(tzinfo=None), MOMENT)
    if isinstance(value, date):
        return _formatted(sheet, value, DAY)
    if isinstance(value, int) and not isinstance(value, bool):
        return _formatted(sheet, value, YEN)
    return value


def _formatted(sheet: object, value: Value, format: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = format
    return cell


def _text(sheet: object, value: str) -> WriteOnlyCell | str:
    """A text; what looks like a formula is marked as a text, also for whoever edits the cell later."""
    plain = ILLEGAL_CHARACTERS_RE.sub("", value)
    if not plain.startswith(FORMULA):
        return plain
    cell = WriteOnlyCell(sheet, plain)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
