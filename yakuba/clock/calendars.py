"""When the town hall is open: a calendar of opening days and hours, and the clock that never closes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import jpholiday

from yakuba.clock.tokyo import TOKYO, in_tokyo

SATURDAY, SUNDAY = 5, 6

_DAY = timedelta(days=1)

# A calendar that is closed for longer than this has been set up wrongly; looking on would never end.
_LONGEST_CLOSURE = timedelta(days=366)


class AlwaysClosed(ValueError):
    """A calendar has no open day within a year, so nothing can ever be due."""

    def __init__(self, after: date):
        super().__init__(f"The calendar has no open day in the year after {after}. Check its closures.")


class Calendar(ABC):
    """Which days and hours count."""

    @abstractmethod
    def is_open(self, day: date) -> bool:
        """Whether the office is open on `day`."""

    @abstractmethod
    def hours(self, day: date) -> tuple[datetime, datetime]:
        """From when until when `day` counts when it is open (aware, Asia/Tokyo; the end is not included)."""

    def on_or_after(self, day: date) -> date:
        """The first open day from `day` on. Raises AlwaysClosed."""
        found = day
        while not self.is_open(found):
            found += _DAY
            if found - day > _LONGEST_CLOSURE:
                raise AlwaysClosed(day)
        return found

    def add_business_days(self, day: date, n: int) -> date:
        """The `n`-th open day after `day` (n ≥ 0); `day` itself is never counted, and is the answer for 0.

        Raises AlwaysClosed, and ValueError for a negative `n`.
        """
        if n < 0:
            raise ValueError(f"Business days are counted forwards, not {n}.")
        for _ in range(n):
            day = self.on_or_after(day + _DAY)
        return day

    def business_days_between(self, start: date, end: date) -> int:
        """How many open days lie after `start` up to and including `end`; 0 when `end` is not later."""
        return sum(self.is_open(start + n * _DAY) for n in range(1, (end - start).days + 1))

    def open_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the office is open between two moments. Raises ValueError when one is naive."""
        start, end = in_tokyo(start), in_tokyo(end)
        total = timedelta()
        day = start.date()
        while day <= end.date():
            if self.is_open(day):
                opens, closes = self.hours(day)
                total += max(timedelta(), min(closes, end) - max(opens, start))
            day += _DAY
        return total

    def add_open_time(self, start: datetime, length: timedelta) -> datetime:
        """The moment at which the office has been open for `length` since `start`.

        Raises AlwaysClosed, and ValueError when `start` is naive.
        """
        start = in_tokyo(start)
        day = self.on_or_after(start.date())
        while True:
            opens, closes = self.hours(day)
            begin = max(opens, start)
            if begin < closes and begin + length <= closes:
                return begin + length
            length -= max(timedelta(), closes - begin)
            day = self.on_or_after(day + _DAY)


@dataclass(frozen=True, slots=True)
class BusinessCalendar(Calendar):
    """The days and hours of a town hall, Asia/Tokyo.

    Closed are Saturdays and Sundays, national holidays with their substitutes (国民の祝日に関する法律), the days
    from 29 December to 3 January, and the town's own `closures`. Source: 地方自治法 第4条の2第2項・第3項, and for the
    turn of the year, which the law leaves to the town's ordinance, the usual days of 行政機関の休日に関する法律 第1条
    第1項第3号. The hours are the usual 8:30 to 17:15: a working day of 7 hours 45 minutes and a break (一般職の職員の
    勤務時間、休暇等に関する法律 第6条第2項). Other days and hours: give them when making the calendar.

    >>> hall = BusinessCalendar(closures=frozenset({date(2026, 11, 25)}))
    >>> hall.is_open(date(2026, 11, 23)), hall.is_open(date(2026, 11, 24)), hall.is_open(date(2026, 11, 25))
    (False, True, False)
    >>> hall.add_business_days(date(2026, 12, 28), 1)
    datetime.date(2027, 1, 4)
    """

    closures: frozenset[date] = frozenset()
    closed_weekdays: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    opens: time = time(8, 30)
    closes: time = time(17, 15)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"The office opens at {self.opens} and closes at {self.closes}: swap the two.")

    def is_open(self, day: date) -> bool:
        return not (
            day.weekday() in self.closed_weekdays
            or is_year_end(day)
            or day in self.closures
            or jpholiday.is_holiday(day)
        )

    def hours(self, day: date) -> tuple[datetime, datetime]:
        return datetime.combine(day, self.opens, TOKYO), datetime.combine(day, self.closes, TOKYO)


@dataclass(frozen=True, slots=True)
class RoundTheClock(Calendar):
    """The clock of work that never closes: 24 hours, 365 days."""

    def is_open(self, day: date) -> bool:
        return True

    def hours(self, day: date) -> tuple[datetime, datetime]:
        midnight = datetime.combine(day, time(), TOKYO)
        return midnight, midnight + _DAY


ROUND_THE_CLOCK = RoundTheClock()


def is_year_end(day: date) -> bool:
    """Whether `day` is one of 29 December to 3 January. Source: 行政機関の休日に関する法律 第1条第1項第3号."""
    return (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)


def holiday_name(day: date) -> str | None:
    """The Japanese name of the national holiday on `day`, 振替休日 and 国民の休日 included; None on other days."""
    name = jpholiday.is_holiday_name(day)
    return str(name) if name else None
