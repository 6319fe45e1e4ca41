"""Synthetic days with few words."""

from __future__ import annotations

import random
from typing import Any

from yakuba.field.dispatch.day import Break, Day, Job, Technician, Window
from yakuba.field.dispatch.travel import Place

HOUR = 3600
NOON = Break(Window(11 * HOUR + 1800, 13 * HOUR), HOUR)
SKILLS = ("network", "pc", "printer")


def place(number: int) -> Place:
    """Places on one road, 10 minutes apart (6.67 km at 40 km/h, detour 1.4 included)."""
    return Place(35.0, 136.0 + number * 0.0523)


def technician(name: str, **more: Any) -> Technician:
    """Somebody who works from nine to six and starts from place 0."""
    return Technician(name, **({"start": 0, "end": 0, "shift": Window(9 * HOUR, 18 * HOUR)} | more))


def job(name: str, at: int, **more: Any) -> Job:
    """Half an hour of work at a place, at any time."""
    return Job(name, at, **({"service": 1800} | more))


def day(jobs: list[Job], people: list[Technician], **more: Any) -> Day:
    """A day on the one road."""
    places = tuple(place(number) for number in range(1 + max([0, *(one.place for one in jobs)])))
    return Day(**({"places": places, "jobs": tuple(jobs), "technicians": tuple(people)} | more))


def random_day(seed: int, jobs: int = 12, people: int = 3, several: bool = False) -> Day:
    """Any day: windows, skills, breaks, shifts, loads, promises and late parts as they come."""
    r = random.Random(seed)
    places = tuple(Place(35 + r.uniform(0, 0.5), 136 + r.uniform(0, 0.5)) for _ in range(jobs + 3))
    team = tuple(
        Technician(
            f"T{number}",
            start := r.randrange(3),
            r.choice([start, 0]),
            Window(opens := r.choice([8, 9, 12]) * HOUR, opens + r.choice([4, 8, 9]) * HOUR),
            r.choice([(), (NOON,) if opens < 12 * HOUR else ()]),
            frozenset(r.sample(SKILLS, r.randrange(4))),
            r.choice([0, 6]),
        )
        for number in range(people)
    )
    return Day(
        places,
        tuple(
            Job(
                f"J{number}",
                3 + number,
                r.randrange(600, 5400),
                Window(opens := r.randrange(7, 17) * HOUR, opens + r.randrange(4) * HOUR),
                r.choice([1800, 7200, 14400]),
                frozenset(r.sample(SKILLS, r.choice([0, 0, 1, 2]))),
                r.randrange(3),
                r.choice([1, 1, 1, 2]) if several else 1,
                r.choice([0, 0, 0, 11 * HOUR]),
                r.choice([None] * 9 + ["T0"]) if not several else None,
            )
            for number in range(jobs)
        ),
        team,
    )
