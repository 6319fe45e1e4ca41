"""Numbers as old systems write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.records.values.numbers import to_number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1200", "1200"),
        ("1,200", "1200"),
        ("１２００円", "1200"),
        ("0042", "42"),
        ("000", "0"),
        ("+5", "5"),
        ("", ""),
    ],
)
def test_a_whole_number_in_any_usual_form(written: str, number: str) -> None:
    assert to_number(written).value == number


def test_a_number_below_nothing_is_held_where_none_may_be() -> None:
    assert to_number("-5").value is None
    assert to_number("▲5", signed=True).value == "-5"
    assert to_number("-0").value == "0"


def test_a_fraction_is_never_rounded() -> None:
    assert to_number("12.50", fraction=2).value == "12.5"
    found = to_number("12.505", fraction=2)
    assert found.value is None
    assert found.held is not None
    assert "12.505" in found.held.ja


@pytest.mark.parametrize("written", ["約100", "1.2.3", "--5", "円", "1e5", "１２ー"])
def test_what_is_no_number_is_held_with_what_was_written(written: str) -> None:
    found = to_number(written, signed=True, fraction=3)
    assert found.value is None
    assert found.held is not None
    assert written in found.held.en


@given(st.integers(-(10**15), 10**15))
def test_a_number_stays_the_number_that_it_is(number: int) -> None:
    assert to_number(f"{number:,}", signed=True).value == str(number)
    assert to_number(str(number), signed=True).repairs == ()
