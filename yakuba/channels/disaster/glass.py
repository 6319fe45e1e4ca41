"""Break-glass access: at once, for a reason, at most an hour, to one case or one person; somebody else looks at it afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from yakuba.access import Worker, grants, limits, require, towns
from yakuba.access.policy import Resource
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.channels.disaster.errors import NotOpened
from yakuba.register import queries as register

SERVICE = "break-glass"
OPEN, REVIEW = "open", "review"
MINUTES = (15, 30, 60)
"""What the page offers; the last is the longest."""
TRIES, WINDOW = 20, timedelta(hours=1)
"""How often one person may ask: who tries names to find out who lives here is stopped."""


@dataclass(frozen=True, slots=True)
class Used:
    """A break-glass access as a page shows it."""

    case: uuid.UUID
    reference: str
    task: uuid.UUID | None
    used_by: str
    reason: str
    called: str
    minutes: int
    at: datetime
    kind: str
    target: str


def of_case(reference: str, reason: str, minutes: int, *, by: Worker, as_of: datetime) -> Used:
    """Open one case, by its reference number. Raises NotOpened, limits.TooMany, access.Denied."""
    _asked(by, as_of)
    found = case_queries.by_reference(reference)
    if found is None or found.service == SERVICE:
        raise NotOpened("no_such_case")
    return _use("case", str(found.id), found.reference, reason, minutes, by, as_of)


def of_person(name: str, born: date, reason: str, minutes: int, *, by: Worker, as_of: datetime) -> Used:
    """Open one person's entry in the register, by name and birth date. Raises NotOpened, limits.TooMany, access.Denied."""
    _asked(by, as_of)
    found = register.same_person(name, born)
    if len(found) != 1:
        raise NotOpened("no_such_person")
    return _use("person", str(found[0].id), found[0].name, reason, minutes, by, as_of)


def _asked(by: Worker, as_of: datetime) -> None:
    require(by, "break-glass.use", Resource("Town", by.town, by.town))
    limits.spend(SERVICE, by.id, most=TRIES, per=WINDOW, as_of=as_of)


def _use(kind: str, target: str, called: str, reason: str, minutes: int, by: Worker, as_of: datetime) -> Used:
    if not reason.strip():
        raise NotOpened("reason_needed")
    if not 1 <= minutes <= grants.LONGEST // timedelta(minutes=1):
        raise NotOpened("minutes_wrong")
    glass = {"reason": reason, "kind": kind, "target": target, "called": called, "minutes": minutes}
    with transaction.atomic():
        case = cases.open_case(
            catalogue.service(SERVICE),
            {"glass": glass, "asked": {"by": by.id}},
            channel="counter",
            by=by,
            as_of=as_of,
            key=f"{SERVICE}:{uuid.uuid4()}",
        )
        jobs.work_waiting(towns.current_town(), SERVICE, OPEN, as_of=as_of)
    return next(one for one in waiting() if one.case == case.id)


def opened_by(kind: str, target: str) -> Sequence[str]:
    """What a grant names: a case by its id and its reference number, a person by their id."""
    if kind == "person":
        return [target]
    return [target, *case_queries.references([uuid.UUID(target)]).values()]


def review(case: uuid.UUID, outcome: str, note: str, *, by: Worker, as_of: datetime) -> None:
    """A manager, who is not the user, says whether it was justified; what is left of the access ends. Raises NotOpened,
    cases.CaseError, access.Denied for the user themselves."""
    found = next((one for one in waiting() if one.case == case and one.task), None)
    if found is None or found.task is None:
        raise NotOpened("reviewed_already")
    if outcome not in ("justified", "not_justified") or not note.strip():
        raise NotOpened("outcome_needed")
    with transaction.atomic():
        cases.finish(found.task, by=by, as_of=as_of, outcome=outcome, note=note)
        grants.end(case, as_of=as_of)


def waiting() -> list[Used]:
    """Those that nobody has reviewed yet, the newest first."""
    tasks = {one.case_id: one.id for one in case_queries.open_with_verb(SERVICE, ["work"])}
    found = []
    for case in case_queries.open_of(SERVICE):
        state = case_queries.state(case)
        glass = state.facts["glass"]
        found.append(
            Used(
                case.id,
                case.reference,
                tasks.get(case.id),
                str(state.fact("asked.by")),
                glass["reason"],
                glass["called"],
                glass["minutes"],
                case.opened_at,
                glass["kind"],
                glass["target"],
            )
        )
    return found[::-1]
