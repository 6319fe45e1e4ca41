"""The end of a period counted in months or years (民法 第143条)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta


def last_day(first: date, months: int) -> date:
    """The last day of a period of `months` whose first counted day (起算日) is `first`.

    The day before the corresponding day (応当日) of the last month; where that month has no such day, the
    last day of the month. Source: 民法 第143条第2項.

    >>> last_day(date(2026, 3, 1), 1)
    datetime.date(2026, 3, 31)
    >>> last_day(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    >>> last_day(date(2024, 2, 29), 12)
    datetime.date(2025, 2, 28)
    """
    day = on_day_of_month(first, months)
    return day if day.day < first.day else day - timedelta(days=1)


def on_day_of_month(first: date, months: int) -> date:
    """The same day `months` later; where that month has no such day, its last one (民法 第143条第2項).

    >>> on_day_of_month(date(2026, 1, 31), 1), on_day_of_month(date(2026, 1, 31), 2)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    """
    years, month = divmod(first.month - 1 + months, 12)
    year, month = first.year + years, month + 1
    return date(year, month, min(first.day, monthrange(year, month)[1]))
