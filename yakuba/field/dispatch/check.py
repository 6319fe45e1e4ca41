"""The gate: is this plan possible? Shares no code with what makes plans; every fault is said, none is mended.

It knows only the day, its matrix, and the routes as written: it recomputes nothing in the plan's favour.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from yakuba.field.dispatch.day import Job, Map, Plan, Route, Stop, Technician


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and whose: a job's or technician's id, a code, and what was found in numbers."""

    of: str
    code: str
    found: str = ""

    def __str__(self) -> str:
        return f"{self.of}: {self.code}{' (' + self.found + ')' if self.found else ''}"


def faults(day: Map, plan: Plan) -> list[Fault]:
    """All faults of a plan: windows, skills, shifts, breaks, travel, loads, double booking, lost jobs, wrong cost."""
    found = [fault for route in plan.routes for fault in _of_route(day, route)]
    found += _of_jobs(day, plan)
    if not found and (cost := cost_of(day, plan)) != plan.cost:
        found.append(Fault("plan", "cost", f"says {plan.cost}, is {cost}"))
    return found


def cost_of(day: Map, plan: Plan) -> int:
    """Travel of all routes plus the worth of what is not served."""
    travel = 0
    for route in plan.routes:
        who = day.technicians[route.technician]
        at = who.start
        for stop in route.stops:
            travel += int(day.matrix[at, day.jobs[stop.job].place])
            at = day.jobs[stop.job].place
        travel += int(day.matrix[at, who.end])
    return travel + sum(day.jobs[name].worth for name in plan.unserved)


def _of_route(day: Map, route: Route) -> Iterator[Fault]:
    who = day.technicians.get(route.technician)
    if who is None:
        yield Fault(route.technician, "unknown technician")
        return
    if route.leaves < who.shift.opens or route.returns > who.shift.closes:
        yield Fault(who.id, "outside the shift", f"{route.leaves}-{route.returns}")
    known = [stop for stop in route.stops if stop.job in day.jobs]
    yield from (Fault(stop.job, "unknown job") for stop in route.stops if stop.job not in day.jobs)
    for stop in known:
        yield from _of_stop(who, day.jobs[stop.job], stop)
    load = sum(day.jobs[stop.job].load for stop in known)
    if who.capacity and load > who.capacity:
        yield Fault(who.id, "overloaded", f"{load} > {who.capacity}")
    yield from _of_breaks(who, route)
    yield from _of_ways(day, who, route, known)


def _of_stop(who: Technician, job: Job, stop: Stop) -> Iterator[Fault]:
    if missing := job.skills - who.skills:
        yield Fault(job.id, "skill missing", f"{who.id}: {', '.join(sorted(missing))}")
    if job.technician not in (None, who.id):
        yield Fault(job.id, "promised to somebody else", job.technician)
    if not job.window.opens <= stop.begins <= job.window.closes:
        yield Fault(job.id, "outside its window", f"{stop.begins}")
    if stop.begins < job.ready:
        yield Fault(job.id, "before what it needs has arrived", f"{stop.begins} < {job.ready}")
    if stop.arrives > stop.begins or stop.ends - stop.begins != job.service:
        yield Fault(job.id, "too short or too long", f"{stop.arrives}-{stop.begins}-{stop.ends}")


def _of_breaks(who: Technician, route: Route) -> Iterator[Fault]:
    if len(route.breaks) != len(who.breaks):
        yield Fault(who.id, "breaks missing", f"{len(route.breaks)} of {len(who.breaks)}")
        return
    for rest, (begins, ends) in zip(who.breaks, route.breaks, strict=True):
        if not rest.window.opens <= begins <= rest.window.closes or ends - begins != rest.length:
            yield Fault(who.id, "break outside its window or cut short", f"{begins}-{ends}")
        if any(begins < stop.ends and stop.begins < ends for stop in route.stops):
            yield Fault(who.id, "works in a break", f"{begins}-{ends}")


def _of_ways(day: Map, who: Technician, route: Route, stops: Sequence[Stop]) -> Iterator[Fault]:
    """Between leaving one place and being at the next lie the way and every break that falls into this time."""
    left, at = route.leaves, who.start
    for name, arrives, place in [
        *((stop.job, stop.arrives, day.jobs[stop.job].place) for stop in stops),
        (who.id, route.returns, who.end),
    ]:
        rested = sum(max(0, min(ends, arrives) - max(begins, left)) for begins, ends in route.breaks)
        needed = int(day.matrix[at, place]) + rested
        if arrives - left < needed:
            yield Fault(name, "cannot be there in time", f"{arrives - left} < {needed}")
        at = place
        left = next((stop.ends for stop in stops if stop.job == name), arrives)


def _of_jobs(day: Map, plan: Plan) -> Iterator[Fault]:
    """Each job is served by as many as it needs, at one moment, or stands among the unserved with a reason."""
    served: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for route in plan.routes:
        for stop in route.stops:
            served[stop.job].append((route.technician, stop.begins))
    people = [route.technician for route in plan.routes]
    yield from (Fault(name, "two routes") for name in {n for n in people if people.count(n) > 1})
    for job in day.day.jobs:
        by = served.get(job.id, [])
        if job.id in plan.unserved:
            if by:
                yield Fault(job.id, "both served and unserved")
            if not plan.unserved[job.id]:
                yield Fault(job.id, "no reason")
        elif not by:
            yield Fault(job.id, "lost")
        elif len(by) != job.people or len({who for who, _ in by}) != job.people:
            yield Fault(job.id, "double booking", f"{len(by)} visits, {job.people} needed")
        elif len({begins for _, begins in by}) != 1:
            yield Fault(job.id, "not at one moment", ", ".join(str(begins) for _, begins in by))
    yield from (Fault(name, "unknown job") for name in plan.unserved if name not in day.jobs)
