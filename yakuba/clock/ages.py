"""Legal ages, fiscal years and school years.

年齢計算ニ関スル法律 counts the day of birth as the first day, and 民法 第143条 lets the year end with the day
before the birthday, at 24:00. That moment is both the end of the eve and the beginning of the birthday:

* Where a law asks on which *day* somebody attains an age (「18歳に達する日」), it is the eve: `attained_on`.
  A law says so when it counts from, until or within that day: 「…に達する日以後の最初の3月31日」, 「達した日の
  翌日以後」, 「達する日の属する月」.
* Where a law or a person asks *how old* somebody is on a day, it is the age held through that day, which
  becomes n on the birthday: `age`.
"""

from __future__ import annotations

from datetime import date

from yakuba.clock.periods import last_day


def attained_on(birth: date, n: int) -> date:
    """The day on which age `n` (years) is attained: the day before the birthday; for 0, the day of birth.

    Somebody born on 29 February attains each age at the end of 28 February, leap year or not.
    Raises ValueError for a negative `n`. Source: 年齢計算ニ関スル法律 第1項・第2項, 民法 第143条.

    >>> attained_on(date(2008, 4, 1), 18)
    datetime.date(2026, 3, 31)
    >>> attained_on(date(2008, 2, 29), 18), attained_on(date(2008, 2, 29), 20)
    (datetime.date(2026, 2, 28), datetime.date(2028, 2, 28))
    """
    if n < 0:
        raise ValueError(f"An age is 0 or more, not {n}.")
    return last_day(birth, 12 * n) if n else birth


def age(birth: date, on: date) -> int:
    """Completed years (満年齢) held through the day `on`.

    The eve ends an age at 24:00, so on the eve it is still n-1 and on the birthday n. Use `attained_on`
    where the law counts the eve itself. Raises ValueError when `on` is before `birth`.
    Source: 年齢計算ニ関スル法律, 年齢のとなえ方に関する法律.

    >>> age(date(2008, 4, 1), date(2026, 3, 31)), age(date(2008, 4, 1), date(2026, 4, 1))
    (17, 18)
    >>> age(date(2008, 2, 29), date(2026, 2, 28)), age(date(2008, 2, 29), date(2026, 3, 1))
    (17, 18)
    """
    if on < birth:
        raise ValueError(f"No age on {on}: the birth date {birth} is later. Check the birth date.")
    # Comparing (month, day) puts a birthday on 29 February at 1 March in a common year, as the law does.
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def fiscal_year(on: date) -> int:
    """The fiscal year (年度), 1 April to 31 March, that `on` lies in. Source: 地方自治法 第208条.

    >>> fiscal_year(date(2026, 3, 31)), fiscal_year(date(2026, 4, 1))
    (2025, 2026)
    """
    return on.year if on.month >= 4 else on.year - 1


def end_of_fiscal_year(on: date) -> date:
    """The 31 March that ends the fiscal year of `on`.

    >>> end_of_fiscal_year(date(2026, 4, 1))
    datetime.date(2027, 3, 31)
    """
    return date(fiscal_year(on) + 1, 3, 31)


def fiscal_year_age(birth: date, on: date) -> int:
    """The age attained by the end of the fiscal year of `on` (年度末年齢), the eve of 1 April included.

    Born on 1 April means that the age is attained on 31 March, so it counts for that fiscal year.
    Raises ValueError when the fiscal year ends before `birth`.

    >>> fiscal_year_age(date(2008, 4, 1), date(2025, 10, 1)), fiscal_year_age(date(2008, 4, 2), date(2025, 10, 1))
    (18, 17)
    """
    return age(birth, date(fiscal_year(on) + 1, 4, 1))


def after_fiscal_age(birth: date, n: int) -> date:
    """The first 31 March on or after the day on which age `n` is attained.

    「n歳に達する日以後の最初の3月31日」, for instance 児童手当法 第3条第1項 (18), 児童扶養手当法 第3条第1項 (18).

    >>> after_fiscal_age(date(2008, 4, 1), 18), after_fiscal_age(date(2008, 4, 2), 18)
    (datetime.date(2026, 3, 31), datetime.date(2027, 3, 31))
    """
    return end_of_fiscal_year(attained_on(birth, n))


def school_year(birth: date, on: date) -> int:
    """The school year: 0 before school, 1 to 6 primary, 7 to 9 lower secondary; 10 and more count on.

    School begins with the first 1 April on or after the day following the one on which 6 is attained, so
    a child born on 1 April belongs to the year above. Delay (就学猶予) is not known here.
    Source: 学校教育法 第17条, 学校教育法施行規則 第59条.

    >>> school_year(date(2019, 4, 1), date(2025, 4, 1)), school_year(date(2019, 4, 2), date(2025, 4, 1))
    (1, 0)
    """
    return max(0, fiscal_year_age(birth, on) - 6)
