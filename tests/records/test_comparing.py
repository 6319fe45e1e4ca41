"""Old and new are compared item by item: every row of both is accounted for."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yakuba.records import telling
from yakuba.records.comparing import compare
from yakuba.records.standards import ROOT, load
from yakuba.records.values.encodings import Refused

GROUP = "住登外者宛名基本情報"
DEFINITION = load(ROOT / "non-resident-numbers" / "2026-08")
NAMES = [item.romaji for item in DEFINITION.items]


def write(folder: Path, name: str, rows: list[dict[str, str]]) -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, NAMES, restval="")
        out.writeheader()
        out.writerows(rows)
    return path


@pytest.fixture
def files(tmp_path: Path) -> Callable[[list[dict[str, str]], list[dict[str, str]]], tuple[Path, Path]]:
    return lambda old, new: (write(tmp_path, "old.csv", old), write(tmp_path, "new.csv", new))


def test_what_both_say_alike_is_the_same_whatever_its_order(files) -> None:
    one, two = {"atenabango": "1", "shimei": "見本"}, {"atenabango": "2"}
    found = compare(*files([one, two], [two, one]), DEFINITION, GROUP)
    assert found.equal
    assert (found.old, found.new, found.same) == (2, 2, 2)


def test_each_item_that_differs_is_shown_with_both_values(files) -> None:
    old = [{"atenabango": "1", "shimei": "髙橋", "seibetsu": "1", "kojinbango": "123456789018"}]
    new = [{"atenabango": "1", "shimei": "高橋", "seibetsu": "", "kojinbango": "123456789019"}]
    found = compare(*files(old, new), DEFINITION, GROUP)
    assert found.items == {"個人番号": 1, "氏名": 1, "性別": 1}
    assert {(one.item.romaji, one.old, one.new) for one in found.changes} == {
        ("shimei", "髙橋", "高橋"),
        ("seibetsu", "1", None),
        ("kojinbango", None, None),  # a My Number is never shown
    }
    assert {one.key for one in found.changes} == {("1",)}


def test_rows_that_only_one_has_and_keys_that_stand_twice_are_named(files) -> None:
    old = [{"atenabango": one} for one in ("1", "2", "3", "3")]
    new = [{"atenabango": one} for one in ("2", "3", "4")]
    found = compare(*files(old, new), DEFINITION, GROUP)
    assert (found.same, found.lost, found.come) == (1, [("1",)], [("4",)])
    assert (found.twice_old, found.twice_new) == (2, 1)


def test_a_file_that_cannot_be_read_is_refused(files, tmp_path: Path) -> None:
    old, _ = files([{"atenabango": "1"}], [])
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    with pytest.raises(Refused, match="headings"):
        compare(old, empty, DEFINITION, GROUP)


ROWS = st.lists(
    st.fixed_dictionaries(
        {"atenabango": st.sampled_from(["", "1", "2", "3"]), "seibetsu": st.sampled_from("12")}
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS)
def test_every_row_of_both_is_accounted_for(tmp_path_factory, old, new) -> None:
    folder = tmp_path_factory.mktemp("compared")
    found = compare(write(folder, "old.csv", old), write(folder, "new.csv", new), DEFINITION, GROUP)
    assert found.old == len(old) == found.same + found.changed + found.only_old + found.twice_old
    assert found.new == len(new) == found.same + found.changed + found.only_new + found.twice_new
    alike = sorted(sorted(one.items()) for one in old) == sorted(sorted(one.items()) for one in new)
    assert found.equal == (alike and not found.twice_old)


def test_a_comparison_is_told_in_the_readers_language(files) -> None:
    old = [{"atenabango": one} for one in ("1", "2", "3", "3")]
    new = [{"atenabango": "2", "seibetsu": "1"}, {"atenabango": "4"}]
    found = compare(*files(old, new), DEFINITION, GROUP)
    assert telling.comparison_text(found, "ja").splitlines() == [
        f"{GROUP}：旧 4行 = 同じ 0 + 違う 1 + 新にない 1 + 主キーが重なる 2。新 2行のうち、旧にない 1、主キーが重なる 0",
        "  性別: 1",
        "  2 性別:  → 1",
        "  1：新にない",
        "  4：旧にない",
    ]
    assert "  1: not in new" in telling.comparison_text(found, "en")
    told = telling.comparison_json(found)
    assert (told["lost"], told["come"], told["equal"]) == ([["1"]], [["4"]], False)
