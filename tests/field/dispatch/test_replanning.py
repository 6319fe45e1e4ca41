"""During the day: what has begun and what was promised stays, and the rest moves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.field.dispatch.days import HOUR, NOON, day, job, random_day, technician
from yakuba.field.dispatch.check import faults
from yakuba.field.dispatch.day import Map, Window
from yakuba.field.dispatch.moving import moved
from yakuba.field.dispatch.planning import Impossible, checked, planned
from yakuba.field.dispatch.replanning import replanned

PEOPLE = [technician("T", breaks=(NOON,)), technician("S", breaks=(NOON,))]
JOBS = [job("a", 1), job("b", 2), job("c", 3, window=Window(14 * HOUR, 15 * HOUR)), job("d", 4)]
MORNING = day(JOBS, PEOPLE)
PLAN = checked(Map(MORNING), {"T": ["a", "b", "c"], "S": ["d"]})


def test_somebody_who_falls_ill_leaves_to_others_what_they_had_not_begun() -> None:
    plan = replanned(MORNING, PLAN, now=10 * HOUR, seconds=0, away=["T"])
    by = {route.technician: [stop.job for stop in route.stops] for route in plan.routes}
    assert by["T"] == ["a", "b"]
    assert sorted(by["S"]) == ["c", "d"]
    assert plan.unserved == {}


def test_an_urgent_job_is_put_in_and_what_has_begun_is_as_it_was() -> None:
    asked = replace(MORNING, jobs=(*MORNING.jobs, job("urgent", 2, window=Window(10 * HOUR, 12 * HOUR))))
    plan = replanned(asked, PLAN, now=10 * HOUR, seconds=0)
    assert "urgent" not in plan.unserved
    old = {route.technician: route for route in PLAN.routes}
    for route in plan.routes:
        begun = [stop for stop in old[route.technician].stops if stop.begins <= 10 * HOUR]
        assert list(route.stops[: len(begun)]) == begun
        assert route.leaves == old[route.technician].leaves


def test_a_promise_holds_although_somebody_else_would_be_nearer() -> None:
    jobs = (
        *MORNING.jobs[:3],
        replace(JOBS[3], technician="S"),
        job("urgent", 4, technician="S", window=Window(16 * HOUR, 16 * HOUR)),
    )
    plan = replanned(replace(MORNING, jobs=jobs), PLAN, now=12 * HOUR, seconds=0)
    by = {stop.job: route.technician for route in plan.routes for stop in route.stops}
    assert by["urgent"] == "S"


def test_a_cancelled_job_leaves_the_plan() -> None:
    plan = replanned(replace(MORNING, jobs=MORNING.jobs[:3]), PLAN, now=8 * HOUR, seconds=0)
    assert "d" not in {stop.job for route in plan.routes for stop in route.stops}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(7 * HOUR, 19 * HOUR), st.booleans())
@example(2426, 57497, False)  # T2 still has visits, and no more time for the break
@example(638229, 47683, True)  # T1 is ill after the break that stood before the way home
def test_whatever_happens_at_any_moment_the_whole_day_can_be_kept(seed: int, now: int, ill: bool) -> None:
    asked = random_day(seed, jobs=14, people=4, several=seed % 2 == 0)
    plan = planned(Map(asked), seconds=0)
    jobs = (*asked.jobs[1:], job("new", 5, window=Window(now, now + 3 * HOUR)))
    away = ["T1"] if ill else []
    changed = replanned(replace(asked, jobs=jobs), plan, now=now, seconds=0, away=away)
    named = [stop.job for route in changed.routes for stop in route.stops]
    visits = {one.id: 0 if one.id in changed.unserved else one.people for one in jobs}
    assert {name: named.count(name) for name in visits} == visits


def test_moving_a_job_by_hand_shows_what_it_costs_and_passes_the_gate() -> None:
    whole = Map(MORNING)
    move = moved(whole, PLAN, "b", "S", 0)
    assert move.plan is not None
    assert move.more == move.plan.cost - PLAN.cost
    assert faults(whole, move.plan) == []
    back = moved(whole, move.plan, "b", "T", 1)
    assert back.plan is not None
    assert back.more == -move.more


def test_a_job_that_is_moved_leaves_a_job_of_two_people_at_its_moment() -> None:
    together = replace(JOBS[0], id="two", people=2, window=Window(9 * HOUR, 15 * HOUR))
    late = replace(JOBS[1], window=Window(8 * HOUR, 17 * HOUR))
    asked = Map(replace(MORNING, jobs=(together, late)))
    plan = checked(asked, {"S": ["two"], "T": ["two", "b"]}, {"two": 13 * HOUR})
    move = moved(asked, plan, "b", "S", 0)
    assert move.plan is not None
    assert {stop.begins for route in move.plan.routes for stop in route.stops if stop.job == "two"} == {
        13 * HOUR
    }


def test_taking_a_job_out_costs_its_worth_less_the_way() -> None:
    move = moved(Map(MORNING), PLAN, "d", None)
    assert move.plan is not None
    assert move.plan.unserved == {"d": "taken_out"}
    assert move.more == JOBS[3].worth - 2 * int(Map(MORNING).matrix[0, 4])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"skills": frozenset({"pc"})}, "skill missing"),
        ({"technician": "T"}, "promised to somebody else"),
        ({"service": 8 * HOUR}, "cannot be there in time"),
        ({"people": 2}, "needs several people"),
    ],
)
def test_a_move_that_cannot_be_says_why_and_changes_nothing(changes: dict, code: str) -> None:
    jobs = tuple(replace(one, **changes) if one.id == "b" else one for one in MORNING.jobs)
    move = moved(Map(replace(MORNING, jobs=jobs)), PLAN, "b", "S", 0)
    assert move.plan is None
    assert move.faults[0].code == code


def test_a_promise_that_cannot_be_kept_any_more_is_said() -> None:
    late = replace(JOBS[2], technician="S", window=Window(14 * HOUR, 15 * HOUR))
    asked = replace(MORNING, jobs=(*MORNING.jobs[:2], late, MORNING.jobs[3]))
    plan = replanned(asked, PLAN, now=10 * HOUR, seconds=0, away=["S"])
    assert plan.unserved["c"] == "no_skill"


def test_a_plan_that_was_not_for_this_day_is_refused() -> None:
    shorter = replace(
        MORNING, technicians=tuple(replace(t, shift=Window(9 * HOUR, 11 * HOUR), breaks=()) for t in PEOPLE)
    )
    with pytest.raises(Impossible):
        replanned(shorter, PLAN, now=16 * HOUR, seconds=0)
