"""When everything in an order happens."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.field.dispatch.days import HOUR, NOON, day, job, random_day, technician
from yakuba.field.dispatch.check import faults
from yakuba.field.dispatch.day import Break, Job, Map, Plan, Technician, Window
from yakuba.field.dispatch.timing import timed


def test_a_route_without_breaks_leaves_as_late_as_its_first_visit_allows() -> None:
    one = job("a", 2, window=Window(10 * HOUR, 11 * HOUR))
    route = timed(Map(day([one], [technician("T")])), technician("T"), [one])
    assert route is not None
    assert route.stops[0].begins == 10 * HOUR
    assert 10 * HOUR - route.leaves == pytest.approx(1200, abs=5)
    assert route.returns == 10 * HOUR + 1800 + (10 * HOUR - route.leaves)


def test_a_break_is_taken_on_the_way_when_that_lets_a_window_be_kept() -> None:
    who = technician("T", breaks=(Break(Window(12 * HOUR, 12 * HOUR), HOUR),))
    long = job("a", 1, service=10_200 - 600, window=Window(9 * HOUR, 10 * HOUR))
    then = job("b", 2, window=Window(13 * HOUR, 13 * HOUR))
    route = timed(Map(day([long, then], [who])), who, [long, then])
    assert route is not None
    assert route.breaks == ((12 * HOUR, 13 * HOUR),)
    assert route.stops[1].begins == 13 * HOUR


@pytest.mark.parametrize(
    "one",
    [
        job("late", 3, window=Window(0, 9 * HOUR)),
        job("long", 1, service=9 * HOUR),
        job("heavy", 1, load=5),
    ],
    ids=lambda one: one.id,
)
def test_what_cannot_be_done_has_no_times(one: Job) -> None:
    who = technician("T", capacity=4)
    assert timed(Map(day([one], [who])), who, [one]) is None


@given(st.integers(0, 10**6))
def test_what_is_timed_passes_the_checker_and_nothing_is_earlier(seed: int) -> None:
    asked = Map(random_day(seed, jobs=4, people=2))
    for who in asked.day.technicians:
        order = [one for one in asked.day.jobs if who.may(one)]
        route = timed(asked, who, order)
        assert (route.returns if route else None) == _earliest(asked, who, order)
        if route:
            rest = {one.id: "full" for one in asked.day.jobs if one not in order}
            plan = Plan((route,), rest)
            assert [fault for fault in faults(asked, plan) if fault.code != "cost"] == []


def _earliest(asked: Map, who: Technician, order: list[Job]) -> int | None:
    """The earliest return by trying every moment for the break: before or after each way."""
    if who.capacity and sum(one.load for one in order) > who.capacity:
        return None
    legs = [*(one.place for one in order), who.end]
    chances = list(product(range(len(legs)), (True, False))) if who.breaks else [(-1, True)]
    ends = [_walked(asked, who, order, legs, leg, first) for leg, first in chances]
    return min((end for end in ends if end is not None), default=None)


def _walked(
    asked: Map, who: Technician, order: list[Job], legs: list[int], rest_leg: int, first: bool
) -> int | None:
    now, at = who.shift.opens, who.start
    for leg, place in enumerate(legs):
        way = int(asked.matrix[at, place])
        if leg == rest_leg:
            begins = max(now if first else now + way, NOON.window.opens)
            if begins > NOON.window.closes:
                return None
            now = begins + NOON.length + (way if first else 0)
        else:
            now += way
        if leg < len(order):
            now = max(now, order[leg].opens)
            if now > order[leg].window.closes:
                return None
            now += order[leg].service
        at = place
    return now if now <= who.shift.closes else None
