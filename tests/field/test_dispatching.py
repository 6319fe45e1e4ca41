"""Who visits when: planned, planned anew, moved by hand. Every appointment is in the log of its case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.field.hall import DAY, EVENING, Hall, at
from yakuba import access
from yakuba.cases import queries as case_queries
from yakuba.field import dispatching, onsite, visits
from yakuba.field.dispatch.travel import Place
from yakuba.field.errors import BegunAlready, CannotBeMoved, MovedMeanwhile, NoSuchVisit


def test_a_day_is_planned_and_each_case_says_who_comes_when(hall: Hall) -> None:
    kita, minami = hall.technician("kita"), hall.technician("minami")
    asked = [hall.ask(n, lat=33.5 + n / 50) for n in range(4)]
    done = hall.plan()
    assert (done.asked, done.planned, dict(done.unserved), done.changed) == (4, 4, {}, 4)
    for case in asked:
        one = hall.visit(case)
        assert set(one.who) <= {kita.id, minami.id}
        assert one.begins is not None
        assert at(9) <= one.begins <= at(16)
        assert [h.event.kind for h in case_queries.history(case)] == ["opened", "appointed"]


def test_planned_again_without_a_change_nothing_is_recorded(hall: Hall) -> None:
    hall.technician("kita")
    case = hall.ask()
    hall.plan()
    assert hall.plan().changed == 0
    assert len(case_queries.history(case)) == 2


def test_two_people_come_at_the_same_moment(hall: Hall) -> None:
    people = {hall.technician("kita").id, hall.technician("minami").id}
    case = hall.ask(people=2)
    hall.plan()
    one = hall.visit(case)
    assert set(one.who) == people
    booked = visits.booked(DAY, EVENING)
    begins = {stop.begins for route in booked.plan.routes for stop in route.stops}
    assert len(begins) == 1


@pytest.mark.parametrize(
    ("visit", "why"),
    [
        ({"skill": "network"}, "no_skill"),
        ({"island": "離れ見本島"}, "no_way"),
        ({"order": "K-NOT-HERE"}, "late_parts"),
        ({"lat": 43.0, "lon": 141.3}, "too_far"),
        ({"lat": None}, "no_place"),
        ({"earliest": "half past nine"}, "bad_time"),
        ({"earliest": "16:00", "latest": "09:00"}, "bad_window"),
    ],
)
def test_what_cannot_be_planned_says_why_and_waits(hall: Hall, visit: dict, why: str) -> None:
    hall.technician("kita")
    case = hall.ask(**visit)
    done = hall.plan()
    one = hall.visit(case)
    assert dict(done.unserved) == {one.job: why}
    assert (one.who, one.why) == ([], why)
    assert case_queries.open_tasks([one.task]) == {one.task}


def test_an_island_is_reached_on_the_days_on_which_its_ferry_goes(hall: Hall) -> None:
    hall.technician("kita")
    dispatching.ferry("見本島", 1800, by=hall.system)
    case = hall.ask(island="見本島")
    assert hall.plan().planned == 1
    dispatching.ferry("見本島", None, by=hall.system, on=DAY)
    hall.plan(at(8))
    assert hall.visit(case).why == "no_way"
    assert visits.ferries(DAY + timedelta(days=1)) == {"見本島": 1800}


def test_a_visit_waits_for_its_devices_and_is_planned_once_they_were_shipped(hall: Hall, centre) -> None:
    hall.technician("kita")
    centre.now = EVENING - timedelta(hours=9)
    centre.order("K-7")
    case = hall.ask(order="K-7")
    hall.plan(EVENING - timedelta(hours=8))
    assert hall.visit(case).why == "late_parts"
    centre.up_to("S-7", "ship", "K-7")
    centre.scan("S-7", "ship", tracking="T-7")
    assert hall.plan().planned == 1


def test_somebody_who_is_ill_is_replaced_and_what_has_begun_stays(hall: Hall) -> None:
    workers = {one.id: one for one in (hall.technician("kita"), hall.technician("minami"))}
    first, second = hall.ask(1), hall.ask(2, earliest="13:00")
    hall.plan()
    begun = hall.visit(first)
    onsite.arrive(begun.task, by=workers[begun.who[0]], as_of=at(9, 30))
    ill = hall.visit(second).who[0]
    dispatching.cannot_come(ill, DAY, by=hall.dispatcher, since=10 * 3600)
    assert hall.visit(second).job in visits.booked(DAY, at(10)).loose or ill == begun.who[0]
    hall.plan(at(10))
    assert hall.visit(first).who == begun.who
    assert hall.visit(second).who == [next(iter(workers.keys() - {ill}))]


def test_a_contract_brings_somebody_sooner_than_the_window_asks(hall: Hall, centre) -> None:
    hall.technician("kita", shift=(8 * 3600, 18 * 3600))
    for number in range(3):
        hall.ask(number, minutes=90, earliest="09:00", latest="16:00")
    centre.now = EVENING - timedelta(days=1)
    hall.installed("S-1", centre)
    case = hall.call("S-1", at(7))
    hall.decide(case, "visit", at(7, 10))
    hall.plan(at(7, 15))
    assert (hall.visit(case).begins or at(23)) <= at(11)  # four hours after the call, not 17:00


# -- by hand -------------------------------------------------------------------------------------------
def planned_for(hall: Hall, name: str, *others: str) -> visits.Visit:
    """A visit that the first technician has; the others have nothing."""
    hall.technician(name)
    case = hall.ask()
    hall.plan()
    for other in others:
        hall.technician(other)
    return hall.visit(case)


def test_a_dispatcher_sees_what_a_move_costs_before_anything_changes(hall: Hall) -> None:
    one = planned_for(hall, "kita")
    far = hall.technician("toi", base=Place(33.2, 133.0))
    tried = dispatching.move(one.task, far.id, 0, one.mark(), by=hall.dispatcher, as_of=EVENING, do=False)
    assert tried.more > 0
    assert hall.visit(one.case).who == one.who
    done = dispatching.move(one.task, far.id, 0, one.mark(), by=hall.dispatcher, as_of=EVENING, do=True)
    assert done == tried
    moved = hall.visit(one.case)
    assert (moved.who, moved.begins) == ([far.id], done.begins)


def test_of_two_dispatchers_who_drag_the_same_job_the_second_is_told_and_nothing_changes(hall: Hall) -> None:
    one = planned_for(hall, "kita", "minami", "nishi")
    seen = one.mark()
    dispatching.move(one.task, "staff:minami", 0, seen, by=hall.dispatcher, as_of=EVENING, do=True)
    with pytest.raises(MovedMeanwhile, match="minami"):
        dispatching.move(one.task, "staff:nishi", 0, seen, by=hall.dispatcher, as_of=EVENING, do=True)
    assert hall.visit(one.case).who == ["staff:minami"]


def test_a_move_that_cannot_be_kept_is_refused_with_what_forbids_it(hall: Hall) -> None:
    hall.technician("kita", "network")
    case = hall.ask(skill="network")
    hall.plan()
    hall.technician("minami")
    one = hall.visit(case)
    with pytest.raises(CannotBeMoved) as refused:
        dispatching.move(one.task, "staff:minami", 0, one.mark(), by=hall.dispatcher, as_of=EVENING, do=True)
    assert "必要な技能がない" in refused.value.text.ja
    assert hall.visit(case).who == ["staff:kita"]


def test_what_has_begun_cannot_be_moved_and_nothing_is_moved_into_the_past(hall: Hall) -> None:
    one = planned_for(hall, "kita", "minami")
    with pytest.raises(CannotBeMoved) as late:
        dispatching.move(
            one.task, "staff:minami", 0, one.mark(), by=hall.dispatcher, as_of=at(15, 59), do=True
        )
    assert "過ぎた時刻" in late.value.text.ja
    onsite.arrive(one.task, by=hall.person("technician", "kita"), as_of=at(9))
    with pytest.raises(BegunAlready):
        dispatching.move(one.task, "staff:minami", 0, one.mark(), by=hall.dispatcher, as_of=at(9, 1), do=True)


def test_a_visit_taken_out_by_hand_is_planned_again_with_the_day(hall: Hall) -> None:
    one = planned_for(hall, "kita")
    dispatching.move(one.task, None, 0, one.mark(), by=hall.dispatcher, as_of=EVENING, do=True)
    assert (hall.visit(one.case).who, hall.visit(one.case).why) == ([], "taken_out")
    hall.plan()
    assert hall.visit(one.case).who == one.who


def test_a_visit_that_is_called_off_waits_for_another_day(hall: Hall) -> None:
    one = planned_for(hall, "kita")
    dispatching.postpone(one.task, "お客さまの都合", by=hall.dispatcher, as_of=EVENING)
    assert (case_queries.waiting_step(one.case) or ("", ""))[1] == "rebook"
    assert visits.of_day(DAY) == []
    with pytest.raises(NoSuchVisit):
        dispatching.postpone(one.task, "もう一度", by=hall.dispatcher, as_of=EVENING)


def test_a_visit_without_a_day_gets_one_in_the_same_way(hall: Hall) -> None:
    case = hall.ask(date=None)
    (one,) = visits.undated()
    assert one.case == case
    dispatching.postpone(one.task, "日が未定", by=hall.dispatcher, as_of=EVENING)
    assert (case_queries.waiting_step(case) or ("", ""))[1] == "rebook"


def test_a_task_that_is_no_visit_cannot_be_moved(hall: Hall) -> None:
    case = hall.call("UNKNOWN", at(8))
    task, _ = case_queries.waiting_step(case) or (case, "")
    with pytest.raises(NoSuchVisit):
        dispatching.move(task, None, 0, "", by=hall.dispatcher, as_of=at(8), do=True)


def test_only_dispatchers_plan_and_move(hall: Hall) -> None:
    one = planned_for(hall, "kita")
    for who in (hall.agent, hall.person("technician", "kita"), hall.person("clerk")):
        with pytest.raises(access.Denied):
            dispatching.plan(DAY, by=who, as_of=EVENING)
        with pytest.raises(access.Denied):
            dispatching.move(one.task, None, 0, one.mark(), by=who, as_of=EVENING, do=True)
        with pytest.raises(access.Denied):
            dispatching.cannot_come("staff:kita", DAY, by=who)


# -- windows that can be kept ----------------------------------------------------------------------------
def test_only_windows_that_somebody_can_keep_are_offered(hall: Hall) -> None:
    hall.technician("kita", shift=(9 * 3600, 14 * 3600))
    found = dispatching.offered(Place(33.57, 133.54), minutes=60, as_of=EVENING, days=2)
    assert {(on, one.window.opens // 3600) for on, one in found} == {(DAY, 9), (DAY, 13)} - {(DAY, 13)} | {
        (on, hour) for on, hour in ((DAY, 9),)
    }
    assert dispatching.offered(Place(33.57, 133.54), minutes=60, skills=["network"], as_of=EVENING) == []


def test_what_was_offered_can_be_planned(hall: Hall) -> None:
    hall.technician("kita")
    for n in range(4):
        hall.ask(n, minutes=60)
    hall.plan()
    found = [
        one
        for on, one in dispatching.offered(Place(33.6, 133.5), minutes=90, as_of=EVENING, days=2)
        if on == DAY
    ]
    assert found
    said = [
        f"{second // 3600:02d}:{second // 60 % 60:02d}"
        for second in (found[-1].window.opens, found[-1].window.closes)
    ]
    hall.ask(9, lat=33.6, lon=133.5, minutes=90, earliest=said[0], latest=said[1])
    assert hall.plan().planned == 5


def test_a_day_is_read_with_the_same_queries_however_many_visits_it_has(
    hall: Hall, django_assert_max_num_queries
) -> None:
    hall.technician("kita")
    for n in range(30):
        hall.ask(n)
    with django_assert_max_num_queries(8):
        visits.booked(DAY, EVENING)
