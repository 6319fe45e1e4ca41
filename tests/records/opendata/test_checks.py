"""A file of any town is held to a dataset: what is wrong, where, and how to mend it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from yakuba.records.opendata import dataset, datasets
from yakuba.records.opendata.checks import _SHAPES, _municipality, check
from yakuba.register import codes
from yakuba.words import LANGUAGES, ui_words

SITE = {
    "全国地方公共団体コード": "011002",
    "ID": "1",
    "名称": "中央小学校",
    "緯度": "43.06",
    "経度": "141.35",
}
Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """`written({"緯度": "x"}, {})`: a file of evacuation sites with a row each, right but for what is given."""

    def write(*rows: dict[str, str], encoding: str = "utf-8-sig") -> Path:
        path = tmp_path / "sites.csv"
        heads = list(dict.fromkeys([*SITE, *(name for row in rows for name in row)]))
        with path.open("w", encoding=encoding, newline="") as file:
            out = csv.DictWriter(file, heads)
            out.writeheader()
            for number, row in enumerate(rows, start=1):
                out.writerow({**SITE, "ID": str(number), **row})
        return path

    return write


def faults(path: Path, name: str = "evacuation-sites") -> list[tuple[int, str, str]]:
    _, report = check(path, dataset(name))
    assert report.refused is None, report.refused
    return [(one.row, one.item.name, one.kind) for one in report.findings]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp"])
def test_a_right_file_conforms_in_any_usual_encoding(written: Written, encoding: str) -> None:
    _, report = check(
        written({"名称_カナ": "チュウオウショウガッコウ", "名称": "中央小学校体育館"}, encoding=encoding),
        dataset("evacuation-sites"),
    )
    assert report.conforms
    assert (report.rows, report.accepted, report.held) == (1, 1, 0)


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("全国地方公共団体コード", "11002", "municipality"),
        ("全国地方公共団体コード", "011003", "municipality"),
        ("全国地方公共団体コード", "480002", "municipality"),
        ("名称", "", "required"),
        ("名称_カナ", "中央", "kana"),
        ("緯度", "141.35", "latitude"),
        ("緯度", "43度", "latitude"),
        ("経度", "43.06", "longitude"),
        ("経度", "", "pair"),
        ("電話番号", "011-211-2111 (内線2)", "phone"),
        ("郵便番号", "060-861", "postal-code"),
        ("URL", "www.example.jp", "url"),
        ("連絡先メールアドレス", "a@b", "email"),
        ("災害種別_洪水", "0", "flag"),
        ("町字ID", "12", "town-id"),
        ("標高", "12m", "number"),
        ("備考", "=1+1", "formula"),
        ("備考", "@SUM(A1)", "formula"),
    ],
)
def test_a_wrong_cell_is_found_and_its_row_held(written: Written, column: str, value: str, kind: str) -> None:
    assert faults(written({column: value}, {})) == [(1, column, kind)]


@pytest.mark.parametrize(
    ("name", "row", "kind"),
    [
        ("events", {"イベント名": "祭", "開始日": "2026-02-30"}, "date"),
        ("events", {"イベント名": "祭", "開始日": "2026-02-03", "開始時間": "9:00"}, "time"),
        ("events", {"イベント名": "祭", "開始日": "2026-02-03", "定員": "約30"}, "integer"),
        ("childcare", {"名称": "園", "種別": "保育園"}, "list"),
        ("aed", {"名称": "館", "設置位置": "1階", "法人番号": "7000012050003"}, "corporate-number"),
        ("procedures", {"手続ID": "a", "手続名": "b", "年月": "2026-13", "件数": "1"}, "month"),
        ("procedures", {"手続ID": "a", "手続名": "b", "年月": "2026-12", "件数": "x"}, "count"),
    ],
)
def test_each_dataset_has_its_own_kinds_of_cells(
    tmp_path: Path, name: str, row: dict[str, str], kind: str
) -> None:
    path = tmp_path / "x.csv"
    full = {"全国地方公共団体コード": "011002", **({} if name == "procedures" else {"ID": "1"}), **row}
    path.write_text(",".join(full) + "\n" + ",".join(full.values()) + "\n", "utf-8")
    assert [found for _, _, found in faults(path, name)] == [kind]


def test_two_rows_with_one_id_are_both_held(written: Written) -> None:
    assert faults(written({"ID": "7"}, {}, {"ID": "7"})) == [(1, "ID", "twice"), (3, "ID", "twice")]


def test_a_column_of_the_town_holds_no_row_and_is_told(written: Written) -> None:
    _, report = check(written({"町の列": "a"}), dataset("evacuation-sites"))
    assert report.conforms
    assert [one.item.name for one in report.findings] == ["町の列"]
    assert "left out when the file is published" in report.findings[0].text.en


def test_a_heading_that_is_nearly_right_is_asked_about(written: Written) -> None:
    _, report = check(written({"電話番": "011-211-2111"}), dataset("evacuation-sites"))
    assert [one.text.ja for one in report.findings] == [
        "このデータセットにない列です。「電話番号」の書き違いなら直してください。"
    ]


def test_a_file_without_a_required_column_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("全国地方公共団体コード,ID\n011002,1\n", "utf-8")
    _, report = check(path, dataset("evacuation-sites"))
    assert report.refused is not None
    assert "名称" in report.refused.ja


@pytest.mark.parametrize("content", [b"", b"ID\n\x00\n", "名称,ID\n".encode() + "山\n".encode("cp932")])
def test_a_file_that_cannot_be_read_is_refused_in_three_languages(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    _, report = check(path, dataset("aed"))
    assert report.refused is not None
    assert all(report.refused.get(language) for language in LANGUAGES)


def test_every_kind_of_fault_has_words() -> None:
    kinds = {
        *_SHAPES,
        "list",
        "date",
        "municipality",
        "corporate-number",
        "latitude",
        "longitude",
        "pair",
        "twice",
    }
    assert {f"opendata.wrong.{one.replace('-', '_')}" for one in kinds} <= set(ui_words())


def test_a_code_with_one_wrong_digit_is_never_taken_unless_its_check_digit_fits_by_chance() -> None:
    known = sorted(codes.official())
    wrong = [f"{code[:4]}{(int(code[4]) + 1) % 10}{code[5]}" for code in known]
    with duckdb.connect() as con:
        rows = con.execute(
            f"select {_municipality('a')}, {_municipality('b')} from (select unnest(?) a, unnest(?) b)",
            [known, wrong],
        ).fetchall()
    assert all(right for right, _ in rows)
    assert [taken for _, taken in rows] == [codes.check_digit(one) == one[5] for one in wrong]


def test_every_edition_takes_a_file_of_its_own_columns(tmp_path: Path) -> None:
    for one in datasets().values():
        for version in one.versions:
            path = tmp_path / "x.csv"
            path.write_text(",".join(f'"{head}"' for head in version.heads) + "\n", "utf-8")
            held_to, report = check(path, one)
            assert (held_to.id, report.conforms, report.absent) == (version.id, True, ())
