"""Windows that can be kept: for a visit that somebody asks for, beside the plan as it stands. Nothing is moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yakuba.field.dispatch.day import Job, Map, Plan, Window
from yakuba.field.dispatch.timing import timed
from yakuba.field.dispatch.travel import Place


@dataclass(frozen=True, slots=True)
class Offer:
    """A window in which somebody can begin, who that is, when at the earliest, and the travel that it costs more."""

    window: Window
    technician: str
    begins: int
    more: int


def offers(day: Map, plan: Plan, job: Job, at: Place, windows: Sequence[Window]) -> list[Offer]:
    """For each window the cheapest way to put `job` at `at` between the visits of a plan; windows that nobody can keep are
    not in the list. A job of several people is offered nothing: it is planned with the day.

    `job.place` and `job.window` are not looked at.
    """
    if job.people > 1:
        return []
    whole = _with(day, at)
    new = replace(job, place=len(day.day.places))
    orders = {route.technician: [stop.job for stop in route.stops] for route in plan.routes}
    found = (_best(whole, orders, replace(new, window=window)) for window in windows)
    return [offer for offer in found if offer]


def _with(day: Map, at: Place) -> Map:
    """The map with one place more: its ways alone are reckoned anew."""
    places = (*day.day.places, at)
    count = len(day.day.places)
    matrix = np.empty((count + 1, count + 1), dtype=np.int32)
    matrix[:count, :count] = day.matrix
    for number, place in enumerate(places):
        there, back = day.day.travel.matrix([at, place])[0, 1], day.day.travel.matrix([place, at])[0, 1]
        matrix[count, number], matrix[number, count] = there, back
    return Map(replace(day.day, places=places), matrix)


def _best(day: Map, orders: dict[str, list[str]], job: Job) -> Offer | None:
    best: Offer | None = None
    ways = day.ways
    for who in day.able(job):
        order = [day.jobs[name] for name in orders.get(who.id, ())]
        stops = [who.start, *(one.place for one in order), who.end]
        for position in range(len(order) + 1):
            before, after = stops[position], stops[position + 1]
            more = ways[before, job.place] + ways[job.place, after] - ways[before, after]
            if best and more >= best.more:
                continue
            route = timed(day, who, [*order[:position], job, *order[position:]])
            if route:
                best = Offer(job.window, who.id, route.stops[position].begins, int(more))
    return best
