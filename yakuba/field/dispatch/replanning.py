"""Changing a plan during the day: what has begun stays, what was promised stays, the rest is planned around it.

Only the people near a change are planned anew, each from where they are now; everybody else keeps their order. So a
change among thousands of jobs takes seconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, replace

from yakuba.field.dispatch import crews
from yakuba.field.dispatch.day import Day, Map, Orders, Plan, Route, Stop, Technician, Window
from yakuba.field.dispatch.fitting import away_from
from yakuba.field.dispatch.planning import AREA, checked, gated, planned
from yakuba.field.dispatch.timing import timed

NEAR = 30
"""People who are looked at for each job that has to find a place."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What of a route is past or under way, and from when the person is free again."""

    leaves: int = 0
    stops: tuple[Stop, ...] = ()
    breaks: tuple[tuple[int, int], ...] = ()
    free: int = 0


def replanned(
    day: Day, plan: Plan, *, now: int, seconds: float, away: Iterable[str] = (), seed: int = 0, cores: int = 1
) -> Plan:
    """The plan of a day that has changed since `plan` was made, at second `now`.

    `day` is the day as it is: new jobs are in it, cancelled ones are not, promises are in `Job.technician` and
    `Job.window`. `away` are people who can do nothing more from now on. Visits on the way or begun are kept as they
    are. Raises Impossible when the result does not pass the checker, for example because a promise cannot be kept.
    """
    gone = set(away)
    begun = _begun(day, plan, now)
    moments = crews.moments(day, plan)
    whole = Map(day)
    rest = whole.with_day(_rest_of(day, begun, gone, now))
    orders = _left(rest, plan, begun)
    area = _around(rest, orders, set(moments))
    if area[0]:
        mine = {who: orders[who] for who in area[1] if orders.get(who)}
        part = rest.part(*area)
        better = planned(part, seconds=seconds, seed=seed, cores=cores, start=mine, moments=moments)
        orders = {who: order for who, order in orders.items() if who not in area[1]}
        orders |= {route.technician: [stop.job for stop in route.stops] for route in better.routes}
    return _together(
        whole.with_day(_as_it_was(day, begun, gone)), plan, rest, checked(rest, orders, moments), begun
    )


def _begun(day: Day, plan: Plan, now: int) -> dict[str, Begun]:
    """What has begun for each person; a job of several people has begun for all of them once it has for one."""
    known = {job.id for job in day.jobs}
    several = {job.id for job in day.jobs if job.people > 1}
    together: set[str] = set()
    while True:
        found = {route.technician: _begun_by(route, now, known, together) for route in plan.routes}
        more = {stop.job for one in found.values() for stop in one.stops if stop.job in several}
        if more <= together:
            return found
        together |= more


def _begun_by(route: Route, now: int, known: set[str], together: set[str]) -> Begun:
    """The visits that somebody is on the way to, at, or done with, and the breaks up to then."""
    count, left = 0, route.leaves
    for number, stop in enumerate(route.stops, 1):
        if (left <= now and count == number - 1 and stop.job in known) or stop.job in together:
            count = number
        left = stop.ends
    stops = tuple(stop for stop in route.stops[:count] if stop.job in known)
    until = stops[-1].ends if stops else 0
    breaks = tuple(rest for rest in route.breaks if rest[0] <= max(now, until))
    return Begun(route.leaves, stops, breaks, max([now, until, *(ends for _, ends in breaks)]))


def _rest_of(day: Day, begun: dict[str, Begun], gone: set[str], now: int) -> Day:
    """What is still to be planned: jobs not begun, people from where and when they will be free."""
    jobs = {job.id: job for job in day.jobs}
    done = {stop.job for one in begun.values() for stop in one.stops}
    people = []
    for who in day.technicians:
        so_far = begun.get(who.id, Begun(free=now))
        free = max(so_far.free, who.shift.opens)
        if who.id in gone or free > who.shift.closes:
            continue
        load = sum(jobs[stop.job].load for stop in so_far.stops)
        people.append(
            replace(
                who,
                start=jobs[so_far.stops[-1].job].place if so_far.stops else who.start,
                shift=Window(free, who.shift.closes),
                breaks=who.breaks[len(so_far.breaks) :],
                capacity=max(1, who.capacity - load) if who.capacity else 0,
            )
        )
    left = tuple(job for job in day.jobs if job.id not in done)
    return replace(day, jobs=left, technicians=tuple(people))


def _left(rest: Map, plan: Plan, begun: dict[str, Begun]) -> Orders:
    """What each person still has before them in the old plan, as far as it still exists."""
    return {
        route.technician: [
            stop.job
            for stop in route.stops[len(begun[route.technician].stops) :]
            if stop.job in rest.jobs and rest.technicians[route.technician].may(rest.jobs[stop.job])
        ]
        for route in plan.routes
        if route.technician in rest.technicians
    }


def _around(rest: Map, orders: Orders, several: set[str]) -> tuple[list[str], list[str]]:
    """The jobs without anybody, the people near them, and what these have before them: at most an area's work."""
    has = {name for order in orders.values() for name in order}
    loose = [job for job in rest.day.jobs if job.id not in has]
    near: dict[str, int] = {}
    for job in loose:
        away = {who.id: away_from(rest, orders, who, job) for who in rest.able(job)}
        for who in heapq.nsmallest(NEAR, away, key=lambda name: away[name]):
            near[who] = min(near.get(who, away[who]), away[who])
    jobs = {job.id: None for job in loose}
    people: list[str] = []
    for who in sorted(near, key=lambda name: near[name]):
        if people and len(jobs) + len(orders.get(who, ())) > AREA:
            break
        for one in _who_work_with(who, orders, several):
            if one not in people:
                people.append(one)
                jobs |= dict.fromkeys(orders.get(one, ()))
    return (list(jobs), people) if people else ([], [])


def _who_work_with(who: str, orders: Orders, several: set[str]) -> list[str]:
    """This person and everybody who is tied to them by jobs of several people."""
    found, new = {who}, {who}
    while new:
        shared = {name for one in new for name in orders.get(one, ()) if name in several}
        new = {other for other, order in orders.items() if shared & set(order)} - found
        found |= new
    return [who, *sorted(found - {who})]


def _as_it_was(day: Day, begun: dict[str, Begun], gone: set[str]) -> Day:
    """The day by which the whole is judged: of people who left, only what they did until then."""
    people = tuple(
        replace(who, breaks=who.breaks[: len(begun.get(who.id, Begun()).breaks)]) if who.id in gone else who
        for who in day.technicians
    )
    return replace(day, technicians=people)


def _together(whole: Map, before: Plan, rest: Map, plan: Plan, begun: dict[str, Begun]) -> Plan:
    """What was and what will be as one plan, through the gate once more."""
    new = {route.technician: route for route in plan.routes}
    old = {route.technician: route for route in before.routes}
    routes = []
    for who in whole.day.technicians:
        so_far = begun.get(who.id, Begun())
        then = new.get(who.id)
        if not so_far.stops:
            routes += [replace(then, breaks=so_far.breaks + then.breaks)] if then else []
            continue
        over = len(so_far.stops) == len(old[who.id].stops) and len(who.breaks) == len(old[who.id].breaks)
        if then is None and over:
            routes.append(old[who.id])
            continue
        if then is None and who.id in rest.technicians:
            then = timed(rest, rest.technicians[who.id], [])
        routes.append(
            Route(
                who.id,
                so_far.leaves,
                so_far.stops + (then.stops if then else ()),
                so_far.breaks + (then.breaks if then else ()),
                then.returns if then else _home(whole, who, so_far),
            )
        )
    return gated(whole, Plan(tuple(routes), plan.unserved))


def _home(whole: Map, who: Technician, so_far: Begun) -> int:
    """When somebody is back who has nothing more before them: the way, and every break that falls into it."""
    last = so_far.stops[-1]
    back = last.ends + int(whole.ways[whole.jobs[last.job].place, who.end])
    for begins, ends in so_far.breaks:
        if last.ends <= begins < back:
            back += ends - begins
    return back
