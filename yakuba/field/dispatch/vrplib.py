"""Benchmark instances in VRPLIB format as days, so that the planner can be held against the best known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import vrplib as library

from yakuba.field.dispatch.day import Day, Job, Technician, Window
from yakuba.field.dispatch.travel import Place, Tenths

REQUIRED = 10**6
"""The worth of a customer who must be visited, in tenths: more than any detour in these instances."""


class Unreadable(Exception):
    """The file is no VRPLIB instance of the kind that is understood; says what is missing."""


def read(path: Path) -> Day:
    """A CVRPTW or CVRP instance with EUC_2D distances. Times and distances become tenths, distances truncated.

    Raises Unreadable when a section is missing or distances are given in another way.
    """
    try:
        found: dict[str, Any] = library.read_instance(path, compute_edge_weights=False)
    except (ValueError, IndexError, RuntimeError) as error:
        raise Unreadable(f"{path}: not in VRPLIB format ({error})") from error
    missing = [name for name in ("node_coord", "demand", "depot", "capacity") if name not in found]
    if missing:
        raise Unreadable(f"{path}: has no {', '.join(name.upper() for name in missing)}")
    if found.get("edge_weight_type") != "EUC_2D":
        raise Unreadable(
            f"{path}: distances of type {found.get('edge_weight_type')}, only EUC_2D is understood"
        )
    depot = int(found["depot"][0])
    count = len(found["node_coord"])
    service = found.get("service_time", 0)
    services = [service] * count if isinstance(service, int | float) else list(service)
    windows = [
        Window(int(opens) * 10, int(closes) * 10) for opens, closes in found.get("time_window", [])
    ] or [Window(0, 10**9)] * count
    jobs = [
        Job(
            str(number),
            number,
            int(services[number]) * 10,
            windows[number],
            REQUIRED,
            load=int(found["demand"][number]),
        )
        for number in range(count)
        if number != depot
    ]
    vehicles = int(found.get("vehicles", count - 1))
    people = [
        Technician(str(number), depot, depot, windows[depot], capacity=int(found["capacity"]))
        for number in range(1, vehicles + 1)
    ]
    places = [Place(float(x), float(y)) for x, y in found["node_coord"]]
    return Day(tuple(places), tuple(jobs), tuple(people), Tenths())
