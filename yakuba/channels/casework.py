"""A case as a clerk sees it: what was said, what the conditions say, what happened, what can be done now."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse

from yakuba import access, clock
from yakuba.access import Worker
from yakuba.access.circumstances import DataClass
from yakuba.access.explaining import helps_with
from yakuba.access.request import Request
from yakuba.access.web import ask
from yakuba.cases import catalogue, documents
from yakuba.cases import queries as case_queries
from yakuba.cases.documents import MAX_BYTES
from yakuba.cases.errors import NoSuchCase, NotOpen
from yakuba.cases.events import Decided, Event, Rated
from yakuba.cases.log import case_resource
from yakuba.cases.state import IMPLICIT, CaseState, fact_of, step_of
from yakuba.channels import answers, queries
from yakuba.channels.acting import Incomplete
from yakuba.channels.forms import Field
from yakuba.channels.status import step_name as name_of
from yakuba.declare import GUARDED, Fact, Question, Service, Step
from yakuba.messages import queries as messages
from yakuba.money import queries as money
from yakuba.money.fees import queries as fees
from yakuba.progress.brought import comments
from yakuba.records import held
from yakuba.register import queries as register
from yakuba.words import Text, halfwidth, ui_text, ui_words


# -- words -----------------------------------------------------------------------------------------
def step_name(service_id: str, step: str, service: Service | None = None) -> Text:
    """What a step is called on the desk."""
    if step in IMPLICIT:
        return ui_text(f"steps.{step}")
    known = service or catalogue.current().services.get(service_id)
    declared = next((s for s in known.steps if s.id == step), None) if known else None
    return name_of(declared) if declared else Text.same(step)


def event_name(kind: str) -> Text:
    """What happened, in a few words."""
    key = f"desk.event_{kind}"
    return ui_text(key) if key in ui_words() else Text.same(kind)


def condition_name(service: Service, name: str) -> Text:
    """What a condition says, or what a value is called."""
    condition = service.conditions.get(name)
    return condition.because if condition else service.label(name)


# -- the page of a case ------------------------------------------------------------------------------
ACTS = (
    "note", "attach", "identify", "decide", "return", "withdraw", "reopen", "extend", "object", "answer", "help",
    "rate",
)  # fmt: skip


def describe(
    case: Any,
    worker: Worker,
    language: str,
    *,
    now: datetime,
    reveal: bool = False,
    typed: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Everything that the page of a case shows. `reveal`: guarded facts, for who may see them; `typed`: what
    was in a form that could not be carried out."""
    service, state = case_queries.service_of(case), case_queries.state(case)
    person = person_resource(case, service)
    may_reveal = access.may(worker, "register.read", person)
    resource = case_resource(case.id, state, case.town)
    happened = case_queries.history(case.id)
    decided = [one.event for one in happened if isinstance(one.event, Decided)]
    missing = decided[-1].missing if decided and case.decision is None else []
    tasks = [task for task in case_queries.tasks_of(case.id) if task.status == "open"]
    names = queries.holder_names()
    can = {act: access.may(worker, f"case.{act}", resource) for act in ACTS}
    return {
        "case": case,
        "service": service,
        "state": state,
        "answers": list(said(service, state.facts, language, reveal=reveal and may_reveal)),
        "may_reveal": may_reveal and not reveal,
        "prove_first": not may_reveal and helps_with(worker, "register.read", person, "step-up"),
        "judged": _judged(service, case, state, language, reveal=reveal and may_reveal),
        "missing": [service.label(name) for name in missing],
        "happened": [
            _happened(one, service, names, _rated(one.event, worker, happened, state))
            for one in reversed(happened)
        ],
        "tasks": [_task(task, state, service, worker, names, typed) for task in tasks],
        "documents": [(purpose_name(service, a.purpose), f) for a, f in case_queries.documents_in(happened)],
        "payments": list(money.payments_of(case.id)) if _may(worker, "money.read", case.town) else [],
        "fee": fees.bill_of(case.id, service, state),
        "messages": messages.of_case(case.id),
        "late": bool(case.norm_due and case.state != "closed" and case.norm_due < now),
        "facts_to_ask": _to_ask(service, missing),
        "candidates": _candidates(state) if can["identify"] and not case.identified else [],
        "most_mb": MAX_BYTES // 1024**2,
        "can": can
        | {"take": access.may(worker, "fee.take", resource), "fee": access.may(worker, "fee.pay", resource)},
    }


def _may(worker: Worker, action: str, town: str) -> bool:
    return access.may(worker, action, access.Resource("Town", town, town))


def person_resource(case: Any, service: Service) -> access.Resource:
    """The person whose guarded facts a case holds, with the highest class of them; one whom nobody found in the register goes
    by the case."""
    classes = {fact.class_ for fact in _all_facts(service)}
    guarded: DataClass = "sensitive" if classes & GUARDED else "personal"
    data: DataClass = "my-number" if "my_number" in classes else guarded
    return access.Resource("Person", str(case.applicant or case.id), case.town, data=data)


def _all_facts(service: Service) -> Iterator[Fact]:
    yield from service.facts.values()
    for kind in service.lists.values():
        yield from kind.facts.values()


def _to_ask(service: Service, missing: Sequence[str]) -> list[tuple[str, Text, bool]]:
    """What a clerk can ask to be mended, in the order of the form: its id, its name, whether it is missing."""
    wanted = {name.split("[")[0] for name in missing}
    return [(name, service.label(name), name in wanted) for name in service.askable]


def _candidates(state: CaseState) -> list[Any]:
    """People of the register who may be the applicant: of this name, or born on this day."""
    applicant = state.facts.get("applicant") or {}
    born = applicant.get("birth_date")
    found = (
        register.same_person(applicant["name"], date.fromisoformat(born))
        if born and applicant.get("name")
        else []
    )
    return found or (register.find_person("", date.fromisoformat(born)) if born else [])


def said(
    service: Service, facts: Mapping[str, Any], language: str, *, reveal: bool
) -> Iterator[dict[str, Any]]:
    """The facts of a case with their labels; guarded ones as dots."""
    for name, fact in service.facts.items():
        value = fact_of(facts, name)
        if value is not None:
            yield {"label": fact.label, "said": _shown(fact, value, language, reveal), "item": ""}
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


def _judged(
    service: Service, case: Any, state: CaseState, language: str, *, reveal: bool
) -> list[dict[str, Any]]:
    """What each condition says about the case, with the facts and figures that it rests on."""
    on = case.opened_at.astimezone(clock.TOKYO).date()
    rows = []
    for one in service.judge(state.facts, as_of=on):
        facts = [
            (service.label(name).get(language), _fact_said(service, name, value, language, reveal))
            for name, value in one.why.facts.items()
        ]
        row = {"value": one.value, "because": one.because, "law": one.law, "facts": facts}
        rows.append({**row, "params": one.why.params})
    return rows


_PLACE = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")


def _fact_said(service: Service, name: str, value: Any, language: str, reveal: bool) -> str:
    """One fact of an explanation in words; `children[0].birth_date` says of which child."""
    place = _PLACE.fullmatch(name)
    if place and place[1] in service.lists:
        kind = service.lists[place[1]]
        fact = kind.facts.get(place[3])
        words = "" if value is None or fact is None else _shown(fact, value, language, reveal)
        return f"{(kind.one or kind.label).get(language)} {int(place[2]) + 1}: {words}" if words else ""
    declared = service.facts.get(name)
    if value is None or declared is None:
        return "" if value is None else str(value)
    return _shown(declared, value, language, reveal)


TOLD = ("reason", "note", "message", "text", "evidence", "receipt")
"""What the history shows of an event beside its name and its outcome."""


def _rated(
    event: Event, worker: Worker, happened: Collection[case_queries.Happened], state: CaseState
) -> list[Text | str]:
    """How content somebody was; what they wrote with it, masked but for who worked on the case."""
    if not isinstance(event, Rated):
        return []
    return [ui_text(f"survey.score_{event.score}"), comments.seen_by(worker.id, event, happened, state.facts)]


def _happened(
    one: case_queries.Happened, service: Service, names: Mapping[str, str], besides: Sequence[Text | str] = ()
) -> dict[str, Any]:
    event = one.event
    step = getattr(event, "step", "")
    told = [getattr(event, name, "") for name in TOLD]  # an opened case has a yes or no called receipt
    by = names.get(one.by_id) or ui_text(f"desk.by_{one.by_kind}")
    if one.acting_for:
        absent = "・".join(names.get(worker, worker) for worker in one.acting_for)
        by = ui_text("absence.in_place_of").format(deputy=by, absent=absent)
    return {
        "at": one.at,
        "by": by,
        "name": event_name(event.kind),
        "step": step and step_name(service.id, step, service),
        "told": [
            outcome_name(service, step, getattr(event, "outcome", "")),
            *(text for text in told if text and isinstance(text, str)),
            *besides,
        ],
    }


def outcome_name(service: Service, step: str, outcome: str) -> Text | str:
    """What an outcome is called: as the step declares it, or as the desk calls it; nothing for a plain "done"."""
    declared = step_of(service, step).outcomes if step else {}
    if outcome in declared:
        return declared[outcome]
    keys = (f"outcome.{outcome}", f"desk.carrier_{outcome}", f"desk.run_{outcome}")
    return next((ui_text(key) for key in keys if key in ui_words()), "")


def purpose_name(service: Service, purpose: str) -> Text:
    """What a file is for."""
    key = f"desk.purpose_{purpose.split(':')[0].replace('.', '_')}"
    return ui_text(key) if key in ui_words() else service.label(purpose)


def _task(
    task: Any,
    state: CaseState,
    service: Service,
    worker: Worker,
    names: Mapping[str, str],
    typed: Mapping[str, str],
) -> dict[str, Any]:
    step = step_of(service, task.step)
    progress = state.steps[task.step]
    resource = case_resource(task.case_id, state, task.town, role=step.role)
    as_deputy = worker.stands_in_for(task.holder)
    free = task.by == "staff" and (task.holder in (None, worker.id) or as_deputy)
    return {
        "id": task.id,
        "name": step_name(task.service, task.step, service),
        "verb": task.verb,
        "by": task.by,
        "due": task.due_at,
        "holder": names.get(task.holder, task.holder),
        "mine": task.holder == worker.id,
        "as_deputy": as_deputy,
        "can_work": free and access.may(worker, "task.finish", resource),
        "can_decide": free and access.may(worker, "case.decide", resource),
        "can_hand_over": task.by == "robot" and not task.holder and access.may(worker, "task.fail", resource),
        "can_confirm": task.verb == "confirm" and access.may(worker, "case.confirm", resource),
        "can_return": free and task.step not in IMPLICIT,
        "four_eyes": step.four_eyes,
        "amount": progress.proposal["amount"] if progress.proposal else state.amount,
        "proposal": progress.proposal,
        "own_proposal": bool(progress.proposal and progress.proposal["by"] == worker.id),
        "record": fields_of(service, step, typed),
        "outcomes": list(step.outcomes.items()),
        "by_payment": step.do == "charge" and service.fee is not None,
        "row": state.facts.get("row") if service.id == held.SERVICE else None,
    }


def opened(request: Request, case: uuid.UUID) -> Any:
    """The case, after the policy was asked about it. Raises Http404, access.Denied."""
    try:
        found = case_queries.one(case)
    except NoSuchCase as error:
        raise Http404 from error
    ask(request, case_resource(found.id, case_queries.state(found), request.town))
    return found


def fields_of(
    service: Service, step: Step, typed: Mapping[str, str], *, required: bool = False
) -> list[Field]:
    """What a step records, as questions of a form. `typed`: what was typed before."""
    return [field_for(service, name, typed, required) for name in service.named(step.record)]


def field_for(service: Service, name: str, typed: Mapping[str, str], required: bool) -> Field:
    """One fact as a question of a form."""
    fact = service.facts[name]
    raw = _raw(name, typed) if any(key.startswith(name) for key in typed) else {}
    return Field(
        name, Question(fact=name, required=required), fact, fact.label, fact.question or fact.label, raw=raw
    )


# -- what was typed -----------------------------------------------------------------------------------
def recorded(post: Mapping[str, str], task: Any) -> dict[str, Any]:
    """The facts that were typed into the form of a task (of `cases.queries.task`). Raises answers.Wrong, NotOpen."""
    if task is None:
        raise NotOpen("")
    service = case_queries.service_of(task.case)
    facts = typed_facts(service, service.named(step_of(service, task.step).record), post)
    account = facts.get("account") or {}
    if account.get("branch"):
        answers.check_branch(account.get("bank", ""), account["branch"])
    if account.get("holder"):
        answers.check_holder(account["holder"])
    return facts


def typed_facts(service: Service, names: Sequence[str], post: Mapping[str, str]) -> dict[str, Any]:
    """Some facts of a service that were typed into a form, nested; what is empty is left out. Raises answers.Wrong."""
    facts: dict[str, Any] = {}
    for name in names:
        value = answers.read(service.facts[name], _raw(name, post), service.facts[name].label)
        if value is not None:
            group, _, key = name.partition(".")
            facts.setdefault(group, {})[key] = value.isoformat() if isinstance(value, date) else value
    _check_declared(service, names, facts)
    return facts


def _check_declared(service: Service, names: Sequence[str], facts: Mapping[str, Any]) -> None:
    """The checks that facts declare hold for what was typed. Raises answers.Wrong."""
    checked = [name for name in names if service.facts[name].check and fact_of(facts, name) is not None]
    if not checked:
        return
    values = service.form.run(facts, as_of=clock.in_tokyo(clock.now()).date()).values
    for name in checked:
        declared = service.facts[name].check
        if declared and values.get(f"?check:{name}") is False:
            raise answers.Wrong(declared.say)


def _raw(name: str, post: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the field of a fact, and into the parts of a date."""
    return {"": post.get(name, "")} | {part: post.get(f"{name}.{part}", "") for part in answers.PARTS}


def amount(text: str, *, needed: bool) -> int | None:
    """Yen that were typed; None where nothing was and nothing is `needed`. Raises Incomplete."""
    digits = halfwidth(text).replace(",", "").replace("円", "").strip()
    if not digits and not needed:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", digits):
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


MOST_OF_A_BANK = 64 * 2**20
"""Bytes of a bank's file: 120 for each transfer, of which a run may have 100,000."""


def content_of(upload: UploadedFile, most: int = documents.MAX_BYTES) -> bytes:
    """What was uploaded, read into memory only where it is small enough. Raises cases.documents.Refused."""
    documents.check_size(upload.name or "", upload.size or 0, most)
    return upload.read()


def shown(file: Any) -> HttpResponse:
    """A file as it came in, without any right in the browser."""
    response = HttpResponse(bytes(file.content), content_type=file.media_type)
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quoted(file.name)}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    return response


def document_resource(document: uuid.UUID, case: uuid.UUID, town: str) -> access.Resource:
    """What the policy may know about a file."""
    state = case_queries.states([case])[case]
    return access.Resource(
        "Document",
        str(document),
        town,
        {"applicant": state.applicant or "", "reference": state.reference, "service": state.service},
    )


def quoted(name: str) -> str:
    """A file name for the header Content-Disposition (RFC 6266)."""
    return quote(name, safe="")
