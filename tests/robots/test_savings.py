"""Hours saved are measured from the log, or there is no number."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.access import SYSTEM, Worker
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.clock import TOKYO
from yakuba.robots import savings
from yakuba.robots.savings import Baseline, Period, Saved, baseline

MAY = datetime(2026, 5, 11, 10, tzinfo=TOKYO)


def by_hand(town: str, minutes: float, *, when: datetime = MAY, by: Worker | None = None) -> None:
    """A clerk does one waiting task of the robot, in so many minutes; `by`: who handed it over."""
    task = case_queries.queue(by="robot").first()
    clerk = Worker("staff", "staff:1", town, roles=frozenset({"clerk"}), strength=2)
    cases.fail(task.id, by=by or SYSTEM(town), as_of=when, reason="見本", final=True, code="by_hand")
    mended = case_queries.queue(step="ledger-by-hand").filter(case=task.case).get()
    cases.take(mended.id, by=clerk, as_of=when)
    cases.finish(mended.id, by=clerk, as_of=when + timedelta(minutes=minutes), outcome="by_hand")


def of_the_ledger() -> Saved:
    """What the robot of the child allowance saved."""
    return next(one for one in savings.savings() if one.robot == "child-allowance/ledger")


def test_what_robots_saved_is_a_persons_mean_time_for_each_task_less_what_people_still_had_to_do(
    queue, shift, in_town
):
    queue(9)
    for minutes in (6, 8, 10, 12, 14):
        by_hand(in_town, minutes)
    by_hand(in_town, 20, by=Worker("robot", "robot:1", in_town))
    shift().work()
    saved = of_the_ledger()
    assert (saved.baseline.count, saved.baseline.mean) == (5, 10)
    done = sum(period.done for period in saved.months.values())
    handled = sum(period.handling_minutes for period in saved.months.values())
    assert (done, handled) == (3, 20)
    assert sum(saved.hours(period)[0] for period in saved.months.values()) == pytest.approx(
        (30 - 20) / 60, abs=0.02
    )


def test_with_too_few_measured_tasks_there_is_no_number(queue, shift, in_town):
    queue(6)
    for minutes in (6, 8, 10, 12):
        by_hand(in_town, minutes)
    shift().work()
    saved = of_the_ledger()
    assert saved.baseline is None
    assert saved.to_json()["measured"] is False
    assert all(month["saved"] is None for month in saved.to_json()["months"].values())


def test_a_task_that_lay_over_night_measures_nothing(queue, in_town):
    queue(1)
    by_hand(in_town, 24 * 60)
    assert case_queries.worked_spans("child-allowance", "ledger", "ledger-by-hand") == []


def test_the_range_is_that_of_the_mean():
    found = baseline([6, 8, 10, 12, 14])
    assert found.margin == pytest.approx(2.78 * 3.1623 / 5**0.5, abs=0.01)
    saved = Saved("x", found, {"2026-05": Period(done=60)})
    assert saved.hours(saved.months["2026-05"]) == (
        10.0,
        pytest.approx(6.07, abs=0.01),
        pytest.approx(13.93, abs=0.01),
    )


def test_a_year_is_the_sum_of_its_months():
    months = {"2025-12": Period(1), "2026-01": Period(2, 1, 3.0, 4.0), "2026-02": Period(5)}
    assert Saved("x", None, months).years["2026"] == Period(7, 1, 3.0, 4.0)


@given(st.lists(st.floats(0.1, 600), min_size=5, max_size=60))
def test_the_numbers_of_a_measurement_lie_within_what_was_measured(minutes):
    found: Baseline | None = baseline(minutes)
    assert found is not None
    slack = 1e-6
    assert min(minutes) - slack <= found.mean <= max(minutes) + slack
    assert min(minutes) <= found.p10 <= found.median <= found.p90 <= max(minutes)
    assert found.margin >= 0
