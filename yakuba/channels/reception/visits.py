"""Visits to the counter: the open cases of `services/counter-visit`, from the ticket until somebody goes home.

A visit waits to be called (`call`), is served at a desk (`serve`), and may be handed over to another desk, where it waits
again (`call2`, `serve2` …). The tasks of these steps say how long each took.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

from django.db import transaction

from yakuba.access import Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.channels import actions
from yakuba.channels.reception.errors import NotServed
from yakuba.channels.reception.places import Desk
from yakuba.clock import TOKYO, in_tokyo
from yakuba.progress.visits import CALL, SERVICE

if TYPE_CHECKING:
    from yakuba.cases.models import Case, Task

CALLED, GIVEN_UP = "called", "given_up"
FINISHED, LEFT, NOT_THERE, HANDED_OVER = "finished", "left", "not_there", "handed_over"
MOST_REFERENCES = 50
"""Reference numbers that the log of one visit keeps: with 14 signs each they fit into their fact."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that is not over. `waits`: to be called; else it is served by `holder` since then. `desk`: where it is served, or
    wanted."""

    case: Case
    number: int
    place: str
    event: str
    desk: str
    note: str
    waits: bool
    step: str
    task: uuid.UUID
    holder: str
    since: datetime

    @property
    def id(self) -> uuid.UUID:
        return self.case.id


def _visit(task: Task) -> Visit:
    state = case_queries.state(task.case)
    said = state.facts.get("reception") or {}
    return Visit(
        task.case,
        said.get("number") or 0,
        said.get("place") or "",
        said.get("event") or "",
        said.get("desk") or "",
        said.get("note") or "",
        task.step.startswith(CALL),
        task.step,
        task.id,
        task.holder or "",
        task.opened_at or task.case.opened_at,
    )


def there() -> list[Visit]:
    """Everybody who is at the hall now, whoever came first first."""
    return [_visit(task) for task in _open()]


def visit(case: uuid.UUID) -> Visit | None:
    """A visit that is not over."""
    return next((_visit(task) for task in _open() if task.case_id == case), None)


def _open() -> list[Task]:
    return case_queries.open_with_verb(SERVICE, ("work",))


def day_of(as_of: datetime) -> datetime:
    """The beginning of the day, in Asia/Tokyo."""
    return datetime.combine(in_tokyo(as_of).date(), time(), TOKYO)


def ticket(place: str, event: str, *, language: str, by: Worker, as_of: datetime) -> Case:
    """Somebody came: the next number of the day. Raises access.Denied."""
    with transaction.atomic():
        towns.alone_with(SERVICE)
        number = case_queries.opened_since(SERVICE, day_of(as_of)) + 1
        facts = {"reception": {"number": number, "place": place, "event": event}}
        return cases.open_case(
            catalogue.service(SERVICE), facts, channel="counter", by=by, as_of=as_of, language=language,
            key=f"ticket:{in_tokyo(as_of).date()}:{number}",
        )  # fmt: skip


def call(case: uuid.UUID, desk: Desk, *, by: Worker, as_of: datetime) -> None:
    """Call a number to a desk; whoever calls serves. Raises NotServed when it does not wait any more, cases.CaseError."""
    with transaction.atomic():
        found = visit(case)
        if found is None or not found.waits:
            raise NotServed("not_waiting")
        cases.finish(found.task, by=by, as_of=as_of, outcome=CALLED, facts=_at(desk))
        served = visit(case)
        assert served is not None
        cases.take(served.task, by=by, as_of=as_of)


def give_up(case: uuid.UUID, *, by: Worker, as_of: datetime) -> None:
    """Somebody went home before they were called. Raises NotServed."""
    found = visit(case)
    if found is None or not found.waits:
        raise NotServed("not_waiting")
    cases.finish(found.task, by=by, as_of=as_of, outcome=GIVEN_UP)


def served_by(case: uuid.UUID, by: Worker) -> Visit:
    """A visit that this worker serves now. Raises NotServed."""
    found = visit(case)
    if found is None:
        raise NotServed("over")
    if found.waits:
        raise NotServed("waits")
    if found.holder != by.id:
        raise NotServed("at_another_desk")
    return found


def hand_over(case: uuid.UUID, desk: Desk, note: str, *, by: Worker, as_of: datetime) -> None:
    """Another desk goes on: everything that was written stays with the visit. Raises NotServed."""
    found = served_by(case, by)
    if HANDED_OVER not in case_queries.service_of(found.case).step(found.step).outcomes:
        raise NotServed("no_further_desk")
    said = {"reception": _at(desk)["reception"] | {"note": note}}
    cases.finish(found.task, by=by, as_of=as_of, outcome=HANDED_OVER, facts=said)


def _at(desk: Desk) -> dict[str, dict[str, str]]:
    return {"reception": {"place": desk.place.code, "desk": desk.code}}


def end(case: uuid.UUID, outcome: str, references: Sequence[str], *, by: Worker, as_of: datetime) -> None:
    """The visit is over: `FINISHED`, `LEFT` or `NOT_THERE`; with the requests that came of it. Raises NotServed."""
    with transaction.atomic():
        found = served_by(case, by)
        kept = " ".join(references[:MOST_REFERENCES])
        said = {"reception": {"procedures": len(references), "references": kept}}
        cases.finish(found.task, by=by, as_of=as_of, outcome=outcome, facts=said)
        for draft in actions.of_visit(case):
            if draft.service == SERVICE and outcome == FINISHED:
                actions.drop(draft)
