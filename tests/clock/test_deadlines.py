"""By when something is due."""

import doctest
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import yakuba.clock.deadlines
from yakuba.clock import (
    ROUND_THE_CLOCK,
    TOKYO,
    BusinessCalendar,
    Duration,
    NotADuration,
    Unit,
    due,
    due_with_pauses,
)

HALL = BusinessCalendar()
moments = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31), timezones=st.just(TOKYO))
durations = st.builds(Duration, st.integers(1, 20), st.sampled_from(Unit))
calendars = st.sampled_from([HALL, ROUND_THE_CLOCK])


def at(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=TOKYO)


def last_day(start: datetime, duration: str, *pauses, calendar=HALL) -> date:
    return due_with_pauses(start, Duration.parse(duration), pauses, calendar).date()


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(yakuba.clock.deadlines).failed == 0


@given(durations)
def test_a_duration_is_read_back_from_what_it_prints(duration):
    assert Duration.parse(str(duration)) == duration


def test_a_duration_speaks_three_languages():
    hours = Duration.parse("4 business hours")
    assert hours.text("ja") == "開庁時間で4時間"
    assert hours.text("easy") == "4時間（役場が 開いている 時間だけ 数えます）"
    assert hours.text("en") == "4 business hours"


@pytest.mark.parametrize(
    "text", ["", "5", "days", "0 days", "-1 days", "5 business months", "1.5 hours", "５ days", "5 weeks"]
)
def test_what_is_no_duration_is_refused_with_examples(text):
    with pytest.raises(NotADuration, match="5 business days, 30 days"):
        Duration.parse(text)


def test_the_first_day_is_not_counted_and_the_last_ends_at_night():
    assert (
        due(at(11, 2), Duration.parse("3 days"), ROUND_THE_CLOCK).isoformat() == "2026-11-05T23:59:59+09:00"
    )


def test_a_legal_period_that_ends_on_a_closed_day_ends_with_the_next_open_day():
    assert last_day(at(10, 24), "30 days") == date(2026, 11, 24)  # 23 November is a holiday
    assert last_day(at(10, 24), "30 days", calendar=ROUND_THE_CLOCK) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (at(1, 30), date(2026, 2, 28)),  # begins on 31 January; February has no such day
        (at(1, 31), date(2026, 2, 28)),  # begins on 1 February: the whole month
        (at(2, 28), date(2026, 3, 31)),  # begins on 1 March: the whole month
        (at(3, 15), date(2026, 4, 15)),
    ],
)
def test_a_month_ends_on_the_eve_of_the_corresponding_day(start, end):
    assert last_day(start, "1 month", calendar=ROUND_THE_CLOCK) == end


def test_three_months_to_object_after_knowing_the_decision():
    assert last_day(at(11, 24), "3 months") == date(2027, 2, 24)


def test_five_years_of_keeping_end_on_the_same_day():
    assert last_day(at(11, 24), "5 years", calendar=ROUND_THE_CLOCK) == date(2031, 11, 24)


def test_business_days_leave_out_weekends_holidays_and_the_year_end():
    assert last_day(at(11, 20), "1 business day") == date(2026, 11, 24)
    assert last_day(at(12, 28), "1 business day") == date(2027, 1, 4)
    assert last_day(at(11, 21), "1 business day") == date(2026, 11, 24)  # received on a Saturday


def test_hours_run_through_the_night_and_business_hours_do_not():
    assert due(at(11, 20, 16), Duration.parse("4 hours"), HALL) == at(11, 20, 20)
    assert due(at(11, 20, 16), Duration.parse("4 business hours"), HALL) == at(11, 24, 11) + timedelta(
        minutes=15
    )


def test_a_late_evening_in_utc_is_already_the_next_day_in_tokyo():
    start = datetime(2026, 11, 24, 16, tzinfo=UTC)
    assert last_day(start, "1 day") == date(2026, 11, 26)


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="carries no time zone"):
        due(datetime(2026, 11, 24), Duration.parse("1 day"), HALL)


def test_a_returned_case_gets_the_days_back_that_it_waited():
    assert last_day(at(11, 2), "10 days", (at(11, 5), at(11, 9)), calendar=ROUND_THE_CLOCK) == date(
        2026, 11, 16
    )


def test_a_returned_case_gets_only_open_days_back_on_a_norm_of_business_days():
    without = last_day(at(11, 24), "5 business days")
    assert without == date(2026, 12, 1)
    assert last_day(at(11, 24), "5 business days", (at(11, 27), at(11, 30))) == date(2026, 12, 2)


def test_a_pause_over_night_takes_no_business_hours():
    paused = (at(11, 24, 18), at(11, 25, 7))
    assert due_with_pauses(at(11, 24, 16), Duration.parse("4 business hours"), [paused], HALL) == due(
        at(11, 24, 16), Duration.parse("4 business hours"), HALL
    )


def test_a_pause_that_goes_on_does_not_move_the_due_time_yet():
    assert last_day(at(11, 2), "10 days", (at(11, 5), None)) == last_day(at(11, 2), "10 days")


def test_a_pause_after_the_time_is_over_does_not_mend_the_lateness():
    assert last_day(at(11, 2), "3 days", (at(11, 10), at(11, 20))) == last_day(at(11, 2), "3 days")


def test_a_pause_on_the_open_day_that_a_weekend_end_moved_to_still_counts():
    # 14 November is a Saturday, so the period ends on Monday the 16th, on which the case is returned.
    assert last_day(at(11, 4), "10 days", (at(11, 16), at(11, 19))) == date(2026, 11, 19)


def test_overlapping_pauses_count_once():
    twice = [(at(11, 5), at(11, 9)), (at(11, 6), at(11, 8))]
    assert last_day(at(11, 2), "10 days", *twice) == last_day(at(11, 2), "10 days", twice[0])


@given(moments, durations, calendars)
@settings(max_examples=60)
def test_nothing_is_due_before_it_began_and_a_longer_time_is_never_due_earlier(start, duration, calendar):
    end = due(start, duration, calendar)
    longer = due(start, Duration(duration.count + 1, duration.unit), calendar)
    assert start < end <= longer


@given(moments, durations, calendars, st.integers(0, 400), st.integers(0, 400))
@settings(max_examples=60)
def test_a_pause_never_makes_a_case_due_earlier_nor_before_it_goes_on(
    start, duration, calendar, after, length
):
    begin = start + timedelta(hours=after)
    until = begin + timedelta(hours=length)
    without = due(start, duration, calendar)
    paused = due_with_pauses(start, duration, [(begin, until)], calendar)
    assert paused >= without
    assert begin >= without or paused >= until or not calendar.is_open(until.date())


@given(moments, durations, st.lists(st.tuples(st.integers(0, 300), st.integers(0, 100)), max_size=4))
@settings(max_examples=60)
def test_the_order_in_which_pauses_are_given_makes_no_difference(start, duration, gaps):
    pauses = [(start + timedelta(hours=a), start + timedelta(hours=a + b)) for a, b in gaps]
    forwards = due_with_pauses(start, duration, pauses, HALL)
    assert forwards == due_with_pauses(start, duration, pauses[::-1], HALL)
