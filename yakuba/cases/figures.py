"""What the town hall did in a month, counted in the database. Months are Japan's."""

from __future__ import annotations

from collections.abc import Collection
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
    days); `tasks`: (service, step, by, done, done late, open now, open and late now, which no task of a case that was given back is)."""

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
       count(*) filter (where status = 'open'),
       count(*) filter (where status = 'open' and due_at < %(now)s and not given_back)
from (select *, coalesce(done_at >= %(start)s and done_at < %(end)s, false) as done,
             case_id in (select id from cases_case where town = %(town)s and state = 'returned') as given_back
      from cases_task where town = %(town)s) task
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


@dataclass(frozen=True, slots=True)
class Came:
    """Cases of one service that came in one way. `completed`: those that went to their end, whether granted, refused or done, but
    not what was withdrawn; `first`, `last`: when the first and the last of these ended; `of_late`: how many came in since a
    moment, `completed_of_late`: how many ended since."""

    service: str
    channel: str
    completed: int
    first: datetime | None
    last: datetime | None
    of_late: int
    completed_of_late: int


_CAME = """
select service, channel, count(*) filter (where ended),
       min(closed_at) filter (where ended), max(closed_at) filter (where ended),
       count(*) filter (where opened_at >= %(since)s), count(*) filter (where ended and closed_at >= %(since)s)
from (select *, coalesce(closed_at <= %(now)s and outcome <> 'withdrawn', false) as ended
      from cases_case where town = %(town)s and opened_at <= %(now)s) c
group by 1, 2 order by 1, 2"""


def came(since: datetime, *, as_of: datetime) -> list[Came]:
    """How the cases of the open town came in, by service and channel, in one query. `since`: what "of late" means; both aware."""
    with connection.cursor() as cursor:
        cursor.execute(_CAME, {"town": towns.current_town(), "since": since, "now": as_of})
        return [Came(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Waits:
    """Tasks of one step for staff: how many wait, and how many of these are late."""

    service: str
    step: str
    waiting: int
    late: int


_WAITS = """
select service, step, count(*), count(*) filter (where due_at < %(now)s)
from cases_task where town = %(town)s and status = 'open' and "by" = 'staff'
  and case_id not in (select id from cases_case where town = %(town)s and state = 'returned')
group by 1, 2 order by 1, 2"""


def waits_for_staff(*, as_of: datetime) -> list[Waits]:
    """What waits for the staff of the open town, by step, of cases that were not given back. `as_of`: aware."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, {"town": towns.current_town(), "now": as_of})
        return [Waits(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Logged:
    """How often something stands in the log: in all and since a moment, the first and the last time."""

    count: int = 0
    of_late: int = 0
    first: datetime | None = None
    last: datetime | None = None


_LOGGED = """
select kind, by_kind, count(*), count(*) filter (where at >= %s), min(at), max(at) from cases_event
where town = %s and at <= %s and ({}) group by 1, 2"""
_PAIR = "kind = %s and by_kind = %s"


def logged(
    what: Collection[tuple[str, str]], since: datetime, *, as_of: datetime
) -> dict[tuple[str, str], Logged]:
    """How often workers of a kind recorded events of a kind, for each pair (kind of event, kind of worker), in one query. An index
    has the pairs that pages ask for (`events_that_the_plan_counts`)."""
    given: list[str | datetime] = [since, towns.current_town(), as_of]
    given += [word for pair in what for word in pair]
    with connection.cursor() as cursor:
        cursor.execute(_LOGGED.format(" or ".join([_PAIR] * len(what))), given)
        found = {(kind, by): Logged(*counts) for kind, by, *counts in cursor.fetchall()}
    return {pair: found.get(pair, Logged()) for pair in what}
