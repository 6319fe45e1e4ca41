"""What a day asks and what a plan answers. Pure values; all times are whole seconds from midnight, Asia/Tokyo.

The unit of cost is the unit of travel: seconds of travel for real days, tenths of a unit of length for VRPLIB files.
A job's `worth` is in the same unit: the travel that one would accept to serve it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated

import numpy as np
from pydantic import PlainSerializer

from yakuba.field.dispatch.travel import GreatCircle, Place, Travel

DAY = 86_400
"""Seconds of a day."""


Skills = Annotated[frozenset[str], PlainSerializer(sorted)]
"""What somebody can do, or something needs, by name; written in order, so that the same day is the same text."""


@dataclass(frozen=True, slots=True)
class Window:
    """When something may begin: between `opens` and `closes`, both inclusive."""

    opens: int = 0
    closes: int = 2 * DAY


@dataclass(frozen=True, slots=True)
class Break:
    """A rest of `length` seconds that begins within `window`; nobody works or travels in it."""

    window: Window
    length: int


@dataclass(frozen=True, slots=True)
class Job:
    """One visit that is asked for.

    `place` is a place's position in `Day.places`. `ready` is when what it depends on (kitted devices) has arrived.
    `people` are needed at the same moment. `technician` is set when somebody was promised or has it already.
    """

    id: str
    place: int
    service: int = 0
    window: Window = Window()
    worth: int = DAY
    skills: Skills = frozenset()
    load: int = 0
    people: int = 1
    ready: int = 0
    technician: str | None = None

    @property
    def opens(self) -> int:
        """The first second in which work may begin: the window's, or when what it waits for has arrived."""
        return max(self.window.opens, self.ready)


@dataclass(frozen=True, slots=True)
class Technician:
    """One person with a vehicle on one day: leaves `start`, comes back to `end`, both within `shift`."""

    id: str
    start: int
    end: int
    shift: Window = Window()
    breaks: tuple[Break, ...] = ()
    skills: Skills = frozenset()
    capacity: int = 0

    def may(self, job: Job) -> bool:
        """Whether the job's skills and promises let this person do it."""
        return job.skills <= self.skills and job.technician in (None, self.id)


@dataclass(frozen=True, slots=True)
class Day:
    """All that is asked of one day."""

    places: tuple[Place, ...]
    jobs: tuple[Job, ...]
    technicians: tuple[Technician, ...]
    travel: Travel = field(default_factory=GreatCircle)

    @property
    def worth(self) -> int:
        """The worth of all jobs together."""
        return sum(job.worth for job in self.jobs)


@dataclass(frozen=True, slots=True)
class Stop:
    """A job in a route: when the technician is there, begins, and is done."""

    job: str
    arrives: int
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Route:
    """One technician's day, in order. `breaks` are (begins, ends)."""

    technician: str
    leaves: int
    stops: tuple[Stop, ...]
    breaks: tuple[tuple[int, int], ...]
    returns: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Routes, and why the rest is not served: {job: reason}."""

    routes: tuple[Route, ...]
    unserved: dict[str, str] = field(default_factory=dict)
    cost: int = 0


Orders = dict[str, list[str]]
"""Which jobs each technician does, in order, by ids: what engines hand to each other."""


class Map:
    """A day with its matrix and its names looked up once; what engines work on."""

    def __init__(self, day: Day, matrix: np.ndarray | None = None) -> None:
        self.day = day
        if matrix is not None:
            self.matrix = matrix
        self.jobs = {job.id: job for job in day.jobs}
        self.technicians = {who.id: who for who in day.technicians}

    @cached_property
    def matrix(self) -> np.ndarray:
        """Travel from place to place, int32; UNREACHABLE where there is no way today."""
        return self.day.travel.matrix(self.day.places)

    @cached_property
    def ways(self) -> memoryview:
        """The same, for looking one way up: `ways[a, b]` is a plain int, and several times as fast."""
        return memoryview(self.matrix)  # type: ignore[arg-type]

    def __getstate__(self) -> dict:
        """Without the view, which no other process can have."""
        return {name: value for name, value in self.__dict__.items() if name != "ways"}

    def with_day(self, day: Day) -> Map:
        """Another day at the same places, by the same matrix."""
        return Map(day, self.matrix)

    def able(self, job: Job) -> list[Technician]:
        """The people whose skills and promises let them do a job."""
        return [who for who in self.day.technicians if who.may(job)]

    def part(self, jobs: Iterable[str], technicians: Iterable[str]) -> Map:
        """A smaller day with these jobs and people, and only the places that they need."""
        asked = [self.jobs[name] for name in jobs]
        people = [self.technicians[name] for name in technicians]
        used = sorted({job.place for job in asked} | {p for who in people for p in (who.start, who.end)})
        at = {place: index for index, place in enumerate(used)}
        day = Day(
            tuple(self.day.places[place] for place in used),
            tuple(replace(job, place=at[job.place]) for job in asked),
            tuple(replace(who, start=at[who.start], end=at[who.end]) for who in people),
            self.day.travel,
        )
        return Map(day, np.ascontiguousarray(self.matrix[np.ix_(used, used)]))
