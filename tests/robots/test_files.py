"""Files in a folder are screens: a folder lists them, a table shows rows, a PDF shows its text."""

from __future__ import annotations

import os
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from yakuba.robots import files
from yakuba.robots.errors import NoAnswer, NotOnScreen, UnreadableFile
from yakuba.robots.files import FilesDriver, Table
from yakuba.robots.screen import find_pressable


@pytest.fixture
def driver(tmp_path) -> FilesDriver:
    made = FilesDriver("cp932")
    made.go(str(tmp_path))
    return made


def opened(driver: FilesDriver, label: str):
    """The screen that opening it gives."""
    driver.press(find_pressable(driver.screens(), label))
    return driver.screens()[-1]


def test_a_workbook_is_a_table_of_texts(driver, tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.append(["番号", "日付", "金額", "率", "備考"])
    sheet.append(["A-1", date(2026, 4, 1), 1200, 0.5, None])
    sheet.append([None] * 5)
    book.save(tmp_path / "一覧.xlsx")
    assert list(opened(driver, "一覧.xlsx").rows()) == [
        {"番号": "A-1", "日付": "2026/04/01", "金額": "1200", "率": "0.5", "備考": ""}
    ]


def test_what_a_pdf_says_beside_a_label_can_be_read(driver, tmp_path):
    source = BytesIO('#set text(font: "Noto Sans CJK JP")\n受付番号：W-000123\n\n氏名：山田 太郎'.encode())
    (tmp_path / "通知.pdf").write_bytes(typst.compile(source.getvalue()))
    screen = opened(driver, "通知.pdf")
    assert screen.value_of("受付番号") == "W-000123"


def test_the_newest_file_of_a_pattern_is_opened_and_read_anew_when_it_changes(driver, tmp_path):
    for number, name in enumerate(("a1.csv", "a2.csv")):
        (tmp_path / name).write_text(f"x\n{number}\n", "cp932")
        os.utime(tmp_path / name, (number, number))
    assert list(opened(driver, "a*.csv").rows()) == [{"x": "1"}]
    (tmp_path / "a2.csv").write_text("x\n7\n", "cp932")
    assert list(opened(driver, "a*.csv").rows()) == [{"x": "7"}]


def test_a_file_or_folder_that_is_not_there_is_named(driver, tmp_path):
    with pytest.raises(NotOnScreen, match=r"b\*\.csv"):
        opened(driver, "b*.csv")
    driver.go(str(tmp_path / "nowhere"))
    with pytest.raises(NoAnswer, match="nowhere"):
        opened(driver, "b*.csv")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("x.doc", b"x", r"\.doc"),
        ("x.xlsx", b"no zip", "Excel"),
        ("x.pdf", b"no pdf", "PDF"),
        ("x.csv", b"", "空"),
        ("x.csv", b"a,b\r\n1\r\n", "2行目"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(driver, tmp_path, name, content, why):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFile) as found:
        opened(driver, name)
    assert why.replace("\\", "") in found.value.message.ja


def test_a_column_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(NotOnScreen, match="氏名"):
        Table("x.csv", ["番号", "氏名"], []).matching({"住所": "x"})


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), max_size=20), st.sampled_from("abc")
)
def test_rows_are_found_as_if_every_row_was_looked_at(rows, wanted):
    table = Table("x.csv", ["k", "v"], rows)
    assert table.matching({"k": wanted}) == [row for row in table.rows() if row["k"] == wanted]


def test_a_link_out_of_the_folder_is_no_way_out(driver, tmp_path):
    outside = tmp_path.parent / "outside.csv"
    outside.write_text("x\n1\n")
    with pytest.raises(NotOnScreen):
        opened(driver, "../outside.csv")
    assert files.Folder(Path(tmp_path)).pressables == []
