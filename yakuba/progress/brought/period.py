"""For which time it is told what was brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from yakuba.clock import TOKYO, fiscal_year, in_tokyo


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `since` to `until`, both counted, Asia/Tokyo.

    >>> Period.fiscal(2026)
    Period(since=datetime.date(2026, 4, 1), until=datetime.date(2027, 3, 31))
    >>> Period.fiscal(2026).months("2026-03"), Period.fiscal(2026).months("2026-04")
    (False, True)
    """

    since: date
    until: date

    @classmethod
    def fiscal(cls, year: int) -> Period:
        """A fiscal year (年度). Source: 地方自治法 第208条."""
        return cls(date(year, 4, 1), date(year + 1, 3, 31))

    @classmethod
    def of(cls, when: Period | int, as_of: datetime) -> Period:
        """The period, or the fiscal year of that number; never beyond the day of `as_of`."""
        period = when if isinstance(when, Period) else cls.fiscal(when)
        return cls(period.since, min(period.until, in_tokyo(as_of).date()))

    @classmethod
    def closed_months(cls, year: int, as_of: datetime) -> Period | None:
        """A fiscal year up to the end of the last month that is over; None where none of it is."""
        period = cls.fiscal(year)
        last = in_tokyo(as_of).date().replace(day=1) - timedelta(days=1)
        return cls(period.since, min(period.until, last)) if last >= period.since else None

    @property
    def begin(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.since, time(), TOKYO)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.until + timedelta(days=1), time(), TOKYO)

    def months(self, month: str) -> bool:
        """Whether a month (`2026-04`) lies in it, or begins in it."""
        return f"{self.since:%Y-%m}" <= month <= f"{self.until:%Y-%m}"


def this_year(as_of: datetime) -> int:
    """The fiscal year of that moment."""
    return fiscal_year(in_tokyo(as_of).date())
