"""A way in that takes much longer than the web opens a case of `service-review`: once a month for each service and way in.

Compared are the medians of days of the requests that ended in the last year, of the same service; and of all services together, each
request measured against the web's median of its own service, so that slow services do not make a way in slow. Groups of fewer than
FEWEST raise none: a median of a handful says nothing, and the case would say something about few people.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from yakuba.access import SYSTEM, Resource, Worker, may, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.clock import in_tokyo
from yakuba.declare import Service
from yakuba.progress.brought.figures import SERVICE, group_name
from yakuba.records.opendata.disclosure import SMALLEST

FEWEST = SMALLEST
YEAR = timedelta(days=365)
WEB = "web"
NOBODY_ASKED = ("push", "robot")
"""Ways in by which nobody asked for anything: the town wrote first, and waited for an answer."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Slow:
    """A way in that is slow. Of all services together (`service` empty) the days are times the web's, of which `web` is 1."""

    service: str
    channel: str
    cases: int
    days: float
    web: float


_SLOW = """
with one as (
  select service, channel, days from progress_served
  where town = %(town)s and closed_at >= %(since)s and closed_at < %(until)s and outcome <> 'withdrawn'
    and not service = any(%(towns_own)s) and not channel = any(%(besides)s)
), web as (
  select service, percentile_cont(0.5) within group (order by days) as days from one
  where channel = %(web)s group by 1 having count(*) >= %(fewest)s
), by_service as (
  select service, channel, count(*) as n, percentile_cont(0.5) within group (order by days) as days
  from one where channel <> %(web)s group by 1, 2 having count(*) >= %(fewest)s
), by_channel as (
  select channel, count(*) as n, percentile_cont(0.5) within group (order by one.days / web.days) as times
  from one join web using (service) where channel <> %(web)s and web.days > 0 group by 1 having count(*) >= %(fewest)s
)
select service, channel, n, b.days, web.days from by_service b join web using (service)
where b.days > web.days * %(times)s
union all select '', channel, n, times, 1 from by_channel where times > %(times)s order by 1, 2"""


def slow(times: float, *, as_of: datetime) -> list[Slow]:
    """The ways in whose median is more than so many times the web's, in the open town."""
    services = catalogue.current().services
    given: dict[str, Any] = {
        "town": towns.current_town(),
        "since": as_of - YEAR,
        "until": as_of,
        "towns_own": [name for name, one in services.items() if one.file.audience == "town"],
        "besides": list(NOBODY_ASKED),
        "web": WEB,
        "fewest": FEWEST,
        "times": times,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SLOW, given)
        return [Slow(*row) for row in cursor.fetchall()]


def look(town: str, *, as_of: datetime) -> int:
    """Open a case for each way in that is slow; returns how many are new this month."""
    with towns.inside(town):
        review = catalogue.current().services.get(SERVICE)
        if review is None:
            return 0
        times = (review.param("times_the_web", in_tokyo(as_of).date()) or 150) / 100
        return sum(_tell(review, one, as_of) for one in slow(times, as_of=as_of))


def _tell(review: Service, one: Slow, as_of: datetime) -> bool:
    key = f"slow-channel:{one.service or '-'}:{one.channel}:{in_tokyo(as_of):%Y-%m}"
    if case_queries.happened(key):
        return False
    said = {
        "cause": "slow-channel",
        "service": one.service,
        "channel": group_name("channel", one.channel).ja,
        "days": f"{one.days:.1f}",
        "web_days": f"{one.web:.1f}",
        "cases": one.cases,
    }
    _open(review, said, key, by=SYSTEM(towns.current_town()), as_of=as_of)
    logger.warning("%s of %s takes %.1f, the web %.1f", one.channel, one.service or "all", one.days, one.web)
    return True


def may_review(worker: Worker) -> bool:
    """Whether the policy lets a worker have a step of the open town looked into."""
    return may(worker, "case.open", Resource("Case", "new", towns.current_town(), {"service": SERVICE}))


def review_of(service: str, step: str, what: str, *, by: Worker, as_of: datetime) -> bool:
    """A manager has a step looked into, because many are in difficulty there; False where that is being done already this month.
    Raises access.Denied, KeyError where the town has no such service."""
    review = catalogue.current().services[SERVICE]
    key = f"mend:{service}:{step}:{in_tokyo(as_of):%Y-%m}"
    if case_queries.happened(key):
        return False
    said = {"cause": "mend", "service": service, "step": step, "what": what}
    _open(review, said, key, by=by, as_of=as_of)
    return True


def _open(review: Service, said: dict[str, Any], key: str, *, by: Worker, as_of: datetime) -> None:
    facts = {"review": {name: value for name, value in said.items() if value not in ("", None)}}
    cases.open_case(
        review, facts, channel="robot" if by.kind == "system" else "counter", by=by, as_of=as_of, key=key
    )


def open_reviews() -> Iterator[tuple[str, str]]:
    """Service and step of what is being looked into."""
    for case in case_queries.open_of(SERVICE):
        review = case_queries.state(case).facts.get("review") or {}
        yield review.get("service", ""), review.get("step", "")
