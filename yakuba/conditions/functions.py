"""The closed list of functions: what each takes, gives, and the SQL it stands for.

Nothing else can be called: no file, no network, no clock, no random number. Dates follow
年齢計算ニ関スル法律 and 民法 第143条; the pure twins in `yakuba.clock.ages` are the reference
that the tests compare with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from yakuba.clock import BusinessCalendar
from yakuba.conditions.types import Kind

ANY: Kind | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """`takes`: kinds of the arguments (None: any); `sql`: from the arguments' SQL to the call's; `total`: its value
    is known wherever its arguments are, whole numbers being `written`."""

    takes: tuple[Kind | None, ...]
    gives: Kind
    sql: Callable[..., str]
    total: bool = False


MOST_WRITTEN = 1000
"""Years, months or days that a rule may write and that need no guard: far from the end of the engine's calendar (the
year 5,877,642) even where calls stand in calls as deep as is allowed."""


def written(n: str) -> int | None:
    """The small whole number that stands in the expression itself; None where it is large or computed."""
    found = re.fullmatch(r"(\d+)::bigint", n)
    return int(found[1]) if found and int(found[1]) <= MOST_WRITTEN else None


def calendar_day(day: str) -> str:
    """SQL for a day, not known before the year 1 and after 9999."""
    return f"(case when {day} between date '0001-01-01' and date '9999-12-31' then {day} end)"


def _later(day: str, n: str, unit: str) -> str:
    """Not known where no calendar reaches."""
    number = written(n)
    if number is None:
        return f"try(({day} + {unit}({n}::integer))::date)"
    return f"({day} + {unit}({number}::integer))::date"


def _whole(x: str) -> str:
    """To nine decimals first: what is left of 0.57 * 100 in binary fractions after a division must not cost a yen."""
    return f"try_cast({x} as decimal(28, 9))"


def _eve(birth: str, n: str) -> str:
    """The day before the n-th birthday; 29 February: always 28 February."""
    return f"(make_date(year({birth}) + {n}, month({birth}), 1) + (day({birth}) - 2)::integer)"


def _attained(birth: str, n: str) -> str:
    """The day before the birthday; for 0 the day of birth."""
    number = written(n)
    if number is None:
        return f"try(case when {n} = 0 then {birth} else {_eve(birth, n)} end)"
    return _eve(birth, str(number)) if number else birth


def _age(birth: str, on: str) -> str:
    """Completed years; a person not yet born has no age (null)."""
    before = f"(month({on}) * 100 + day({on}) < month({birth}) * 100 + day({birth}))"
    return f"(case when {on} >= {birth} then year({on}) - year({birth}) - {before}::integer end)"


def _fiscal_year(on: str) -> str:
    return f"(year({on}) - (month({on}) < 4)::integer)"


def _fiscal_year_age(birth: str, on: str) -> str:
    return _age(birth, f"make_date({_fiscal_year(on)} + 1, 4, 1)")


def _after_fiscal_age(birth: str, n: str) -> str:
    number = written(n)
    if number is None:
        first = f"case when {n} = 0 then 401 else 402 end"
        return f"try({_end_of_fiscal_year(birth, n, first)})"
    return _end_of_fiscal_year(birth, str(number), "402" if number else "401")


def _end_of_fiscal_year(birth: str, n: str, first: str) -> str:
    """`first`: the birthday, month and day as one number, with which another fiscal year begins."""
    return (
        f"make_date(year({birth}) + {n} + (month({birth}) * 100 + day({birth}) >= {first})::integer, 3, 31)"
    )


def _school_year(birth: str, on: str) -> str:
    age = _fiscal_year_age(birth, on)
    return f"(case when {age} is not null then greatest(0, {age} - 6) end)"


def _open_day(day: str) -> str:
    """One look into the letters of `opening`; beyond them it is not known."""
    letter = f"substr({{open.letters}}, {day} - {{open.first}} + 1, 1)"
    return (
        f"(case when {day} between {{open.first}} and {{open.last}} then {day} + (ascii({letter}) - 97) end)"
    )


def opening(as_of: date) -> Mapping[str, str]:
    """What stands for the constants of `open_day` on a day: SQL of the first and last day that it knows, 1 January
    of the year before to 31 December of the year after, and one letter for each of them: `a` when the town hall is
    open, `b` when it opens one day later, and so on."""
    years = range(as_of.year - 1, as_of.year + 2)
    return {
        "open.first": f"date '{years[0]}-01-01'",
        "open.last": f"date '{years[-1]}-12-31'",
        "open.letters": f"'{''.join(_letters(year) for year in years)}'",
    }


@lru_cache(maxsize=50)
def _letters(year: int) -> str:
    """Looking a day up in the holidays takes a third of a millisecond, so a year is kept."""
    hall, first = BusinessCalendar(), date(year, 1, 1)
    days = (first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days))
    return "".join(chr(ord("a") + (hall.on_or_after(day) - day).days) for day in days)


FUNCTIONS: dict[str, Function] = {
    # 満年齢: becomes n on the birthday (年齢計算ニ関スル法律, 年齢のとなえ方に関する法律)
    "age": Function(("date", "date"), "int", _age),
    # n歳に達する日: the day before the birthday (年齢計算ニ関スル法律, 民法 第143条)
    "attained_on": Function(("date", "int"), "date", _attained, total=True),
    # 年度: 1 April to 31 March (地方自治法 第208条)
    "fiscal_year": Function(("date",), "int", _fiscal_year, total=True),
    # 年度末年齢
    "fiscal_year_age": Function(("date", "date"), "int", _fiscal_year_age),
    # n歳に達する日以後の最初の3月31日 (児童手当法 第3条第1項)
    "after_fiscal_age": Function(("date", "int"), "date", _after_fiscal_age, total=True),
    # 学年: 0 before school, 1 to 9 compulsory (学校教育法 第17条, 施行規則 第59条)
    "school_year": Function(("date", "date"), "int", _school_year),
    "months_between": Function(
        ("date", "date"),
        "int",
        lambda a, b: f"((year({b}) - year({a})) * 12 + month({b}) - month({a}))",
        total=True,
    ),
    "days_between": Function(("date", "date"), "int", lambda a, b: f"({b} - {a})", total=True),
    "add_days": Function(("date", "int"), "date", lambda d, n: _later(d, n, ""), total=True),
    "add_months": Function(("date", "int"), "date", lambda d, n: _later(d, n, "to_months"), total=True),
    "add_years": Function(("date", "int"), "date", lambda d, n: _later(d, n, "to_years"), total=True),
    "first_of_month": Function(("date",), "date", lambda d: f"date_trunc('month', {d})::date", total=True),
    "last_of_month": Function(("date",), "date", lambda d: f"last_day({d})", total=True),
    # 期限が町の休日に当たるときは、その翌日 (地方自治法 第4条の2第3項); without the town's own further closures
    "open_day": Function(("date",), "date", _open_day),
    "year": Function(("date",), "int", lambda d: f"year({d})", total=True),
    "month": Function(("date",), "int", lambda d: f"month({d})", total=True),
    "day": Function(("date",), "int", lambda d: f"day({d})", total=True),
    "make_date": Function(
        ("int", "int", "int"),
        "date",
        lambda y, m, d: f"try(case when {y} between 1 and 9999 then make_date({y}, {m}, {d}) end)",
    ),
    "floor": Function(("number",), "int", lambda x: f"try_cast(floor({_whole(x)}) as bigint)"),
    "ceil": Function(("number",), "int", lambda x: f"try_cast(ceil({_whole(x)}) as bigint)"),
    "round": Function(("number",), "int", lambda x: f"try_cast(round({_whole(x)}) as bigint)"),
    "abs": Function(("number",), "number", lambda x: f"abs({x})"),
    "length": Function(("text",), "int", lambda s: f"length({s})", total=True),
    "lower": Function(("text",), "text", lambda s: f"lower({s})", total=True),
    # Is the answer known? The only way in which "not known" becomes yes or no.
    "known": Function((ANY,), "bool", lambda x: f"({x} is not null)"),
}
"""Functions over values. The ones over lists (count, sum, any, all, min, max), rank, coalesce, least and
greatest have rules of their own in `language`."""

AGGREGATES = frozenset({"count", "sum", "any", "all", "min", "max"})
SPECIAL = AGGREGATES | {"rank", "coalesce", "least", "greatest"}
