"""Reading the published table: what is empty stays unknown, what is not understood is said, nothing is half read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.progress.disparity.made import AT, town, write, write_kaso
from yakuba.progress.disparity import mergers, table
from yakuba.progress.disparity.errors import BadTable, NoTable, OtherColumns
from yakuba.register.codes import checked, official


def test_an_empty_cell_is_unknown_and_a_nought_is_a_nought(tmp_path: Path) -> None:
    read = table.read(write(tmp_path, [town("A村", 900, aged=50.5, rpa=0, online32=0.25, 妊娠の届出=0)]))
    (only,) = read.towns
    assert (only.population, only.aged, only.money) == (900, 50.5, None)
    assert (only.values["rpa"], only.values["ai"], only.values["online32"]) == (0, None, 0.25)
    assert (only.use["妊娠の届出"], only.use["転出届"]) == (0, None)
    assert (read.published, only.kaso) == ("2024-07-12", None), (
        "without a list nobody knows who is depopulated"
    )


def test_the_list_of_depopulated_areas_beside_it_says_who_is_one(tmp_path: Path) -> None:
    write_kaso(tmp_path, {AT["A村"]: "全部過疎", AT["C市"]: "一部過疎"})
    read = table.read(write(tmp_path, [town("A村", 900), town("B町", 9_000), town("C市", 90_000)]))
    assert [one.kaso for one in read.towns] == ["all", "none", "part"]
    assert read.kaso_as_of == "2022-04-01"


def test_renamed_columns_are_named_with_what_they_may_be_called_now(tmp_path: Path) -> None:
    file = write(tmp_path, [town("A村", 900)], RPAの導入状況="RPA導入の状況", aged65_pct="elderly")
    with pytest.raises(OtherColumns) as refused:
        table.read(file)
    assert refused.value.missing == {"aged65_pct": "", "RPAの導入状況": "RPA導入の状況"}
    assert refused.value.unknown == ("elderly", "RPA導入の状況")
    for said in (refused.value.text.ja, refused.value.text.easy, refused.value.text.en):
        assert "RPAの導入状況 (→ RPA導入の状況 ?)" in said
        assert "elderly" in said


def test_the_year_of_the_population_may_change_and_a_new_column_is_only_named(tmp_path: Path) -> None:
    file = write(tmp_path, [town("A村", 900)], population_2025="population_2030", lg_code5="new_thing")
    read = table.read(file)
    assert (read.towns[0].population, read.unknown) == (900, ("new_thing",))


def test_a_table_saved_by_a_spreadsheet_in_cp932_is_read(tmp_path: Path) -> None:
    assert table.read(write(tmp_path, [town("A村", 900)], encoding="cp932")).towns[0].name == "A村"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (town("A村", 900, rpa=0.5), "line 2, column RPAの導入状況: “0.5”"),
        (town("A村", 900, online32="33%"), "“33%” is no number from 0 to 1"),
        (town("A村", 900, online32=33), "“33” is no number from 0 to 1"),
        (town("A村", 900, aged="nan"), "column aged65_pct: “nan”"),
        (
            town("A村", 900, code="011001", prefecture="北海道"),
            "line 2: 011001 has a wrong check digit. Is 011002",
        ),
    ],
)
def test_a_cell_that_is_not_what_its_column_says_is_refused_with_its_place(
    tmp_path: Path, row: dict[str, str], said: str
) -> None:
    with pytest.raises(BadTable, match="line 2") as refused:
        table.read(write(tmp_path, [row]))
    assert said in str(refused.value)


def test_a_town_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="011002 A村 twice"):
        table.read(write(tmp_path, [town("A村", 900), town("A村", 900)]))


def test_without_a_table_every_place_that_was_looked_at_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YAKUBA_PROGRESS_DATA", str(tmp_path))
    with pytest.raises(NoTable, match=str(tmp_path)):
        table.read()
    write(tmp_path, [town("A村", 900)])
    assert table.read().towns[0].name == "A村"


def test_a_table_that_changed_is_read_anew(tmp_path: Path) -> None:
    assert table.read(write(tmp_path, [town("A村", 900)])).towns[0].population == 900
    file = write(tmp_path, [town("A村", 901)])
    assert table.read(file).towns[0].population == 901


def test_an_empty_line_in_the_list_of_depopulated_areas_says_nothing_and_half_a_line_is_refused(
    tmp_path: Path,
) -> None:
    file = write(tmp_path, [town("A村", 900)])
    listed = write_kaso(tmp_path, {"011002": "全部過疎"})
    listed.write_text(listed.read_text("utf-8") + "\n\n,\n", "utf-8")
    assert table.read(file).towns[0].kaso == "all"
    listed.write_text("lg_code6,kaso_kind\n011002\n", "utf-8")
    with pytest.raises(BadTable, match="line 2"):
        table.read(file)


# -- mergers -----------------------------------------------------------------------------------------
def test_towns_that_merged_become_one_row_in_which_only_what_all_parts_say_is_known(tmp_path: Path) -> None:
    rows = [
        town("栃木市", 140_000, code="092037", prefecture="栃木県", aged=25, rpa=1, ai=1, online32=0.5),
        town("岩舟町", 20_000, code="093670", prefecture="栃木県", aged=33, rpa=0, ai=1, online32=0.5),
    ]
    read = table.read(write(tmp_path, rows))
    (only,) = read.towns
    assert (only.code, only.name, only.population, only.aged) == ("092037", "栃木市", 160_000, 26.0)
    assert (only.values["rpa"], only.values["ai"], only.values["online32"]) == (None, 1, 0.5)
    (merged,) = read.merged
    assert (merged.parts, merged.unknown) == (("栃木市", "岩舟町"), ("rpa",))
    assert read.town("093670") == only, "who asks for the old code is shown the town it is part of now"


def test_a_town_that_only_has_a_new_code_keeps_what_is_known_of_it(tmp_path: Path) -> None:
    rows = [town("富谷町", 50_000, code="044237", prefecture="宮城県", rpa=1)]
    (only,) = table.read(write(tmp_path, rows)).towns
    assert (only.code, only.name, only.values["rpa"]) == ("042161", "富谷市", 1)


def test_every_change_leads_from_a_code_that_is_no_more_to_one_that_is() -> None:
    for old, change in mergers.changes().items():
        assert checked(old) not in official()
        assert official()[mergers.now(old)][1] == change.new_name


def test_a_code_newer_than_our_list_is_kept_and_named(tmp_path: Path) -> None:
    read = table.read(write(tmp_path, [town("新市", 900, code="012998", prefecture="北海道")]))
    assert read.new_codes == ("012998",)
