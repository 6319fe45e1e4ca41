"""Visits to the counter: numbers, calling, handing over, and how long it all took."""

from __future__ import annotations

import pytest

from yakuba.cases import queries as cases
from yakuba.channels.reception import visits
from yakuba.channels.reception.errors import NotServed


def test_numbers_of_a_day_follow_one_another(reception):
    numbers = [cases.state(reception.came()).fact("reception.number") for _ in range(3)]
    assert numbers == [1, 2, 3]


def test_who_calls_a_number_serves_it_at_their_desk(reception, clerk):
    case = reception.called()
    found = visits.visit(case.id)
    assert (found.waits, found.desk, found.holder) == (False, "1", clerk.id)


def test_a_number_is_called_once(reception, colleague):
    case = reception.called()
    with pytest.raises(NotServed) as refused:
        visits.call(case.id, reception.desk(2), by=colleague, as_of=reception.now)
    assert "もう待っていません" in refused.value.text.ja


def test_a_visit_handed_over_waits_at_the_other_desk_with_everything_that_was_written(
    reception, clerk, colleague
):
    whole = reception.asked("water-use")
    case = whole.visit.id
    visits.hand_over(case, reception.desk(3), "水道の番号を確かめて", by=clerk, as_of=reception.after(5))
    waits = visits.visit(case)
    assert (waits.waits, waits.desk, waits.note, waits.step) == (True, "3", "水道の番号を確かめて", "call2")
    visits.call(case, reception.desk(3), by=colleague, as_of=reception.after(2))
    again = reception.interview(whole.visit.case)
    assert [part.draft.service for part in again.parts] == ["water-use"]
    with pytest.raises(NotServed):
        visits.served_by(case, clerk)


def test_a_visit_goes_to_four_desks_at_most(reception, clerk):
    case = reception.called()
    for desk in (2, 3, 4):
        visits.hand_over(case.id, reception.desk(desk), "", by=clerk, as_of=reception.after(1))
        visits.call(case.id, reception.desk(desk), by=clerk, as_of=reception.after(1))
    with pytest.raises(NotServed) as refused:
        visits.hand_over(case.id, reception.desk(1), "", by=clerk, as_of=reception.after(1))
    assert "4つの窓口まで" in refused.value.text.ja
    assert visits.visit(case.id) is not None


def test_who_went_home_before_being_called_is_there_no_more(reception, clerk):
    case = reception.came()
    visits.give_up(case.id, by=clerk, as_of=reception.after(30))
    assert visits.visit(case.id) is None
