"""By when: durations as services declare them, and the moment at which they end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from yakuba.clock.calendars import Calendar
from yakuba.clock.periods import last_day
from yakuba.clock.tokyo import TOKYO, in_tokyo
from yakuba.words import Text

#: A period of days ends with the end of its last day (民法 第141条), written as that day's last second so that
#: the date shown is the last day and not the one after.
END_OF_DAY = time(23, 59, 59)

Pause = tuple[datetime, datetime | None]


class Unit(StrEnum):
    """What a duration is counted in."""

    HOUR = "hour"
    BUSINESS_HOUR = "business hour"
    DAY = "day"
    BUSINESS_DAY = "business day"
    MONTH = "month"
    YEAR = "year"


_SAID = {
    Unit.HOUR: ("{n}時間", "{n}時間", "{n} hour"),
    Unit.BUSINESS_HOUR: (
        "開庁時間で{n}時間",
        "{n}時間（役場が 開いている 時間だけ 数えます）",
        "{n} business hour",
    ),
    Unit.DAY: ("{n}日", "{n}日", "{n} day"),
    Unit.BUSINESS_DAY: ("{n}開庁日", "{n}日（役場が 休みの 日は 数えません）", "{n} business day"),
    Unit.MONTH: ("{n}か月", "{n}か月", "{n} month"),
    Unit.YEAR: ("{n}年", "{n}年", "{n} year"),
}


class NotADuration(ValueError):
    """A service file declares a time that cannot be read."""

    def __init__(self, text: str):
        super().__init__(
            f"“{text}” is not a duration. Write a number from 1 and a unit: "
            "5 business days, 30 days, 4 hours, 4 business hours, 2 months, 5 years."
        )


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as a law or a service declares it.

    >>> norm = Duration.parse("5 business days")
    >>> norm
    Duration(count=5, unit=<Unit.BUSINESS_DAY: 'business day'>)
    >>> norm.text("ja"), norm.text("en"), str(Duration.parse("1 month"))
    ('5開庁日', '5 business days', '1 month')
    """

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.count < 1:
            raise NotADuration(f"{self.count} {self.unit}s")

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read "5 business days", "30 days", "4 hours", "4 business hours", "2 months" or "5 years".

        Raises NotADuration.
        """
        match = re.fullmatch(r"(\d{1,4}) ((?:business )?(?:hour|day)|month|year)s?", text.strip(), re.ASCII)
        if match is None:
            raise NotADuration(text)
        return cls(int(match[1]), Unit(match[2]))

    def words(self) -> Text:
        """The duration in three languages."""
        ja, easy, en = (said.format(n=self.count) for said in _SAID[self.unit])
        return Text(ja=ja, easy=easy, en=en if self.count == 1 else en + "s")

    def text(self, language: str) -> str:
        """The duration in one language."""
        return self.words().get(language)

    def __str__(self) -> str:
        return self.words().en


def due(start: datetime, duration: Duration, calendar: Calendar) -> datetime:
    """When `duration`, begun at `start`, ends: an aware datetime in Asia/Tokyo.

    Hours run from the moment. Days, months and years do not count the day of `start` (民法 第140条; what begins a
    case happens within a day, so the exception for 0:00 is not used) and end with the end of their last day
    (第141条), months and years by 第143条. Where that last day is closed in `calendar` the period ends with
    the next open day (第142条, 地方自治法 第4条の2第4項, 行政機関の休日に関する法律 第2条); on `ROUND_THE_CLOCK` no day
    is closed and nothing moves. Business days and business hours count only what is open.
    Raises ValueError when `start` is naive.

    >>> from yakuba.clock.calendars import ROUND_THE_CLOCK, BusinessCalendar
    >>> friday = datetime(2026, 11, 20, 16, 0, tzinfo=TOKYO)
    >>> due(friday, Duration.parse("2 business days"), BusinessCalendar()).isoformat()
    '2026-11-25T23:59:59+09:00'
    >>> due(friday, Duration.parse("2 days"), BusinessCalendar()).date()
    datetime.date(2026, 11, 24)
    >>> due(friday, Duration.parse("2 days"), ROUND_THE_CLOCK).date()
    datetime.date(2026, 11, 22)
    """
    return due_with_pauses(start, duration, (), calendar)


def due_with_pauses(
    start: datetime, duration: Duration, pauses: Sequence[Pause], calendar: Calendar
) -> datetime:
    """When `duration` ends if the clock stood still during each of `pauses` (from, until).

    Hours are lengthened by the time paused, business hours by the open time paused, days, months and years by
    the days from the pause to its end, business days by the open days among them. A pause without an
    end does not lengthen yet: the answer is what holds if the clock went on at once. A pause that begins
    when the time is already over changes nothing. Overlapping pauses count once.
    Raises ValueError for naive times.
    """
    ended = list(_merged(in_tokyo(start), pauses))
    match duration.unit:
        case Unit.HOUR:
            return _hours_due(in_tokyo(start), duration.count, ended)
        case Unit.BUSINESS_HOUR:
            return _business_hours_due(in_tokyo(start), duration.count, ended, calendar)
        case Unit.BUSINESS_DAY:
            return _end_of(_business_day_due(in_tokyo(start).date(), duration.count, ended, calendar))
        case _:
            return _end_of(_day_due(in_tokyo(start).date(), duration, ended, calendar))


def _merged(start: datetime, pauses: Iterable[Pause]) -> Iterator[tuple[datetime, datetime]]:
    """The pauses that have ended, in order, from `start` on, without overlap."""
    reached = start
    for begin, end in sorted((in_tokyo(a), in_tokyo(b)) for a, b in pauses if b is not None):
        begin = max(begin, reached)
        if end > begin:
            yield begin, end
            reached = end


def _hours_due(start: datetime, hours: int, pauses: list[tuple[datetime, datetime]]) -> datetime:
    end = start + timedelta(hours=hours)
    for begin, until in pauses:
        if begin < end:
            end += until - begin
    return end


def _business_hours_due(
    start: datetime, hours: int, pauses: list[tuple[datetime, datetime]], calendar: Calendar
) -> datetime:
    end = calendar.add_open_time(start, timedelta(hours=hours))
    for begin, until in pauses:
        if begin < end:
            end = calendar.add_open_time(end, calendar.open_time_between(begin, until))
    return end


def _business_day_due(
    start: date, days: int, pauses: list[tuple[datetime, datetime]], calendar: Calendar
) -> date:
    last = calendar.add_business_days(start, days)
    for begin, until in pauses:
        if begin.date() <= last:
            paused = calendar.business_days_between(begin.date(), until.date())
            last = calendar.add_business_days(last, paused)
    return last


def _day_due(
    start: date, duration: Duration, pauses: list[tuple[datetime, datetime]], calendar: Calendar
) -> date:
    last = _last_counted_day(start, duration)
    for begin, until in pauses:
        if begin.date() <= calendar.on_or_after(last):
            last = max(last, begin.date()) + (until.date() - begin.date())
    return calendar.on_or_after(last)


def _last_counted_day(start: date, duration: Duration) -> date:
    first = start + timedelta(days=1)
    match duration.unit:
        case Unit.DAY:
            return start + timedelta(days=duration.count)
        case Unit.MONTH:
            return last_day(first, duration.count)
        case _:
            return last_day(first, 12 * duration.count)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, END_OF_DAY, TOKYO)
