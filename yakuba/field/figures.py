"""One day of a hall that works for others, in figures: everything counted from the log and the stock, nothing kept."""

from __future__ import annotations

import statistics
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from yakuba.cases import queries as cases
from yakuba.cases.state import DONE, CaseState
from yakuba.field import customers, services, visits
from yakuba.field.dispatch.day import DAY
from yakuba.field.jobs import NOT_AS_PROFILE
from yakuba.field.models import Device, OrderLine
from yakuba.field.onsite import ABSENT
from yakuba.field.support import POOL
from yakuba.field.visits import midnight, moment_of


@dataclass(frozen=True, slots=True)
class Exchanges:
    """Exchanges that were put right on the day, and the median of the minutes from the call until then (None: no
    exchange)."""

    done: int
    waiting: int
    median_minutes_to_restore: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a day came to. `unserved`: reference numbers with the reason's code; `sla`: for each level how often it was kept,
    of how many; `spares`: how many of each profile are free at each depot; `satisfaction` of 5."""

    date: date
    asked: int
    planned: int
    done: int
    nobody_there: int
    unserved: Mapping[str, str]
    sla: Mapping[str, tuple[int, int]]
    devices_kitted: int
    first_pass: float | None
    exchanges: Exchanges
    spares: Mapping[str, Mapping[str, int]]
    satisfaction: float | None


def of_day(on: date, as_of: datetime) -> Figures:
    """The figures of a day of Japan as they stand at `as_of`. A couple of dozen queries, however large the day."""
    since, until = midnight(on), moment_of(DAY, on)
    found = visits.of_day(on)
    absent = cases.failed_between(visits.VISIT, ABSENT, since, until)
    planned = [one for one in found if one.who]
    unserved = {one.reference: _why(one) for one in found if not one.who and not one.begun}
    states = {one.case: one.state for one in found} | _finished(since, until)
    kitted = cases.closed_between(services.KITTING, since, until)
    compared, failed = cases.first_pass(kitted, services.comparing(services.kitting()).id, NOT_AS_PROFILE)
    said = [answer for state in states.values() if (answer := _satisfaction(state))]
    return Figures(
        on,
        len(found) + len(absent),
        len(planned) + len(absent),
        sum(one.progress.status == DONE for one in found),
        len(absent),
        unserved,
        customers.summed(customers.levels(states, as_of).values()),
        len(kitted),
        round((compared - failed) / compared, 4) if compared else None,
        _exchanges(states, since, until),
        spares(),
        round(statistics.fmean(said), 2) if said else None,
    )


def _why(one: visits.Visit) -> str:
    return one.why or "unplanned"


def _finished(since: datetime, until: datetime) -> dict[uuid.UUID, CaseState]:
    """Cases that were put right on the day without a visit."""
    tasks = cases.done_between(services.FOR_CUSTOMERS, since, until, customers.BILLED)
    return {task.case_id: cases.state(task.case) for task in tasks}


def _satisfaction(state: CaseState) -> int | None:
    return state.fact("visit.satisfaction")


def _exchanges(states: Mapping[uuid.UUID, CaseState], since: datetime, until: datetime) -> Exchanges:
    minutes, waiting = [], 0
    for state in states.values():
        if state.fact("trouble.route") != "exchange":
            continue
        restored = customers.times(state).restore
        if restored and since <= restored < until:
            opened = datetime.fromisoformat(state.opened_at or "")
            minutes.append((restored - opened) / timedelta(minutes=1))
        elif restored is None:
            waiting += 1
    median = round(statistics.median(minutes), 1) if minutes else None
    return Exchanges(len(minutes), waiting, median)


def spares() -> dict[str, dict[str, int]]:
    """How many spares of each profile nobody has reserved, by depot. Three queries."""
    lines = list(
        OrderLine.objects.filter(order__startswith=POOL, serial__isnull=False).values("case", "profile")
    )
    held = Device.objects.filter(case__in=[line["case"] for line in lines], holder__startswith="depot:")
    place = dict(held.values_list("case", "place"))
    still = cases.still_open(list(place))
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        if line["case"] in still:
            counted[place[line["case"]]][line["profile"]] += 1
    return {depot: dict(kinds) for depot, kinds in sorted(counted.items())}


@dataclass(frozen=True, slots=True)
class Count:
    """What a count of a bin shows: serial numbers that are where they should be, that are missing, and that should be
    elsewhere (with who has them by the log)."""

    right: Sequence[str]
    missing: Sequence[str]
    elsewhere: Mapping[str, str]


def count(place: str, scanned: Sequence[str]) -> Count:
    """Compare what was scanned in a bin with what the log says is there. Nothing is changed: people look first."""
    there = set(Device.objects.filter(place=place, holder=f"depot:{place}").values_list("serial", flat=True))
    seen = set(scanned)
    others = dict(Device.objects.filter(serial__in=seen - there).values_list("serial", "holder"))
    return Count(
        sorted(seen & there),
        sorted(there - seen),
        {serial: others.get(serial, "") for serial in sorted(seen - there)},
    )
