"""Orders that can be kept: what does not fit is taken out, and what still fits is put in where it costs least."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np

from yakuba.field.dispatch.day import Job, Map, Orders, Technician
from yakuba.field.dispatch.timing import timed

NEAR = 12
"""Technicians that are tried for a job: those whose routes or bases come nearest."""


def fitted(day: Map, orders: Orders) -> Orders:
    """The orders with every route possible and every job that still fits somewhere put in; what somebody had who works no
    more goes to others."""
    there = {who: order for who, order in orders.items() if who in day.technicians}
    kept = {who: _possible(day, day.technicians[who], order) for who, order in there.items()}
    served = {name for order in kept.values() for name in order}
    left = [job for job in day.day.jobs if job.id not in served]
    for job in sorted(left, key=lambda job: (-job.worth, job.id)):
        _put_in(day, kept, job)
    return {who: order for who, order in kept.items() if order}


def _possible(day: Map, who: Technician, order: Sequence[str]) -> list[str]:
    """As much of the order as can be done: while it cannot be, the job of least worth is left out."""
    jobs = [day.jobs[name] for name in order if who.may(day.jobs[name])]
    while jobs and timed(day, who, jobs) is None:
        fits = [job for job in jobs if timed(day, who, [one for one in jobs if one is not job]) is not None]
        jobs.remove(min(fits or jobs, key=lambda job: (job.worth, job.id)))
    return [job.id for job in jobs]


def _put_in(day: Map, orders: Orders, job: Job) -> None:
    """Put the job where its detour is smallest and smaller than its worth; nothing when it fits nowhere."""
    best: tuple[int, str, int] | None = None
    for who in heapq.nsmallest(NEAR, day.able(job), key=lambda who: away_from(day, orders, who, job)):
        order = [day.jobs[name] for name in orders.get(who.id, [])]
        for position in range(len(order) + 1):
            detour = _detour(day, who, order, position, job)
            if detour < min(job.worth, best[0] if best else job.worth) and timed(
                day, who, [*order[:position], job, *order[position:]]
            ):
                best = (detour, who.id, position)
    if best:
        orders.setdefault(best[1], []).insert(best[2], job.id)


def away_from(day: Map, orders: Orders, who: Technician, job: Job) -> int:
    """The way from a job to the nearest place that somebody leaves from or comes to."""
    places = [who.start, *(day.jobs[name].place for name in orders.get(who.id, ()))]
    return int(np.min(day.matrix[job.place, places]))


def _detour(day: Map, who: Technician, order: Sequence[Job], position: int, job: Job) -> int:
    before = order[position - 1].place if position else who.start
    after = order[position].place if position < len(order) else who.end
    ways = day.ways
    return ways[before, job.place] + ways[job.place, after] - ways[before, after]
