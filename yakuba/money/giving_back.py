"""Overpaid money comes back: taken from what is ordered later, or in instalments that are cases of their own."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from yakuba.access import SYSTEM, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.cases.actions import Entry, record_many
from yakuba.cases.state import CASE_CLOSED, CaseState
from yakuba.cases.work import Waiting, works
from yakuba.clock import in_tokyo, on_day_of_month
from yakuba.money.models import HOLDER, Correction, Payment, SetOff

REPAYMENT = "repayment"
"""The service of one instalment."""
AHEAD = timedelta(days=31)
"""So long before it is due an instalment is asked for."""
Ordered = tuple[int, str, str, int]
"""A payment that was ordered: id, key, period, yen."""


def _hold(tasks: Sequence[Waiting], as_of: datetime) -> None:
    """The steps wait for money; nobody can work them meanwhile."""
    entries = [
        Entry(
            task.case, e.TaskTaken(step=task.step.id, attempt=task.attempt, holder=HOLDER), f"held:{task.id}"
        )
        for task in tasks
    ]
    record_many(entries, by=SYSTEM(towns.current_town()), as_of=as_of, locked=[task.locked for task in tasks])


# -- setting off ---------------------------------------------------------------------------------------
@works("set-off")
def begin_set_off(tasks: Sequence[Waiting], *, as_of: datetime) -> None:
    """Work `do: set-off` steps: from now on it is taken from what is ordered; the step waits until all has been. What was
    taken before the case was decided anew counts."""
    asked = [task.case for task in tasks]
    keys = dict(Correction.objects.filter(case__in=asked).values_list("case", "key"))
    before = {one.case: one for one in SetOff.objects.filter(case__in=asked).order_by("id")}
    made = [_set_off(task, keys[task.case], before.get(task.case)) for task in tasks]
    SetOff.objects.filter(case__in=asked).update(left=0)
    SetOff.objects.bulk_create(made)
    _hold(tasks, as_of)
    record_many([_done(one) for one in made if one.left == 0], by=SYSTEM(towns.current_town()), as_of=as_of)


def _set_off(task: Waiting, key: str, before: SetOff | None) -> SetOff:
    amount, taken = task.state.amount or 0, before.amount - before.left if before else 0
    return SetOff(
        town=towns.current_town(),
        case=task.case,
        step=task.step.id,
        attempt=task.attempt,
        key=key,
        amount=amount,
        left=max(0, amount - taken),
    )


def _done(one: SetOff) -> Entry:
    """Nothing is left to be taken."""
    done = e.StepDone(step=one.step, attempt=one.attempt, outcome="set_off")
    return Entry(one.case, done, f"set-off:{one.case}:{one.attempt}:done")


def take_from(payments: Sequence[Ordered], as_of: datetime) -> int:
    """Payments that were ordered just now are less by what is to be set off; one of which nothing is left does not leave.

    Source: 児童手当法 第13条 (内払とみなす). Returns how many do not leave.
    """
    owed = _owed({key for _, key, _, _ in payments})
    gone = 0
    for payment, key, period, amount in payments if owed else ():
        rest = amount
        for one in owed.get(key, ()):
            if taken := min(rest, one.left):
                rest -= taken
                _took(one, period, taken, as_of)
        if rest == 0:
            Payment.objects.filter(id=payment).delete()
            gone += 1
        elif rest < amount:
            Payment.objects.filter(id=payment).update(amount=rest)
    return gone


def _owed(keys: set[str]) -> Mapping[str, list[SetOff]]:
    """What is to be set off, by key, the oldest first; not for a case that was ended meanwhile."""
    found = list(SetOff.objects.select_for_update().filter(key__in=keys, left__gt=0).order_by("id"))
    running = case_queries.still_open([one.case for one in found])
    owed: dict[str, list[SetOff]] = defaultdict(list)
    for one in found:
        if one.case in running:
            owed[one.key].append(one)
    return owed


def _took(one: SetOff, period: str, taken: int, as_of: datetime) -> None:
    """What was taken stands in the case; its step is done when nothing is left."""
    one.left -= taken
    one.save(update_fields=["left"])
    note = f"{period} の支払から {taken:,}円 を差し引きました。残り {one.left:,}円。"
    entries = [Entry(one.case, e.Noted(text=note), f"set-off:{one.id}:{period}")]
    if one.left == 0:
        entries.append(_done(one))
    record_many(entries, by=SYSTEM(one.town), as_of=as_of)


# -- instalments -------------------------------------------------------------------------------------
@works("collect")
def collect(tasks: Sequence[Waiting], *, as_of: datetime) -> None:
    """Work `do: collect` steps: the instalments are asked for, each in its time; the step waits until all were paid. Where
    two people granted what nobody had planned, a person does."""
    planned = [task for task in tasks if _is_planned(task.state)]
    _hold(planned, as_of)
    for task in planned:
        _ask(task.case, task.state, as_of)
    unplanned = [
        Entry(task.case, _no_plan(task), f"no-plan:{task.id}") for task in tasks if task not in planned
    ]
    record_many(unplanned, by=SYSTEM(towns.current_town()), as_of=as_of)


def _is_planned(state: CaseState) -> bool:
    return bool(state.fact("plan.count") and state.fact("plan.first"))


def _no_plan(task: Waiting) -> e.StepFailed:
    reason = "何回で、いつまでに返していただくかが決まっていません。案件を再開して、返し方を決めてください。"
    return e.StepFailed(step=task.step.id, attempt=task.attempt, final=True, code="no-plan", reason=reason)


def follow(town: str, *, as_of: datetime) -> int:
    """Ask for the instalments that are due within AHEAD, and end what was paid back whole. Returns how many were ended."""
    ended = 0
    with towns.inside(town):
        for task in case_queries.held_by(HOLDER, "collect"):
            state = case_queries.state(task.case)
            _ask(task.case_id, state, as_of)
            if _is_paid(task.case_id, state):
                done = e.StepDone(step=task.step, attempt=task.attempt, outcome="paid_back")
                record_many([Entry(task.case_id, done, f"done:{task.id}")], by=SYSTEM(town), as_of=as_of)
                ended += 1
    return ended


def instalments(amount: int, count: int, first: date) -> list[tuple[int, date]]:
    """The yen and the due date of each instalment: as equal as whole yen can be, the larger ones first, each month on the
    day of the first.

    >>> instalments(10_000, 3, date(2026, 1, 31))
    [(3334, datetime.date(2026, 1, 31)), (3333, datetime.date(2026, 2, 28)), (3333, datetime.date(2026, 3, 31))]
    """
    each, more = divmod(amount, count)
    return [(each + (number < more), on_day_of_month(first, number)) for number in range(count)]


def _plan(state: CaseState) -> list[tuple[int, date]]:
    plan = state.facts["plan"]
    return instalments(state.amount or 0, int(plan["count"]), date.fromisoformat(plan["first"]))


def _key(case: uuid.UUID, number: int) -> str:
    return f"instalment:{case}:{number}"


def _ask(case: uuid.UUID, state: CaseState, as_of: datetime) -> None:
    """Open the cases of the instalments that are due soon; those that are there already stay as they are."""
    service, plan = catalogue.service(REPAYMENT), _plan(state)
    soon = in_tokyo(as_of).date() + AHEAD
    wanted = [
        (service, _opening(case, state, number, len(plan), amount, due), ())
        for number, (amount, due) in enumerate(plan, start=1)
        if due <= soon
    ]
    cases.open_cases(wanted, by=SYSTEM(towns.current_town()), as_of=as_of)


def _opening(case: uuid.UUID, state: CaseState, number: int, count: int, amount: int, due: date) -> Entry:
    facts: dict[str, Any] = {
        "applicant": dict(state.facts.get("applicant") or {}),
        "instalment": {
            "of": state.reference,
            "number": number,
            "count": count,
            "amount": amount,
            "due": due,
        },
    }
    return cases.opening(
        catalogue.service(REPAYMENT),
        facts,
        channel="robot",
        key=_key(case, number),
        applicant=uuid.UUID(state.applicant) if state.applicant else None,
        identified=True,
        language=state.language,
    )


def _is_paid(case: uuid.UUID, state: CaseState) -> bool:
    """Has every instalment come in? One that was ended otherwise is not paid, and somebody has to say what now."""
    keys = [_key(case, number) for number in range(1, len(_plan(state)) + 1)]
    opened = case_queries.opened_under(keys)
    found = case_queries.some(list(opened.values()))
    return len(found) == len(keys) and all(
        one.state == CASE_CLOSED and one.outcome == e.GRANTED for one in found.values()
    )
