"""An item definition sheet is read as it is published, from CSV or Excel, and a fault is said with its line."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import Workbook

from yakuba.records.standards import ROOT, FaultyDefinition, read_codes, read_items

FOLDER = ROOT / "non-resident-numbers" / "2026-08"
SHEET = (FOLDER / "items.csv").read_bytes()
FIRST = 7  # the line of its first item


def lines() -> list[list[str]]:
    return list(csv.reader(io.StringIO(SHEET.decode())))


def as_csv(rows: list[list[str]], encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


def changed(column: int, text: str, line: int = FIRST) -> bytes:
    rows = lines()
    rows[line - 1][column] = text
    return as_csv(rows)


def test_the_official_sheet_has_its_29_items_with_everything_that_it_says_of_them() -> None:
    items = read_items(SHEET, "items.csv")
    assert len(items) == 29
    first, flag = items[0], items[24]
    assert (first.id, first.name, first.romaji, first.key) == ("03100001", "宛名番号", "atenabango", True)
    assert (first.type, first.digits and first.digits.whole, first.output) == ("X", 15, "required")
    assert (flag.type, flag.code, flag.must_exist) == ("9", "2", True)
    assert [one.output for one in items].count("conditional") == 12
    assert items[2].type == "N"  # written Ｎ
    assert items[2].classes == ("住登外者", "共通", "氏名")


def test_its_codes_stand_under_the_id_that_items_name_without_zeros() -> None:
    codes = read_codes((FOLDER / "codes.csv").read_bytes(), "codes.csv")
    assert codes["2"].values == {"0": "代表宛名", "1": "非代表宛名"}
    assert codes["999"].open
    assert not codes["999"].values


def test_a_sheet_as_excel_writes_it_is_read_alike() -> None:
    assert read_items(as_csv(lines(), "utf-8-sig"), "items.csv") == read_items(SHEET, "items.csv")


def test_a_sheet_of_excel_is_read_alike() -> None:
    book = Workbook()
    for row in lines():
        book.worksheets[0].append([int(cell) if cell.isdigit() and cell[0] != "0" else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    assert read_items(out.getvalue(), "items.xlsx") == read_items(SHEET, "items.csv")


def test_headings_in_one_line_and_ids_in_one_cell_are_read_too_in_cp932() -> None:
    heads = [
        "データ項目ID", "データ項目", "データ項目（ローマ字）", "グループ_名称", "グループ_主キー", "グループ_外部キー", "データ型", "桁数",
        "コード", "繰り返し", "データ出力条件", "項目定義", "項目説明", "実装類型", "サンプル値",
    ]  # fmt: skip
    row = ["90100001", "割合", "wariai", "負担", "○", "", "9V", "3, 2", "", "", "必須", "", "", "", "0.5"]
    (item,) = read_items(as_csv([heads, row], "cp932"), "items.csv")
    assert item.id == "90100001"
    assert item.digits
    assert (item.digits.whole, item.digits.fraction) == (3, 2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no line has the heading"),
        ("あ,い\n1,2\n".encode(), "no line has the heading"),
        (b"\xff\xfe\x00", "line 1"),
        (changed(11, "文字"), "line 7: 宛名番号: データ型 is 文字"),
        (changed(11, ""), "データ型 is empty"),
        (changed(12, "たくさん"), "桁数 is たくさん"),
        (changed(12, ""), "桁数 is empty"),
        (changed(14, "many"), "繰り返し is many"),
        (changed(15, "ときどき"), "データ出力条件 is ときどき"),
        (changed(4, "Atena Bango"), "its romaji name is Atena Bango"),
        (changed(1, "31"), "its id is 31"),
        (changed(3, ""), "name or group is empty"),
        (changed(4, "kojinbango"), "kojinbango is there twice"),
        (changed(2, "2"), "03100002 is there twice"),
        (changed(11, "型", line=5), "the headings lack データ型"),
        (as_csv(lines()[:6]), "there is no item"),
    ],
)
def test_what_is_wrong_with_a_sheet_is_said_with_its_line(content: bytes, said: str) -> None:
    with pytest.raises(FaultyDefinition, match=said):
        read_items(content, "items.csv")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["", "", "1", "男"]], "line 2: a value stands above the first list"),
        ([["1", "性別", "1", "男"], ["", "", "1", "女"]], "line 3: list 1: 1 is there twice"),
        ([["1", "性別", "", "男"]], "a value is empty"),
        ([["1", "性別", "1", "男"], ["01", "性別", "1", "男"]], "list 1 is there twice"),
    ],
)
def test_what_is_wrong_with_lists_of_codes_is_said_with_its_line(rows: list[list[str]], said: str) -> None:
    with pytest.raises(FaultyDefinition, match=said):
        read_codes(as_csv([["コードID", "コード名", "コード値", "コード値の内容"], *rows]), "codes.csv")
