"""The one way to change a case: append events, fold them, update what is derived, wake the workers.

Everything happens in one transaction, set by set: one event and a hundred thousand go the
same way and cost the same number of statements. A `key` that is there already is not
recorded again, so a retry is harmless.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import Any

from django.db import connection

from yakuba import access
from yakuba.cases import catalogue, chain, references, store
from yakuba.cases import events as e
from yakuba.cases.errors import Anonymous, NoSuchCase
from yakuba.cases.oracle import Live
from yakuba.cases.rows import task_rows
from yakuba.cases.state import OPEN, RECEIPT, TELL_RETURNED, CaseState, fold, step_of
from yakuba.cases.work import Waiting
from yakuba.clock import TOKYO, BusinessCalendar
from yakuba.declare import Service
from yakuba.register import queries as register

WORKED_NOW = f"""t.status = 'open' and t.holder is null
  and (c.state = 'open' or t.step in ('{RECEIPT}', '{TELL_RETURNED}'))"""
"""Which open tasks (`t`, of case `c`) may be worked: all of an open case; only telling people of one that is
returned or closed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to be recorded. `key`: unique in the town; the same key is recorded once. `by`, `at`: who did it and
    when, where that differs within a batch."""

    case: uuid.UUID
    event: e.Event
    key: str
    by: access.Worker | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an entry. `new` is False where its key had been recorded before."""

    case: uuid.UUID
    key: str
    new: bool


@dataclass(slots=True)
class _Open:
    """A case in the hands of this transaction."""

    id: uuid.UUID
    state: CaseState
    seq: int
    head: bytes
    service: Service


def record(case: uuid.UUID, event: e.Event, *, by: access.Worker, as_of: datetime, key: str) -> Recorded:
    """Record one event. Raises access.Denied when the policy forbids it, NoSuchCase when there is no case."""
    return record_many([Entry(case, event, key)], by=by, as_of=as_of)[0]


def record_many(
    entries: Sequence[Entry],
    *,
    by: access.Worker,
    as_of: datetime,
    locked: Iterable[store.LockedCase] = (),
) -> list[Recorded]:
    """Record many events, in order, in the town's transaction: all or nothing.

    `as_of`: when it happened, aware, Asia/Tokyo. `locked`: cases that this transaction has locked and read, and has
    recorded nothing about since; they are not read again. Raises access.Denied, NoSuchCase, Anonymous.
    """
    if not entries:
        return []
    as_of = as_of.astimezone(TOKYO)
    town = access.towns.current_town()
    cases = _lock(entries, locked)
    # a key that opens a case is new or left to its owner by the insert itself
    known = store.known_keys([entry.key for entry in entries if not isinstance(entry.event, e.Opened)])
    batch = store.Batch(town)
    calendar = cache(partial(register.calendar, town))
    done: list[Recorded] = []
    allowed: dict[access.Worker, _Allowed] = {}
    for entry in _numbered(entries):
        if entry.key in known:
            done.append(Recorded(entry.case, entry.key, False))
            continue
        known.add(entry.key)
        who = entry.by or by
        at = as_of if entry.at is None else entry.at.astimezone(TOKYO)
        _append(batch, cases, entry, at, allowed.setdefault(who, _Allowed(who)), calendar)
        done.append(Recorded(entry.case, entry.key, True))
    written = batch.write()
    return [r if r.key in written or not r.new else replace(r, new=False) for r in done]


def _numbered(entries: Sequence[Entry]) -> list[Entry]:
    """The entries; a case is opened under a reference number that no other case of the town has."""
    numbered = list(entries)
    opened = [(n, entry.event) for n, entry in enumerate(entries) if isinstance(entry.event, e.Opened)]
    free = references.unlike([event.reference for _, event in opened])
    for (n, event), reference in zip(opened, free, strict=True):
        if reference != event.reference:
            numbered[n] = replace(entries[n], event=replace(event, reference=reference))
    return numbered


def _lock(entries: Iterable[Entry], locked: Iterable[store.LockedCase]) -> dict[uuid.UUID, _Open]:
    """Lock the cases that exist, always in the order of their ids, so that two batches cannot deadlock."""
    known = {case.id: case for case in locked}
    wanted = {entry.case for entry in entries if not isinstance(entry.event, e.Opened)}
    rows = store.lock_cases(sorted(wanted - known.keys()))
    return {
        row.id: _Open(row.id, row.state, row.seq, row.head, catalogue.version(row.state.version))
        for row in (*known.values(), *rows)
    }


def _append(
    batch: store.Batch,
    cases: dict[uuid.UUID, _Open],
    entry: Entry,
    at: datetime,
    allowed: _Allowed,
    calendar: Callable[[], BusinessCalendar],
) -> None:
    event = entry.event
    if isinstance(event, e.Opened):
        cases[entry.case] = _Open(entry.case, CaseState(), 0, chain.GENESIS, catalogue.version(event.version))
    case = cases.get(entry.case)
    if case is None:
        raise NoSuchCase(entry.case)
    if case.state.anonymised:
        raise Anonymous(case.state.reference)
    if isinstance(event, e.Migrated):
        case.service = catalogue.version(event.version)
    absent = allowed.ask(event, case, batch.town)
    before = {name: step.copy() for name, step in case.state.steps.items()}
    oracle = Live(case.service, calendar)
    fold(case.state, event, at, case.service, oracle)
    case.seq += 1
    said = store.Said(event, entry.key, oracle.then(), at, allowed.by, absent)
    case.head = batch.event(case.id, case.seq, case.head, said)
    batch.case(case.id, case.state, case.seq, case.head, new=isinstance(event, e.Opened))
    batch.tasks(case.id, case.state.service, task_rows(case.id, before, case.state, case.service, at))


class _Allowed:
    """Asks the policy once for each kind of question in a batch: staff and machines are judged by the
    service and the action, residents and other systems by each case."""

    def __init__(self, by: access.Worker):
        self.by = by
        self._asked: dict[tuple[str, str, str | None, str | None], tuple[str, ...]] = {}

    def ask(self, event: e.Event, case: _Open, town: str) -> tuple[str, ...]:
        """In whose place a deputy does it: of who lends the role, and of who holds the task. Raises access.Denied."""
        lenders = self._lenders(event, case, town)
        step = case.state.steps.get(getattr(event, "step", ""))
        if step and step.holder not in lenders and self.by.stands_in_for(step.holder):
            return (*lenders, str(step.holder))
        return lenders

    def _lenders(self, event: e.Event, case: _Open, town: str) -> tuple[str, ...]:
        service = case.state.service or getattr(event, "service", "")
        role = _role(event, case) if event.action.startswith("task.") else None
        question = (event.action, service, role, used_by(case.state))
        if question in self._asked and self.by.kind not in ("resident", "client", "public"):
            return self._asked[question]
        resource = case_resource(case.id, case.state, town, service, role)
        access.require(self.by, event.action, resource)
        self._asked[question] = access.acting_for(self.by, event.action, resource)
        return self._asked[question]


def _role(event: e.Event, case: _Open) -> str | None:
    """The role that the step of a task event is declared for."""
    step = getattr(event, "step", "")
    return step_of(case.service, step).role if step else None


def case_resource(
    case_id: uuid.UUID, state: CaseState, town: str, service: str = "", role: str | None = None
) -> access.Resource:
    """What the policy may know about a case, and about the task of it that is meant (`role`)."""
    attributes: dict[str, Any] = {
        "service": service or state.service,
        "reference": state.reference,
        "applicant": state.applicant or "",
        "state": state.state,
        "role": role,
        "used_by": used_by(state),
    }
    return access.Resource("Case", str(case_id), town, attributes)


def used_by(state: CaseState) -> str | None:
    """Who used what the case reviews, and so does not review it: of break-glass access."""
    return state.fact("asked.by") if state.service == "break-glass" else None


def lock_waiting(
    service: str,
    step: str,
    limit: int,
    tasks: Sequence[uuid.UUID] | None = None,
    besides: Collection[uuid.UUID] = (),
) -> list[Waiting]:
    """Up to `limit` open tasks of a step, their cases locked until this transaction ends. Cases that another
    transaction has locked are passed over, and so are tasks that somebody holds: a payment on its way is held until
    the bank has answered. `tasks`: only these; `besides`: not these."""
    only = None if tasks is None else list(tasks)
    while rows := _lock_waiting(service, step, limit, only, list(besides)):
        cases = {case.id: case for case in store.lock_cases(sorted({row[1] for row in rows}))}
        # What was taken while the statement ran is still free in what it saw: the state that is locked decides.
        found = [row for row in rows if _is_free(cases[row[1]].state, step, row[2])]
        if found:
            return [_waiting(task, cases[case], attempt, step) for task, case, attempt in found]
    return []


def _is_free(state: CaseState, step: str, attempt: int) -> bool:
    now = state.steps[step]
    return now.status == OPEN and now.attempt == attempt and now.holder is None


def _lock_waiting(
    service: str, step: str, limit: int, only: list[uuid.UUID] | None, besides: list[uuid.UUID]
) -> list[tuple[uuid.UUID, uuid.UUID, int]]:
    """Task, case and attempt, the cases locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select t.id, t.case_id, t.attempt from cases_task t join cases_case c on c.id = t.case_id
               where {WORKED_NOW} and t.service = %s and t.step = %s and t.id = any(coalesce(%s::uuid[], array[t.id]))
               and t.id <> all(%s::uuid[]) order by t.opened_at, t.id limit %s for update of c skip locked""",
            [service, step, only, besides, limit],
        )
        return cursor.fetchall()


def look_waiting(service: str, step: str, limit: int) -> list[Waiting]:
    """Up to `limit` tasks of a step that may be worked now; nothing is locked or held, and nothing may be recorded."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select t.id, t.case_id, t.attempt, c.status::text, c.seq, c.head
               from cases_task t join cases_case c on c.id = t.case_id
               where {WORKED_NOW} and t.service = %s and t.step = %s order by t.opened_at, t.id limit %s""",
            [service, step, limit],
        )
        rows = cursor.fetchall()
    return [
        _waiting(task, store.locked_case(case, status, seq, head), attempt, step)
        for task, case, attempt, status, seq, head in rows
    ]


def _waiting(task: uuid.UUID, case: store.LockedCase, attempt: int, step: str) -> Waiting:
    kept = catalogue.version(case.state.version)
    return Waiting(task, case.id, attempt, step_of(kept, step), case.state, kept, case)


def waits(service: str, step: str, *, besides: Collection[uuid.UUID]) -> bool:
    """Whether tasks of a step may be worked now, other than those named: whether or not their cases are locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select exists (select from cases_task t join cases_case c on c.id = t.case_id
               where {WORKED_NOW} and t.service = %s and t.step = %s and t.id <> all(%s::uuid[]))""",
            [service, step, list(besides)],
        )
        return bool(cursor.fetchone()[0])
