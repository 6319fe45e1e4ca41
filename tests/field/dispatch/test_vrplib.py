"""Benchmark files as days, and plans as files that can be checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from yakuba.field.commands import field
from yakuba.field.dispatch import vrplib, written
from yakuba.field.dispatch.check import cost_of
from yakuba.field.dispatch.day import Map
from yakuba.field.dispatch.planning import checked, planned

FOUR = """NAME : four
TYPE : CVRPTW
DIMENSION : 4
VEHICLES : 2
CAPACITY : 10
SERVICE_TIME : 10
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 0 5
DEMAND_SECTION
1 0
2 4
3 6
4 5
TIME_WINDOW_SECTION
1 0 100
2 0 50
3 0 50
4 0 50
DEPOT_SECTION
1
-1
EOF
"""
SOLOMON = Path(__file__).parents[4] / "shared/data/vrptw/solomon"


@pytest.fixture
def four(tmp_path: Path) -> Path:
    path = tmp_path / "four.vrp"
    path.write_text(FOUR)
    return path


def test_times_and_lengths_become_tenths(four: Path) -> None:
    day = vrplib.read(four)
    assert [job.service for job in day.jobs] == [100, 100, 100]
    assert day.technicians[0].capacity == 10
    assert day.technicians[0].shift.closes == 1000
    assert Map(day).matrix[0].tolist() == [0, 50, 100, 50]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("EUC_2D", "GEO", "GEO"),
        ("CAPACITY : 10\n", "", "CAPACITY"),
        (FOUR, "", "NODE_COORD"),
        (FOUR, "\x00\x01 not a plan", "VRPLIB|NODE_COORD"),
    ],
    ids=["distances", "capacity", "empty", "something else"],
)
def test_a_file_of_another_kind_is_refused_with_what_is_missing(
    four: Path, old: str, new: str, says: str
) -> None:
    four.write_text(FOUR.replace(old, new))
    with pytest.raises(vrplib.Unreadable, match=says):
        vrplib.read(four)


@pytest.mark.skipif(not SOLOMON.exists(), reason="the Solomon instances are not beside this checkout")
@pytest.mark.parametrize("name", ["C101", "R204", "RC101"])
def test_the_best_known_solutions_pass_the_checker_at_their_own_cost(name: str) -> None:
    day = Map(vrplib.read(SOLOMON / f"{name}.vrp"))
    lines = (SOLOMON / f"{name}.sol").read_text().splitlines()
    routes = [line.split(":")[1].split() for line in lines if line.startswith("Route")]
    best = float(next(line.split()[1] for line in lines if line.startswith("Cost")))
    plan = checked(day, {str(number): route for number, route in enumerate(routes, 1)})
    assert plan.cost == cost_of(day, plan) == round(best * 10)


def planned_file(four: Path) -> dict:
    result = CliRunner().invoke(field, ["plan", str(four), "--seconds", "1", "--cores", "1", "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def checked_file(path: Path, document: dict) -> tuple[int, str]:
    path.write_text(json.dumps(document, ensure_ascii=False))
    result = CliRunner().invoke(field, ["check", str(path)])
    return result.exit_code, result.output


def test_a_planned_file_is_possible_and_costs_what_it_says(four: Path) -> None:
    found = planned_file(four)
    assert found["feasible"] is True
    assert found["cost"] == 30.0
    assert sorted(sorted(route) for route in found["routes"].values()) == [["1", "2"], ["3"]]
    assert checked_file(four.with_suffix(".json"), found)[0] == 0


def test_a_tampered_file_fails_the_check_alone(four: Path) -> None:
    def cheaper(found: dict) -> None:
        found["cost"] = 29.0

    def another_route(found: dict) -> None:
        found["routes"]["1"] = found["routes"]["1"][:-1]

    def moved_stop(found: dict) -> None:
        found["plan"]["routes"][0]["stops"][0]["begins"] += 10

    def lost_stop(found: dict) -> None:
        del found["plan"]["routes"][0]["stops"][0]

    def wider_window(found: dict) -> None:
        found["day"]["jobs"][0]["window"]["closes"] += 10

    def cheaper_plan(found: dict) -> None:
        found["plan"]["cost"] -= 1

    for tamper in (cheaper, another_route, moved_stop, lost_stop, wider_window, cheaper_plan):
        found = planned_file(four)
        tamper(found)
        code, output = checked_file(four.with_suffix(".json"), found)
        assert code == 1, tamper.__name__
        assert output.strip(), tamper.__name__


def test_what_is_no_plan_is_refused_with_where(four: Path) -> None:
    for text, says in [("{}", "day: Field required"), ("[", "file"), ('{"day": 1}', "day")]:
        with pytest.raises(written.Unreadable, match=says):
            written.check(text)
    with pytest.raises(written.Unreadable, match="places"):
        written.read_day("{}")


def test_a_day_in_json_is_planned_with_the_reasons_of_what_is_left(tmp_path: Path) -> None:
    from pydantic import TypeAdapter

    from tests.field.dispatch.days import day, job, technician
    from yakuba.field.dispatch.day import Day

    asked = day([job("a", 1), job("b", 1, skills=frozenset({"server"}))], [technician("T")])
    path = tmp_path / "day.json"
    path.write_bytes(TypeAdapter(Day).dump_json(asked))
    assert written.read_day(path.read_text()) == asked
    result = CliRunner().invoke(field, ["plan", str(path), "--seconds", "1"])
    assert result.exit_code == 0
    assert "T: a" in result.output
    assert "not served: b (no_skill)" in result.output


def test_the_same_seed_and_no_time_give_the_same_plan(four: Path) -> None:
    day = vrplib.read(four)
    assert planned(Map(day), seconds=0) == planned(Map(day), seconds=0)
