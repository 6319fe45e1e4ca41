"""All definitions hold together; an official list stands before a provisional one; nothing faulty is kept."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from yakuba.records.standards import (
    ROOT,
    About,
    Definition,
    FaultyDefinition,
    bring_in,
    definition,
    definitions,
    load,
)
from yakuba.records.standards.library import NOT_WRITTEN

OFFICIAL = ROOT / "non-resident-numbers" / "2026-08"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the official definition, to be spoilt."""
    return Path(shutil.copytree(OFFICIAL, tmp_path / "numbers" / "1"))


def about(*, provisional: bool = False, published: date = date(2026, 8, 1)) -> About:
    name = {"ja": "番号"}
    return About(
        operation="031",
        name=name,
        published=published,
        provisional=provisional,
        source="test",
        licence="test",
    )


def lay(root: Path, version: str, kind: About, before: Definition | None = None) -> Definition:
    return bring_in(
        root,
        "numbers",
        version,
        kind,
        items=OFFICIAL / "items.csv",
        codes=OFFICIAL / "codes.csv",
        before=before,
    )


def required(**row: object) -> set[str]:
    """Which items a row must have."""
    program = load(OFFICIAL).requirements_of("住登外者宛名基本情報")
    values = program.run({"row": row}, as_of=date(2026, 11, 29)).values
    return {name.removeprefix("required.") for name, value in values.items() if value}


def test_every_definition_says_when_each_conditional_item_is_needed_or_why_that_is_untold() -> None:
    for versions in definitions().values():
        for one in versions:
            conditional = {item.id for item in one.items if item.output == "conditional"}
            assert set(one.requirements) == conditional


def test_conditions_over_a_row_say_what_it_must_have() -> None:
    assert required(daihyoatenafuragu=1, gyomuid="001") == {"nayosesakiatenabango", "gyomuid"}
    assert required(daihyoatenafuragu=0, dokujishisakushisutemunadoid="A01") == {
        "dokujishisakushisutemunadoid"
    }


def test_an_official_list_stands_before_a_provisional_one_that_is_newer(tmp_path: Path) -> None:
    lay(tmp_path, "guess", about(provisional=True, published=date(2026, 11, 1)))
    lay(tmp_path, "4.0", about(published=date(2026, 4, 1)))
    lay(tmp_path, "5.0", about(published=date(2027, 4, 1)))
    assert definition("numbers", tmp_path).version == "5.0"
    assert definition("numbers", tmp_path, as_of=date(2026, 11, 29)).version == "4.0"
    with pytest.raises(KeyError, match="numbers"):
        definition("numbers", tmp_path, as_of=date(2026, 1, 1))


def test_what_is_known_of_conditions_is_taken_over_and_the_rest_waits_to_be_written(tmp_path: Path) -> None:
    fresh = lay(tmp_path, "1", about())
    assert {one.untold for one in fresh.requirements.values()} == {NOT_WRITTEN}
    made = lay(tmp_path, "2", about(), before=load(OFFICIAL))
    assert made.requirements == load(OFFICIAL).requirements
    assert (tmp_path / "numbers" / "2" / "items.csv").read_bytes() == (OFFICIAL / "items.csv").read_bytes()


def test_a_version_is_never_written_over(tmp_path: Path) -> None:
    lay(tmp_path, "1", about())
    with pytest.raises(FaultyDefinition, match="is there already"):
        lay(tmp_path, "1", about())
    with pytest.raises(FaultyDefinition, match="is no name of a folder"):
        lay(tmp_path, "../1", about())


def test_of_a_faulty_sheet_nothing_stays(tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.csv"
    faulty.write_text("項目,型\n氏名,X\n", "utf-8")
    wrong = about().model_copy(update={"operation": "001"})
    for items, kind in ((faulty, about()), (OFFICIAL / "items.csv", wrong)):
        with pytest.raises(FaultyDefinition):
            bring_in(tmp_path / "into", "numbers", "1", kind, items=items, codes=None, before=None)
    assert not list((tmp_path / "into").glob("*/*"))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("conditions.yaml", '"03100026"', '"03100027"', "03100026 is 条件付き必須 in the sheet or"),
        ("conditions.yaml", "row.gyomuid is", "row.gyomu is", "row.gyomu"),
        (
            "conditions.yaml",
            "row.daihyoatenafuragu = 1",
            "row.daihyoatenafuragu = '1'",
            "puts int and text together",
        ),
        ("conditions.yaml", "when:", "whenever:", "whenever"),
        ("conditions.yaml", "{when: row.gyomuid is null}", "{}", "write either when: or untold:"),
        ("about.yaml", 'operation: "031"', 'operation: "032"', "03100001 is no item of 032"),
        ("about.yaml", "provisional: false", "", "provisional"),
        ("codes.csv", "1,性別", "7,性別", "has list 1, which codes.csv lacks"),
        ("items.csv", "○,,住登外者", ",,住登外者", "has no 主キー"),
    ],
)
def test_what_does_not_fit_together_is_said(folder: Path, file: str, old: str, new: str, said: str) -> None:
    path = folder / file
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, new), "utf-8")
    with pytest.raises(FaultyDefinition, match=said):
        load(folder)


def test_a_version_without_a_sheet_is_said(folder: Path) -> None:
    (folder / "items.csv").unlink()
    with pytest.raises(FaultyDefinition, match=r"no items\.csv"):
        load(folder)
