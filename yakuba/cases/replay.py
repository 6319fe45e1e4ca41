"""What follows from the log alone: the state, the row and the tasks of every case, made anew or compared."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

import orjson
from django.db import transaction

from yakuba.access import towns
from yakuba.cases import catalogue, chain, store
from yakuba.cases import events as e
from yakuba.cases.models import Case, Event, Task
from yakuba.cases.rows import task_rows
from yakuba.cases.state import CaseState, Recalled, fold
from yakuba.clock import TOKYO

SOME = 500
"""Cases whose histories are held in memory at a time."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the events of a case give. `tasks` by id, as rows."""

    state: CaseState
    tasks: dict[uuid.UUID, dict[str, Any]]
    seq: int
    head: bytes


def histories() -> Iterator[dict[uuid.UUID, list[Event]]]:
    """The events of all cases of this town in order, some cases at a time."""
    rows = Event.objects.order_by("case_id", "seq").iterator(chunk_size=5000)
    cases = ((case, list(log)) for case, log in groupby(rows, attrgetter("case_id")))
    while some := dict(islice(cases, SOME)):
        yield some


def replayed(case: uuid.UUID, log: Sequence[Event]) -> Replayed:
    """The state and the tasks that follow from the events of a case, and from nothing else."""
    state, tasks = CaseState(), dict[uuid.UUID, dict[str, Any]]()
    for row in log:
        event = e.read(row.kind, row.body, row.private)
        goes_by = event.version if isinstance(event, e.Opened | e.Migrated) else state.version
        service = catalogue.version(goes_by)
        before = {name: step.copy() for name, step in state.steps.items()}
        at = row.at.astimezone(TOKYO)
        fold(state, event, at, service, Recalled(row.body.get("then", {})))
        for task in task_rows(case, before, state, service, at):
            known = tasks.setdefault(task["id"], task)
            known.update({name: task[name] for name in store.CHANGING})
    return Replayed(state, tasks, log[-1].seq, bytes(log[-1].hash))


def rebuild(town: str) -> tuple[int, int]:
    """Make all cases and tasks of a town anew from its log; returns how many of each. All or nothing."""
    cases = tasks = 0
    with transaction.atomic(), towns.inside(town):
        list(Case.objects.select_for_update().order_by("id").values_list("id"))
        Task.objects.all().delete()
        for some in histories():
            made = {case: replayed(case, log) for case, log in some.items()}
            store.rewrite(
                town, [(case, m.state, m.seq, m.head, m.tasks.values()) for case, m in made.items()]
            )
            cases, tasks = cases + len(made), tasks + sum(len(m.tasks) for m in made.values())
    return cases, tasks


def differences(some: Mapping[uuid.UUID, Sequence[Event]]) -> Iterator[tuple[uuid.UUID, str]]:
    """Where the stored rows of these cases are not what their logs give: the case, and what differs."""
    cases = {row["id"]: row for row in Case.objects.filter(id__in=list(some)).values()}
    tasks: dict[uuid.UUID, dict[uuid.UUID, dict[str, Any]]] = {case: {} for case in some}
    for task in Task.objects.filter(case_id__in=list(some)).values():
        tasks[task["case_id"]][task["id"]] = dict(task)
    for case, log in some.items():
        if case not in cases:
            yield case, "this case has events, but its row in cases_case is missing"
            continue
        try:
            made = replayed(case, log)
        except (
            Exception
        ) as error:  # whatever somebody wrote into the log, it is named and the rest is looked at
            yield case, f"its events cannot be replayed ({type(error).__name__}: {error})"
            continue
        for what in (*_case_differs(case, cases[case], made), *_tasks_differ(tasks[case], made.tasks)):
            yield case, f"{what}; `yakuba log rebuild` makes it anew"


def _case_differs(case: uuid.UUID, stored: Mapping[str, Any], made: Replayed) -> Iterator[str]:
    derived = store.case_row(case, made.state, made.seq, made.head)
    derived |= {"head": made.head, "status": orjson.loads(chain.canonical(made.state.to_json()))}
    if names := _differing(stored, derived):
        yield f"cases_case disagrees with the log in {names}"


def _tasks_differ(
    stored: Mapping[uuid.UUID, Mapping[str, Any]], derived: Mapping[uuid.UUID, Mapping[str, Any]]
) -> Iterator[str]:
    for task in derived.keys() | stored.keys():
        name = f"task {task} ({(derived.get(task) or stored[task])['step']})"
        if task not in stored:
            yield f"{name} is missing from cases_task"
        elif task not in derived:
            yield f"{name} of cases_task is not in the log"
        elif names := _differing(stored[task], derived[task]):
            yield f"{name} disagrees with the log in {names}"


def _differing(stored: Mapping[str, Any], derived: Mapping[str, Any]) -> str:
    return ", ".join(name for name, value in derived.items() if not _agree(stored[name], value))


def _agree(stored: Any, derived: Any) -> bool:
    """Whether a stored value is the derived one, which has times and ids as text."""
    match stored:
        case datetime():
            return derived is not None and stored == datetime.fromisoformat(derived)
        case uuid.UUID():
            return str(stored) == str(derived)
        case bytes() | memoryview():
            return bytes(stored) == derived
    return bool(stored == derived)
