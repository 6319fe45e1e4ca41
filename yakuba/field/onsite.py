"""What a technician does at a customer's: arrives, finishes with photos and a signature, or finds nobody at home.

A phone may send the same thing twice, or days later: what is there already is not done again, and what belongs to
somebody else now is kept in the case, but does not count.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from yakuba.access import Worker
from yakuba.access import queries as staff
from yakuba.cases import actions as cases
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.cases.state import DONE, OPEN
from yakuba.field import actions, customers, visits
from yakuba.field.errors import NoSuchVisit, NotTheHolder, NotYourVisit, WrongUnit
from yakuba.field.visits import Visit

ABSENT = "absent"
"""The code of a visit that found nobody."""
LATE = timedelta(days=7)
"""A phone that was offline for longer than this is asked for its time no more: the server's counts."""


def happened_at(said: datetime | None, now: datetime, opened: datetime) -> datetime:
    """When a phone says that something happened, as far as that can be: not in the future, not before the case, not
    longer ago than LATE."""
    if said is None or not max(opened, now - LATE) <= said <= now:
        return now
    return said


def arrive(task: uuid.UUID, *, by: Worker, as_of: datetime) -> bool:
    """The technician is there. Returns False when that was recorded before. What they bring for an exchange is theirs from
    now on. Raises NoSuchVisit, NotYourVisit, access.Denied."""
    with transaction.atomic():
        one = _mine(task, by)
        if one.begun:
            return False
        event = e.Arrived(step=one.step.id, attempt=one.progress.attempt)
        cases.record(one.case, event, by=by, as_of=as_of, key=f"arrived:{task}")
        spare = one.fact("spare", "serial")
        if spare:
            _take_over(spare, one, by, as_of)
        return True


def finish(
    task: uuid.UUID, facts: Mapping[str, Any], papers: Sequence[cases.Paper], *, by: Worker, as_of: datetime
) -> bool:
    """The work is done: with what was found, the devices that changed hands, photos and the signature. All or nothing.

    Returns False when this technician had finished it before. Raises NoSuchVisit, NotYourVisit (what was sent is kept),
    WrongUnit, NotTheHolder, documents.Refused, access.Denied.
    """
    one = visits.of_task(task)
    if one is None:
        raise NoSuchVisit
    if by.id not in one.who or one.progress.status != OPEN:
        if one.progress.status == DONE and by.id in one.who:
            return False
        _keep(one, facts, papers, by, as_of)
        raise _not_yours(one)
    with transaction.atomic():
        one = _mine(task, by)
        cases.finish(task, by=_holder(one, by), as_of=as_of, facts=facts)
        said = facts.get("visit") or {}
        _check_exchange(one, said)
        if said.get("installed"):
            _install(said["installed"], one, by, as_of)
        if said.get("removed"):
            _remove(said["removed"], one, by, as_of)
        cases.hand_in(one.case, papers, origin="upload", by=by, as_of=as_of)
        return True


def nobody_there(task: uuid.UUID, reason: str, *, by: Worker, as_of: datetime) -> None:
    """Nobody was there: somebody agrees on another day. Raises NoSuchVisit, NotYourVisit, access.Denied."""
    one = _mine(task, by)
    cases.fail(task, by=_holder(one, by), as_of=as_of, reason=reason, final=True, code=ABSENT)


def _mine(task: uuid.UUID, by: Worker) -> Visit:
    one = visits.of_task(task)
    if one is None:
        raise NoSuchVisit
    if by.id not in one.who or one.progress.status != OPEN:
        raise _not_yours(one)
    return one


def _not_yours(one: Visit) -> NotYourVisit:
    """Says whose it is now, where it is anybody's."""
    return NotYourVisit(one.reference, staff.staff_names().get(one.who[0], "") if one.who else "")


def _holder(one: Visit, by: Worker) -> Worker:
    """Who of a crew holds the task: each of them may end it, in the name of the first."""
    if one.who[0] == by.id:
        return by
    return Worker(by.kind, one.who[0], by.town, by.name, by.roles, by.strength)


# -- what does not count, but is kept ------------------------------------------------------------------
def _keep(
    one: Visit, facts: Mapping[str, Any], papers: Sequence[cases.Paper], by: Worker, as_of: datetime
) -> None:
    """What came from a phone after the visit was somebody else's, once: a remark and the pictures."""
    key = f"kept:{one.task}:{by.id}"
    if case_queries.happened(key):
        return
    said = "、".join(f"{name}: {value}" for name, value in sorted((facts.get("visit") or {}).items()))
    with transaction.atomic():
        note = e.Noted(text=f"担当が替わった後に {by.name} の電話から届いた（結果にはしていない）：{said}")
        cases.record(one.case, note, by=by, as_of=as_of, key=key)
        cases.hand_in(one.case, papers, origin="upload", by=by, as_of=as_of)


# -- custody -------------------------------------------------------------------------------------------
def customer_of(one: Visit) -> str:
    """The code of the customer of a visit: the town that handed it on, or who asked; "" when nobody said."""
    return one.fact("errand", "code") or one.fact("customer", "code") or ""


def _check_exchange(one: Visit, said: Mapping[str, Any]) -> None:
    """An exchange is the spare that was made ready for the unit that failed, and nothing else. Raises WrongUnit."""
    if one.fact("trouble", "route") != "exchange":
        return
    for name, expected in (
        ("installed", one.fact("spare", "serial")),
        ("removed", one.fact("trouble", "serial")),
    ):
        if said.get(name) != expected:
            raise WrongUnit(said.get(name) or "–", expected or "–")


def _install(serial: str, one: Visit, by: Worker, as_of: datetime) -> None:
    """The customer holds it now. Raises NotTheHolder when another customer does."""
    to = f"{customers.CUSTOMER}{customer_of(one)}"
    before = customers.holder_of(serial)
    if before != to:
        if before.startswith(customers.CUSTOMER):
            raise NotTheHolder(serial, before)
        place = one.fact("site", "name") or ""
        actions.hand(serial, one.case, before=before, holder=to, place=place, by=by, as_of=as_of)


def _remove(serial: str, one: Visit, by: Worker, as_of: datetime) -> None:
    """The technician holds it now. Raises NotTheHolder when it is not this customer's."""
    before = customers.holder_of(serial)
    if before not in ("", f"{customers.CUSTOMER}{customer_of(one)}", by.id):
        raise NotTheHolder(serial, before)
    if before != by.id:
        actions.hand(serial, one.case, before=before, holder=by.id, place="", by=by, as_of=as_of)


def _take_over(serial: str, one: Visit, by: Worker, as_of: datetime) -> None:
    """The technician has picked it up at the depot or from the carrier."""
    before = customers.holder_of(serial)
    if before != by.id:
        actions.hand(serial, one.case, before=before, holder=by.id, place="", by=by, as_of=as_of)
