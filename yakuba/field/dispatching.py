"""Who visits when: planned by engines, moved by hand, changed during the day. Every appointment stands in its case's log.

    cases that ask for a visit  →  a day  →  plan (engines, gate)  →  appointed, one event for each visit that changed

Engines work outside of any lock; what somebody else changed meanwhile is left as they want it.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from yakuba import access
from yakuba.access import Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import events as e
from yakuba.cases.state import OPEN, fact_of, merge
from yakuba.clock import in_tokyo
from yakuba.field import customers, services, visits
from yakuba.field.dispatch import moving, planning, replanning
from yakuba.field.dispatch.day import Job, Plan, Window
from yakuba.field.dispatch.offering import Offer, offers
from yakuba.field.dispatch.travel import Place
from yakuba.field.errors import BegunAlready, CannotBeMoved, MovedMeanwhile, NoSuchVisit
from yakuba.field.models import Absence, Ferry, Technician
from yakuba.field.visits import Booked, Visit, moment_of, seconds_of

WINDOWS = (Window(9 * 3600, 12 * 3600), Window(13 * 3600, 15 * 3600), Window(15 * 3600, 17 * 3600))
"""What customers are offered on a day."""
POSTPONED = "postponed"
"""The code of a visit that was called off."""
DAYS_AHEAD = 7
"""Days that are looked at when somebody asks for a window."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning a day did: visits asked for and appointed, reasons of the rest, appointments that changed, and those
    that somebody else changed meanwhile and that were left alone."""

    asked: int
    planned: int
    unserved: Mapping[str, str]
    changed: int
    left: int
    cost: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move means: seconds of travel more (less: negative), and when the visit would begin; None: taken out."""

    more: int
    begins: datetime | None


# -- the roster --------------------------------------------------------------------------------------
def enrol(
    worker: str,
    name: str,
    base: str,
    at: Place,
    *,
    by: Worker,
    skills: Sequence[str] = (),
    shift: tuple[int, int] = (8 * 3600 + 1800, 17 * 3600 + 1800),
    rest: tuple[int, int, int] = (11 * 3600 + 1800, 13 * 3600, 3600),
) -> None:
    """Put somebody on the roster, or change their entry. `rest`: earliest, latest, length in seconds. Raises access.Denied."""
    town = _ask(by)
    said = {
        "name": name,
        "base": base,
        "latitude": at.lat,
        "longitude": at.lon,
        "island": at.island,
        "skills": sorted(skills),
        "shift": list(shift),
        "rest": list(rest),
    }
    Technician.objects.update_or_create(town=town, worker=worker, defaults=said)


def cannot_come(worker: str, on: date, *, by: Worker, since: int = 0) -> None:
    """A technician is ill, or has to stop at this second of the day: their visits wait to be planned anew.

    Raises access.Denied.
    """
    said = {"since": since, "by": by.id}
    Absence.objects.update_or_create(town=_ask(by), worker=worker, day=on, defaults=said)


def ferry(island: str, seconds: int | None, *, by: Worker, on: date | None = None) -> None:
    """How long a ferry takes, on every day or on one; None: none goes. Raises access.Denied."""
    Ferry.objects.update_or_create(town=_ask(by), island=island, day=on, defaults={"seconds": seconds})


def _ask(by: Worker) -> str:
    town = towns.current_town()
    access.require(by, "visit.roster", access.Resource("Town", town, town))
    return town


# -- plans -------------------------------------------------------------------------------------------
def plan(on: date, *, by: Worker, as_of: datetime, seconds: float = 5.0, cores: int = 1) -> Planned:
    """Plan a day, or plan it anew around what has begun and what was appointed.

    A visit under contract begins by the moment that the contract says, where somebody can; where nobody can, within its
    window. Raises access.Denied.
    """
    town = towns.current_town()
    access.require(by, "visit.plan", access.Resource("Town", town, town))
    before = visits.booked(on, as_of)
    due = _due(before, as_of)
    found = _found(visits.booked(on, as_of, due) if due else before, as_of, seconds, cores)
    if missed := due.keys() & found.unserved.keys():
        kept = {job: second for job, second in due.items() if job not in missed}
        found = _found(visits.booked(on, as_of, kept), as_of, seconds, cores)
    changed, left = _write(before, found, by, as_of)
    served = {stop.job for route in found.routes for stop in route.stops}
    begun = sum(one.begun for one in before.visits.values())
    unserved = {**found.unserved, **before.unplaceable}
    return Planned(len(before.visits), len(served) + begun, unserved, changed, left, found.cost)


def _found(day: Booked, as_of: datetime, seconds: float, cores: int) -> Plan:
    if not day.plan.routes:
        return planning.planned(day.map, seconds=seconds, cores=cores)
    now = max(0, seconds_of(as_of, day.on))
    return replanning.replanned(day.map.day, day.plan, now=now, seconds=seconds, cores=cores)


def _due(day: Booked, as_of: datetime) -> dict[str, int]:
    """The second of the day by which somebody must be there, for visits whose contract says so and that are not too late
    already."""
    case_of = {one.case: one.job for one in day.visits.values() if one.job in day.map.jobs}
    found = customers.levels(list(case_of), as_of)
    return {
        case_of[case]: seconds_of(one.due, day.on)
        for case, kept in found.items()
        for one in kept
        if one.level == "arrive" and one.due > as_of
    }


def _write(before: Booked, found: Plan, by: Worker, as_of: datetime) -> tuple[int, int]:
    """Record what is different from before; returns how many were changed, and left because somebody else had."""
    wanted = appointments(before, found)
    with transaction.atomic():
        towns.alone_with(f"visits:{before.on}")
        now = {one.job: one.mark() for one in visits.of_day(before.on)}
        free = {job for job in wanted if now.get(job) == before.visits[job].mark()}
        entries = [_entry(before.visits[job], wanted[job]) for job in sorted(free)]
        cases.record_many(entries, by=by, as_of=as_of)
    return len(entries), len(wanted) - len(free)


def appointments(before: Booked, found: Plan) -> dict[str, e.Appointed]:
    """The appointments of a plan that are not what they were, by job."""
    who: dict[str, list[str]] = defaultdict(list)
    times: dict[str, tuple[int, int]] = {}
    for route in found.routes:
        for stop in route.stops:
            who[stop.job].append(route.technician)
            times[stop.job] = (stop.begins, stop.ends)
    wanted: dict[str, e.Appointed] = {}
    for job, one in before.visits.items():
        if one.begun:
            continue
        step, attempt = one.step.id, one.progress.attempt
        if job in times:
            people = sorted(who[job], key=lambda name: (one.who[:1] != [name], name))
            begins, ends = (moment_of(second, before.on).isoformat() for second in times[job])
            event = e.Appointed(step=step, attempt=attempt, who=people, begins=begins, ends=ends)
        else:
            why = found.unserved.get(job) or before.unplaceable.get(job, "")
            event = e.Appointed(step=step, attempt=attempt, why=why)
        said = one.progress.appointment or {}
        if (event.who, event.begins, event.ends, event.why) != (
            list(said.get("who", ())),
            said.get("begins", ""),
            said.get("ends", ""),
            said.get("why", ""),
        ):
            wanted[job] = event
    return wanted


def _entry(one: Visit, event: e.Appointed) -> cases.Entry:
    return cases.Entry(one.case, event, f"appointed:{one.task}:{uuid.uuid4()}")


# -- by hand -----------------------------------------------------------------------------------------
def move(
    task: uuid.UUID, to: str | None, position: int, seen: str, *, by: Worker, as_of: datetime, do: bool
) -> Moved:
    """Give a visit to `to` as number `position` of what they have ahead, or to nobody. `seen`: the visit's mark as whoever
    moves it saw it. With `do` False nothing changes: the cost is what is asked.

    Raises NoSuchVisit, BegunAlready, MovedMeanwhile, CannotBeMoved, access.Denied.
    """
    town = towns.current_town()
    access.require(by, "visit.plan", access.Resource("Town", town, town))
    one = visits.of_task(task)
    on = _day_of(one)
    if one is None or on is None:
        raise NoSuchVisit
    with transaction.atomic():
        towns.alone_with(f"visits:{on}")
        before = visits.booked(on, as_of)
        one = before.visits.get(one.job)
        if one is None:
            raise NoSuchVisit
        if one.begun:
            raise BegunAlready(one.reference)
        if one.mark() != seen:
            raise MovedMeanwhile(one.reference, _names(before, one.who), one.begins)
        tried = _tried(before, one.job, to, position)
        stop = next((s for r in tried.plan.routes for s in r.stops if s.job == one.job), None)  # type: ignore[union-attr]
        if stop and stop.begins < seconds_of(as_of, on):
            raise CannotBeMoved(["past"])
        if do:
            assert tried.plan is not None
            wanted = appointments(before, tried.plan)
            entries = [_entry(before.visits[job], event) for job, event in sorted(wanted.items())]
            cases.record_many(entries, by=by, as_of=as_of)
    return Moved(tried.more, moment_of(stop.begins, on) if stop else None)


def postpone(task: uuid.UUID, reason: str, *, by: Worker, as_of: datetime) -> None:
    """The customer cannot be visited then: nobody goes, and another day is to be agreed on.

    Raises NoSuchVisit, BegunAlready, access.Denied.
    """
    one = visits.of_task(task)
    if one is None or one.progress.status != OPEN:
        raise NoSuchVisit
    if one.begun:
        raise BegunAlready(one.reference)
    with transaction.atomic():
        off = e.Appointed(step=one.step.id, attempt=one.progress.attempt, why="taken_out")
        cases.record_many([_entry(one, off)], by=by, as_of=as_of)
        cases.fail(task, by=by, as_of=as_of, reason=reason, final=True, code=POSTPONED)


def _tried(before: Booked, job: str, to: str | None, position: int) -> moving.Move:
    """The move, which the checker let through; where the place in the order that was asked for cannot be kept, the nearest
    that can. Raises CannotBeMoved."""
    if job in before.unplaceable:
        raise CannotBeMoved([before.unplaceable[job]])
    if to is not None and to not in before.map.technicians:
        raise CannotBeMoved(["away"])
    ahead = next((len(route.stops) for route in before.plan.routes if route.technician == to), 0)
    places = sorted(range(ahead + 1), key=lambda place: abs(place - position)) if to else [0]
    tries = [moving.moved(before.map, before.plan, job, to, place) for place in places]
    found = next((one for one in tries if one.plan), tries[0])
    if found.plan is None:
        raise CannotBeMoved([fault.code for fault in found.faults])
    return found


def _day_of(one: Visit | None) -> date | None:
    said = one.fact("visit", "date") if one else None
    return date.fromisoformat(said) if said else None


def _names(before: Booked, who: Iterable[str]) -> str:
    return "・".join(before.technicians[name].name for name in who if name in before.technicians)


# -- what is asked for ---------------------------------------------------------------------------------
def ask_for_visit(
    facts: Mapping[str, Any], *, channel: e.Channel, by: Worker, as_of: datetime, key: str
) -> uuid.UUID:
    """A customer asks for a visit, under their contract where one is in force. Returns the case. Raises access.Denied."""
    customer = customers.named(fact_of(facts, "customer.code"), in_tokyo(as_of).date())
    known = merge(facts, {"customer": customer})
    service = catalogue.service(services.ON_SITE)
    return cases.open_case(service, known, channel=channel, by=by, as_of=as_of, key=key).id


# -- windows that can be kept --------------------------------------------------------------------------
def offered(
    at: Place, *, minutes: int, skills: Iterable[str] = (), as_of: datetime, days: int = DAYS_AHEAD
) -> list[tuple[date, Offer]]:
    """The windows of the coming days in which somebody can begin a visit of so many minutes, the soonest first."""
    found: list[tuple[date, Offer]] = []
    today = in_tokyo(as_of).date()
    for on in (today + timedelta(days=n) for n in range(days)):
        before = visits.booked(on, as_of)
        now = max(0, seconds_of(as_of, on))
        windows = [Window(max(one.opens, now), one.closes) for one in WINDOWS if one.closes > now]
        job = Job("new", 0, service=60 * minutes, skills=frozenset(skills))
        found += [(on, offer) for offer in offers(before.map, before.plan, job, at, windows)]
    return found
