"""Amounts and dates are written in one way, and their values never change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.assistant.voice.figures import standard


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("1500円", "1,500円"),
        ("１５００円", "1,500円"),
        ("1万5000円", "15,000円"),
        ("1万円", "10,000円"),
        ("三百円", "300円"),
        ("二万五千円", "25,000円"),
        ("6万8千円", "68,000円"),
        ("十一月三十日", "11月30日"),
        ("4月1日", "4月1日"),
    ],
)
def test_amounts_and_dates_are_written_in_digits(heard, written):
    assert standard(heard) == written


@pytest.mark.parametrize("text", ["一日中", "十分です", "3百20円", "千円札", "一部", "三日月", "円"])
def test_what_is_no_plain_amount_or_date_stays(text):
    assert standard(text) in (text, text.replace("千円", "1,000円"))


@given(st.integers(0, 99_999_999))
def test_an_amount_keeps_its_value_however_it_was_written(amount):
    written = f"{amount:,}円"
    myriads, rest = divmod(amount, 10_000)
    assert standard(f"{amount}円") == written
    assert standard(written) == written
    if myriads:
        assert standard(f"{myriads}万{rest or ''}円") == written


@given(st.text("0123456789０１,.円月日万千百十一二三あ、", max_size=20))
def test_writing_it_again_changes_nothing(text):
    assert standard(standard(text)) == standard(text)
