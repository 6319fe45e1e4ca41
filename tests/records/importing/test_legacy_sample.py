"""The legacy sample brought in: every planted error becomes what is expected of it, and nothing else is held."""

from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import orjson
import pytest

from yakuba.records.importing.bring import Brought, bring_in
from yakuba.records.importing.mapping import mappings
from yakuba.records.importing.planted import against
from yakuba.records.rules import Rules
from yakuba.records.standards import definition

SAMPLE = Path(__file__).parents[3] / "examples" / "legacy"
AS_OF = date(2026, 10, 1)
ACROSS_ROWS = {"rule", "duplicate"}
"""What one row alone does not show is told where the rule or the search for duplicates tells it."""


@pytest.fixture(scope="module")
def brought():
    files = sorted(SAMPLE.glob("*.csv"))
    known = mappings([SAMPLE], definition)
    rules = Rules.load(definition(one.mapping.standard) for one in known)
    made = bring_in(files, known, definition, as_of=AS_OF, rules=rules, match=True)
    yield made
    made.close()


@pytest.fixture(scope="module")
def found(brought):
    return against(brought, SAMPLE / "planted.json")


@cache
def planted():
    return orjson.loads((SAMPLE / "planted.json").read_bytes())["planted"]


def columns_told(brought: Brought) -> dict[tuple[str, int], set[str]]:
    """By file and line the items of which something was told."""
    names = [one.path.name for one in brought.files]
    told: dict[tuple[str, int], set[str]] = {}
    for group in brought.groups.values():
        rows = brought.con.execute(
            f"select _file, _line, item from {group.table} join {group.told} using (_row) join outcomes using (_told)"
        ).fetchall()
        for number, line, item in rows:
            told.setdefault((names[number], line), set()).add(item)
    return told


def test_every_planted_error_is_found(found):
    assert found["missed"] == []
    assert found["counts"]["found"] == found["counts"]["planted"] == 964
    assert found["counts"]["kinds"] == 25


def test_no_clean_row_is_held(found):
    assert found["clean_held"] == []


def test_the_row_before_one_with_the_same_key_is_held_as_well(brought):
    told = columns_told(brought)
    touched = orjson.loads((SAMPLE / "planted.json").read_bytes())["touched"]
    sure = [(one["file"], one["line"]) for one in touched if one["expect"] == "held"]
    assert len(sure) == 38
    assert all(place in told for place in sure)


def test_every_file_gives_as_many_rows_as_it_has_and_each_is_accepted_repaired_or_held(brought):
    rows = orjson.loads((SAMPLE / "planted.json").read_bytes())["rows"]
    assert {one.path.name: one.accepted + one.repaired + one.held for one in brought.files} == rows
    assert not any(one.refused for one in brought.files)


def test_only_what_was_planted_is_repaired(brought):
    expected = Counter(one["file"] for one in planted() if one["expect"] == "repaired")
    assert {one.path.name: one.repaired for one in brought.files if one.repaired} == expected


def test_what_is_told_is_told_of_the_column_in_which_the_error_is(brought):
    told = columns_told(brought)
    known = mappings([SAMPLE], definition)
    for one in planted():
        if not one["column"] or one["expect"] in ACROSS_ROWS or one["kind"] == "key_twice":
            continue
        file = next(file for each in known if (file := each.mapping.file(one["file"])))
        items = {name for name, made in file.items.items() if one["column"] in made.columns}
        about = told[one["file"], one["line"]]
        assert about & (items | {""}), f"{one['file']}:{one['line']} {one['kind']}: {about}"
