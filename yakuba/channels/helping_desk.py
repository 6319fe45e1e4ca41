"""Help for who works on a case (審査の手助け): similar cases, the summary, drafts. A machine made all of it; what a clerk does
with it goes through the acts of the desk, and is counted."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import asks, asks_within, may_here
from yakuba.assistant.helping import acceptance, drafting
from yakuba.assistant.helping.acceptance import Kind
from yakuba.assistant.helping.similar import Similar, similar
from yakuba.assistant.helping.summary import About, summary
from yakuba.cases import actions as cases
from yakuba.cases import precedents
from yakuba.cases import queries as case_queries
from yakuba.cases.deciding import requested_on
from yakuba.cases.events import Decided
from yakuba.cases.log import case_resource
from yakuba.cases.state import CASE_OPEN, CaseState
from yakuba.channels import acting, casework, queries
from yakuba.channels.acting import Incomplete, text_of
from yakuba.channels.desk import desk_url
from yakuba.declare import Judged, Service
from yakuba.messages import compose
from yakuba.messages.actions import town_sender
from yakuba.words import Text, plain, ui

MOST_LETTER = 5_000
"""Characters of a letter or a summary that is kept as a note."""


# -- the page ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Looked:
    """A case as this page looks at it: where it stands, what its conditions say of it, what is missing, what is to do."""

    case: Any
    service: Service
    state: CaseState
    judged: list[Judged]
    missing: list[str]
    happened: list[case_queries.Happened]
    tasks: list[Any]


def _look_at(case: Any) -> _Looked:
    service, state = case_queries.service_of(case), case_queries.state(case)
    happened = case_queries.history(case.id)
    decided = [one.event for one in happened if isinstance(one.event, Decided)]
    missing = decided[-1].missing if decided and case.decision is None else []
    judged = [] if state.anonymised else service.judge(state.facts, as_of=requested_on(state))
    tasks = [task for task in case_queries.tasks_of(case.id) if task.status == "open"]
    return _Looked(case, service, state, judged, list(missing), happened, tasks)


@require_GET
@asks_within("case.help")
def page(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Everything that can be suggested for a case; what is shown is noted, so that its use can be measured."""
    looked, language, now = _look_at(casework.opened(request, case)), request.language, clock.now()
    suggested: list[dict[str, Any]] = []

    def offer(kind: Kind, text: str, **more: Any) -> dict[str, Any]:
        one = {
            "kind": kind,
            "text": text,
            "id": acceptance.suggestion_id(case, kind, text, request.worker.id),
            **more,
        }
        suggested.append(one)
        return one

    found = _similar(looked)
    shown = {
        "case": looked.case,
        "service": looked.service,
        "similar": offer("similar", repr(found), **_shown_similar(looked, found, request))
        if found.count
        else None,
        "has_conditions": bool(looked.service.conditions),
        "summary": offer("summary", _summary(looked, language)),
        **_drafts(looked, request, offer),
        "said": acting.said(request),
        "may_measure": may_here(request, "help.measure"),
        "most": acting.MOST_TEXT,
        "most_letter": MOST_LETTER,
    }
    acceptance.shown(
        case,
        [(one["kind"], one["text"]) for one in suggested],
        to=request.worker.id,
        town=request.town,
        as_of=now,
    )
    return render(request, "channels/desk/help.html", shown)


def _similar(looked: _Looked) -> Similar:
    """Decided cases like this one; nothing of a service without conditions. The system's own judgement counts, as theirs."""
    if not looked.service.conditions:
        return Similar()
    logged = [
        one.event.conditions
        for one in looked.happened
        if isinstance(one.event, Decided) and one.event.conditions
    ]
    now = {one.name: one.value for one in looked.judged}
    return similar(logged[-1] if logged else now, precedents.decided(looked.service.id, looked.case.id))


def _shown_similar(looked: _Looked, found: Similar, request: Request) -> dict[str, Any]:
    """The same with its words; links only to cases that the clerk may see."""

    def names(conditions: Any) -> list[Any]:
        return [casework.condition_name(looked.service, one) for one in conditions]

    resource = case_resource(looked.case.id, looked.state, looked.case.town)
    outcomes = [
        {
            "one": one,
            "because": [
                (casework.condition_name(looked.service, name), n) for name, n in one.because.items()
            ],
        }
        for one in found.outcomes
    ]
    examples = [
        {"one": one, "decision": decision, "differs": names(differs)}
        for one, decision, differs in found.examples
    ]
    may_see = access.may(request.worker, "case.read", resource)
    return {"found": found, "outcomes": outcomes, "examples": examples if may_see else []}


def _summary(looked: _Looked, language: str) -> str:
    def step(name: str) -> str:
        return casework.step_name(looked.service.id, name, looked.service).get(language)

    names = queries.holder_names()
    return summary(
        About(
            looked.case, looked.service, looked.happened, looked.tasks, looked.missing, names, step, language
        )
    )


def _drafts(looked: _Looked, request: Request, offer: Any) -> dict[str, Any]:
    """The drafts that fit where the case stands, in the applicant's language."""
    language, chosen = looked.state.language, request.GET.get("letter", "")
    shown: dict[str, Any] = {"return": None, "reason": None, "letter": None, "letters": []}
    task = next((one for one in looked.tasks if one.by == "staff"), None)
    if task and looked.case.state == CASE_OPEN and looked.service.offered:
        asking = drafting.asking(looked.service, looked.judged, looked.missing, language)
        if asking:
            wanted = drafting.to_mend(looked.service, looked.missing)
            asks = [(name, looked.service.label(name), name in wanted) for name in looked.service.askable]
            shown["return"] = offer("return", asking, task=task.id, asks=asks)
    if task and task.verb == "review" and (reason := drafting.reason(looked.judged, language)):
        shown["reason"] = offer("reason", reason, gaps=drafting.gaps_in(reason))
    letters = {} if looked.state.anonymised else looked.service.letters
    if letters:
        said = _said(looked, set().union(*(one.subject.placeholders() for one in letters.values())))
        shown["letters"] = [
            (name, _filled(looked, one.subject, said)) for name, one in sorted(letters.items())
        ]
    if chosen in letters:
        draft = _letter(looked, chosen)
        shown["letter"] = offer("letter", draft, name=chosen, gaps=drafting.gaps_in(draft))
    return shown


def _said(looked: _Looked, wanted: Collection[str]) -> dict[str, str]:
    """What is known of the case for these placeholders, in the applicant's language."""
    grounds = case_queries.grounds([looked.case.id]).get(looked.case.id, case_queries.Grounds({}, ""))
    sender, language = town_sender(), looked.state.language
    return compose.placeholders(looked.service, looked.state, grounds, sender, language, wanted=wanted)


def _filled(looked: _Looked, template: Text, said: Mapping[str, str]) -> str:
    optional = compose.PARAGRAPHS - {"case.message"}
    return drafting.letter(looked.service, template, said, looked.state.language, optional=optional)


def _letter(looked: _Looked, name: str) -> str:
    """A letter of the service with what is known of the case."""
    letter = looked.service.letters[name]
    said = _said(looked, letter.subject.placeholders() | letter.body.placeholders())
    return plain("\n\n".join(_filled(looked, text, said) for text in (letter.subject, letter.body)))


# -- what a clerk does with it -------------------------------------------------------------------------
def _used(request: Request, name: str, needed: str, most: int) -> str:
    """The text as the clerk leaves it. Raises Incomplete while a gap is left, or nothing."""
    text = text_of(request, name, needed=needed, most=most)
    if drafting.gaps_in(text):
        raise Incomplete("helping.gaps_left")
    return text


def _settle(request: Request, used: str | None, as_of: datetime) -> None:
    """Note what became of the suggestion of this form. Raises Incomplete where the form was tampered with."""
    id = casework.an_id(request.POST.get("suggestion", ""))
    acceptance.settle(id, request.POST.get("suggested", ""), used, as_of=as_of)


@require_POST
@asks_within("case.return")
def ask_for_correction(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Send the draft, as the clerk left it, to the applicant: the case is returned for correction."""
    casework.opened(request, case)

    def act() -> str:
        now, message = clock.now(), _used(request, "message", "desk.message_needed", acting.MOST_TEXT)
        task = case_queries.task(casework.an_id(request.POST.get("task", "")))
        if task is None or task.case_id != case:
            raise Incomplete("desk.nothing_chosen")
        asked = request.POST.getlist("ask")
        cases.return_for_correction(task.id, by=request.worker, as_of=now, message=message, asks=asked)
        _settle(request, message, now)
        return desk_url("case", request, case)

    return acting.act(request, act, desk_url("help", request, case))


@require_POST
@asks_within("case.note")
def keep(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Keep a summary or a letter, as the clerk left it, as a note of the case."""
    casework.opened(request, case)

    def act() -> str:
        now, text = clock.now(), _used(request, "text", "desk.text_needed", MOST_LETTER)
        cases.note(case, text, by=request.worker, as_of=now)
        _settle(request, text, now)
        return desk_url("case", request, case)

    return acting.act(request, act, desk_url("help", request, case))


@require_POST
@asks_within("case.help")
def take_reason(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Put the reason, as the clerk left it, into the form of the decision; nothing is decided."""
    casework.opened(request, case)

    def act() -> str:
        reason = _used(request, "reason", "desk.reason_needed", acting.MOST_TEXT)
        _settle(request, reason, clock.now())
        acting.say(request, "info", ui("helping.reason_taken", request.language))
        return desk_url("case", request, case)

    return acting.act(request, act, desk_url("help", request, case))


@require_POST
@asks_within("case.help")
def rate(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Say that a suggestion helped, or that it is not used."""
    casework.opened(request, case)

    def act() -> None:
        suggested = request.POST.get("suggested", "")
        _settle(request, suggested if request.POST.get("helped") else None, clock.now())
        if not request.POST.get("helped"):
            acting.say(request, "ok", ui("helping.thrown_away", request.language))

    return acting.act(request, act, desk_url("help", request, case))


# -- how much of it is used ---------------------------------------------------------------------------
@require_GET
@asks("help.measure")
def figures(request: Request, town: str) -> HttpResponse:
    """What became of everything that was suggested in the last ninety days."""
    now = clock.now()
    rows = [(one, one.json()["used"]) for one in acceptance.acceptance(now - acceptance.SINCE, as_of=now)]
    shown = [(one, None if used is None else round(100 * used)) for one, used in rows]
    return render(request, "channels/desk/help_figures.html", {"rows": shown, "days": acceptance.SINCE.days})
