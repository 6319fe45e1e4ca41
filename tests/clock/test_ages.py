"""Ages as 年齢計算ニ関スル法律 and 民法 第143条 count them."""

import doctest
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import yakuba.clock.ages
import yakuba.clock.periods
from yakuba.clock import after_fiscal_age, age, attained_on, fiscal_year, fiscal_year_age, school_year

births = st.dates(date(1900, 1, 1), date(2030, 12, 31))
years = st.integers(1, 110)


@pytest.mark.parametrize("module", [yakuba.clock.ages, yakuba.clock.periods])
def test_the_examples_in_the_docstrings_are_true(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("birth", "eve"),
    [
        (date(2008, 4, 1), date(2026, 3, 31)),
        (date(2008, 4, 2), date(2026, 4, 1)),
        (date(2008, 2, 29), date(2026, 2, 28)),
        (date(2008, 3, 1), date(2026, 2, 28)),
        (date(2008, 1, 1), date(2025, 12, 31)),
    ],
)
def test_eighteen_is_attained_on_the_day_before_the_birthday(birth, eve):
    assert attained_on(birth, 18) == eve


def test_born_on_1_march_attains_twenty_on_29_february_of_a_leap_year():
    assert attained_on(date(2008, 3, 1), 20) == date(2028, 2, 29)


@given(births, years)
def test_the_day_after_attaining_an_age_is_the_first_day_of_that_age(birth, n):
    eve = attained_on(birth, n)
    assert age(birth, eve) == n - 1
    assert age(birth, eve + timedelta(days=1)) == n


@given(births, years)
def test_the_day_after_attaining_is_the_birthday_or_1_march_where_there_is_none(birth, n):
    day = attained_on(birth, n) + timedelta(days=1)
    no_such_day = (birth.month, birth.day) == (2, 29) and (day.month, day.day) == (3, 1)
    assert no_such_day or (day.month, day.day) == (birth.month, birth.day)
    assert day.year == birth.year + n


def test_a_newborn_is_nought_and_attained_it_by_being_born():
    assert age(date(2026, 11, 24), date(2026, 11, 24)) == 0
    assert attained_on(date(2026, 11, 24), 0) == date(2026, 11, 24)


def test_nobody_has_an_age_before_birth_or_below_nought():
    with pytest.raises(ValueError, match="the birth date 2026-11-25 is later"):
        age(date(2026, 11, 25), date(2026, 11, 24))
    with pytest.raises(ValueError, match="0 or more"):
        attained_on(date(2026, 11, 25), -1)


@pytest.mark.parametrize(
    ("birth", "last"),
    [
        (date(2008, 4, 1), date(2026, 3, 31)),
        (date(2008, 4, 2), date(2027, 3, 31)),
        (date(2008, 3, 31), date(2026, 3, 31)),
        (date(2008, 2, 29), date(2026, 3, 31)),
    ],
)
def test_child_allowance_ends_with_the_first_31_march_on_or_after_eighteen(birth, last):
    assert after_fiscal_age(birth, 18) == last


@given(births, years)
def test_the_first_31_march_ends_the_fiscal_year_of_that_age(birth, n):
    last = after_fiscal_age(birth, n)
    assert fiscal_year_age(birth, last) == n
    assert 0 <= (last - attained_on(birth, n)).days <= 365
    assert fiscal_year_age(birth, last + timedelta(days=1)) == n + 1


@given(births)
def test_a_fiscal_year_holds_everyone_born_from_2_april_to_1_april(birth):
    born_in = birth.year if (birth.month, birth.day) >= (4, 2) else birth.year - 1
    assert fiscal_year_age(birth, date(2031, 4, 1)) == 2031 - born_in


@pytest.mark.parametrize(
    ("birth", "on", "year"),
    [
        (date(2019, 4, 1), date(2025, 4, 1), 1),
        (date(2019, 4, 2), date(2025, 4, 1), 0),
        (date(2019, 4, 2), date(2026, 4, 1), 1),
        (date(2019, 4, 1), date(2025, 3, 31), 0),
        (date(2011, 4, 1), date(2026, 3, 31), 9),
        (date(2011, 4, 1), date(2026, 4, 1), 10),
    ],
)
def test_school_begins_on_the_1_april_after_six_is_attained(birth, on, year):
    assert school_year(birth, on) == year


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_fiscal_year_begins_on_1_april(on):
    assert date(fiscal_year(on), 4, 1) <= on <= date(fiscal_year(on) + 1, 3, 31)
