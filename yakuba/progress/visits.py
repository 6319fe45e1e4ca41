"""How long visits to the counter take: waiting and being served, from the log of `services/counter-visit`."""

from __future__ import annotations

import math
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from yakuba.cases import queries as cases

SERVICE = "counter-visit"
CALL, SERVE = "call", "serve"
"""What the steps begin with in which somebody waits, and is served; a number after it says at which desk of the visit."""
ENDS = frozenset({"finished", "left"})
"""How the last step of a visit ends that was one: not of who did not come, and not of who is still there."""
LONGEST = timedelta(days=7)
"""Who came in so long before a time is not looked for in it: nobody stays at the hall for a week."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """Half of the visits took no longer than `median`, nine in ten no longer than `p90`; in minutes, None without a visit."""

    median: float | None
    p90: float | None


@dataclass(slots=True)
class Ended:
    """A visit that ended at that moment (aware), with the minutes that were waited and served over all its desks."""

    at: datetime
    waited: float = 0.0
    served: float = 0.0


@dataclass(frozen=True, slots=True)
class Spent:
    """How many visits, and what they took over all their desks."""

    visits: int
    waited: Minutes
    served: Minutes


def ended(since: datetime, until: datetime) -> list[Ended]:
    """The visits that ended from `since` until before `until`, aware. What was done before `since` counts with them."""
    found: dict[uuid.UUID, Ended] = {}
    over: set[uuid.UUID] = set()
    for one in cases.took(SERVICE, since - LONGEST, until):
        visit = found.setdefault(one.case, Ended(one.done_at))
        visit.at, minutes = one.done_at, (one.done_at - one.opened_at).total_seconds() / 60
        if one.step.startswith(CALL):
            visit.waited += minutes
        else:
            visit.served += minutes
        if one.outcome in ENDS:
            over.add(one.case)
    return [visit for case, visit in found.items() if case in over and visit.at >= since]


def spent(visits: Collection[Ended]) -> Spent:
    """What visits took."""
    return Spent(len(visits), _of(one.waited for one in visits), _of(one.served for one in visits))


def _of(minutes: Iterable[float]) -> Minutes:
    """By nearest rank: a time that somebody really took.

    >>> _of([3, 1, 2, 10])
    Minutes(median=2, p90=10)
    """
    known = sorted(minutes)
    return Minutes(_rank(known, 0.5), _rank(known, 0.9))


def _rank(known: Sequence[float], share: float) -> float | None:
    return round(known[math.ceil(share * len(known)) - 1], 1) if known else None
