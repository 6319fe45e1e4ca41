"""Making and re-making a plan: construct, improve, put in what still fits, and let it through the gate.

    orders (who does what, in order)  →  timed routes  →  checked plan

Large days are cut into areas that are planned side by side; a second cut, across the first one's borders, lets what
lies at a border move. A plan that the checker finds fault with never leaves this module.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import pairwise
from multiprocessing import get_context

from yakuba.field.dispatch import areas, crews, reasons
from yakuba.field.dispatch.check import Fault, cost_of, faults
from yakuba.field.dispatch.construct import constructed
from yakuba.field.dispatch.day import Day, Map, Orders, Plan, Route
from yakuba.field.dispatch.fitting import fitted
from yakuba.field.dispatch.improve import improved
from yakuba.field.dispatch.timing import timed

AREA = 500
"""Jobs of an area that is improved by itself; about what PyVRP still betters within some seconds."""
ROUND = 12.0
"""Seconds that an area gets in one pass, when there are several passes."""
FIRST = 700
"""Jobs of an area that VROOM plans at once: beyond, its time grows too fast."""


class Impossible(Exception):
    """The engines made a plan that the checker does not let through: a defect of ours, with the faults."""

    def __init__(self, found: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in found[:10]))
        self.faults = list(found)


def planned(
    whole: Map,
    *,
    seconds: float,
    seed: int = 0,
    cores: int = 1,
    start: Orders | None = None,
    moments: dict[str, int] | None = None,
) -> Plan:
    """The plan of a day within about `seconds` of real time on `cores` cores.

    `start` is a plan to go on from, `moments` (seconds from midnight) when its jobs of several people begin.
    Raises Impossible when what was made does not pass the checker.
    """
    ends = time.monotonic() + seconds
    day = whole.day
    able = whole.with_day(_able(whole))
    with Cores(cores) as pool:
        if not crews.needed(day):
            return checked(whole, _improved(able, _first(able, pool, start), ends, seed, pool))
        if start is None:
            single = able.with_day(crews.alone(able.day))
            start = fitted(single, _first(single, pool, None))
            moments = crews.moments(day, checked(single, start))
        parts = able.with_day(crews.split(able.day, moments or {}))
        first = _first(parts, pool, crews.in_parts(day, start))
        orders = crews.joined(day, _improved(parts, first, ends, seed, pool))
        return checked(whole, orders, moments)


def _able(day: Map) -> Day:
    """The day without people whose breaks do not fit into their shift: engines refuse the whole day for them."""
    people = tuple(who for who in day.day.technicians if timed(day, who, []))
    return replace(day.day, technicians=people)


def checked(day: Map, orders: Orders, moments: dict[str, int] | None = None) -> Plan:
    """Orders with their times and the reasons of what is not served, through the gate.

    `moments` are when jobs of several people begin; without one, each begins as early as its route allows.
    """
    pinned = day.with_day(crews.pinned(day.day, moments)) if moments else day
    routes = [_route(pinned, who, order) for who, order in orders.items() if order]
    served = {stop.job for route in routes for stop in route.stops}
    plan = Plan(tuple(sorted(routes, key=lambda route: route.technician)))
    plan = replace(plan, unserved=reasons.why(day, [job for job in day.day.jobs if job.id not in served]))
    return gated(day, plan)


def gated(day: Map, plan: Plan) -> Plan:
    """The plan with its cost, once the checker let it through. Raises Impossible."""
    plan = replace(plan, cost=cost_of(day, plan))
    if found := faults(day, plan):
        raise Impossible(found)
    return plan


def _first(day: Map, pool: Cores, start: Orders | None) -> Orders:
    """A plan to begin with: the given one as far as it still can be, or VROOM's of each area."""
    if start is not None:
        return fitted(day, start)
    if len(day.day.jobs) <= FIRST:
        return fitted(day, constructed(day, threads=pool.count))
    cuts = areas.first_cut(day, FIRST)
    results = pool.run(_construct, [(day.part(*area),) for area in cuts])
    return {who: order for orders in results for who, order in orders.items()}


def _construct(day: Map) -> Orders:
    return fitted(day, constructed(day))


def _improved(day: Map, orders: Orders, ends: float, seed: int, pool: Cores) -> Orders:
    """Pass after pass until the time is over: cut, improve every area, put in what fits."""
    count = max(pool.count if len(day.day.jobs) > AREA else 1, round(len(day.day.jobs) / AREA))
    turns = -(-count // pool.count)
    turn = 0
    while (left := ends - time.monotonic()) > 1:
        share = max(0.5, min(ROUND, left / turns) - 0.2) if count > 1 else left
        cuts = areas.cut(day, orders, count, turn) if count > 1 else [_all(day)]
        work = []
        for number, area in enumerate(cuts):
            mine = {who: orders[who] for who in area[1] if orders.get(who)}
            work.append((day.part(*area), mine, share, seed + 1000 * turn + number))
        results = pool.run(_better, work)
        orders = {who: order for found in results for who, order in found.items()}
        turn += 1
    return fitted(day, orders)


def _all(day: Map) -> areas.Area:
    return [job.id for job in day.day.jobs], [who.id for who in day.day.technicians]


def _better(day: Map, orders: Orders, seconds: float, seed: int) -> Orders:
    """An area's orders improved, or those given when that is not better by our own reckoning."""
    found = fitted(day, improved(day, orders, seconds=seconds, seed=seed))
    return min(found, orders, key=lambda one: _cost(day, one))


def _cost(day: Map, orders: Orders) -> int:
    served = {name for order in orders.values() for name in order}
    ways = day.ways
    travel = 0
    for who, order in orders.items():
        person = day.technicians[who]
        places = [person.start, *(day.jobs[name].place for name in order), person.end]
        travel += sum(ways[a, b] for a, b in pairwise(places)) if order else 0
    return travel + sum(job.worth for job in day.day.jobs if job.id not in served)


def _route(day: Map, who: str, order: Sequence[str]) -> Route:
    route = timed(day, day.technicians[who], [day.jobs[name] for name in order])
    if route is None:
        raise Impossible([Fault(who, "cannot be timed", ", ".join(order))])
    return route


class Cores:
    """Processes that work side by side, as many as there are cores; with one core there are none."""

    def __init__(self, count: int) -> None:
        self.count = max(1, count)
        self.pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Cores:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pool:
            self.pool.shutdown(cancel_futures=True)

    def run(self, work: Callable[..., Orders], parts: Sequence[tuple]) -> list[Orders]:
        """`work` done on every part; results in the order of the parts."""
        if self.count < 2 or len(parts) < 2:
            return [work(*part) for part in parts]
        self.pool = self.pool or ProcessPoolExecutor(self.count, mp_context=get_context("spawn"))
        return list(self.pool.map(work, *zip(*parts, strict=True)))
