"""A case as a clerk sees it: what was said, what the conditions say, what happened, what can be done now."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any
from urllib.parse import quote

from yakuba import access, clock
from yakuba.access import Worker
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases.errors import NotOpen
from yakuba.cases.log import case_resource
from yakuba.cases.state import ANSWER, ATTEND, OBJECTION, RECEIPT, TELL_RETURNED, CaseState, step_of
from yakuba.channels import answers
from yakuba.channels.acting import Incomplete
from yakuba.channels.status import step_name as name_of
from yakuba.declare import Fact, Service
from yakuba.messages import queries as messages
from yakuba.money import queries as money
from yakuba.words import Text, halfwidth, ui_text, ui_words

GUARDED = ("bank", "sensitive", "health", "my_number")
"""Classes of facts that are shown only to who may look the person up in the register, and then on demand."""


# -- words -----------------------------------------------------------------------------------------
def service_name(service: str) -> Text:
    """What a service is called, also one that is no longer in the catalogue."""
    known = catalogue.current().services.get(service)
    return known.name if known else Text.same(service)


def step_name(service_id: str, step: str, service: Service | None = None) -> Text:
    """What a step is called on the desk."""
    if step in (ANSWER, ATTEND, OBJECTION, RECEIPT, TELL_RETURNED):
        return ui_text(f"steps.{step}")
    known = service or catalogue.current().services.get(service_id)
    declared = next((s for s in known.steps if s.id == step), None) if known else None
    return name_of(declared) if declared else Text.same(step)


def event_name(kind: str) -> Text:
    """What happened, in a few words."""
    key = f"desk.event_{kind}"
    return ui_text(key) if key in ui_words() else Text.same(kind)


# -- the page of a case ------------------------------------------------------------------------------
def describe(
    case: Any, worker: Worker, language: str, *, now: datetime, reveal: bool = False
) -> dict[str, Any]:
    """Everything that the page of a case shows. `reveal`: guarded facts, for who may see them."""
    service, state = case_queries.service_of(case), case_queries.state(case)
    may_reveal = _may_reveal(case, state, worker)
    resource = case_resource(case.id, state, case.town)
    decision = case_queries.last_decision(case.id)
    return {
        "case": case,
        "service": service,
        "state": state,
        "answers": list(said(service, state.facts, language, reveal=reveal and may_reveal)),
        "may_reveal": may_reveal and not reveal,
        "judged": service.judge(state.facts, as_of=case.opened_at.astimezone(clock.TOKYO).date()),
        "missing": [service.label(name) for name in (decision.missing if decision else [])],
        "happened": [_happened(one, language) for one in reversed(case_queries.history(case.id))],
        "tasks": [
            _task(task, state, service, worker)
            for task in case_queries.tasks_of(case.id)
            if task.status == "open"
        ],
        "documents": case_queries.documents_of(case.id),
        "payments": list(money.payments_of(case.id)) if _may(worker, "money.read", case.town) else [],
        "messages": messages.of_case(case.id),
        "late": bool(case.norm_due and case.state != "closed" and case.norm_due < now),
        "facts_to_ask": [(name, service.label(name)) for name in service.facts],
        "can": {act: access.may(worker, f"case.{act}", resource) for act in ACTS},
    }


ACTS = ("note", "identify", "decide", "return", "withdraw", "reopen", "extend", "object", "answer")


def _may(worker: Worker, action: str, town: str) -> bool:
    return access.may(worker, action, access.Resource("Town", town, town))


def _may_reveal(case: Any, state: CaseState, worker: Worker) -> bool:
    person = access.Resource("Person", state.applicant or str(case.id), case.town)
    return access.may(worker, "register.read", person)


def said(
    service: Service, facts: Mapping[str, Any], language: str, *, reveal: bool
) -> Iterator[dict[str, Any]]:
    """The facts of a case with their labels; guarded ones as dots."""
    for name, fact in service.facts.items():
        group: Any = facts
        for part in name.split("."):
            group = group.get(part) if isinstance(group, Mapping) else None
        if group is not None:
            yield {"label": fact.label, "said": _shown(fact, group, language, reveal), "item": ""}
    for name, kind in service.lists.items():
        for number, item in enumerate(facts.get(name) or [], start=1):
            for key, fact in kind.facts.items():
                if item.get(key) is not None:
                    label = (kind.one or kind.label).get(language)
                    value = _shown(fact, item[key], language, reveal)
                    yield {"label": fact.label, "said": value, "item": f"{label} {number}"}


def _shown(fact: Fact, value: Any, language: str, reveal: bool) -> str:
    if fact.class_ in GUARDED and not reveal:
        return "••••" + str(value)[-3:] if fact.class_ == "bank" and len(str(value)) > 4 else "••••"
    return answers.say(fact, value, language)


def _happened(one: case_queries.Happened, language: str) -> dict[str, Any]:
    event = one.event
    parts = (
        getattr(event, name, "") for name in ("outcome", "reason", "note", "message", "text", "evidence")
    )
    told = " · ".join(str(part) for part in parts if part)
    return {
        "at": one.at,
        "by": f"{one.by_kind} {one.by_id}".strip(),
        "name": event_name(event.kind),
        "text": told,
    }


def _task(task: Any, state: CaseState, service: Service, worker: Worker) -> dict[str, Any]:
    step = step_of(service, task.step)
    progress = state.steps[task.step]
    resource = case_resource(task.case_id, state, task.town, role=step.role)
    mine = task.holder in (None, worker.id)
    return {
        "id": task.id,
        "name": step_name(task.service, task.step, service),
        "verb": task.verb,
        "by": task.by,
        "due": task.due_at,
        "holder": task.holder,
        "mine": task.holder == worker.id,
        "can_work": task.by == "staff" and mine and access.may(worker, "task.finish", resource),
        "can_decide": task.by == "staff" and mine and access.may(worker, "case.decide", resource),
        "proposal": progress.proposal,
        "own_proposal": bool(progress.proposal and progress.proposal["by"] == worker.id),
        "record": [(name, service.facts[name]) for name in recordable(service, step.record)],
        "outcomes": list(step.outcomes.items()),
    }


def recordable(service: Service, names: list[str]) -> list[str]:
    """The facts that a step records; `account` stands for all facts of the account."""
    return [f for name in names for f in service.facts if f == name or f.startswith(f"{name}.")]


# -- what was typed -----------------------------------------------------------------------------------
def recorded(post: Mapping[str, str], task: Any) -> dict[str, Any]:
    """The facts that were typed into the form of a task (of `cases.queries.task`). Raises answers.Wrong, NotOpen."""
    if task is None:
        raise NotOpen("")
    service = case_queries.service_of(task.case)
    facts: dict[str, Any] = {}
    for name in recordable(service, step_of(service, task.step).record):
        raw = {"": post.get(name, "")} | {part: post.get(f"{name}.{part}", "") for part in answers.PARTS}
        value = answers.read(service.facts[name], raw, service.facts[name].label)
        if value is not None:
            group, _, key = name.partition(".")
            facts.setdefault(group, {})[key] = value.isoformat() if isinstance(value, date) else value
    account = facts.get("account") or {}
    if account.get("branch"):
        answers.check_branch(account.get("bank", ""), account["branch"])
    if account.get("holder"):
        answers.check_holder(account["holder"])
    return facts


def amount(text: str, *, needed: bool) -> int | None:
    """Yen that were typed; None where nothing was and nothing is `needed`. Raises Incomplete."""
    digits = halfwidth(text).replace(",", "").replace("円", "").strip()
    if not digits and not needed:
        return None
    if not digits.isdigit():
        raise Incomplete("desk.amount_wrong")
    return int(digits)


def an_id(text: str) -> uuid.UUID:
    """The id in a form. Raises Incomplete when the form was tampered with or nothing was chosen."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Incomplete("desk.nothing_chosen") from error


def end_of_day(text: str) -> datetime:
    """The end of a day that was typed. Raises clock.NotADate."""
    return datetime.combine(clock.parse_date(text), time(23, 59, 59), clock.TOKYO)


def document_resource(document: uuid.UUID, case: uuid.UUID, town: str) -> access.Resource:
    """What the policy may know about a file."""
    state = case_queries.states([case])[case]
    return access.Resource(
        "Document", str(document), town, {"applicant": state.applicant or "", "reference": state.reference}
    )


def quoted(name: str) -> str:
    """A file name for the header Content-Disposition (RFC 6266)."""
    return quote(name, safe="")
