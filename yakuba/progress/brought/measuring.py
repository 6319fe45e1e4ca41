"""What came of a case, counted from its log: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from yakuba.cases import events as e
from yakuba.cases.queries import Worked
from yakuba.clock import age, in_tokyo

BANDS = ("0-29", "30-49", "50-64", "65-74", "75-")
"""Ages on the day of the request. From 75 on people have the medical care of old age (高齢者の医療の確保に関する法律 第50条)."""
_FIRST = (0, 30, 50, 65, 75)
_ENDS = frozenset({e.StepDone.kind, e.Decided.kind, e.Proposed.kind, e.Returned.kind})
RETURNED, FAILED, LATE = 0, 1, 2
"""Places in `troubles`."""


@dataclass(slots=True)
class Run:
    """What came of one case; see `models.Served`."""

    minutes: float = 0.0
    timed: int = 0
    untimed: int = 0
    robot_steps: int = 0
    partner: str = ""
    partner_steps: int = 0
    partner_late: int = 0
    score: int | None = None
    hard: str = ""
    how: str = ""
    troubles: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))

    def count(self, what: int) -> int:
        """How often something went wrong, in all steps."""
        return sum(one[what] for one in self.troubles.values())


def band(born: date | None, on: date) -> str:
    """The age band of somebody on a day; empty where nobody knows.

    >>> band(date(1950, 6, 1), date(2026, 4, 1)), band(None, date(2026, 4, 1))
    ('75-', '')
    """
    if born is None or born > on:
        return ""
    years = age(born, on)
    return BANDS[max(place for place, first in enumerate(_FIRST) if years >= first)]


def measure(happened: Iterable[Worked], late: Collection[str] = ()) -> Run:
    """What the events of one case, in their order, add up to. `late`: its steps that were done after their due time.

    A member of staff's minutes are those from taking a task to ending it, on one day; a task that was ended without having been
    taken, or on another day, is `untimed`. Only the newest rating counts.
    """
    run = Run()
    taken: dict[tuple[str, int], datetime] = {}
    by_partner: set[str] = set()
    for one in happened:
        place = (one.step, one.attempt)
        if one.kind == e.TaskTaken.kind:
            if one.by_kind == "staff":
                taken[place] = one.at
        elif one.kind == e.Rated.kind:
            run.score, run.hard, run.how = one.score, one.step, one.how
        elif one.kind == e.StepFailed.kind:
            run.troubles[one.step][FAILED] += one.final
        elif one.kind in _ENDS:
            if one.kind == e.Returned.kind:
                run.troubles[one.step][RETURNED] += 1
            if one.by_kind == "staff":
                _time(run, taken.pop(place, None), one.at)
            elif one.by_kind == "robot":
                run.robot_steps += 1
            elif one.by_kind == "partner":
                run.partner = one.by_id.removeprefix("partner:").split(":")[0]
                run.partner_steps += 1
                by_partner.add(one.step)
    for step in late:
        run.troubles[step][LATE] += 1
        run.partner_late += step in by_partner
    return run


def _time(run: Run, since: datetime | None, until: datetime) -> None:
    if since is not None and in_tokyo(since).date() == in_tokyo(until).date():
        run.minutes += (until - since).total_seconds() / 60
        run.timed += 1
    else:
        run.untimed += 1
