"""Consent to a helper (手続を手伝う人への同意): a case of `services/helper-consent`, which holds as long as it is open.

It comes in by web, at the counter, by phone or on paper like every other request; or at once, for one request that somebody
is writing, when they ask a helper to sit beside them. Either side ends it at any time.

Source: 民法 第99条 (代理), 第111条第2項, 第651条第1項 (each party may end it at any time).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from yakuba.access import SYSTEM, Resource, Worker, require, towns
from yakuba.access import queries as accounts
from yakuba.access.worker import PROVEN
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.state import CASE_CLOSED, CASE_OPEN, OPEN, CaseState
from yakuba.channels.assisted import roster
from yakuba.channels.assisted.errors import NotHelped
from yakuba.channels.models import Help
from yakuba.clock import in_tokyo
from yakuba.declare import Service
from yakuba.register import queries as register
from yakuba.words import search_key

if TYPE_CHECKING:
    from yakuba.cases.models import Case
    from yakuba.channels.models import Draft

SERVICE = "helper-consent"
HELPED = "helped"
BESIDE, FOR = "beside", "for"
"""How a helper helps: beside one request that is being written, or for somebody, by the form of the service."""
ALL = "all"
SUPPORTER = "supporter"
KINDS = ("family", SUPPORTER, "other")
ENDS = ("resident", "helper", "over", "sent", "left")
"""How a consent ends: by the one helped, by the helper, at its last day, with the request that it was for, because the
supporter has left."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as it stands. `number`: of the supporter; `begins`, `until`: its first and last day (Asia/Tokyo)."""

    case: uuid.UUID
    reference: str
    applicant: uuid.UUID | None
    identified: bool
    kind: str
    name: str
    birth_date: str
    number: str
    way: str
    scope: str
    begins: date
    until: date
    ended: str
    decided: bool

    def standing(self, as_of: datetime) -> str:
        """Why it does not hold at that moment (aware); empty where it does. `left`: the supporter is on the roster no more."""
        today = in_tokyo(as_of).date()
        if self.ended:
            return self.ended
        if not self.decided:
            return "undecided"
        if today < self.begins:
            return "not_yet"
        if today > self.until:
            return "over"
        if self.kind == SUPPORTER and not roster.is_listed(self.number, as_of=as_of):
            return "left"
        return ""

    def covers(self, service: Service) -> bool:
        """Whether a helper may begin a request for this service by it."""
        return self.way == FOR and (self.scope == ALL or self.scope in service.topics)

    def names(self, by: Worker, *, as_of: datetime) -> bool:
        """Does it name this worker? A supporter by the number on the roster; beside a request whoever came by the code; others by
        name and birth date as their card has them."""
        if self.kind == SUPPORTER:
            listed = roster.by_number(self.number, as_of=as_of) if by.kind == SUPPORTER else None
            return listed is not None and listed.worker == by.id
        if self.way == BESIDE:
            return Help.objects.filter(consent=self.case, helper=by.id).exists()
        if by.kind != "resident" or by.strength < PROVEN or not self.birth_date:
            return False
        name, born = _by_card(by)
        return search_key(name) == search_key(self.name) and born == self.birth_date

    def resource(self, by: Worker, *, as_of: datetime) -> Resource:
        """The consent as the policy sees it when this worker asks: its `helper` is they, where it names them."""
        attributes = {
            "service": SERVICE,
            "reference": self.reference,
            "state": "closed" if self.ended else "open",
            "helper": by.id if self.names(by, as_of=as_of) else "",
        }
        return Resource("Case", str(self.case), towns.current_town(), attributes)


def _by_card(by: Worker) -> tuple[str, str]:
    """Name and birth date of who is signed in: of the register, else as the card said."""
    known = register.person(by.person) if by.person else None
    if known is not None:
        return known.name, known.birth_date.isoformat()
    account = accounts.resident_of(by)
    return (account.name, str(account.birth_date or "")) if account else ("", "")


def one(case: uuid.UUID) -> Consent | None:
    """The consent with this case; None where there is no such case."""
    states = case_queries.states([case])
    return _consent(case, states[case]) if case in states and states[case].service == SERVICE else None


def in_force(as_of: datetime) -> list[Consent]:
    """All consents of the town that hold at that moment, the oldest first."""
    return [one for one in still_open() if not one.standing(as_of)]


def still_open() -> list[Consent]:
    """All whose case has not ended, whether they hold already, or no longer."""
    return [_consent(case.id, case_queries.state(case)) for case in case_queries.open_of(SERVICE)]


def _consent(case: uuid.UUID, state: CaseState) -> Consent:
    said: dict[str, Any] = state.facts.get("helper") or {}
    opened = in_tokyo(datetime.fromisoformat(str(state.opened_at))).date()
    step = state.steps.get(HELPED)
    return Consent(
        case,
        state.reference,
        uuid.UUID(state.applicant) if state.applicant else None,
        state.identified,
        said.get("kind", ""),
        said.get("name", ""),
        said.get("birth_date", ""),
        said.get("number", ""),
        said.get("way", FOR),
        said.get("scope", ""),
        date.fromisoformat(said["from"]) if said.get("from") else opened,
        date.fromisoformat(said["until"]) if said.get("until") else date.min,
        _ended(state),
        state.state == CASE_OPEN and step is not None and step.status == OPEN,
    )


def _ended(state: CaseState) -> str:
    """How it ended, also `refused`; empty while it has not."""
    step = state.steps.get(HELPED)
    if step is not None and step.outcome:
        return step.outcome
    if state.state != CASE_CLOSED:
        return ""
    return "resident" if state.outcome == "withdrawn" else "refused"


# -- given, ended ----------------------------------------------------------------------------------
def give(draft: Draft, said: dict[str, Any], *, by: Worker, as_of: datetime) -> Case:
    """Somebody who is writing a request consents to a helper beside them, for this request and this day. Raises access.Denied,
    NotHelped in a town whose catalogue has no such consent."""
    if SERVICE not in catalogue.current().services:
        raise NotHelped("not_here")
    today = in_tokyo(as_of).date().isoformat()
    helper = {**said, "way": BESIDE, "from": today, "until": today}
    applicant = {k: v for k, v in (draft.facts.get("applicant") or {}).items() if k in ("name", "birth_date")}
    with transaction.atomic():
        case = cases.open_case(
            catalogue.service(SERVICE),
            {"helper": helper, "applicant": applicant},
            channel="counter" if draft.channel == "counter" else "web",
            by=by,
            as_of=as_of,
            key=f"{SERVICE}:{uuid.uuid4()}",
            applicant=draft.person,
            identified=draft.identified,
            evidence=draft.evidence,
            language=draft.language,
        )
        jobs.work_waiting(towns.current_town(), SERVICE, "decide", as_of=as_of)
    return case


def end(consent: Consent, how: str, *, as_of: datetime, note: str = "") -> None:
    """It ends now, one of ENDS; nothing happens where it has ended. Who asks for it was asked about by the caller
    (`end_as_helper`, the resident's own page, `tidy`)."""
    if (task := case_queries.open_task(consent.case, HELPED)) is not None:
        system = SYSTEM(towns.current_town())
        cases.finish(task.id, by=system, as_of=as_of, outcome=how, note=note)


def end_as_helper(consent: Consent, *, by: Worker, as_of: datetime) -> None:
    """The helper wants to help no more. Raises access.Denied."""
    require(by, "helper.act", consent.resource(by, as_of=as_of))
    end(consent, "helper", as_of=as_of, note=by.name)


def tidy(*, as_of: datetime) -> int:
    """Close the consents that no longer hold, of a supporter who has left (a clerk gets a task to find another) and to a request
    that was sent among them; returns how many. They held no more already, whether or not this ran."""
    ended, running = 0, still_open()
    sent = _sent([one.case for one in running])
    for consent in running:
        why = "sent" if consent.case in sent else consent.standing(as_of)
        if why in ("over", "left", "sent"):
            end(consent, why, as_of=as_of)
            ended += 1
    return ended


def _sent(consents: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the consents to a helper beside a request that was sent."""
    beside = Help.objects.filter(consent__in=consents, way=BESIDE, draft__case__isnull=False)
    return set(beside.values_list("consent", flat=True))
