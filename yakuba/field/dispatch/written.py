"""A plan as a file that can be checked by itself: the day it is for, the plan, and the day's hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from yakuba.declare import yaml_files
from yakuba.field.dispatch.check import Fault, faults
from yakuba.field.dispatch.day import Day, Map, Plan
from yakuba.field.dispatch.travel import NoRoads, Tenths


@dataclass(frozen=True, slots=True)
class Document:
    """What stands in a plan's file. `day_sha256` shows that the day was not changed after the plan was made."""

    day: Day
    plan: Plan
    day_sha256: str


class Unreadable(Exception):
    """The text is no plan or no day; says where and what."""


_DAY = TypeAdapter(Day)
_DOCUMENT = TypeAdapter(Document)


def digest(day: Day) -> str:
    """SHA-256 of the day's JSON with sorted keys."""
    text = json.dumps(_DAY.dump_python(day, mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def written(day: Day, plan: Plan, found: list[Fault]) -> dict[str, Any]:
    """What `yakuba field plan --json` prints. `cost` is in lengths for VRPLIB files, in seconds otherwise."""
    unit = 10 if isinstance(day.travel, Tenths) else 1
    return {
        "cost": plan.cost / unit,
        "feasible": not found,
        "faults": [str(fault) for fault in found],
        "routes": {route.technician: [stop.job for stop in route.stops] for route in plan.routes},
        "unserved": plan.unserved,
        **_DOCUMENT.dump_python(Document(day, plan, digest(day)), mode="json"),
    }


def read_day(text: str) -> Day:
    """A day from JSON. Raises Unreadable."""
    try:
        return _DAY.validate_json(text)
    except ValidationError as error:
        raise Unreadable(yaml_files.slips(error)) from error


def check(text: str) -> list[Fault]:
    """The faults of a plan's file: the checker's, and that what is printed above the plan is not what it says.

    Raises Unreadable when it is no such file.
    """
    try:
        document = _DOCUMENT.validate_json(text)
        shown = json.loads(text)
    except ValidationError as error:
        raise Unreadable(yaml_files.slips(error)) from error
    day, plan = document.day, document.plan
    if digest(day) != document.day_sha256:
        return [Fault("day", "changed after the plan was made")]
    if broken := [
        Fault(job.id, "no such place", str(job.place)) for job in day.jobs if not _is_in(day, job.place)
    ]:
        return broken
    try:
        found = faults(Map(day), plan)
    except NoRoads as error:
        raise Unreadable(str(error)) from error
    summary = written(day, plan, found)
    differs = [key for key in ("cost", "routes", "unserved") if key in shown and shown[key] != summary[key]]
    return [*found, *(Fault(key, "is not what the plan says") for key in differs)]


def _is_in(day: Day, place: int) -> bool:
    return 0 <= place < len(day.places)
