"""Rules across rows find what is wrong between rows of several groups and operations, and nothing where something is not
known."""

from __future__ import annotations

from pathlib import Path
from random import Random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.records.rules.conftest import DAY
from yakuba.records.rules import FaultyRules, Rules
from yakuba.records.rules.examples import examples, faults
from yakuba.records.rules.model import Example
from yakuba.records.standards import ROOT, definitions

HOUSEHOLDS, PEOPLE = ("resident-register", "世帯"), ("resident-register", "住民")
MOVES = ("resident-register", "異動履歴")
PROJECT = Rules.load(versions[0] for versions in definitions().values())


def test_every_rule_of_the_project_can_be_asked_and_does_as_its_examples_say(rules: Rules) -> None:
    assert rules.unfit == {}
    assert list(faults(rules, examples())) == []


def test_there_are_rules_over_the_register_alone_and_across_each_other_operation(rules: Rules) -> None:
    across = [rule for rule in rules.rules.values() if len({standard for standard, _ in rule.over}) > 1]
    assert len(rules.asked([HOUSEHOLDS, PEOPLE, MOVES])) >= 15
    assert {rule.place[0] for rule in across} >= {
        "child-allowance",
        "long-term-care-insurance",
        "residence-tax",
    }


def test_an_example_that_comes_out_otherwise_is_told(rules: Rules) -> None:
    rows = {"世帯": [{"setaibango": "1", "setaijotai": "1"}]}
    wrong = [Example(rows=rows, finds={}, as_of=DAY), Example(rows=rows, finds={"世帯": [2]}, as_of=DAY)]
    told = faults(rules, {"household-without-members": wrong})
    assert [one for one in told if one.startswith("household-without-members")] == [
        "household-without-members, example 1: it finds {'世帯': [1]}, not nothing.",
        "household-without-members, example 2: it finds {'世帯': [1]}, not {'世帯': [2]}.",
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({"支払": [{}]}, "the rule does not look at 支払."),
        ({"世帯": [{"setai": "1"}]}, "resident-register/世帯 has no setai."),
    ],
)
def test_a_slip_in_an_example_is_told(rules: Rules, rows: dict[str, list[dict[str, str]]], told: str) -> None:
    slip = [Example(rows=rows, finds={}, as_of=DAY), Example(rows={}, finds={"世帯": [1]}, as_of=DAY)]
    assert f"household-without-head, example 1: {told}" in faults(rules, {"household-without-head": slip})


def test_a_rule_without_examples_is_told(rules: Rules) -> None:
    told = list(faults(rules, {"nothing": []}))
    assert told[0] == "nothing: there are examples, and no such rule."
    assert len(told) == 1 + len(rules.rules)


# -- what is not known -----------------------------------------------------------------------------
def test_rows_of_which_nothing_is_known_are_found_by_no_rule(rules: Rules, found) -> None:
    assert (
        found(
            {
                place: [{}, {}]
                for place in rules.groups
                if place[0] in {r.place[0] for r in rules.rules.values()}
            }
        )
        == []
    )


def test_a_household_that_stands_there_twice_is_known_to_be_there_and_no_more(found) -> None:
    person = {"atenabango": "1", "rirekibango": "1", "setaibango": "1", "juminjotai": "1"}
    ended = {"setaibango": "1", "setaijotai": "2"}
    assert (("住民", 1, "resident-without-household")) in found({HOUSEHOLDS: [ended], PEOPLE: [person]})
    assert found({HOUSEHOLDS: [ended, ended], PEOPLE: [person]}) == []


def test_a_person_whose_number_or_version_cannot_be_read_is_there_all_the_same(found) -> None:
    head = {"rirekibango": "1", "setaibango": "1", "juminjotai": "1", "tsuzukigara": "01"}
    home = {"setaibango": "1", "setaijotai": "1", "setaiinsu": "2"}
    assert found({HOUSEHOLDS: [home], PEOPLE: [head, head | {"tsuzukigara": "03"}]}) == []
    move = {"atenabango": "1", "idotsuban": "1"}
    assert found({PEOPLE: [{"atenabango": "1", "rirekibango": "x"}], MOVES: [move]}) == []


def test_a_rule_over_a_group_without_a_table_is_not_asked(rules: Rules, found) -> None:
    person = {"atenabango": "1", "rirekibango": "1", "setaibango": "1", "juminjotai": "1"}
    assert found({PEOPLE: [person]}) == []
    assert "resident-without-household" not in {rule.id for rule in rules.asked([PEOPLE])}


def test_what_a_rule_needs_are_the_items_it_looks_at_joins_by_and_points_at(rules: Rules) -> None:
    needs = rules.needs([("residence-tax", "扶養親族")])
    assert needs == {("residence-tax", "扶養親族"): {"atenabango", "fukanendo", "fuyoshinzoku_atenabango"}}


PERSON = st.fixed_dictionaries(
    {},
    optional={
        "atenabango": st.sampled_from("123"),
        "rirekibango": st.sampled_from("12"),
        "setaibango": st.sampled_from("12"),
        "juminjotai": st.sampled_from("123"),
        "tsuzukigara": st.sampled_from(["01", "03", "04"]),
        "seinengappi": st.sampled_from(["1980-01-01", "1980-00-00", "2010-05-05", "x"]),
    },
)
HOUSEHOLD = st.fixed_dictionaries(
    {},
    optional={
        "setaibango": st.sampled_from("12"),
        "setainushi_atenabango": st.sampled_from("123"),
        "setaijotai": st.sampled_from("12"),
        "setaiinsu": st.sampled_from(["0", "1", "2", "many"]),
    },
)


@settings(max_examples=20, deadline=None)
@given(st.lists(HOUSEHOLD, max_size=3), st.lists(PERSON, max_size=6), st.randoms(use_true_random=False))
def test_what_is_found_does_not_depend_on_the_order_of_rows(households, people, random: Random) -> None:
    shuffled = random.sample(range(len(people)), len(people))
    first = _found(households, people)
    second = _found(households, [people[n] for n in shuffled])
    again = {(g, shuffled[row - 1] + 1 if g == "住民" else row, rule) for g, row, rule in second}
    assert first == again


def _found(households: list[dict[str, str]], people: list[dict[str, str]]) -> set[tuple[str, int, str]]:
    with duckdb.connect(":memory:") as con:
        tables = {}
        for name, place, rows in (("h", HOUSEHOLDS, households), ("p", PEOPLE, people)):
            columns = ", ".join(f"{item} varchar" for item in PROJECT.groups[place])
            con.execute(f"create table {name} (_row bigint, {columns})")
            for number, row in enumerate(rows, start=1):
                con.execute(
                    f"insert into {name} (_row, {', '.join(row)}) values (?, {', '.join('?' for _ in row)})"
                    if row
                    else f"insert into {name} (_row) values (?)",
                    [number, *row.values()],
                )
            tables[place] = name
        return {
            (group, row, rule) for _, group, row, rule, *_ in PROJECT.run(con, tables, as_of=DAY).fetchall()
        }


# -- files of rules --------------------------------------------------------------------------------
OWN = """\
views:
  household:
    of: resident-register/世帯
    rules:
      {id}:
        name: {{ja: 大きな世帯, easy: 大きい 世帯, en: Large household}}
        say: {{ja: 確かめてください。, easy: 見て ください。, en: Look at it.}}
        source: 本町の取決め
        severity: look
        at: setaiinsu
        wrong: {wrong}
"""


def own(folder: Path, id_: str = "large-household", wrong: str = "row.setaiinsu > 12") -> Path:
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "own.yaml").write_text(OWN.format(id=id_, wrong=wrong), "utf-8")
    return folder


def test_a_town_writes_rules_of_its_own_beside_those_of_the_project(tmp_path: Path, known, found) -> None:
    rules = Rules.load(known.values(), ROOT, own(tmp_path))
    assert rules.unfit == {}
    assert found({HOUSEHOLDS: [{"setaiinsu": "13"}, {"setaiinsu": "12"}]}, rules) == [
        ("世帯", 1, "large-household")
    ]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("row.ninzu > 12", "row.ninzu"),
        ("row.setaijotai = '9'", "not one of the choices"),
        ("row.setaiinsu", "a bool is expected"),
    ],
)
def test_a_rule_that_the_definitions_cannot_answer_is_said_and_the_others_are_asked(
    tmp_path: Path, known, wrong: str, why: str
) -> None:
    rules = Rules.load(known.values(), ROOT, own(tmp_path, wrong=wrong))
    assert why in rules.unfit["large-household"]
    assert "household-without-head" in rules.rules


def test_two_rules_of_one_name_are_refused(tmp_path: Path, known) -> None:
    with pytest.raises(FaultyRules, match="Two rules are called household-without-head"):
        Rules.load(known.values(), ROOT, own(tmp_path, "household-without-head"))


@pytest.mark.parametrize("content", ["views: {}", "as_of: 2026-13-45", "views: [", "rules: 1"])
def test_a_file_that_is_no_file_of_rules_is_refused_by_its_name(tmp_path: Path, known, content: str) -> None:
    own(tmp_path)
    (tmp_path / "rules" / "own.yaml").write_text(content, "utf-8")
    with pytest.raises(FaultyRules, match=r"own\.yaml"):
        Rules.load(known.values(), tmp_path)
