"""The legacy sample: it is what its generator writes, its errors are the ones that are told, and all else is clean."""

import csv
import json
from collections import Counter, defaultdict
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from yakuba.records import checking
from yakuba.records.importing.mapping import Known, OldFile, mappings
from yakuba.records.importing.ways import Tables, Way, way
from yakuba.records.standards import definition
from yakuba.records.values.characters import read_map
from yakuba.records.values.reading import Held, read
from yakuba.simulators.old_systems import files, kinds, planting
from yakuba.simulators.old_systems.__main__ import contents, spoilt
from yakuba.simulators.old_systems.town import AS_OF

SAMPLE = Path(__file__).parents[2] / "examples" / "legacy"
BY_ROW = {"nul_byte", "cut_off", "too_many_cells", "heads_again", "other_encoding"}
BY_CELL = {"no_such_day", "no_era", "my_number", "unknown_code", "lost_zeros", "unknown_character", "no_town"}
"""Kinds that the text of one cell shows; the others are seen by whoever knows the item, the row or the other rows."""


@cache
def truth():
    return json.loads((SAMPLE / "planted.json").read_text("utf-8"))


@cache
def sample() -> planting.Planting:
    """The sample as it is generated."""
    return spoilt(1, 4000)


def old_files() -> list[files.OldFile]:
    return list(sample().files.values())


@cache
def known() -> list[Known]:
    return mappings([SAMPLE], definition)


def mapped(name: str) -> tuple[Known, OldFile]:
    return next((one, file) for one in known() if (file := one.mapping.file(name)))


def ways(known: Known, file: OldFile) -> dict[str, Way]:
    mapping, folder = known.mapping, known.folder
    table = read_map((folder / mapping.characters).open(encoding="utf-8")) if mapping.characters else {}
    tables = Tables(table, folder / mapping.addresses if mapping.addresses else None, AS_OF)
    items = {one.romaji: one for one in definition(mapping.standard).groups()[file.group]}
    return {name: way(made, items[name], tables) for name, made in file.items.items() if made.columns}


def seen(name: str) -> dict[int, tuple[str, dict[str, str | None]]]:
    """Each line of a file with what becomes of its row, looked at alone, and the values that it gives."""
    known, file = mapped(name)
    reading, by_item = read(SAMPLE / name, file.reader, known.mapping.encoding), ways(known, file)
    found = {}
    for row in reading:
        if isinstance(row, Held):
            found[row.line] = ("held", {})
            continue
        cells = dict(zip(reading.heads, row.cells, strict=True))
        texts = {
            item: file.items[item].join.join(cells[one] for one in file.items[item].columns)
            for item in by_item
        }
        made = {item: by_item[item].one(text) for item, text in texts.items()}
        told = [
            item
            for item, outcome in made.items()
            if outcome.repairs and not ((usual := by_item[item].usual) and usual.fullmatch(texts[item]))
        ]
        held = any(outcome.value is None for outcome in made.values())
        state = "held" if held else "repaired" if told else "accepted"
        found[row.line] = (state, {item: outcome.value for item, outcome in made.items()})
    return found


@pytest.fixture(scope="module")
def all_seen():
    return {file.name: seen(file.name) for file in old_files()}


def test_the_sample_is_byte_by_byte_what_the_generator_writes():
    for name, content in contents(sample()).items():
        assert (SAMPLE / name).read_bytes() == content, f"{name} is old: make the sample anew"


def test_another_seed_makes_another_town_and_the_same_one_the_same():
    assert contents(spoilt(7, 1000)) == contents(spoilt(7, 1000)) != contents(spoilt(8, 1000))


def test_what_every_row_means_stands_the_test_of_its_definition(tmp_path):
    added = {one.row for one in sample().planted if one.kind in ("heads_again", "key_twice")}
    for file in old_files():
        folder = tmp_path / file.operation
        folder.mkdir(exist_ok=True)
        names = [one.romaji for one in definition(file.operation).groups()[file.group]]
        with (folder / f"{file.group}.csv").open("w", encoding="utf-8", newline="") as out:
            rows = csv.DictWriter(out, names, restval="")
            rows.writeheader()
            rows.writerows(row.meant for row in file.rows if row not in added)
    for operation in {file.operation for file in old_files()}:
        found = checking.conform(tmp_path / operation, definition(operation), as_of=AS_OF)
        there = [report for report in found.reports.values() if report.rows]
        assert [report.kinds for report in there] == [{}] * 3


def test_exactly_25_kinds_are_planted_alike_often_in_one_row_of_twenty():
    planted = truth()["planted"]
    counts = Counter(one["kind"] for one in planted)
    assert set(counts) == set(kinds.KINDS)
    assert len(counts) == 25
    assert set(counts.values()) == {38, 39}
    assert len(planted) / sum(truth()["rows"].values()) == pytest.approx(0.05, abs=0.0001)


def test_each_row_has_one_error_at_most_and_none_that_is_told_of_another():
    places = [(one["file"], one["line"]) for one in truth()["planted"]]
    assert len(set(places)) == len(places)
    by = {tuple(one["by"]) for one in truth()["touched"]}
    assert by <= set(places)


def test_rows_that_came_in_are_those_that_the_truth_counts(all_seen):
    assert {name: len(rows) for name, rows in all_seen.items()} == truth()["rows"]


def test_rows_without_an_error_are_accepted_as_they_stand_and_mean_what_they_should(all_seen):
    faulty = {(one["file"], one["line"]) for one in truth()["planted"]}
    for file in old_files():
        for row, line in file.lines():
            if (file.name, line) not in faulty:
                state, values = all_seen[file.name][line]
                assert state == "accepted", f"{file.name}:{line}"
                assert values == {item: row.meant.get(item, "") for item in values}, f"{file.name}:{line}"


def test_every_error_of_a_row_or_a_cell_is_seen_and_every_repair_is_told(all_seen):
    states = defaultdict(set)
    for one in truth()["planted"]:
        states[one["kind"]].add(all_seen[one["file"]][one["line"]][0])
    assert {kind: states[kind] for kind in BY_ROW | BY_CELL} == {kind: {"held"} for kind in BY_ROW | BY_CELL}
    repaired = {one["kind"] for one in truth()["planted"] if one["expect"] == "repaired"}
    assert {kind: states[kind] for kind in repaired} == {kind: {"repaired"} for kind in repaired}


def test_numbers_of_people_begin_with_zeros_so_that_they_are_nobodys():
    (people,) = [file for file in old_files() if file.name == "aoba-jumin.csv"]
    for item in ("kojinbango", "juminhyokodo"):
        numbers = [number for row in people.rows if (number := row.meant.get(item))]
        assert all(number.startswith("0000") for number in numbers)


def test_who_has_an_allowance_was_paid_for_children_only_until_moving_away():
    for family in sample().families:
        until = family.recipient.left or date(2026, 10, 1)
        assert all(row["shiharainengappi"] <= until.isoformat() for row in family.payments())


def test_no_other_file_beside_the_sample_is_taken_for_one_of_an_old_system():
    assert {path.name for path in SAMPLE.glob("*.csv")} == {file.name for file in old_files()}
