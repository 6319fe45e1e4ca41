"""The SQL of the log: set by set, so that one event and a hundred thousand take the same statements."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection

from yakuba.access import Worker
from yakuba.cases import chain
from yakuba.cases import events as e
from yakuba.cases.state import CaseState


class LockedCase(NamedTuple):
    """A case row locked by this transaction."""

    id: uuid.UUID
    state: CaseState
    seq: int
    head: bytes


_READ = "select id, status::text, seq, head from cases_case where id = any(%s) order by id"


def lock_cases(ids: Sequence[uuid.UUID]) -> list[LockedCase]:
    """Lock the cases in the order given (ascending ids) and read where they stand."""
    return _read(f"{_READ} for update", ids)


def look_at_cases(ids: Sequence[uuid.UUID]) -> list[LockedCase]:
    """The same of cases that nobody is about to change; nothing is locked."""
    return _read(_READ, ids)


def _read(statement: str, ids: Sequence[uuid.UUID]) -> list[LockedCase]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(ids)])
        return [locked_case(*row) for row in cursor.fetchall()]


def locked_case(case: uuid.UUID, status: str, seq: int, head: bytes) -> LockedCase:
    """A row of the table, read."""
    return LockedCase(case, CaseState.from_json(orjson.loads(status)), seq, bytes(head))


def known_keys(keys: Sequence[str]) -> set[str]:
    """Those of the keys that the log of this town has already."""
    if not keys:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("select key from cases_event where key = any(%s)", [list(keys)])
        return {row[0] for row in cursor.fetchall()}


_EVENT_COLUMNS = {
    "at": "timestamptz",
    "by_kind": "text",
    "by_id": "text",
    "case_id": "uuid",
    "seq": "int",
    "kind": "text",
    "key": "text",
    "body": "jsonb",
    "private": "jsonb",
    "salt": "bytea",
    "digest": "bytea",
    "prev": "bytea",
    "hash": "bytea",
}
_CASE_COLUMNS = {
    "id": "uuid",
    "service": "text",
    "version": "text",
    "reference": "text",
    "channel": "text",
    "language": "text",
    "applicant": "uuid",
    "identified": "boolean",
    "state": "text",
    "outcome": "text",
    "decision": "text",
    "amount": "bigint",
    "opened_at": "timestamptz",
    "closed_at": "timestamptz",
    "legal_due": "timestamptz",
    "norm_due": "timestamptz",
    "paused": "boolean",
    "status": "jsonb",
    "seq": "int",
    "head": "bytea",
}
_TASK_COLUMNS = {
    "id": "uuid",
    "case_id": "uuid",
    "service": "text",
    "step": "text",
    "attempt": "int",
    "by": "text",
    "role": "text",
    "verb": "text",
    "status": "text",
    "opened_at": "timestamptz",
    "due_at": "timestamptz",
    "done_at": "timestamptz",
    "holder": "text",
    "outcome": "text",
    "tries": "int",
}


def _columns(columns: dict[str, str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


_JSON = "jsonb"
_BETWEEN = "\x1e"
"""Parts the JSON texts of a column: in JSON a control character is always escaped (RFC 8259, 7)."""


def _records(columns: dict[str, str]) -> str:
    """The parameters of `_rows` as a table. One text a statement, not an array a column, takes half the time;
    larger JSON goes beside it, so that it is read only once."""
    plain = ", ".join(f'"{name}" {kind}' for name, kind in columns.items() if kind != _JSON)
    texts = [name for name, kind in columns.items() if kind == _JSON]
    beside = "".join(f", unnest(string_to_array(%s, '{_BETWEEN}', ''))" for _ in texts)
    names = [name for name, kind in columns.items() if kind != _JSON] + texts
    typed = ", ".join(f'"{name}"::{_JSON}' if name in texts else f'"{name}"' for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    return (
        f"(select {typed} from rows from (json_to_recordset(%s::json) as ({plain}){beside}) as raw({listed}))"
        " as new"
    )


def _rows(rows: Sequence[dict[str, Any]], columns: dict[str, str]) -> list[str]:
    plain = [name for name, kind in columns.items() if kind != _JSON]
    texts = [name for name, kind in columns.items() if kind == _JSON]
    table = orjson.dumps([{name: row[name] for name in plain} for row in rows]).decode()
    return [table, *(_BETWEEN.join(row[name] or "" for row in rows) for name in texts)]


def _hex(value: bytes | None) -> str | None:
    """Bytes as PostgreSQL reads them from text."""
    return None if value is None else f"\\x{value.hex()}"


_INSERT_EVENTS = f"""
insert into cases_event (town, {_columns(_EVENT_COLUMNS)})
select %s, {_columns(_EVENT_COLUMNS)} from {_records(_EVENT_COLUMNS)}
on conflict (town, key) do nothing returning key"""

_INSERT_CASES = f"""
insert into cases_case (town, {_columns(_CASE_COLUMNS)})
select %s, {_columns(_CASE_COLUMNS)} from {_records(_CASE_COLUMNS)}"""

_UPDATE_CASES = f"""
update cases_case c set {", ".join(f"{name} = new.{name}" for name in _CASE_COLUMNS if name != "id")}
from {_records(_CASE_COLUMNS)} where c.id = new.id"""

_REWRITE_CASES = f"""{_INSERT_CASES}
on conflict (id) do update set {", ".join(f"{name} = excluded.{name}" for name in _CASE_COLUMNS if name != "id")}"""

CHANGING = ("status", "opened_at", "due_at", "done_at", "holder", "outcome", "tries")
"""What of a task changes; by whom it is done stays what it was when it was opened."""

_UPSERT_TASKS = f"""
insert into cases_task (town, {_columns(_TASK_COLUMNS)})
select %s, {_columns(_TASK_COLUMNS)} from {_records(_TASK_COLUMNS)}
on conflict (id) do update set
{", ".join(f"{name} = excluded.{name}" for name in CHANGING)}"""


class Said(NamedTuple):
    """An event as it is recorded: under which key, what the fold asked on the way, when it happened and by whom;
    `acting_for`: the absent colleagues in whose place a deputy did it."""

    event: e.Event
    key: str
    then: dict[str, Any]
    at: datetime
    by: Worker
    acting_for: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        """The public part of the event, with what is known of its recording where there is anything."""
        besides = {"then": self.then, "acting_for": list(self.acting_for)}
        return {**self.event.body(), **{name: said for name, said in besides.items() if said}}


@dataclass(slots=True)
class Batch:
    """What one transaction adds to the log, and what follows from it."""

    town: str
    _events: list[dict[str, Any]] = field(default_factory=list)
    _cases: dict[uuid.UUID, dict[str, Any]] = field(default_factory=dict)
    _new: set[uuid.UUID] = field(default_factory=set)
    _tasks: dict[uuid.UUID, dict[str, Any]] = field(default_factory=dict)

    def event(self, case: uuid.UUID, seq: int, previous: bytes, said: Said) -> bytes:
        """Add an event to the chain of its case; returns its hash, the new head."""
        event = said.event
        body = said.body()
        private = event.private()
        written = None if private is None else chain.canonical(private)
        salt = None if written is None else chain.salt()
        digest = chain.private_digest(written, salt)
        head = chain.link(
            previous,
            town=self.town,
            case=str(case),
            seq=seq,
            kind=event.kind,
            at=said.at,
            by_kind=said.by.kind,
            by_id=said.by.id,
            key=said.key,
            body=body,
            digest=digest,
        )
        self._events.append(
            {
                "at": said.at,
                "by_kind": said.by.kind,
                "by_id": said.by.id,
                "case_id": case,
                "seq": seq,
                "kind": event.kind,
                "key": said.key,
                "body": chain.canonical(body).decode(),
                "private": None if written is None else written.decode(),
                "salt": _hex(salt),
                "digest": _hex(digest),
                "prev": _hex(previous),
                "hash": _hex(head),
            }
        )
        return head

    def case(self, case: uuid.UUID, state: CaseState, seq: int, head: bytes, *, new: bool) -> None:
        """Where the case stands after its last event so far."""
        if new:
            self._new.add(case)
        self._cases[case] = case_row(case, state, seq, head)

    def tasks(self, case: uuid.UUID, service: str, rows: list[dict[str, Any]]) -> None:
        """Tasks that changed."""
        for row in rows:
            self._tasks[row["id"]] = {**row, "case_id": case, "service": service}

    def write(self) -> set[str]:
        """Write everything; returns the keys that were new. A case that somebody else opened at the same
        moment under the same key is left to them."""
        if not self._events:
            return set()
        for row in self._cases.values():
            row["status"] = chain.canonical(row["status"].to_json()).decode()
        with connection.cursor() as cursor:
            cursor.execute(
                _INSERT_EVENTS,
                [self.town, *_rows(self._events, _EVENT_COLUMNS)],
            )
            written = {row[0] for row in cursor.fetchall()}
            lost = {event["case_id"] for event in self._events if event["key"] not in written}
            self._write_cases(cursor, lost)
            tasks = [row for row in self._tasks.values() if row["case_id"] not in lost]
            if tasks:
                cursor.execute(_UPSERT_TASKS, [self.town, *_rows(tasks, _TASK_COLUMNS)])
        self._wake(tasks)
        return written

    def _write_cases(self, cursor: Any, lost: set[uuid.UUID]) -> None:
        new = [row for case, row in self._cases.items() if case in self._new - lost]
        old = [row for case, row in self._cases.items() if case not in self._new]
        if new:
            cursor.execute(_INSERT_CASES, [self.town, *_rows(new, _CASE_COLUMNS)])
        if old:
            cursor.execute(_UPDATE_CASES, _rows(old, _CASE_COLUMNS))

    def _wake(self, tasks: list[dict[str, Any]]) -> None:
        """One wake-up for each step that now has work for the system, in this very transaction."""
        from yakuba.cases.jobs import wake

        opened = {
            (row["service"], row["step"])
            for row in tasks
            if row["by"] == "system" and row["status"] == "open"
        }
        for service, step in sorted(opened):
            wake(self.town, service, step)


def case_row(case: uuid.UUID, state: CaseState, seq: int, head: bytes) -> dict[str, Any]:
    """The projection of a case as a row; its `status` is written as JSON once, after all its events."""
    return {
        "id": case,
        "service": state.service,
        "version": state.version,
        "reference": state.reference,
        "channel": state.channel,
        "language": state.language,
        "applicant": state.applicant,
        "identified": state.identified,
        "state": state.state,
        "outcome": state.outcome,
        "decision": state.decision,
        "amount": state.amount,
        "opened_at": state.opened_at,
        "closed_at": state.closed_at,
        "legal_due": state.legal_due,
        "norm_due": state.norm_due,
        "paused": bool(state.paused),
        "status": state,
        "seq": seq,
        "head": _hex(head),
    }


def rewrite(
    town: str,
    cases: Sequence[tuple[uuid.UUID, CaseState, int, bytes, Iterable[dict[str, Any]]]],
) -> None:
    """Write cases (id, state, seq, head) and their tasks anew, as a replay of their events gave them."""
    rows = [
        case_row(case, state, seq, head) | {"status": chain.canonical(state.to_json()).decode()}
        for case, state, seq, head, _ in cases
    ]
    tasks = [
        {**task, "case_id": case, "service": state.service}
        for case, state, _, _, made in cases
        for task in made
    ]
    with connection.cursor() as cursor:
        cursor.execute(_REWRITE_CASES, [town, *_rows(rows, _CASE_COLUMNS)])
        if tasks:
            cursor.execute(_UPSERT_TASKS, [town, *_rows(tasks, _TASK_COLUMNS)])
