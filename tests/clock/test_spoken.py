"""Dates and times as people read them."""

import doctest
from datetime import UTC, datetime

import pytest

import yakuba.clock.spoken
from yakuba.clock import TOKYO, say_datetime, say_time


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(yakuba.clock.spoken).failed == 0


def test_a_time_is_said_in_tokyo_whatever_zone_it_is_kept_in():
    kept = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    assert say_datetime(kept, "ja") == "令和8年11月25日（水）0時30分"
    assert say_datetime(kept, "easy") == "2026年11月25日（水曜日） 午前0時30分"
    assert say_datetime(kept, "en") == "25 November 2026 (Wed) 00:30"


def test_noon_and_full_hours_in_easy_japanese():
    assert say_time(datetime(2026, 11, 24, 12, 0, tzinfo=TOKYO), "easy") == "午後0時"
    assert say_time(datetime(2026, 11, 24, 9, 5, tzinfo=TOKYO), "easy") == "午前9時5分"


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="carries no time zone"):
        say_time(datetime(2026, 11, 24, 9), "ja")
