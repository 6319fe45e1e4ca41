"""The days on which banks move money."""

from __future__ import annotations

from datetime import date, timedelta

from yakuba.clock import holiday_name

_YEAR_END = {(12, 31), (1, 1), (1, 2), (1, 3)}


def is_bank_day(day: date) -> bool:
    """Whether banks are open: not on Saturdays, Sundays, national holidays and 31 December to 3 January.

    Source: 銀行法 第15条, 銀行法施行令 第5条第1項.

    >>> is_bank_day(date(2025, 12, 30)), is_bank_day(date(2025, 12, 31)), is_bank_day(date(2026, 1, 5))
    (True, False, True)
    """
    return day.weekday() < 5 and (day.month, day.day) not in _YEAR_END and holiday_name(day) is None


def bank_day_on_or_after(day: date) -> date:
    """The day itself when banks are open, else the next one on which they are."""
    while not is_bank_day(day):
        day += timedelta(days=1)
    return day


def bank_day_on_or_before(day: date) -> date:
    """The day itself when banks are open, else the last one before on which they were."""
    while not is_bank_day(day):
        day -= timedelta(days=1)
    return day
