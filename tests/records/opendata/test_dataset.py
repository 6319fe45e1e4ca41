"""Every dataset that comes with the project can be used, and a faulty definition says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from yakuba.records.opendata import FaultyDataset, UnknownDataset, dataset, datasets

WANTED = {
    "public-facilities", "evacuation-sites", "events", "aed", "population", "childcare", "medical",
    "cultural-properties", "sightseeing", "wifi", "toilets", "procedures",
}  # fmt: skip
ABOUT = """
name: {ja: 表, easy: ひょう, en: Table}
theme: GOVE
versions: [{id: "1", provisional: false, source: x, licence: MIT}]
"""


def test_the_datasets_that_towns_publish_first_are_there_in_three_languages() -> None:
    assert set(datasets()) == WANTED
    assert all(one.name.easy and one.name.en for one in datasets().values())


def test_a_dataset_is_found_with_and_without_its_prefix_and_another_is_not() -> None:
    assert dataset("open-data/aed") is dataset("aed")
    with pytest.raises(UnknownDataset, match="no such dataset"):
        dataset("aeds")


def test_what_is_not_the_official_sheet_says_so() -> None:
    provisional = {(one.id, v.id) for one in datasets().values() for v in one.versions if v.provisional}
    assert provisional == {(name, "provisional") for name in WANTED - {"procedures"}}


def test_the_edition_is_the_one_whose_columns_a_file_has() -> None:
    old = ("NO", "名称", "住所", "緯度", "経度", "市区町村コード")
    assert dataset("evacuation-sites").fitting(old).id == "2021"
    assert dataset("evacuation-sites").fitting(("ID", "名称", "所在地_連結表記")).id == "provisional"


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("項目名,主キー,形式,必要,値\nA,○,words,,\n", "line 2: 形式 is words"),
        ("項目名,主キー,形式,必要,値\nA,○,list,,\n", "line 2: 値 stands where 形式 is list"),
        ("項目名,主キー,形式,必要,値\nA,,text,,\n", "no column is marked as 主キー"),
        ("項目名,主キー,形式,必要,値\nA,○,text,,\nA,,text,,\n", "A is there twice"),
        ("名,主キー,形式,必要,値\n", "the headings are 名"),
    ],
)
def test_a_faulty_sheet_says_what_is_wrong_and_where(tmp_path: Path, sheet: str, said: str) -> None:
    folder = tmp_path / "table"
    folder.mkdir()
    (folder / "dataset.yaml").write_text(ABOUT, "utf-8")
    (folder / "1.csv").write_text(sheet, "utf-8")
    with pytest.raises(FaultyDataset, match=said):
        datasets(tmp_path)
