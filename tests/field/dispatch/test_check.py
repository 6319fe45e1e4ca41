"""The checker finds what is wrong with a plan, whoever made it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.field.dispatch.days import HOUR, NOON, day, job, technician
from yakuba.field.dispatch.check import faults
from yakuba.field.dispatch.day import Day, Job, Map, Plan, Route, Stop, Window
from yakuba.field.dispatch.planning import checked

TWO = day(
    [
        job("a", 1, window=Window(9 * HOUR, 10 * HOUR)),
        job("b", 2, skills=frozenset({"pc"}), load=2),
        job("c", 3, people=2, window=Window(15 * HOUR, 15 * HOUR)),
        job("d", 4, technician="S", ready=16 * HOUR),
    ],
    [
        technician("T", breaks=(NOON,), skills=frozenset({"pc"}), capacity=3),
        technician("S", breaks=(NOON,), capacity=3),
    ],
)
GOOD = checked(Map(TWO), {"T": ["a", "b", "c"], "S": ["c", "d"]})


def codes(plan: Plan, asked: Day = TWO) -> set[str]:
    return {fault.code for fault in faults(Map(asked), plan)}


def with_route(who: str, **changes: object) -> Plan:
    routes = tuple(replace(r, **changes) if r.technician == who else r for r in GOOD.routes)  # type: ignore[arg-type]
    return replace(GOOD, routes=routes)


def route(who: str) -> Route:
    return next(one for one in GOOD.routes if one.technician == who)


def shifted(stop: Stop, seconds: int) -> Stop:
    return Stop(stop.job, stop.arrives + seconds, stop.begins + seconds, stop.ends + seconds)


def changed(name: str, **changes: object) -> Day:
    jobs = tuple(replace(one, **changes) if one.id == name else one for one in TWO.jobs)  # type: ignore[arg-type]
    return replace(TWO, jobs=jobs)


def test_a_plan_that_can_be_kept_has_no_faults() -> None:
    assert faults(Map(TWO), GOOD) == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (changed("b", skills=frozenset({"server"})), "skill missing"),
        (changed("b", technician="S"), "promised to somebody else"),
        (changed("b", window=Window(17 * HOUR, 17 * HOUR)), "outside its window"),
        (changed("a", ready=11 * HOUR), "before what it needs has arrived"),
        (changed("b", service=3000), "too short or too long"),
        (changed("b", load=4), "overloaded"),
        (changed("b", place=4), "cannot be there in time"),
        (changed("b", people=2), "double booking"),
        (replace(TWO, jobs=(*TWO.jobs, job("new", 1))), "lost"),
        (replace(TWO, jobs=TWO.jobs[1:]), "unknown job"),
        (replace(TWO, technicians=TWO.technicians[:1]), "unknown technician"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_day_that_the_plan_does_not_fit_is_noticed(asked: Day, code: str) -> None:
    assert code in codes(GOOD, asked)


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (with_route("T", leaves=8 * HOUR), "outside the shift"),
        (with_route("T", returns=19 * HOUR), "outside the shift"),
        (with_route("T", breaks=()), "breaks missing"),
        (with_route("T", breaks=((14 * HOUR, 15 * HOUR),)), "break outside its window or cut short"),
        (
            with_route("T", breaks=((NOON.window.opens, NOON.window.opens + 600),)),
            "break outside its window or cut short",
        ),
        (with_route("S", stops=(route("S").stops[0],)), "lost"),
        (with_route("S", stops=(*route("S").stops, route("T").stops[0])), "double booking"),
        (with_route("S", stops=(shifted(route("S").stops[0], 60), route("S").stops[1])), "not at one moment"),
        (with_route("S", technician="T"), "two routes"),
        (replace(GOOD, cost=GOOD.cost - 1), "cost"),
        (replace(GOOD, unserved={"a": "full"}), "both served and unserved"),
        (replace(GOOD, unserved={"x": "full"}), "unknown job"),
        (replace(with_route("S", stops=(route("S").stops[0],)), unserved={"d": ""}), "no reason"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_plan_that_was_tampered_with_is_noticed(plan: Plan, code: str) -> None:
    assert code in codes(plan)


def test_work_in_a_break_is_noticed() -> None:
    first = route("T").stops[0]
    at = (NOON.window.opens, NOON.window.opens + NOON.length)
    busy = Stop("b", at[0], at[0], at[0] + 1800)
    plan = with_route("T", stops=(first, busy, route("T").stops[2]), breaks=(at,))
    assert "works in a break" in codes(plan)


def test_a_way_that_is_too_short_by_a_minute_is_noticed_where_it_ends() -> None:
    stops = route("T").stops
    hurried = with_route("T", stops=(stops[0], shifted(stops[1], -60), stops[2]))
    assert any(
        fault.of == "b" and fault.code == "cannot be there in time" for fault in faults(Map(TWO), hurried)
    )


def test_a_break_in_the_middle_of_a_way_does_not_shorten_it() -> None:
    one: Job = job("far", 6, window=Window(12 * HOUR + 1800, 12 * HOUR + 1800))
    who = technician("T", breaks=(NOON,))
    asked = day([one], [who])
    way = int(Map(asked).matrix[0, 6])
    begins = 12 * HOUR + 1800
    rest = (NOON.window.opens, NOON.window.opens + HOUR)
    stop = Stop("far", begins, begins, begins + 1800)

    def found(leaves: int) -> set[str]:
        plan = Plan((Route("T", leaves, (stop,), (rest,), begins + 1800 + way),), {}, 2 * way)
        return codes(plan, asked)

    assert found(begins - way - HOUR) == set()
    assert found(begins - way - HOUR + 1) == {"cannot be there in time"}
