"""When the town hall is open."""

import doctest
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import yakuba.clock.calendars
from yakuba.clock import ROUND_THE_CLOCK, TOKYO, AlwaysClosed, BusinessCalendar, holiday_name

HALL = BusinessCalendar()
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(TOKYO))


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(yakuba.clock.calendars).failed == 0


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 11, 21), "a Saturday"),
        (date(2026, 11, 22), "a Sunday"),
        (date(2026, 11, 23), "勤労感謝の日"),
        (date(2026, 5, 6), "振替休日: 3 May was a Sunday"),
        (date(2026, 9, 22), "国民の休日 between two holidays"),
        (date(2026, 3, 20), "春分の日"),
        (date(2026, 12, 29), "年末"),
        (date(2026, 12, 31), "年末"),
        (date(2025, 1, 1), "元日"),
        (date(2025, 1, 3), "年始"),
        (date(2019, 5, 1), "即位の日"),
        (date(2019, 4, 30), "国民の休日 before 即位の日"),
        (date(2019, 10, 22), "即位礼正殿の儀"),
        (date(2021, 7, 22), "海の日, moved for the Olympic Games"),
        (date(2024, 8, 12), "振替休日: 11 August was a Sunday"),
    ],
)
def test_the_hall_is_closed(day, why):
    assert not HALL.is_open(day), why


@pytest.mark.parametrize(
    "day", [date(2026, 11, 24), date(2026, 12, 28), date(2027, 1, 4), date(2026, 5, 7), date(2021, 7, 19)]
)
def test_the_hall_is_open(day):
    assert HALL.is_open(day)


def test_a_town_may_close_on_days_of_its_own():
    festival = BusinessCalendar(closures=frozenset({date(2026, 11, 24)}))
    assert not festival.is_open(date(2026, 11, 24))
    assert festival.add_business_days(date(2026, 11, 20), 1) == date(2026, 11, 25)


def test_the_round_the_clock_calendar_never_closes():
    assert ROUND_THE_CLOCK.is_open(date(2027, 1, 1))
    assert ROUND_THE_CLOCK.add_business_days(date(2026, 12, 31), 3) == date(2027, 1, 3)


@given(days, st.integers(0, 30))
def test_business_days_added_are_the_business_days_between(day, n):
    later = HALL.add_business_days(day, n)
    assert HALL.business_days_between(day, later) == n
    assert n == 0 or HALL.is_open(later)


@given(days)
def test_the_hall_is_never_closed_for_more_than_ten_days_on_end(day):
    assert (HALL.on_or_after(day) - day).days <= 10


@given(moments, st.integers(0, 60 * 40))
@settings(max_examples=50)
def test_open_time_added_is_the_open_time_between(start, minutes):
    length = timedelta(minutes=minutes)
    end = HALL.add_open_time(start, length)
    assert HALL.open_time_between(start, end) == length


def test_business_hours_go_on_in_the_morning_after_a_holiday():
    friday_evening = datetime(2026, 11, 20, 16, 15, tzinfo=TOKYO)
    assert HALL.add_open_time(friday_evening, timedelta(hours=2)) == datetime(
        2026, 11, 24, 9, 30, tzinfo=TOKYO
    )


def test_a_calendar_that_is_always_closed_says_so_instead_of_looking_for_ever():
    closed = BusinessCalendar(closed_weekdays=frozenset(range(7)))
    with pytest.raises(AlwaysClosed, match="Check its closures"):
        closed.add_business_days(date(2026, 11, 24), 1)


def test_opening_after_closing_is_refused():
    with pytest.raises(ValueError, match="swap the two"):
        BusinessCalendar(opens=time(18), closes=time(9))


def test_holidays_have_their_names():
    assert holiday_name(date(2026, 11, 23)) == "勤労感謝の日"
    assert holiday_name(date(2026, 11, 24)) is None
