"""Disaster mode: declared by one person, confirmed by another, over at its end or before. Each is a step of a case of
`services/disaster-mode`; what begins and ends it are the system's steps (`switching`).

Source: 災害対策基本法 第23条の2 (市町村災害対策本部): the mayor sets the headquarters up; what the town hall's systems do then is the
town's own rule.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from yakuba.access import SYSTEM, Worker, emergencies, towns
from yakuba.access.emergencies import InForce
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.events import GRANTED
from yakuba.channels.disaster.errors import DisasterError, NotDeclared
from yakuba.clock import in_tokyo
from yakuba.declare import Service
from yakuba.words import Text, ui_text

SERVICE = "disaster-mode"
CONFIRM, BEGIN, END, CLOSE = "confirm", "begin", "end", "close"
SHELTER = "shelter-check-in"
FIRST = (SHELTER, "disaster-certificate", "emergency-repair")
"""The services that come first where a declaration says nothing else: 避難所受付, 罹災証明書, 応急修理."""
AHEAD = timedelta(days=7)
"""How far ahead it may be declared: as long as a typhoon is forecast."""
PAST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration as a page shows it. `waits`: for a second person."""

    case: uuid.UUID
    reference: str
    disaster: str
    reason: str
    begins: datetime
    ends: datetime
    services: Sequence[str]
    declared_by: str
    waits: bool


def declare(
    disaster: str,
    reason: str,
    begins: datetime,
    ends: datetime,
    services: Sequence[str] = FIRST,
    *,
    by: Worker,
    as_of: datetime,
) -> uuid.UUID:
    """Declare disaster mode; it begins once somebody else confirms it. Returns the case.

    Raises NotDeclared, access.Denied.
    """
    _check(disaster, reason, begins, ends, services, as_of)
    service = catalogue.service(SERVICE)
    mode = {
        "disaster": disaster,
        "reason": reason,
        "begins": in_tokyo(begins).isoformat(timespec="minutes"),
        "ends": in_tokyo(ends).isoformat(timespec="minutes"),
        "days": _days(begins, ends),
        "services": " ".join(services),
    }
    facts: dict[str, Any] = {"mode": mode, "asked": {"by": by.id}}
    if service.form.run(facts, as_of=in_tokyo(as_of).date()).values.get("?check:mode.days") is False:
        check = service.facts["mode.days"].check
        assert check is not None
        raise DisasterError(check.say)
    with transaction.atomic():
        towns.alone_with(SERVICE)
        if any(one.waits for one in declarations()):
            raise NotDeclared("waits_already")
        case = cases.open_case(
            service, facts, channel="counter", by=by, as_of=as_of, key=f"{SERVICE}:{uuid.uuid4()}"
        )
        cases.decide(_task(case.id, CONFIRM), by=by, as_of=as_of, outcome=GRANTED, reason=reason)
    return case.id


def _check(
    disaster: str, reason: str, begins: datetime, ends: datetime, services: Sequence[str], as_of: datetime
) -> None:
    if not disaster.strip() or not reason.strip():
        raise NotDeclared("reason_needed")
    if not services or set(services) - set(catalogue.offered()):
        raise NotDeclared("which_services")
    if ends <= begins or ends <= as_of:
        raise NotDeclared("ends_before")
    if begins < as_of - PAST or begins > as_of + AHEAD:
        raise NotDeclared("begins_when", days=AHEAD.days)


def _days(begins: datetime, ends: datetime) -> int:
    """Whole days, the last one begun counts."""
    return -(-(ends - begins) // timedelta(days=1))


def confirm(case: uuid.UUID, *, by: Worker, as_of: datetime) -> None:
    """A second person agrees: disaster mode begins at once, or at its beginning. Raises cases.FourEyes for whoever declared it,
    NotDeclared when it does not wait or its end is over, access.Denied."""
    found = _waiting(case)
    if found.ends <= as_of:
        raise NotDeclared("over_already")
    with transaction.atomic():
        cases.decide(_task(case, CONFIRM), by=by, as_of=as_of, outcome=GRANTED, reason=found.reason)
        jobs.work_waiting(towns.current_town(), SERVICE, BEGIN, as_of=as_of)


def decline(case: uuid.UUID, *, by: Worker, as_of: datetime, reason: str) -> None:
    """It is not to begin: a second person does not agree, or whoever declared it takes it back. Raises NotDeclared,
    access.Denied."""
    _waiting(case)
    cases.withdraw(case, by=by, as_of=as_of, reason=reason)


def end(*, by: Worker, as_of: datetime, note: str = "") -> None:
    """One person ends disaster mode before its end, whatever declarations it stands on, those that have not begun among
    them. Raises NotDeclared when there is none, cases.NotYours, access.Denied."""
    found = emergencies.not_over(as_of)
    if not found:
        raise NotDeclared("not_in_force")
    with transaction.atomic():
        for one in found:
            cases.finish(_task(one.case, END), by=by, as_of=as_of, outcome="ended", note=note)
        jobs.work_waiting(towns.current_town(), SERVICE, CLOSE, as_of=as_of)


def tidy(town: str, *, as_of: datetime) -> int:
    """Close the declarations whose end is over, and those that nobody confirmed in time; returns how many. Disaster mode itself
    ends by the clock, whether or not this ran."""
    system = SYSTEM(town)
    with towns.inside(town):
        over = [one for one in declarations() if one.ends <= as_of]
        for one in over:
            if one.waits:
                cases.withdraw(one.case, by=system, as_of=as_of, reason="over before anybody confirmed it")
                continue
            task = _task(one.case, END)
            cases.assign(task, system.id, by=system, as_of=as_of)
            cases.finish(task, by=system, as_of=as_of, outcome="over")
        jobs.work_waiting(town, SERVICE, CLOSE, as_of=as_of)
    return len(over)


def declarations() -> list[Declared]:
    """Those that wait for a second person or are not over yet, the newest first."""
    found = []
    for case in case_queries.open_of(SERVICE):
        state = case_queries.state(case)
        facts = state.facts["mode"]
        found.append(
            Declared(
                case.id,
                case.reference,
                facts["disaster"],
                facts["reason"],
                datetime.fromisoformat(facts["begins"]),
                datetime.fromisoformat(facts["ends"]),
                tuple(facts["services"].split()),
                str(state.fact("asked.by")),
                state.decision is None,
            )
        )
    return found[::-1]


def in_force(as_of: datetime) -> InForce | None:
    """Disaster mode as it stands now."""
    return emergencies.in_force(as_of)


def not_now(service: Service, as_of: datetime) -> Text | None:
    """Why a service that is for disasters only cannot be applied for now; None where it can."""
    if not service.file.during or in_force(as_of) is not None:
        return None
    return ui_text("disaster.stopped")


def to_come(as_of: datetime) -> InForce | None:
    """Disaster mode that was confirmed and begins later."""
    return next((one for one in emergencies.not_over(as_of) if one.begins > as_of), None)


def _waiting(case: uuid.UUID) -> Declared:
    found = next((one for one in declarations() if one.case == case and one.waits), None)
    if found is None:
        raise NotDeclared("not_waiting")
    return found


def _task(case: uuid.UUID, step: str) -> uuid.UUID:
    """The open task of a step. Raises NotDeclared when it is done already."""
    found = case_queries.open_task(case, step)
    if found is None:
        raise NotDeclared("not_waiting")
    return found.id
