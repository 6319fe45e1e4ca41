"""How long visits took, from the log alone."""

from __future__ import annotations

from datetime import timedelta

from yakuba.channels.reception import visits
from yakuba.progress.visits import Minutes, ended, spent


def test_waiting_and_serving_are_added_up_over_all_desks_of_a_visit(reception, clerk):
    case = reception.came()
    visits.call(case.id, reception.desk(1), by=clerk, as_of=reception.after(10))
    visits.hand_over(case.id, reception.desk(2), "", by=clerk, as_of=reception.after(7))
    visits.call(case.id, reception.desk(2), by=clerk, as_of=reception.after(3))
    visits.end(case.id, visits.FINISHED, [], by=clerk, as_of=reception.after(5))
    found = spent(ended(reception.now - timedelta(hours=1), reception.now + timedelta(minutes=1)))
    assert found.visits == 1
    assert found.waited == Minutes(13.0, 13.0)
    assert found.served == Minutes(12.0, 12.0)


def test_who_did_not_come_and_who_is_still_there_do_not_count(reception, clerk):
    nobody, somebody = reception.called(), reception.called()
    visits.end(nobody.id, visits.NOT_THERE, [], by=clerk, as_of=reception.after(2))
    assert visits.visit(somebody.id)
    found = spent(ended(reception.now - timedelta(hours=1), reception.now + timedelta(minutes=1)))
    assert (found.visits, found.waited) == (0, Minutes(None, None))


def test_half_and_nine_in_ten_are_times_that_somebody_really_took(reception, clerk):
    for minutes in (1, 2, 3, 4, 20):
        case = reception.called()
        visits.end(case.id, visits.FINISHED, [], by=clerk, as_of=reception.after(minutes))
    found = spent(ended(reception.now - timedelta(hours=2), reception.now + timedelta(minutes=1)))
    assert found.served == Minutes(3.0, 20.0)


def test_the_visits_of_today_are_those_of_the_month_that_ended_today(reception, clerk):
    early = reception.called()
    visits.end(early.id, visits.FINISHED, [], by=clerk, as_of=reception.after(5))
    reception.after(60)
    late = reception.called()
    visits.end(late.id, visits.LEFT, [], by=clerk, as_of=reception.after(7))
    since = reception.now - timedelta(minutes=30)
    both = ended(since - timedelta(days=30), reception.now + timedelta(minutes=1))
    assert spent(both).visits == 2
    assert spent([one for one in both if one.at >= since]).served == Minutes(7.0, 7.0)
