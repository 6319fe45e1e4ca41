"""The system's decision: a batch of cases judged in one run of the condition engine, with reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from yakuba import declare
from yakuba.access import SYSTEM, towns
from yakuba.cases import events as e
from yakuba.cases.actions import plain
from yakuba.cases.log import Entry, record_many
from yakuba.cases.oracle import guard_facts
from yakuba.cases.state import CaseState
from yakuba.cases.work import Waiting, works
from yakuba.declare import Service


def decided_on(opened_at: str) -> date:
    """The day whose facts and parameters count: the day of the request (申請日主義)."""
    return datetime.fromisoformat(opened_at).date()


def requested_on(state: CaseState) -> date:
    """The same of a case as it stands."""
    return decided_on(state.opened_at or "")


def decide_each(asked: Sequence[tuple[CaseState, Service, date]]) -> list[declare.Decision]:
    """Each case by these rules as of its day: one run of the engine per version and day. Raises declare.NotInForce,
    conditions.WrongFact."""
    groups: dict[tuple[str, date], list[int]] = defaultdict(list)
    for place, (_, service, day) in enumerate(asked):
        groups[service.version, day].append(place)
    found: dict[int, declare.Decision] = {}
    for (_, day), places in groups.items():
        facts = [_facts(asked[place][0]) for place in places]
        decisions = declare.decide_many(asked[places[0]][1], facts, as_of=day)
        found.update(zip(places, decisions, strict=True))
    return [found[place] for place in range(len(asked))]


def _facts(state: CaseState) -> dict[str, Any]:
    """The case as it stands; the day of the request stays what it was, whatever day is looked at."""
    facts = guard_facts(state)
    return {**facts, "case": {**facts["case"], "received_on": requested_on(state)}}


@works("decide")
def decide(tasks: Sequence[Waiting], *, as_of: datetime) -> None:
    """Decide every case by its service's conditions; what is not known goes to a person."""
    asked = [(task.state, task.service, requested_on(task.state)) for task in tasks]
    entries = [
        _entry(task, decision, on)
        for task, decision, (_, _, on) in zip(tasks, decide_each(asked), asked, strict=True)
    ]
    record_many(entries, by=SYSTEM(towns.current_town()), as_of=as_of, locked=[task.locked for task in tasks])


def _entry(task: Waiting, decision: declare.Decision, on: date) -> Entry:
    event = e.Decided(
        step=task.step.id,
        attempt=task.attempt,
        outcome=decision.outcome,
        amount=decision.amount,
        decided_on=on.isoformat(),
        conditions={judged.name: judged.value for judged in decision.conditions},
        values=plain(decision.values),
        items=plain(decision.items),
        missing=list(decision.missing),
    )
    return Entry(task.case, event, f"decided:{task.id}")
