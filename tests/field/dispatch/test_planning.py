"""Plans that leave the planner can be kept, serve or explain every job, and waste nothing that is easily had."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.field.dispatch.days import HOUR, NOON, day, job, place, random_day, technician
from yakuba.field.dispatch import areas, planning
from yakuba.field.dispatch.check import faults
from yakuba.field.dispatch.construct import constructed
from yakuba.field.dispatch.day import Day, Map, Plan, Window
from yakuba.field.dispatch.fitting import fitted
from yakuba.field.dispatch.planning import Impossible, checked, planned
from yakuba.field.dispatch.reasons import REASONS
from yakuba.field.dispatch.travel import GreatCircle, Place


def who_does(plan: Plan) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for route in plan.routes:
        for stop in route.stops:
            found.setdefault(stop.job, []).append(route.technician)
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_any_day_gets_a_plan_that_passes_the_gate_with_a_reason_for_what_is_left(
    seed: int, several: bool
) -> None:
    asked = random_day(seed, several=several)
    plan = planned(Map(asked), seconds=0)
    assert faults(Map(asked), plan) == []
    assert set(plan.unserved.values()) <= set(REASONS)
    assert {*who_does(plan), *plan.unserved} == {one.id for one in asked.jobs}


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_improving_never_makes_a_plan_worse_nor_impossible(seed: int) -> None:
    asked = Map(random_day(seed, jobs=20, people=4))
    asked = Map(planning._able(asked))
    first = fitted(asked, constructed(asked, effort=0))
    better = planning._better(asked, first, 0.1, seed)
    assert checked(asked, better).cost <= checked(asked, first).cost


def test_two_people_come_at_one_moment_or_nobody_does() -> None:
    asked = day(
        [job("rack", 2, people=2, skills=frozenset({"pc"})), job("a", 1), job("b", 3)],
        [technician("T", skills=frozenset({"pc"})), technician("S", skills=frozenset({"pc"}))],
    )
    plan = planned(Map(asked), seconds=0)
    assert sorted(who_does(plan)["rack"]) == ["S", "T"]
    one = replace(asked, technicians=asked.technicians[:1])
    assert planned(Map(one), seconds=0).unserved == {"rack": "no_skill"}
    other = replace(
        asked,
        technicians=(asked.technicians[0], technician("S", shift=Window(0, HOUR), skills=frozenset({"pc"}))),
    )
    assert planned(Map(other), seconds=0).unserved["rack"] == "too_few_people"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (day([job("x", 1, ready=12 * HOUR, window=Window(9 * HOUR, 10 * HOUR))], [technician("T")]), "late_parts"),
        (day([job("x", 1, skills=frozenset({"server"}))], [technician("T")]), "no_skill"),
        (day([job("x", 1, technician="S")], [technician("T")]), "no_skill"),
        (day([job("x", 9, window=Window(0, 9 * HOUR + 600))], [technician("T")]), "too_far"),
        (day([job("x", 1, service=9 * HOUR)], [technician("T")]), "too_far"),
        (day([job("x", 1)], []), "no_skill"),
    ],
)  # fmt: skip
def test_what_is_not_served_says_why(asked: Day, reason: str) -> None:
    assert planned(Map(asked), seconds=0).unserved == {"x": reason}


def test_what_is_worth_least_is_left_when_the_day_is_full() -> None:
    at_ten = Window(10 * HOUR, 10 * HOUR)
    asked = day([job("x", 1, window=at_ten, worth=600), job("y", 1, window=at_ten)], [technician("T")])
    assert planned(Map(asked), seconds=0).unserved == {"x": "full"}


def test_somebody_whose_break_does_not_fit_into_the_shift_is_left_out_and_nobody_else() -> None:
    asked = day(
        [job("x", 1)], [technician("S", shift=Window(9 * HOUR, 12 * HOUR), breaks=(NOON,)), technician("T")]
    )
    assert who_does(planned(Map(asked), seconds=0)) == {"x": ["T"]}


def test_an_island_is_served_only_on_days_when_there_is_a_ferry() -> None:
    places = (place(0), Place(35.0, 136.2, "島"))
    asked = Day(places, (job("x", 1),), (technician("T"),), GreatCircle(ferries={"島": 2 * HOUR}))
    plan = planned(Map(asked), seconds=0)
    assert plan.routes[0].stops[0].begins - plan.routes[0].leaves > 2 * HOUR
    stormy = replace(asked, travel=GreatCircle())
    assert planned(Map(stormy), seconds=0).unserved == {"x": "no_way"}


def test_a_break_is_in_every_route_even_when_the_plan_was_improved() -> None:
    asked = random_day(7, jobs=40, people=6)
    asked = replace(
        asked,
        technicians=tuple(
            replace(t, breaks=(NOON,), shift=Window(9 * HOUR, 18 * HOUR)) for t in asked.technicians
        ),
    )
    plan = planned(Map(asked), seconds=2)
    assert plan.routes
    assert all(len(route.breaks) == 1 for route in plan.routes)


def test_a_large_day_is_cut_into_areas_and_comes_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "AREA", 20)
    monkeypatch.setattr(planning, "FIRST", 30)
    monkeypatch.setattr(planning, "ROUND", 0.3)
    asked = random_day(3, jobs=90, people=16)
    quick = planned(Map(asked), seconds=0)
    # two passes, however long processes take to start on a busy machine
    moments = itertools.count(0, 1.5)
    monkeypatch.setattr(planning, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    plan = planned(Map(asked), seconds=5, cores=2)
    assert {*who_does(plan), *plan.unserved} == {one.id for one in asked.jobs}
    assert plan.cost < quick.cost


@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(0, 5))
def test_areas_hold_every_job_and_everybody_once(seed: int, count: int, turn: int) -> None:
    asked = Map(random_day(seed, jobs=30, people=9))
    orders = {f"T{n}": [f"J{n}", f"J{n + 9}"] for n in range(9)}
    for cut in (areas.cut(asked, orders, count, turn), areas.first_cut(asked, 8)):
        jobs = [name for area in cut for name in area[0]]
        assert sorted(jobs) == sorted(asked.jobs)
        people = [name for area in cut for name in area[1]]
        assert len(people) == len(set(people))
    balanced = [len(area[0]) for area in areas.cut(asked, {f"T{n}": [f"J{n}"] for n in range(9)}, 3, turn)]
    assert sum(balanced) == 30


def test_a_plan_with_faults_never_leaves_the_planner() -> None:
    asked = Map(day([job("a", 1, technician="S")], [technician("T"), technician("S")]))
    with pytest.raises(Impossible, match="a: promised to somebody else"):
        checked(asked, {"T": ["a"]})


def test_a_day_without_jobs_has_an_empty_plan() -> None:
    assert planned(Map(day([], [technician("T")])), seconds=0) == Plan((), {}, 0)
