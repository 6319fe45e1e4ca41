"""Tables that others send."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import Workbook

from yakuba.register.tables import UnreadableTable, read_csv, read_workbook


def workbook(*rows: list) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_encoding_that_was_agreed_on_is_read_unless_the_file_says_utf8() -> None:
    for content in ("名前,数\n髙橋,1\n".encode("cp932"), "名前,数\n髙橋,1\n".encode("utf-8-sig")):
        table = read_csv(content, "cp932")
        assert (table.heads, table.rows) == (["名前", "数"], [["髙橋", "1"]])


def test_cells_of_excel_become_text() -> None:
    table = read_workbook(workbook(["日", "数", "空"], [date(2026, 4, 1), 3.0, None], [None, None, None]))
    assert table.rows == [["2026/04/01", "3", ""]]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空です"),
        (b"a,b\n1\n", "2行目は 1 列で、見出しの 2 列と違います"),
        (b'a,b\n"1,2\n', "CSV として読めません"),
        (b"a\n\x81\n", "2行目に cp932 でない文字"),
    ],
)
def test_what_is_no_table_says_where(content: bytes, says: str) -> None:
    with pytest.raises(UnreadableTable, match=says):
        read_csv(content, "cp932")


def test_what_is_no_workbook_is_refused() -> None:
    with pytest.raises(UnreadableTable, match="Excel"):
        read_workbook(b"PK\x03\x04 not a workbook")
    with pytest.raises(UnreadableTable, match="空です"):
        read_workbook(workbook())
