"""Jobs that need several people at one moment, as engines can plan them.

Engines know one person for each job. So a first plan finds a moment with one person; then the job becomes as many
parts as it needs people, each to begin at exactly this moment. Nobody can do two parts, for they happen together.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from yakuba.field.dispatch.day import Day, Job, Orders, Plan, Window

_PART = "\x1f"
"""Stands between a job's id and the number of its part; no id has it."""


def needed(day: Day) -> bool:
    """Whether the day has such jobs."""
    return any(job.people > 1 for job in day.jobs)


def alone(day: Day) -> Day:
    """The same day as if one person were enough."""
    return replace(day, jobs=tuple(replace(job, people=1) for job in day.jobs))


def split(day: Day, moments: dict[str, int]) -> Day:
    """The day with each such job in parts that begin at its moment; without a moment it is left out."""
    jobs: list[Job] = []
    for job in day.jobs:
        if job.people == 1:
            jobs.append(job)
        elif job.id in moments:
            at = Window(moments[job.id], moments[job.id])
            worth = -(-job.worth // job.people)
            parts = range(job.people)
            jobs += [replace(job, id=f"{job.id}{_PART}{n}", people=1, window=at, worth=worth) for n in parts]
    return replace(day, jobs=tuple(jobs))


def moments(day: Day, plan: Plan) -> dict[str, int]:
    """When a plan begins each job that needs several people."""
    several = {job.id for job in day.jobs if job.people > 1}
    return {s.job: s.begins for route in plan.routes for s in route.stops if s.job in several}


def pinned(day: Day, moments: dict[str, int]) -> Day:
    """The day with each such job at its moment and at no other."""
    return replace(
        day,
        jobs=tuple(
            replace(job, window=Window(moments[job.id], moments[job.id])) if job.id in moments else job
            for job in day.jobs
        ),
    )


def in_parts(day: Day, orders: Orders) -> Orders:
    """A plan's orders with parts for such jobs, the first person having the first part."""
    people = {job.id: job.people for job in day.jobs}
    seen: dict[str, int] = defaultdict(int)
    result: Orders = {}
    for who, order in orders.items():
        result[who] = []
        for name in order:
            if people.get(name, 1) > 1:
                result[who].append(f"{name}{_PART}{seen[name]}")
                seen[name] += 1
            else:
                result[who].append(name)
    return result


def joined(day: Day, orders: Orders) -> Orders:
    """Parts back to jobs; a job that not all it needs would come to is done by nobody."""
    people = {job.id: job.people for job in day.jobs}
    came: dict[str, int] = defaultdict(int)
    for order in orders.values():
        for name in order:
            came[name.split(_PART)[0]] += 1
    whole = {name for name, count in came.items() if count == people[name]}
    names = {who: [name.split(_PART)[0] for name in order] for who, order in orders.items()}
    return {who: [name for name in order if name in whole] for who, order in names.items()}
