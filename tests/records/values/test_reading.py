import csv
import io
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from yakuba.records.values.encodings import Refused
from yakuba.records.values.reading import Csv, Excel, Fixed, Held, Row, read

SAME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
FIXED = Fixed(("番号", "氏名", "生年月日"), (5, 10, 7))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "old"


def rows(
    file: Path, content: bytes | str, layout: Csv | Fixed | Excel | None = None, encoding: str = ""
) -> list[Row | Held]:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    reading = read(file, layout or Csv(), encoding)
    found = list(reading)
    assert reading.rows == reading.good + reading.held == len(found)
    return found


def held(found: list[Row | Held]) -> Held:
    [only] = [row for row in found if isinstance(row, Held)]
    return only


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp932", "shift_jis", "euc_jp", "utf-16", "utf-16-le"]
)
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_csv_file_gives_the_same_rows_in_every_encoding(file: Path, encoding: str, end: str) -> None:
    text = f'番号,氏名{end}1,山田　太郎{end}2,"鈴木, ""花子"""{end}'
    found = rows(file, text.encode(encoding), encoding=encoding)
    assert found == [Row(2, ("1", "山田　太郎")), Row(3, ("2", '鈴木, "花子"'))]


def test_a_quoted_cell_may_have_several_lines(file: Path) -> None:
    assert rows(file, 'id,備考\n1,"上\n下"\n2,次\n') == [Row(2, ("1", "上\n下")), Row(4, ("2", "次"))]


def test_the_mark_of_dos_at_the_end_and_empty_lines_are_no_rows(file: Path) -> None:
    assert rows(file, "id,a\n1,x\n\n\x1a") == [Row(2, ("1", "x"))]


def test_a_last_line_that_was_cut_off_is_held(file: Path) -> None:
    wrong = held(rows(file, "id,氏名,住所\n1,山田,町\n2,鈴"))
    assert (wrong.line, wrong.column) == (3, 3)
    assert "切れて" in wrong.text.ja


def test_a_file_that_was_cut_off_inside_of_a_quoted_cell_holds_its_last_row(file: Path) -> None:
    wrong = held(rows(file, 'id,氏名\n1,山田\n2,"鈴'))
    assert wrong.line == 3
    assert "引用符" in wrong.text.ja


def test_a_quotation_mark_that_is_never_closed_holds_its_line_and_no_other(file: Path) -> None:
    found = rows(file, 'id,寸法\n1,"5\n' + "2,x\n" * 300)
    assert held(found).line == 2
    assert len(found) == 301


def test_two_stray_quotation_marks_do_not_swallow_the_lines_between_them(file: Path) -> None:
    found = rows(file, 'id,寸法\n1,5" の板\n2,x\n3,7" の板\n4,y\n')
    assert [row.line for row in found] == [2, 3, 4, 5]
    assert Row(3, ("2", "x")) in found
    assert Row(5, ("4", "y")) in found


def test_a_row_with_too_many_cells_is_held(file: Path) -> None:
    assert held(rows(file, "id,a\n1,2,3\n")).column == 3


def test_heads_that_come_again_are_held(file: Path) -> None:
    assert "見出し" in held(rows(file, "id,a\n1,x\nid,a\n2,y\n")).text.ja


@pytest.mark.parametrize(("heads", "column"), [("氏名,,住所,", 2), ("氏名,氏名", 2)])
def test_heads_that_are_empty_or_twice_refuse_the_file_with_the_place(
    file: Path, heads: str, column: int
) -> None:
    with pytest.raises(Refused) as refused:
        rows(file, f"{heads}\n姓,名,県,市\n")
    assert (refused.value.line, refused.value.column) == (1, column)


def test_a_nul_byte_holds_its_row_with_the_column(file: Path) -> None:
    wrong = held(rows(file, "id,氏名\n1,山\x00田\n"))
    assert (wrong.line, wrong.column) == (2, 2)
    assert "「氏名」" in wrong.text.ja


def test_a_nul_among_the_heads_refuses_the_file_with_the_column(file: Path) -> None:
    with pytest.raises(Refused) as refused:
        rows(file, "id,氏\x00名\n1,山田\n")
    assert (refused.value.line, refused.value.column) == (1, 2)


def test_a_line_in_another_encoding_than_declared_is_held_and_the_other_one_named(file: Path) -> None:
    content = "id,氏名\n1,髙橋\n".encode("cp932") + "2,髙橋\n".encode() + "3,山\n".encode("cp932")
    found = rows(file, content, encoding="cp932")
    assert held(found).line == 3
    assert "UTF-8" in held(found).text.ja
    assert len(found) == 3


def test_a_line_in_utf8_that_cp932_could_read_as_something_else_is_held(file: Path) -> None:
    content = "id,氏名\n1,髙橋\n".encode("cp932") + "2,氏名\n".encode()
    wrong = held(rows(file, content))
    assert wrong.line == 3
    assert "UTF-8" in wrong.text.ja


def test_a_character_that_was_cut_in_two_holds_its_line(file: Path) -> None:
    found = rows(file, "id,氏名\n1,山\n2,山".encode("cp932")[:-1], encoding="cp932")
    assert held(found).line == 3


@pytest.mark.parametrize("byte", [b"\x80", b"\xa0", b"\xfd", b"\xff"])
def test_bytes_that_python_takes_for_cp932_and_nobody_else_are_held(file: Path, byte: bytes) -> None:
    assert held(rows(file, b"id,a\n1," + byte + b"\n", encoding="cp932")).line == 2


def test_cells_that_a_spreadsheet_would_compute_are_told(file: Path) -> None:
    found = rows(file, "id,a,b\n1,=1+1,-500\n2,x,@SUM(A1)\n")
    assert [row.formulas for row in found if isinstance(row, Row)] == [(2,), (3,)]


def test_an_empty_file_is_refused(file: Path) -> None:
    with pytest.raises(Refused, match="empty"):
        rows(file, b"")


def test_broken_utf16_is_refused_with_the_line(file: Path) -> None:
    with pytest.raises(Refused) as refused:
        rows(file, "id,a\n1,山\n".encode("utf-16") + b"\x00\xdc\x41", encoding="utf-16")
    assert refused.value.line


def test_tabs_part_cells_where_declared(file: Path) -> None:
    assert rows(file, "id\ta\n1\tx,y\n", Csv("\t")) == [Row(2, ("1", "x,y"))]


# -- fixed width ----------------------------------------------------------------------------------
def fixed(name: str, born: str = "3550102") -> bytes:
    return b"00001" + name.encode("cp932").ljust(10) + born.encode()


def test_fixed_widths_count_bytes_as_old_systems_do(file: Path) -> None:
    content = fixed("山田　太郎") + b"\r\n" + fixed("ｽｽﾞｷ") + b"\r\n\x1a"
    assert rows(file, content, FIXED, "cp932") == [
        Row(1, ("00001", "山田　太郎", "3550102")),
        Row(2, ("00001", "ｽｽﾞｷ", "3550102")),
    ]


def test_records_may_follow_each_other_without_line_ends(file: Path) -> None:
    layout = Fixed(FIXED.heads, FIXED.widths, lines=False)
    found = rows(file, fixed("山田") + fixed("鈴木") + fixed("佐藤")[:9], layout, "cp932")
    assert [row.cells[1] for row in found if isinstance(row, Row)] == ["山田", "鈴木"]
    assert "9バイト" in held(found).text.ja


def test_the_mark_of_utf8_is_no_part_of_the_first_record(file: Path) -> None:
    for end in ("\n", ""):
        content = f"01山田{end}02鈴木{end}".encode("utf-8-sig")
        assert rows(file, content, Fixed(("番号", "氏名"), (2, 6), lines=bool(end))) == [
            Row(1, ("01", "山田")),
            Row(2, ("02", "鈴木")),
        ]


def test_a_character_that_crosses_the_end_of_its_field_is_held_with_the_field(file: Path) -> None:
    content = b"00001" + ("a" + "山" * 5).encode("cp932")[:10] + b"3550102"
    wrong = held(rows(file, content, FIXED, "cp932"))
    assert (wrong.line, wrong.column) == (1, 2)


def test_fixed_width_in_utf16_is_refused(file: Path) -> None:
    with pytest.raises(Refused, match="UTF-16"):
        rows(file, "山".encode("utf-16"), FIXED)


# -- Excel ----------------------------------------------------------------------------------------
def workbook(*lines: list[object], merged: str = "") -> bytes:
    book, written = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    if merged:
        book.active.merge_cells(merged)
    book.save(written)
    return written.getvalue()


def test_a_workbook_gives_texts_days_and_numbers_as_texts(file: Path) -> None:
    content = workbook(
        ["番号", "日", "時"], [1, date(2024, 5, 1), datetime(2024, 5, 1, 9, 5)], [2.5, "x", time(9, 5)]
    )
    found = rows(file, content, Excel())
    assert found == [
        Row(2, ("1", "2024/05/01", "2024-05-01 09:05:00")),
        Row(3, ("2.5", "x", "09:05:00")),
    ]


def test_short_rows_of_a_workbook_are_filled_and_empty_ones_left_out(file: Path) -> None:
    assert rows(file, workbook(["a", "b"], ["x"], [], ["y", "z"]), Excel()) == [
        Row(2, ("x", "")),
        Row(4, ("y", "z")),
    ]


def test_merged_cells_refuse_the_workbook_with_the_place(file: Path) -> None:
    with pytest.raises(Refused) as refused:
        rows(file, workbook(["氏名", "住所"], ["山田", "町"], ["", "町"], merged="A2:A3"), Excel())
    assert "A2:A3" in refused.value.text.ja


def test_several_header_lines_refuse_the_workbook_with_the_place(file: Path) -> None:
    with pytest.raises(Refused) as refused:
        rows(file, workbook(["氏名", None, "住所"], ["姓", "名", "県"]), Excel())
    assert (refused.value.line, refused.value.column) == (1, 2)


def test_a_number_of_more_digits_than_excel_keeps_is_held(file: Path) -> None:
    wrong = held(rows(file, workbook(["番号"], [1234567890123456789], [1]), Excel()))
    assert (wrong.line, wrong.column) == (2, 1)


def test_an_error_of_a_formula_is_held(file: Path) -> None:
    assert "#REF!" in held(rows(file, workbook(["a"], ["#REF!"]), Excel())).text.ja


@pytest.mark.parametrize("cut", [100, 2000, -30])
def test_a_workbook_that_was_cut_off_is_refused(file: Path, cut: int) -> None:
    with pytest.raises(Refused, match="xlsx"):
        rows(file, workbook(["a"], *([str(number)] for number in range(500)))[:cut], Excel())


# -- anything -------------------------------------------------------------------------------------
@SAME
@given(st.binary(max_size=80), st.sampled_from(["", "utf-8", "cp932", "euc_jp", "shift_jis", "utf-16-le"]))
def test_any_bytes_are_rows_or_refused(file: Path, content: bytes, encoding: str) -> None:
    for layout in (Csv(), Fixed(("a", "b"), (2, 3)), Fixed(("a",), (4,), lines=False), Excel()):
        with suppress(Refused):
            rows(file, content, layout, encoding)


CELLS = st.text(st.sampled_from('山ｱ ",\n=あ1'), max_size=6)


@SAME
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), st.sampled_from(["utf-8", "cp932", "utf-16"])
)
def test_what_csv_writes_is_read_again(file: Path, table: list[tuple[str, str]], encoding: str) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("番", "号"), *table])
    found = rows(file, text.getvalue().encode(encoding), encoding=encoding)
    assert [row.cells for row in found if isinstance(row, Row)] == table
