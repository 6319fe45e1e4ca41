"""Synthetic days, and the same days planned by each engine alone. What each makes is scored in one way."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import vroom

from yakuba.field.dispatch import construct, improve
from yakuba.field.dispatch.day import Break, Day, Job, Map, Orders, Technician, Window
from yakuba.field.dispatch.fitting import fitted
from yakuba.field.dispatch.travel import Place

HOUR = 3600
SKILLS = ("network", "pc", "printer", "server")


def synthetic(jobs: int, people: int, seed: int, bases: int = 12) -> Day:
    """A day of visits of 15 to 40 minutes around bases, with windows, skills, shifts and a break at noon."""
    r = random.Random(seed)
    # one base for about every eight people; the land grows with their number
    half = 0.4 * (bases / 12) ** 0.5
    places = [Place(35 + r.uniform(-half, half), 136 + r.uniform(-half, half) * 1.25) for _ in range(bases)]
    asked, team = [], []
    for number in range(jobs):
        base = places[r.randrange(bases)]
        places.append(Place(base.lat + r.gauss(0, 0.1), base.lon + r.gauss(0, 0.1)))
        opens = r.choice([9, 9, 10, 11, 13, 14, 15]) * HOUR
        window = Window(opens, min(opens + r.choice([1, 2, 3, 4]) * HOUR, 17 * HOUR))
        skills = frozenset(r.sample(SKILLS, r.choice([0, 1, 1, 2])))
        service = r.choice([15, 20, 30, 40]) * 60
        worth = r.choice([1, 2, 2, 4]) * HOUR
        asked.append(Job(f"J{number}", len(places) - 1, service, window, worth, skills))
    noon = (Break(Window(11 * HOUR + 1800, 13 * HOUR + 1800), HOUR),)
    for number in range(people):
        base, opens = r.randrange(bases), r.choice([8, 9, 9, 10]) * HOUR
        skills = frozenset(r.sample(SKILLS, r.choice([2, 3, 3, 4])))
        team.append(Technician(f"T{number}", base, base, Window(opens, opens + 9 * HOUR), noon, skills))
    return Day(tuple(places), tuple(asked), tuple(team))


def by_vroom(day: Day, seconds: float) -> Orders:
    """VROOM at its highest effort on two threads, stopped after `seconds`."""
    solve = vroom.Input.solve

    def stopped(self: vroom.Input, **how: int) -> vroom.Solution:
        return solve(self, **how, timeout=timedelta(seconds=seconds))

    with patch.object(vroom.Input, "solve", stopped):
        return construct.constructed(Map(day), effort=5, threads=2)


def by_pyvrp(day: Day, seconds: float) -> Orders:
    """PyVRP with like technicians grouped into types. It knows no breaks: shifts are shorter by them, and they are
    put in afterwards; what then does not fit is dropped, and put in elsewhere where it fits. (With breaks as visits
    to the base it was three times as dear: 2,760,862 against 922,076 on the first of these days.)
    """
    shorter = tuple(
        replace(
            who,
            breaks=(),
            shift=Window(who.shift.opens, who.shift.closes - sum(b.length for b in who.breaks)),
        )
        for who in day.technicians
    )
    orders = improve.improved(Map(replace(day, technicians=shorter)), {}, seconds=seconds)
    return fitted(Map(day), orders)


def by_ortools(day: Day, seconds: float) -> Orders:
    """OR-Tools' routing library: dropped visits cost their worth, breaks are intervals, guided local search."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    team, jobs = day.technicians, day.jobs
    ways = Map(day).matrix
    node_place = [job.place for job in jobs] + [who.start for who in team] + [who.end for who in team]
    service = [job.service for job in jobs] + [0] * (2 * len(team))
    starts = [len(jobs) + number for number in range(len(team))]
    ends = [len(jobs) + len(team) + number for number in range(len(team))]
    manager = pywrapcp.RoutingIndexManager(len(node_place), len(team), starts, ends)
    routing = pywrapcp.RoutingModel(manager)
    travel = ways[node_place][:, node_place]
    cost = routing.RegisterTransitMatrix(travel.tolist())
    took = routing.RegisterTransitMatrix((travel + [[s] for s in service]).tolist())
    routing.SetArcCostEvaluatorOfAllVehicles(cost)
    routing.AddDimension(took, 24 * HOUR, 24 * HOUR, False, "time")
    time = routing.GetDimensionOrDie("time")
    solver = routing.solver()
    for number, job in enumerate(jobs):
        index = manager.NodeToIndex(number)
        time.CumulVar(index).SetRange(job.opens, job.window.closes)
        able = [n for n, who in enumerate(team) if who.may(job)]
        routing.VehicleVar(index).SetValues([-1, *able])
        routing.AddDisjunction([index], job.worth)
    at_nodes = [service[manager.IndexToNode(i)] for i in range(routing.Size())]
    for number, who in enumerate(team):
        time.CumulVar(routing.Start(number)).SetRange(who.shift.opens, who.shift.closes)
        time.CumulVar(routing.End(number)).SetRange(who.shift.opens, who.shift.closes)
        rests = [
            solver.FixedDurationIntervalVar(
                rest.window.opens, rest.window.closes, rest.length, False, f"rest{number}"
            )
            for rest in who.breaks
        ]
        time.SetBreakIntervalsOfVehicle(rests, number, at_nodes)
    how = pywrapcp.DefaultRoutingSearchParameters()
    how.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    how.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    how.time_limit.seconds = int(seconds)
    found = routing.SolveWithParameters(how)
    orders: Orders = defaultdict(list)
    for number, who in enumerate(team):
        index = routing.Start(number)
        while found and not routing.IsEnd(index):
            if manager.IndexToNode(index) < len(jobs):
                orders[who.id].append(jobs[manager.IndexToNode(index)].id)
            index = found.Value(routing.NextVar(index))
    return dict(orders)
