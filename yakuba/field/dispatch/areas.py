"""Cutting a large day into areas of balanced work that can be planned side by side.

Before there is a plan, people and jobs are halved again and again along the longer side of the land, jobs in
proportion to the people. Once there is one, whole routes are grouped by where they lie, and each cut runs in another
direction than the last, so that what lies at a border in one pass lies inside an area in the next (the idea of
POPMUSIC: Taillard & Voss 2002).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from yakuba.field.dispatch.day import Map, Orders

Area = tuple[list[str], list[str]]
"""Ids of jobs and of technicians that are planned together."""


def first_cut(day: Map, jobs_each: int) -> list[Area]:
    """Areas of at most `jobs_each` jobs with people in proportion, for a day that has no plan yet."""
    jobs = [(day.day.places[job.place], job.id) for job in day.day.jobs]
    people = [(day.day.places[who.start], who.id) for who in day.day.technicians]
    return _halved(jobs, people, jobs_each)


def _halved(jobs: list, people: list, jobs_each: int) -> list[Area]:
    if len(jobs) <= jobs_each or len(people) < 2:
        return [([name for _, name in jobs], [name for _, name in people])]
    points = np.array([(place.lat, place.lon) for place, _ in jobs])
    axis = "lat" if np.ptp(points[:, 0]) >= np.ptp(points[:, 1]) * math.cos(_radians(points)) else "lon"
    jobs = sorted(jobs, key=lambda item: (getattr(item[0], axis), item[1]))
    people = sorted(people, key=lambda item: (getattr(item[0], axis), item[1]))
    half = len(people) // 2
    border = round(len(jobs) * half / len(people))
    return _halved(jobs[:border], people[:half], jobs_each) + _halved(jobs[border:], people[half:], jobs_each)


def cut(day: Map, orders: Orders, count: int, turn: int) -> list[Area]:
    """`count` areas of whole routes with nearly the same number of jobs; `turn` is the number of the pass.

    Jobs that nobody serves go to the area whose routes come nearest.
    """
    centres = {who.id: _centre(day, who.id, orders.get(who.id, ())) for who in day.day.technicians}
    groups = _bisected(list(centres), centres, orders, count, turn)
    area_of = {who: number for number, group in enumerate(groups) for who in group}
    served = {name for order in orders.values() for name in order}
    jobs: list[list[str]] = [[name for who in group for name in orders.get(who, ())] for group in groups]
    names = list(centres)
    points = np.array([centres[who] for who in names])
    for job in day.day.jobs:
        if job.id not in served and names:
            place = day.day.places[job.place]
            can = [index for index, who in enumerate(names) if day.technicians[who].may(job)]
            near = can or range(len(names))
            away = np.hypot(points[list(near), 0] - place.lat, points[list(near), 1] - place.lon)
            jobs[area_of[names[list(near)[int(away.argmin())]]]].append(job.id)
    return [(mine, group) for mine, group in zip(jobs, groups, strict=True) if mine]


def _bisected(
    people: list[str], centres: dict[str, tuple[float, float]], orders: Orders, count: int, turn: int
) -> list[list[str]]:
    if count < 2 or len(people) < 2:
        return [people]
    angle = turn * 2.399963  # the golden angle: no direction comes back soon
    along = {who: centres[who][0] * math.cos(angle) + centres[who][1] * math.sin(angle) for who in people}
    people = sorted(people, key=lambda who: (along[who], who))
    work = np.cumsum([1 + len(orders.get(who, ())) for who in people])
    left = count // 2
    border = int(np.searchsorted(work, work[-1] * left / count))
    border = min(max(border, 1), len(people) - 1)
    return _bisected(people[:border], centres, orders, left, turn + 1) + _bisected(
        people[border:], centres, orders, count - left, turn + 1
    )


def _centre(day: Map, who: str, order: Sequence[str]) -> tuple[float, float]:
    places = [day.day.places[day.jobs[name].place] for name in order]
    places = places or [day.day.places[day.technicians[who].start]]
    return (
        sum(place.lat for place in places) / len(places),
        sum(place.lon for place in places) / len(places),
    )


def _radians(points: np.ndarray) -> float:
    """The middle latitude in radians, where it is one: a degree of longitude is shorter there."""
    middle = float(points[:, 0].mean())
    return math.radians(middle) if abs(middle) <= 90 else 0.0
