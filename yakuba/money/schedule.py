"""When money that is due every few months is paid, and for which months. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from yakuba.clock import on_day_of_month


@dataclass(frozen=True, slots=True)
class Period:
    """One payment month and the months that it pays for, `start` to `end` (first days of months)."""

    name: str
    due: date
    start: date
    end: date


def month(day: date, add: int = 0) -> date:
    """The first day of the month `add` months after that of `day`.

    >>> month(date(2025, 11, 24), 2)
    datetime.date(2026, 1, 1)
    """
    return on_day_of_month(day.replace(day=1), add)


FROM = {"this month": 0, "next month": 1}
"""From when `pay.schedule.from` pays, in months after that of the request. The one after it: 児童手当法 第8条第2項,
児童扶養手当法 第7条第1項."""


def periods(pay_months: Iterable[int], covers: int, *, since: date, until: date) -> list[Period]:
    """The payment months up to `until`, beginning with the one that pays for the month of `since`.

    Each pays for the `covers` months before it (児童手当法 第8条第4項: 偶数月に、それぞれの前月までの分).

    >>> [(p.name, p.start.month, p.end.month) for p in periods([2, 4, 6, 8, 10, 12], 2, since=date(2025, 12, 1), until=date(2026, 4, 30))]
    [('2026-02', 12, 1), ('2026-04', 2, 3)]
    """
    wanted = frozenset(pay_months)
    found, due = [], month(since, 1)
    while due <= until:
        if due.month in wanted:
            found.append(Period(f"{due:%Y-%m}", due, month(due, -covers), month(due, -1)))
        due = month(due, 1)
    return found
