"""Amounts and counts."""

import doctest
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import yakuba.words.numbers
from yakuba.words import LANGUAGES, count_of, yen


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(yakuba.words.numbers).failed == 0


@given(st.integers(-(10**12), 10**12), st.sampled_from(LANGUAGES))
def test_an_amount_keeps_its_digits(amount, language):
    assert int(re.sub(r"[^\d-]", "", yen(amount, language))) == amount


@pytest.mark.parametrize("amount", [1.5, Decimal(3), True, "100", None])
def test_yen_are_whole_numbers(amount):
    with pytest.raises(TypeError, match="Yen are whole numbers"):
        yen(amount, "ja")


@pytest.mark.parametrize("what", yakuba.words.numbers._COUNTED)
def test_one_and_many_in_english(what):
    assert count_of(2, what, "en").startswith("2 ")
    assert count_of(1, what, "en") == yakuba.words.numbers._ONE[what]


def test_an_unknown_counter_is_told():
    with pytest.raises(KeyError, match="No counter for “dogs”"):
        count_of(2, "dogs", "ja")
