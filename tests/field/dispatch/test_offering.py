"""Windows that can be kept beside a plan: only those, the cheapest way, and nothing is moved."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from yakuba.field.dispatch.check import faults
from yakuba.field.dispatch.day import Day, Job, Map, Plan, Route, Technician, Window
from yakuba.field.dispatch.offering import offers
from yakuba.field.dispatch.planning import checked
from yakuba.field.dispatch.timing import timed
from yakuba.field.dispatch.travel import Place

HOUR = 3600
BASE, NEAR, FAR = Place(33.56, 133.53), Place(33.57, 133.54), Place(33.62, 133.62)
NINE_TO_FIVE = Window(9 * HOUR, 17 * HOUR)
WINDOWS = tuple(Window(h * HOUR, (h + 1) * HOUR) for h in range(9, 17))


def day(*jobs: Job, technicians: tuple[Technician, ...] = (Technician("kita", 0, 0, NINE_TO_FIVE),)) -> Map:
    return Map(Day((BASE, NEAR), jobs, technicians))


def job(name: str, opens: int, closes: int, hours: float = 1) -> Job:
    return Job(name, 1, service=round(hours * HOUR), window=Window(opens * HOUR, closes * HOUR))


def with_new(whole: Map, plan: Plan, new: Job, window: Window, who: str) -> bool:
    """Whether somebody can do the new visit in this window at all, in any place of the order."""
    places = (*whole.day.places, NEAR)
    asked = replace(new, place=len(places) - 1, window=window)
    bigger = Map(replace(whole.day, places=places, jobs=(*whole.day.jobs, asked)))
    order = [stop.job for route in plan.routes if route.technician == who for stop in route.stops]
    orders = [[*order[:n], "new", *order[n:]] for n in range(len(order) + 1)]
    person = bigger.technicians[who]
    return any(timed(bigger, person, [bigger.jobs[name] for name in one]) for one in orders)


@given(
    st.lists(st.tuples(st.integers(9, 15), st.sampled_from([0.5, 1, 2])), max_size=4),
    st.sampled_from([0.5, 1, 3]),
)
def test_a_window_is_offered_exactly_when_somebody_can_keep_it(
    taken: list[tuple[int, float]], hours: float
) -> None:
    whole = day(*(job(f"j{n}", opens, 16, long) for n, (opens, long) in enumerate(taken)))
    from yakuba.field.dispatch.fitting import fitted

    plan = checked(whole, fitted(whole, {}))
    new = Job("new", 0, service=round(hours * HOUR))
    found = {one.window for one in offers(whole, plan, new, NEAR, WINDOWS)}
    assert found == {window for window in WINDOWS if with_new(whole, plan, new, window, "kita")}


def test_the_cheapest_person_is_offered_and_what_it_costs_is_the_travel_more() -> None:
    people = (Technician("kita", 0, 0, NINE_TO_FIVE), Technician("toi", 1, 1, NINE_TO_FIVE))
    whole = day(technicians=people)
    (found,) = offers(whole, Plan(()), Job("new", 0, service=HOUR), NEAR, WINDOWS[:1])
    assert (found.technician, found.more) == ("toi", 0)


def test_skills_are_asked_for() -> None:
    whole = day()
    assert offers(whole, Plan(()), Job("new", 0, skills=frozenset({"network"})), NEAR, WINDOWS) == []


def test_a_visit_of_two_people_is_offered_nothing() -> None:
    assert offers(day(), Plan(()), Job("new", 0, people=2), NEAR, WINDOWS) == []


def test_an_offer_that_is_taken_makes_a_plan_without_faults() -> None:
    whole = day(job("j1", 9, 10), job("j2", 13, 14))
    plan = checked(whole, {"kita": ["j1", "j2"]})
    offer = offers(whole, plan, Job("new", 0, service=HOUR), FAR, (Window(9 * HOUR, 16 * HOUR),))[0]
    bigger = Map(
        Day(
            (BASE, NEAR, FAR),
            (*whole.day.jobs, Job("new", 2, service=HOUR, window=offer.window)),
            whole.day.technicians,
        )
    )
    orders = [["new", "j1", "j2"], ["j1", "new", "j2"], ["j1", "j2", "new"]]
    made: list[Route] = [
        route
        for one in orders
        if (route := timed(bigger, bigger.technicians["kita"], [bigger.jobs[name] for name in one]))
    ]
    whole_plans = [Plan((route,)) for route in made]
    assert any(
        [fault.code for fault in faults(bigger, one)] == ["cost"]
        and any(stop.job == "new" and stop.begins == offer.begins for stop in one.routes[0].stops)
        for one in whole_plans
    )
