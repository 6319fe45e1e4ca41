"""What an answer must be like: days that exist, telephone numbers, the check digit of an issuer of invoices."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.assistant.reading import checks

ERAS = {"reiwa": (2018, date(2019, 5, 1)), "showa": (1925, date(1926, 12, 25))}


@given(st.dates(date(1930, 1, 1), date(1988, 12, 31)))
def test_a_day_is_the_same_in_the_years_of_an_era_and_of_the_west(day):
    year = str(day.year - 1925)
    assert checks.day("showa", year, str(day.month), str(day.day)) == day
    assert checks.day("western", str(day.year), f"{day.month:02}", f"{day.day:02}") == day
    assert checks.day("showa", str(day.year), str(day.month), str(day.day)) == day


@pytest.mark.parametrize(
    ("era", "year", "month", "day"),
    [
        ("western", "2023", "2", "29"),
        ("showa", "50", "13", "1"),
        ("", "50", "1", "1"),
        ("showa", "", "1", "1"),
    ],
)
def test_a_day_that_does_not_exist_is_none(era, year, month, day):
    assert checks.day(era, year, month, day) is None


@given(st.integers(0, 10**8 - 1))
def test_a_mobile_number_has_eleven_digits_and_loses_its_shape_with_any_digit_left_out(rest):
    number = f"090{rest:08}"
    assert checks.is_phone(number)
    assert not checks.is_phone(number[1:])


def _with_check_digit(twelve: str) -> str:
    """The corporate number of these twelve digits (国税庁 法人番号の構成)."""
    total = sum(int(digit) * (1 if n % 2 == 0 else 2) for n, digit in enumerate(reversed(twelve)))
    return f"{9 - total % 9}{twelve}"


@given(st.integers(10**11, 10**12 - 1), st.integers(0, 12), st.integers(1, 9))
def test_a_misread_digit_of_a_registration_number_is_noticed(twelve, place, more):
    right = _with_check_digit(str(twelve))
    assert checks.invoice_number(f"登録番号：T{right}") == f"T{right}"
    wrong = right[:place] + str((int(right[place]) + more) % 10) + right[place + 1 :]
    modulo_nine = {right[place], wrong[place]} == {"0", "9"} and place > 0
    assert modulo_nine or checks.invoice_number(f"T{wrong}") is None


def test_a_postal_code_must_be_one_of_the_posts():
    assert checks.is_postal_code("7890301", {"7890301"})
    assert not checks.is_postal_code("7890302", {"7890301"})
    assert not checks.is_postal_code("789030", frozenset())
