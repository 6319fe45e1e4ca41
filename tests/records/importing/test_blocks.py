"""A file by columns gives the same rows as one row by row."""

from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.records.importing import blocks
from yakuba.records.importing.blocks import Reading, read_blocks
from yakuba.records.values.encodings import Refused
from yakuba.records.values.reading import Csv, Excel, Fixed, Held, Row, read

HEADS = "番号,氏名,カナ"


def rows_of(reading: Reading) -> list[tuple[int, tuple[str, ...]]]:
    some = list(reading.blocks)
    return [
        (int(line), cells)
        for block in some
        for line, cells in zip(
            block.lines,
            zip(*(block.columns.column(n).to_pylist() for n in range(len(reading.heads))), strict=True),
            strict=True,
        )
    ]


def written(folder: Path, content: bytes) -> Path:
    path = folder / "old.csv"
    path.write_bytes(content)
    return path


def both(path: Path, encoding: str) -> tuple[list[tuple[int, tuple[str, ...]]], set[int]]:
    """The rows by columns and the lines that are held, after a look that row by row gives the same."""
    reading = read_blocks(path, Csv(), encoding)
    some = list(reading.blocks)
    quick = sorted(
        chain.from_iterable(rows_of(Reading(reading.decision, reading.heads, iter([one]))) for one in some)
    )
    held = {one.line: one.text.ja for block in some for one, _ in block.held}
    slow = list(read(path, Csv(), encoding))
    assert quick == [(row.line, row.cells) for row in slow if isinstance(row, Row)]
    assert held == {row.line: row.text.ja for row in slow if isinstance(row, Held)}
    return quick, set(held)


def test_strange_lines_are_held_and_the_lines_around_them_are_read(tmp_path: Path) -> None:
    lines = [
        HEADS.encode("cp932"), "1,見本　花子,ﾐﾎﾝ".encode("cp932"), b"2,cut off", "3,\0,ｶﾅ".encode("cp932"),
        "4,見本,ｶﾅ,too many".encode("cp932"), "5,氏名,カナ".encode(), HEADS.encode("cp932"), b"", b"6,\x82\xff,x",
        b'7,"a,b",c', b'8,a"b"c,d', "9,見本,ﾐﾎﾝ".encode("cp932"),
    ]  # fmt: skip
    rows, held = both(written(tmp_path, b"\r\n".join(lines)), "CP932")
    assert [line for line, _ in rows] == [2, 10, 11, 12]
    assert held == {3, 4, 5, 6, 7, 9}


def test_a_held_line_is_given_as_it_came(tmp_path: Path) -> None:
    reading = read_blocks(written(tmp_path, f"{HEADS}\n1,見本".encode("cp932")), Csv(), "CP932")
    [(held, text)] = chain.from_iterable(block.held for block in reading.blocks)
    assert (held.line, text) == (2, "1,見本")


def test_a_cell_over_several_lines_is_one_cell(tmp_path: Path) -> None:
    rows, held = both(written(tmp_path, f'{HEADS}\n1,"見本\n花子",カナ\n2,a,b\n'.encode()), "UTF-8")
    assert rows == [(2, ("1", "見本\n花子", "カナ")), (4, ("2", "a", "b"))]
    assert not held


def test_blocks_end_at_line_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "SIZE", 40)
    path = written(
        tmp_path, "\r\n".join([HEADS, *(f"{n},見本　花子,ﾐﾎﾝ" for n in range(50))]).encode("cp932")
    )
    rows, held = both(path, "CP932")
    assert [cells[0] for _, cells in rows] == [str(n) for n in range(50)]
    assert not held


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "EUC-JP", "Shift_JIS", "ISO-2022-JP"])
def test_all_encodings_give_the_same_rows(tmp_path: Path, encoding: str) -> None:
    rows, held = both(written(tmp_path, f"{HEADS}\n1,見本,カナ\n".encode(encoding)), encoding)
    assert rows == [(2, ("1", "見本", "カナ"))]
    assert not held


def test_fixed_width_and_its_cells_as_they_came(tmp_path: Path) -> None:
    layout = Fixed(("番号", "氏名"), (3, 8))
    path = written(tmp_path, "001見本花子\r\n002見本\r\n".encode("cp932"))
    reading = read_blocks(path, layout, "CP932")
    assert rows_of(reading) == [(1, ("001", "見本花子"))]
    assert list(blocks.given(path, layout, reading, {1})) == [(1, {"番号": "001", "氏名": "見本花子"})]


def test_the_cells_of_some_rows_as_they_came(tmp_path: Path) -> None:
    path = written(tmp_path, f'{HEADS}\n1,"a,b",c\n2,d,e\n'.encode())
    reading = read_blocks(path, Csv(), "UTF-8")
    assert dict(blocks.given(path, Csv(), reading, {2})) == {2: {"番号": "1", "氏名": "a,b", "カナ": "c"}}


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        read_blocks(written(tmp_path, b"PK no"), Excel())


CELLS = st.text(st.sampled_from('aア山ｱ\u3000,"\r\n\0\x1a 〜'), max_size=5)


@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=4).map(",".join), max_size=8),
    st.sampled_from(["UTF-8", "CP932", "EUC-JP"]),
)
def test_whatever_stands_in_a_file_both_ways_read_the_same(lines: list[str], encoding: str) -> None:
    content = "\n".join([HEADS, *lines]).encode(encoding, "replace")
    with TemporaryDirectory() as folder:
        path = written(Path(folder), content)
        both(path, encoding)
