"""The roster of supporters (支援員名簿): the open cases of `services/supporter-registration`, whose number is the case's.

Nobody is on it who moved away: a clerk ends the registration, or the register knows it first. Every consent that names
them stops in the same moment, since it is asked about anew with each request.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from yakuba.access import Worker
from yakuba.access import queries as account_queries
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.cases.state import OPEN, CaseState
from yakuba.channels.assisted.errors import NotListed
from yakuba.clock import in_tokyo
from yakuba.register import queries as register

SERVICE = "supporter-registration"
LISTED = "roster"
ENDS = ("stopped", "moved", "struck")


@dataclass(frozen=True, slots=True)
class Supporter:
    """A supporter as the roster has them. `worker`: id of their account; empty before one was made."""

    case: uuid.UUID
    number: str
    name: str
    group: str
    areas: str
    times: str
    trained_on: date | None
    worker: str
    person: str


def listed(as_of: datetime) -> list[Supporter]:
    """Everybody who may help now, by name; not who has moved out of the town."""
    return sorted(
        (
            one
            for case in case_queries.open_of(SERVICE)
            if (one := _listed(case.id, case_queries.state(case), as_of))
        ),
        key=lambda one: (one.name, one.number),
    )


def is_listed(number: str, *, as_of: datetime) -> bool:
    """Whether the supporter with this number may help at that moment."""
    return by_number(number, as_of=as_of) is not None


def by_number(number: str, *, as_of: datetime) -> Supporter | None:
    """The supporter with this number (a reference number, however grouped); None for one who may not help."""
    case = case_queries.by_reference(number)
    if case is None or case.service != SERVICE:
        return None
    return _listed(case.id, case_queries.state(case), as_of)


def of_worker(worker: Worker, *, as_of: datetime) -> Supporter | None:
    """The supporter who is signed in; None for anybody else, and for one who may help no more."""
    if worker.kind != "supporter":
        return None
    return next((one for one in listed(as_of) if one.worker == worker.id), None)


def _listed(case: uuid.UUID, state: CaseState, as_of: datetime) -> Supporter | None:
    step = state.steps.get(LISTED)
    if step is None or step.status != OPEN:
        return None
    if state.applicant and _moved_away(state.applicant, as_of):
        return None
    login = str(state.fact("supporter.account") or "")
    account = account_queries.staff_by_login(login) if login else None
    trained = state.fact("supporter.trained_on")
    return Supporter(
        case,
        state.reference,
        str(state.fact("applicant.name") or ""),
        str(state.fact("supporter.group") or ""),
        str(state.fact("supporter.areas") or ""),
        str(state.fact("supporter.times") or ""),
        date.fromisoformat(trained) if trained else None,
        account.worker().id if account and account.is_active else "",
        state.applicant or "",
    )


def _moved_away(person: str, as_of: datetime) -> bool:
    """Whether the register knows of somebody that they live here no more. Of whom it never knew that they did, nobody says so:
    a supporter may come from the next town."""
    known = register.person(person)
    return known is not None and known.moved_out is not None and known.moved_out <= in_tokyo(as_of).date()


def take_off(supporter: uuid.UUID, outcome: str, *, by: Worker, as_of: datetime, note: str = "") -> None:
    """Somebody is on the roster no more. Their account signs in until it is closed, and then finds in words why they may not help.
    Raises NotListed, cases.CaseError, access.Denied."""
    listed = case_queries.open_task(supporter, LISTED)
    if listed is None:
        raise NotListed("not_listed")
    if outcome not in ENDS:
        raise NotListed("choose_end")
    cases.finish(listed.id, by=by, as_of=as_of, outcome=outcome, note=note)
