"""How long visits to the counter take: waiting and being served, from the log of `services/counter-visit`."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from yakuba.cases import queries as cases

SERVICE = "counter-visit"
CALL, SERVE = "call", "serve"
"""What the steps begin with in which somebody waits, and is served; a number after it says at which desk of the visit."""
ENDS = frozenset({"finished", "left"})
"""How the last step of a visit ends that was one: not of who did not come, and not of who is still there."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """Half of the visits took no longer than `median`, nine in ten no longer than `p90`; in minutes, None without a visit."""

    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Spent:
    """Visits that ended in a time, over all their desks. `desks`: how many a visit went to, on average."""

    visits: int
    waited: Minutes
    served: Minutes
    desks: float | None


def spent(since: datetime, until: datetime) -> Spent:
    """What the visits took that ended from `since` until before `until`, aware. What was done before `since` counts with them."""
    ended = {one.case for one in cases.took(SERVICE, since, until) if one.outcome in ENDS}
    waited: dict[uuid.UUID, float] = dict.fromkeys(ended, 0.0)
    served: dict[uuid.UUID, float] = dict.fromkeys(ended, 0.0)
    desks: dict[uuid.UUID, int] = dict.fromkeys(ended, 0)
    for one in cases.took_in(ended):
        minutes = (one.done_at - one.opened_at).total_seconds() / 60
        if one.step.startswith(CALL):
            waited[one.case] += minutes
        else:
            served[one.case] += minutes
            desks[one.case] += 1
    average = round(sum(desks.values()) / len(desks), 1) if desks else None
    return Spent(len(ended), _of(waited.values()), _of(served.values()), average)


def _of(minutes: Iterable[float]) -> Minutes:
    """By nearest rank: a time that somebody really took.

    >>> _of([3, 1, 2, 10])
    Minutes(median=2, p90=10)
    """
    known = sorted(minutes)
    return Minutes(_rank(known, 0.5), _rank(known, 0.9))


def _rank(known: Sequence[float], share: float) -> float | None:
    return round(known[math.ceil(share * len(known)) - 1], 1) if known else None
