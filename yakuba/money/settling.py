"""The bank's answer becomes events: paid, or back with the reason."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction

from yakuba.access import SYSTEM, Resource, Worker, require
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.cases.actions import Entry, record_many
from yakuba.cases.state import CASE_CLOSED, OPEN, CaseState
from yakuba.money import results
from yakuba.money.errors import Contradiction, NeverSent, UnknownTransfers, WrongAmounts
from yakuba.money.models import (
    FAILED,
    IN_RUN,
    PAID,
    SETTLED,
    Originator,
    ResultRead,
    Transfer,
    TransferFile,
    TransferRun,
)

BATCH = 5_000
"""Cases whose events are recorded together: bounded memory, negligible fixed cost."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a result file changed. `again`: its content had been read before, and nothing was changed."""

    run: uuid.UUID
    paid: int
    failed: int
    again: bool


@dataclass(frozen=True, slots=True)
class _Answered:
    """One transfer that the bank has answered now."""

    transfer: int
    code: str
    amount: int
    case: uuid.UUID
    step: str
    attempt: int
    period: str


def read_result(data: bytes, *, by: Worker, as_of: datetime) -> Reading:
    """Read the bank's answer to one of our files: every case learns what became of its payment.

    All or nothing, and the same content twice is harmless. Raises Denied, results.BadResult, NeverSent,
    UnknownTransfers, WrongAmounts, Contradiction.
    """
    answer = results.read_file(data)
    with transaction.atomic():
        file = _file(answer)
        run = TransferRun.objects.select_for_update().get(id=file.run_id)
        attributes = {"created_by": run.created_by, "state": run.state}
        require(by, "money.result.read", Resource("Run", str(run.id), run.town, attributes))
        before = ResultRead.objects.filter(sha256=answer.sha256).first()
        if before is not None:
            return Reading(run.id, before.paid, before.failed, again=True)
        answered = _settle(file, answer.results, as_of)
        record_events(answered, run, as_of=as_of)
        paid = sum(result.code == results.PAID for result in answer.results)
        reading = Reading(run.id, paid, len(answer.results) - paid, again=False)
        ResultRead.objects.create(
            town=run.town,
            sha256=answer.sha256,
            file=file,
            content=data,
            paid=reading.paid,
            failed=reading.failed,
            read_by=by.id,
            read_at=as_of,
        )
        _settle_run(run, as_of)
    return reading


def _file(answer: results.ResultFile) -> TransferFile:
    """The file that is answered; it is ours when its number and originator code are."""
    file = TransferFile.objects.defer("content").filter(id=answer.file).first()
    ours = Originator.objects.filter(code=answer.originator).exists()
    if file is None or not ours:
        raise NeverSent(answer.file)
    return file


_ORDERED = """
select t.id, t.state, t.amount, t.code, p."case", e.step, e.attempt, p.period
from money_transfer t
join money_payment p on p.id = t.payment_id join money_entitlement e on e.id = p.entitlement_id
where t.file_id = %s"""

_SETTLE = f"""
with answer as (select * from unnest(%s::bigint[], %s::text[]) as answer(transfer, code)),
settled as (
  update money_transfer t set code = answer.code,
    state = case when answer.code = '{results.PAID}' then '{PAID}' else '{FAILED}' end
  from answer where t.id = answer.transfer and t.state = '{IN_RUN}'
  returning t.payment_id, t.state
)
update money_payment p set state = settled.state, paid_on = case when settled.state = '{PAID}' then %s::date end
from settled where p.id = settled.payment_id"""


def _settle(file: TransferFile, said: Sequence[results.Result], as_of: datetime) -> list[_Answered]:
    """Compare with what was ordered, settle what is new; returns what is new."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDERED, [file.id])
        ordered = {row[0]: row for row in cursor.fetchall()}
    _compare(said, ordered)
    new = [result for result in said if ordered[result.transfer][1] == IN_RUN]
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [[r.transfer for r in new], [r.code for r in new], as_of.date()])
    return [_Answered(r.transfer, r.code, r.amount, *ordered[r.transfer][4:]) for r in new]


def _compare(said: Sequence[results.Result], ordered: Mapping[int, tuple]) -> None:
    """Raises UnknownTransfers, WrongAmounts, Contradiction."""
    unknown = [result.transfer for result in said if result.transfer not in ordered]
    if unknown:
        raise UnknownTransfers(unknown)
    wrong = [result for result in said if result.amount != ordered[result.transfer][2]]
    if wrong:
        first = wrong[0]
        raise WrongAmounts(first.transfer, first.amount, ordered[first.transfer][2], len(wrong))
    settled = [result for result in said if ordered[result.transfer][1] != IN_RUN]
    contrary = [result.transfer for result in settled if result.code != ordered[result.transfer][3]]
    if contrary:
        raise Contradiction(contrary)


def record_events(answered: Sequence[_Answered], run: TransferRun, *, as_of: datetime) -> None:
    """Tell every case, batch by batch. The system does: whoever read the file is kept with the file."""
    rest = iter(answered)
    while batch := list(islice(rest, BATCH)):
        states = case_queries.states([each.case for each in batch])
        entries = [
            Entry(each.case, _event(each, run, states[each.case]), f"transfer:{each.transfer}")
            for each in batch
        ]
        record_many(entries, by=SYSTEM(run.town), as_of=as_of)


def _event(answered: _Answered, run: TransferRun, state: CaseState) -> e.Event:
    """A payment that came back fails its step, however long ago the step was done. One that was paid ends the
    step that waited for it, and is noted where none did; for a case that was withdrawn or refused meanwhile a
    person has to see it."""
    place: dict[str, Any] = {"step": answered.step, "attempt": answered.attempt}
    if answered.code != results.PAID:
        reason = f"{answered.amount:,}円（振込指定日 {run.value_date}）が振り込めませんでした：{results.CODES[answered.code].ja}"
        if state.outcome == "withdrawn":
            return e.Noted(text=reason)
        return e.StepFailed(**place, final=True, code=f"bank-{answered.code}", reason=reason)
    note = f"{run.value_date} に {answered.amount:,}円 を振り込みました（振込番号 {answered.transfer}）。"
    step = state.steps.get(answered.step)
    if step is not None and step.status == OPEN and step.attempt == answered.attempt:
        return e.StepDone(**place, outcome="paid", note=note)
    if state.state == CASE_CLOSED and state.outcome != e.GRANTED:
        return e.Reopened(
            reason=f"{note}この案件は、その前に取下げか不支給になっています。返還を求めるか決めてください。"
        )
    return e.Noted(text=note)


def _settle_run(run: TransferRun, as_of: datetime) -> None:
    if not Transfer.objects.filter(run=run, state=IN_RUN).exists():
        run.state, run.settled_at = SETTLED, as_of
        run.save(update_fields=["state", "settled_at"])
