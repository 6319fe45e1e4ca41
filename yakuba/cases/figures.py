"""What the town hall did in a month, counted in the database. Months are Japan's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from yakuba.access import towns
from yakuba.cases.models import Case
from yakuba.clock import TOKYO

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """`opened`: (service, channel, count); `closed`: (service, decision or outcome, count, median days, 95th percentile of
    days); `tasks`: (service, step, by, done, done late, open now, open and late now)."""

    opened: list[Row]
    closed: list[Row]
    tasks: list[Row]


_OPENED = """
select service, channel, count(*) from cases_case
where town = %(town)s and opened_at >= %(start)s and opened_at < %(end)s group by 1, 2 order by 1, 2"""

_CLOSED = """
select service, coalesce(decision, outcome), count(*),
       round(percentile_cont(0.5) within group (order by days)::numeric, 1)::float,
       round(percentile_cont(0.95) within group (order by days)::numeric, 1)::float
from (select *, extract(epoch from closed_at - opened_at) / 86400 as days from cases_case
      where town = %(town)s and closed_at >= %(start)s and closed_at < %(end)s) closed
group by 1, 2 order by 1, 2"""

_TASKS = """
select service, step, "by",
       count(*) filter (where done), count(*) filter (where done and done_at > due_at),
       count(*) filter (where status = 'open'), count(*) filter (where status = 'open' and due_at < %(now)s)
from (select *, coalesce(done_at >= %(start)s and done_at < %(end)s, false) as done from cases_task
      where town = %(town)s) task
where done or status = 'open' group by 1, 2, 3 order by 1, 2, 3"""


def of_month(month: date, *, as_of: datetime) -> MonthFigures:
    """The figures of the month that this day is in, of the town at hand. `as_of`: what "open now" means, aware."""
    start, end = _bounds(month)
    given: dict[str, str | datetime] = {
        "town": towns.current_town(),
        "start": start,
        "end": end,
        "now": as_of,
    }
    found = []
    with connection.cursor() as cursor:
        for query in (_OPENED, _CLOSED, _TASKS):
            cursor.execute(query, given)
            found.append(cursor.fetchall())
    return MonthFigures(*found)


def any_until(month: date) -> bool:
    """Had the town a case by the end of the month that begins on this day?"""
    return Case.objects.filter(opened_at__lt=_bounds(month)[1]).exists()


def _bounds(month: date) -> tuple[datetime, datetime]:
    first = month.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return datetime.combine(first, time(), TOKYO), datetime.combine(following, time(), TOKYO)
