"""Dates as the law and the town hall count them: ages, eras, opening days, due times. Pure.

`clock.now()` is the only reading of the wall clock in the project.
"""

from yakuba.clock.ages import (
    after_fiscal_age,
    age,
    attained_on,
    end_of_fiscal_year,
    fiscal_year,
    fiscal_year_age,
    school_year,
)
from yakuba.clock.calendars import (
    ROUND_THE_CLOCK,
    AlwaysClosed,
    BusinessCalendar,
    Calendar,
    RoundTheClock,
    holiday_name,
)
from yakuba.clock.deadlines import Duration, NotADuration, Unit, due, due_with_pauses
from yakuba.clock.periods import on_day_of_month
from yakuba.clock.spoken import say_date, say_datetime, say_time
from yakuba.clock.tokyo import TOKYO, in_tokyo, now
from yakuba.clock.wareki import ERAS, Era, NotADate, era_of, era_year, parse_date, to_wareki

__all__ = [
    "ERAS",
    "ROUND_THE_CLOCK",
    "TOKYO",
    "AlwaysClosed",
    "BusinessCalendar",
    "Calendar",
    "Duration",
    "Era",
    "NotADate",
    "NotADuration",
    "RoundTheClock",
    "Unit",
    "after_fiscal_age",
    "age",
    "attained_on",
    "due",
    "due_with_pauses",
    "end_of_fiscal_year",
    "era_of",
    "era_year",
    "fiscal_year",
    "fiscal_year_age",
    "holiday_name",
    "in_tokyo",
    "now",
    "on_day_of_month",
    "parse_date",
    "say_date",
    "say_datetime",
    "say_time",
    "school_year",
    "to_wareki",
]
