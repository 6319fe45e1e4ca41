"""Money that is paid by the month ends, because a case says so (受給事由の消滅)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from yakuba.access import SYSTEM, towns
from yakuba.cases import events as e
from yakuba.cases.actions import Entry, record_many
from yakuba.cases.deciding import requested_on
from yakuba.cases.work import Waiting, works
from yakuba.declare.model import Ends
from yakuba.money import rules, schedule
from yakuba.words import Text

_END = """
update money_entitlement e set last = least(coalesce(e.last, ended.month), ended.month)
from unnest(%s::uuid[], %s::text[], %s::date[]) as ended("case", key, month)
where e.key = ended.key and e.first is not null and e.first <= ended.month and e."case" <> ended."case"
  and coalesce(e.last, 'infinity') > ended.month
returning ended."case\""""


@works("end")
def end(tasks: Sequence[Waiting], *, as_of: datetime) -> None:
    """Work `do: end` steps: nothing is paid for a month after the one that the service computes. What was paid for later
    months already is found by `money.overpaid`."""
    decided = rules.decide_each([(task.state, requested_on(task.state)) for task in tasks])
    entries: list[Entry] = []
    ends: list[tuple[uuid.UUID, str, date]] = []
    known = []
    for task, decision in zip(tasks, decided, strict=True):
        declared = _ends(task)
        day = decision.values.get(declared.after)
        if task.state.applicant is None or day is None:
            entries.append(_entry(task, _not_known(task)))
            continue
        month = schedule.month(day)
        ends.append((task.case, f"{declared.entitlement}:{task.state.applicant}", month))
        known.append((task, month))
    ended = _end(ends)
    entries += [_entry(task, _done(task, month, task.case in ended)) for task, month in known]
    record_many(entries, by=SYSTEM(towns.current_town()), as_of=as_of, locked=[task.locked for task in tasks])


def _ends(task: Waiting) -> Ends:
    """What the service says about ending; the loader has seen that a service with an end step says it."""
    assert task.service.ends is not None
    return task.service.ends


def _end(ends: Sequence[tuple[uuid.UUID, str, date]]) -> set[uuid.UUID]:
    """The cases that ended something."""
    with connection.cursor() as cursor:
        cursor.execute(_END, [list(column) for column in zip(*ends, strict=True)] if ends else [[], [], []])
        return {case for (case,) in cursor.fetchall()}


def _entry(task: Waiting, event: e.Event) -> Entry:
    return Entry(task.case, event, f"end:{event.kind}:{task.id}")


def _done(task: Waiting, month: date, ended: bool) -> e.StepDone:
    note = f"{month:%Y年%-m月}分で支給を終えます。" if ended else "この町で毎月支払っているものはありません。"
    return e.StepDone(
        step=task.step.id, attempt=task.attempt, outcome="ended" if ended else "nothing_to_end", note=note
    )


def _not_known(task: Waiting) -> e.StepFailed:
    place: dict[str, Any] = {"step": task.step.id, "attempt": task.attempt}
    return e.StepFailed(**place, final=True, code="no-applicant", reason=_NOBODY.ja)


_NOBODY = Text(
    ja="だれの支給をいつ終えるのか分かりません。本人を確かめて台帳と結び付けてから、この作業を終えてください。",
    easy="だれの お金を おわりに するか わかりません。しらべて ください。",
    en="It is not known whose payments end, or with which month. Identify the applicant, then finish this task.",
)
