"""Tables that others send."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import Workbook

from yakuba.register.tables import UnreadableTable, decoded, read_csv, read_office_csv, read_workbook


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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_of_an_office_is_read_in_either_encoding(encoding: str) -> None:
    assert read_office_csv("名前,数\n髙橋①,1\n".encode(encoding)).rows == [["髙橋①", "1"]]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("名前\n髙橋\n".encode() + b"\xff\n", 3),
        ("名前\n髙橋\n".encode("cp932") + b"\xff\n", 3),
        ("名前\n".encode("utf-16"), 1),
    ],
)
def test_a_character_of_neither_encoding_is_not_guessed(content: bytes, line: int) -> None:
    with pytest.raises(UnreadableTable) as wrong:
        decoded(content)
    assert wrong.value.line == line
