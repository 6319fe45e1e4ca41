"""The system's decision: a batch of cases judged in one run of the condition engine, with reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from yakuba import declare
from yakuba.access import SYSTEM, towns
from yakuba.cases import events as e
from yakuba.cases.actions import plain
from yakuba.cases.log import Entry, record_many
from yakuba.cases.oracle import guard_facts
from yakuba.cases.work import Waiting, works


def decided_on(opened_at: str) -> date:
    """The day whose facts and parameters count: the day of the request (申請日主義)."""
    return datetime.fromisoformat(opened_at).date()


@works("decide")
def decide(tasks: Sequence[Waiting], *, as_of: datetime) -> None:
    """Decide every case by its service's conditions; what is not known goes to a person."""
    groups: dict[tuple[str, date], list[Waiting]] = defaultdict(list)
    for task in tasks:
        groups[task.state.version, decided_on(task.state.opened_at or "")].append(task)
    entries = []
    for (_, on), group in groups.items():
        facts = [guard_facts(task.state) for task in group]
        decisions = declare.decide_many(group[0].service, facts, as_of=on)
        entries += [_entry(task, decision, on) for task, decision in zip(group, decisions, strict=True)]
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
