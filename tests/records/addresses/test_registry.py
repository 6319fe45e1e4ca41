"""The national address base: CSV files of the 町字マスター, kept in a folder."""

from datetime import date
from pathlib import Path

import pytest

from yakuba.records.addresses import FaultyBase, Gazetteer, normalise, read_base, read_registry, write_base

HEADS = "lg_code,machiaza_id,pref,county,city,ward,oaza_cho,chome,chome_number,koaza,koaza_aka_code,ablt_date"
ROWS = """131016,0001001,東京都,,千代田区,,外神田,一丁目,1,,0,
131016,0001002,東京都,,千代田区,,外神田,二丁目,2,,0,
131016,0002000,東京都,,千代田区,,旧町,,,,0,2020-03-31
131016,0003000,東京都,,千代田区,,大字谷,,,山下,0,
261041,0004000,京都府,,京都市,中京区,上本能寺前町,,,寺町通御池上る,2,"""
TODAY = date(2026, 11, 29)


def file_of(folder: Path, text: str) -> Path:
    file = folder / "mt_town_all.csv"
    file.write_text(text, encoding="utf-8-sig")
    return file


def test_a_base_that_was_loaded_is_the_same_from_its_folder(tmp_path: Path) -> None:
    base = read_registry([file_of(tmp_path, f"{HEADS}\n{ROWS}\n")], "test", as_of=TODAY)
    write_base(base, tmp_path / "base")
    assert read_base(tmp_path / "base") == base


def test_only_chome_that_the_base_lists_are_taken_for_one(tmp_path: Path) -> None:
    base = read_registry([file_of(tmp_path, f"{HEADS}\n{ROWS}\n")], "test", as_of=TODAY)
    second, third = (normalise(f"千代田区外神田{n}-5", Gazetteer(base)) for n in (2, 3))
    assert (second.chome, second.block) == (2, "5")
    assert (third.chome, third.block, third.number) == (None, "3", "5")


def test_towns_that_are_gone_are_left_out_and_smaller_places_are_known(tmp_path: Path) -> None:
    gazetteer = Gazetteer(read_registry([file_of(tmp_path, f"{HEADS}\n{ROWS}\n")], "test", as_of=TODAY))
    assert normalise("千代田区旧町1", gazetteer).unfound == "town"
    assert normalise("千代田区谷字山下1", gazetteer).town == "大字谷山下"
    street = normalise("京都市中京区寺町通御池上る上本能寺前町488", gazetteer)
    assert (street.street, street.town) == ("寺町通御池上る", "上本能寺前町")


@pytest.mark.parametrize(
    ("text", "says"),
    [("a,b\n1,2\n", "no column lg_code"), (f"{HEADS}\n131017,1,東京都,,千代田区,,外神田,,,,,\n", "131016")],
)
def test_a_file_that_is_no_base_is_refused_with_its_reason(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(FaultyBase, match=says):
        read_registry([file_of(tmp_path, text)], "test", as_of=TODAY)


def test_a_folder_without_a_base_has_none_and_a_broken_one_says_so(tmp_path: Path) -> None:
    assert read_base(tmp_path) is None
    (tmp_path / "towns.tsv").write_text("test\nbroken\n", encoding="utf-8")
    with pytest.raises(FaultyBase, match="broken"):
        read_base(tmp_path)
