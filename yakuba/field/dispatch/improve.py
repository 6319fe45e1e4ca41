"""A better plan from a given one, by PyVRP, for as many seconds as there are.

PyVRP knows no breaks and no skills. A skill is a routing profile in which the way to what one may not do is
UNREACHABLE. A break is a client that must be visited, at the place where the given plan takes it: each kind of break
is one dimension of load, of which every technician who has such a break can carry one. So everybody takes exactly one,
at a place where that costs nothing, and the next round moves the places on to where the better plan takes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime

from yakuba.field.dispatch.day import Break, Job, Map, Orders, Technician
from yakuba.field.dispatch.timing import timed
from yakuba.field.dispatch.travel import UNREACHABLE


def improved(day: Map, start: Orders, *, seconds: float, seed: int = 0) -> Orders:
    """Orders at least as good as `start` in PyVRP's eyes. Uses one core for `seconds`."""
    if not day.day.jobs or not day.day.technicians:
        return start
    problem = _Problem(day, start)
    result = pyvrp.solve(
        problem.data,
        MaxRuntime(seconds),
        seed=seed,
        collect_stats=False,
        display=False,
        initial_solution=problem.solution(start) if start else None,
    )
    return problem.orders(result.best)


@dataclass(frozen=True, slots=True)
class _Rest:
    """A break as PyVRP sees it: of a kind, at a place. Who takes it is found out."""

    kind: int
    place: int
    rest: Break


class _Problem:
    """A day in PyVRP's words, and the way back."""

    def __init__(self, day: Map, start: Orders) -> None:
        self.day = day
        self.kinds = sorted(
            {(n, rest) for who in day.day.technicians for n, rest in enumerate(who.breaks)},
            key=lambda kind: (kind[0], kind[1].window.opens, kind[1].window.closes, kind[1].length),
        )
        self.kind_of = {kind: index for index, kind in enumerate(self.kinds)}
        self.rests: list[_Rest] = []
        self.rests_of: dict[str, list[int]] = {}
        for who in day.day.technicians:
            self._place_breaks(who, [day.jobs[name] for name in start.get(who.id, [])])
        self.types = _alike(day)
        self.data = self._data()

    def _place_breaks(self, who: Technician, order: list[Job]) -> None:
        """Where the given plan has this person at the time of each break."""
        route = timed(self.day, who, order) if order else None
        mine = []
        for number, rest in enumerate(who.breaks):
            place = who.start
            for stop in route.stops if route else ():
                if route and stop.ends <= route.breaks[number][0]:
                    place = self.day.jobs[stop.job].place
            mine.append(len(self.rests))
            self.rests.append(_Rest(self.kind_of[number, rest], place, rest))
        self.rests_of[who.id] = mine

    def _data(self) -> pyvrp.ProblemData:
        """Locations are the bases, then one for every client, so that a profile can bar a single job."""
        day = self.day.day
        bases = sorted({place for who in day.technicians for place in (who.start, who.end)})
        at = [*bases, *(job.place for job in day.jobs), *(rest.place for rest in self.rests)]
        nobody = [0] * len(self.kinds)
        clients = [
            pyvrp.Client(
                location=len(bases) + number,
                delivery=[job.load, *nobody],
                service_duration=job.service,
                tw_early=job.opens,
                tw_late=max(job.opens, job.window.closes),
                prize=job.worth,
                required=False,
            )
            for number, job in enumerate(day.jobs)
        ]
        clients += [
            pyvrp.Client(
                location=len(bases) + len(day.jobs) + number,
                delivery=[0, *(int(kind == rest.kind) for kind in range(len(self.kinds)))],
                service_duration=rest.rest.length,
                tw_early=rest.rest.window.opens,
                tw_late=rest.rest.window.closes,
            )
            for number, rest in enumerate(self.rests)
        ]
        matrices, number_of = self._profiles(self.day.matrix[np.ix_(at, at)].astype(np.int64), len(bases))
        types = [
            pyvrp.VehicleType(
                num_available=len(people),
                capacity=[
                    people[0].capacity or 10**9,
                    *(int(kind in enumerate(people[0].breaks)) for kind in self.kinds),
                ],
                start_depot=bases.index(people[0].start),
                end_depot=bases.index(people[0].end),
                tw_early=people[0].shift.opens,
                tw_late=people[0].shift.closes,
                profile=number,
            )
            for people, number in zip(self.types, number_of, strict=True)
        ]
        locations = [pyvrp.Location(day.places[place].lat, day.places[place].lon) for place in at]
        depots = [pyvrp.Depot(location=number) for number in range(len(bases))]
        return pyvrp.ProblemData(locations, clients, depots, types, matrices, matrices)  # type: ignore[arg-type]

    def _profiles(self, whole: np.ndarray, first: int) -> tuple[list[np.ndarray], list[int]]:
        """One matrix for each set of jobs that somebody may do; which of them each type of technician uses."""
        found: dict[tuple[int, ...], int] = {}
        matrices: list[np.ndarray] = []
        number_of: list[int] = []
        for people in self.types:
            barred = tuple(first + n for n, job in enumerate(self.day.day.jobs) if not people[0].may(job))
            if barred not in found:
                found[barred] = len(matrices)
                matrices.append(_barring(whole, barred))
            number_of.append(found[barred])
        return matrices, number_of

    def solution(self, orders: Orders) -> pyvrp.Solution:
        """A plan as PyVRP's solution, breaks put in where the plan has them."""
        number = {job.id: n for n, job in enumerate(self.day.day.jobs)}
        routes = []
        for kind, people in enumerate(self.types):
            for who in people:
                visits = self._with_breaks(who, orders.get(who.id, []), number)
                if visits:
                    client = pyvrp.ActivityType.CLIENT
                    routes.append(pyvrp.Route(self.data, [pyvrp.Activity(client, n) for n in visits], kind))
        return pyvrp.Solution(self.data, routes)

    def _with_breaks(self, who: Technician, order: list[str], number: dict[str, int]) -> list[int]:
        jobs = len(self.day.day.jobs)
        route = timed(self.day, who, [self.day.jobs[name] for name in order])
        visits = [(stop.begins, 1, number[stop.job]) for stop in route.stops] if route else []
        if not route:
            return [jobs + n for n in self.rests_of[who.id]]
        rests = zip(route.breaks, self.rests_of[who.id], strict=True)
        visits += [(begins, 0, jobs + n) for (begins, _), n in rests]
        return [n for _, _, n in sorted(visits)]

    def orders(self, solution: pyvrp.Solution) -> Orders:
        """What each technician does in a solution, without the breaks."""
        waiting = {kind: list(people) for kind, people in enumerate(self.types)}
        found: Orders = {}
        for route in solution.routes():
            who = waiting[route.vehicle_type()].pop(0)
            visits = [a.idx for a in route.schedule() if a.is_client()]
            found[who.id] = [self.day.day.jobs[n].id for n in visits if n < len(self.day.day.jobs)]
        return {who: order for who, order in found.items() if order}


def _alike(day: Map) -> list[list[Technician]]:
    """Technicians that differ in nothing but their names, together: the search tries one of them, not each."""
    promised = {job.technician for job in day.day.jobs if job.technician}
    asked = frozenset(name for job in day.day.jobs for name in job.skills)
    groups: dict[tuple, list[Technician]] = defaultdict(list)
    for who in day.day.technicians:
        own = who.id if who.id in promised else ""
        key = (who.start, who.end, who.shift, who.breaks, who.skills & asked, who.capacity, own)
        groups[key].append(who)
    return list(groups.values())


def _barring(whole: np.ndarray, barred: Iterable[int]) -> np.ndarray:
    """The matrix with no way to or from the barred places."""
    rows = list(barred)
    if not rows:
        return whole
    matrix = whole.copy()
    matrix[rows, :] = UNREACHABLE
    matrix[:, rows] = UNREACHABLE
    np.fill_diagonal(matrix, 0)
    return matrix
