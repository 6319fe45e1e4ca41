"""The system's steps `do: switch`: what people have agreed on takes effect in the policy, and ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from yakuba.access import SYSTEM, emergencies, grants, towns
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.cases.actions import Entry, record_many
from yakuba.cases.work import Waiting, works
from yakuba.channels.disaster import glass, mode

Switch = Callable[[Waiting, datetime], str]


@works("switch")
def switch(tasks: Sequence[Waiting], *, as_of: datetime) -> None:
    """Do what the step of each case says, once."""
    entries = []
    for task in tasks:
        outcome = _SWITCHES[task.service.id, task.step.id](task, as_of)
        done = e.StepDone(step=task.step.id, attempt=task.attempt, outcome=outcome)
        entries.append(Entry(task.case, done, f"done:{task.id}"))
    record_many(entries, by=SYSTEM(towns.current_town()), as_of=as_of, locked=[task.locked for task in tasks])


def _begin(task: Waiting, as_of: datetime) -> str:
    """Disaster mode begins; not where the second person came too late."""
    facts = task.state.facts["mode"]
    begins, ends = (datetime.fromisoformat(facts[name]) for name in ("begins", "ends"))
    if ends <= as_of:
        return "too_late"
    emergencies.begin(
        task.case,
        declared_by=str(task.state.fact("asked.by")),
        confirmed_by=_decider(task),
        reason=facts["reason"],
        begins=begins,
        ends=ends,
        services=facts["services"].split(),
    )
    return "begun"


def _decider(task: Waiting) -> str:
    happened = case_queries.history(task.case)
    return next(one.by_id for one in reversed(happened) if isinstance(one.event, e.Decided))


def _close(task: Waiting, as_of: datetime) -> str:
    emergencies.end(task.case, as_of=as_of)
    return "done"


def _open(task: Waiting, as_of: datetime) -> str:
    """The grant of a break-glass case, from when it was asked for."""
    facts, begins = task.state.facts, datetime.fromisoformat(task.state.opened_at or as_of.isoformat())
    grants.give(
        task.case,
        staff=facts["asked"]["by"],
        opens=glass.opened_by(facts["glass"]["kind"], facts["glass"]["target"]),
        begins=begins,
        ends=begins + timedelta(minutes=facts["glass"]["minutes"]),
    )
    return "done"


_SWITCHES: Mapping[tuple[str, str], Switch] = {
    (mode.SERVICE, mode.BEGIN): _begin,
    (mode.SERVICE, mode.CLOSE): _close,
    (glass.SERVICE, glass.OPEN): _open,
}
