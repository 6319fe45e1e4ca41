"""Where a request stands: what happens next and by when, for the one who applied."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yakuba import clock
from yakuba.access import may
from yakuba.access.request import Request
from yakuba.access.web import ask, asks, asks_within
from yakuba.booking import queries as booking
from yakuba.cases import actions as case_actions
from yakuba.cases import documents
from yakuba.cases import events as e
from yakuba.cases import queries as cases
from yakuba.cases.errors import CaseError
from yakuba.cases.log import case_resource
from yakuba.cases.state import CASE_CLOSED, DONE, OPEN, SKIPPED, WAITING, CaseState
from yakuba.channels import actions
from yakuba.channels.forms import Form, Screen
from yakuba.declare import Service, Step
from yakuba.money.fees import provider as providers
from yakuba.money.fees import queries as fees
from yakuba.words import Text, ui_text

if TYPE_CHECKING:
    from yakuba.cases.models import Case

TOLD_TO_STAFF = ("phone", "counter", "paper")
MOST_COMMENT = 1000
"""Characters of a comment, as the form says."""


@require_GET
@asks("service.read")
def start(request: Request, town: str) -> HttpResponse:
    """The short address on letters."""
    return ask_who(town, request.GET.get("reference", ""))


def ask_who(town: str, reference: str, page: str = "access:status") -> HttpResponse:
    """On to a page that asks for the birth date: the one of the status, or another one."""
    where = reverse(page, args=[town])
    return redirect(f"{where}?reference={reference}" if reference.replace("-", "").isdigit() else where)


def asked_case(request: Request, reference: str) -> tuple[Case, CaseState]:
    """The case, after the policy was asked about it. Raises Http404, access.Denied."""
    found = cases.by_reference(reference)
    if found is None:
        raise Http404
    state = cases.state(found)
    ask(request, case_resource(found.id, state, request.town))
    return found, state


@require_GET
@asks_within("status.read")
def show(request: Request, town: str, reference: str) -> HttpResponse:
    """State, steps, due times; reasons and amounts only for who signed in with a card."""
    if request.worker.kind == "public":
        return ask_who(town, reference)
    case, state = asked_case(request, reference)
    service = cases.service_of(case)
    known = may(request.worker, "case.read", case_resource(case.id, state, town))
    decided = _decided(service, case, state) if known else ""
    shown = {
        "case": case,
        "service": service,
        "steps": steps(service, state),
        "due": case.norm_due if case.state == "open" else None,
        "asks": [service.label(name) for name in state.asks],
        "message": state.message if known else "",
        "decided": decided,
        "reasons": _reasons(service, case, state) if decided == "refused" else [],
        "known": known,
        "call_back": actions.call_back(
            ui_text("callback.about_case").format(reference=case.reference, service=service.name)
        ),
        "said": request.session.pop("said", None),
    }
    shown["survey"] = survey(request, case, state, service)
    if service.fee:
        shown |= {
            "fee": fees.bill_of(case.id, service, state),
            "may_pay": may(request.worker, "fee.pay", case_resource(case.id, state, town)),
            "online": providers.configured() is not None,
        }
    if decided == "granted" and service.book and case.outcome != "withdrawn":
        shown |= _place(case, state, request.language)
    return render(request, "channels/web/status.html", shown)


def survey(request: Request, case: Case, state: CaseState, service: Service) -> dict[str, Any] | None:
    """What the form needs, or only that it was answered; None where nothing is asked, or not of them."""
    if case.state != CASE_CLOSED or case.closed_at is None or service.file.audience != "residents":
        return None
    if not may(request.worker, "case.rate", case_resource(case.id, state, case.town)):
        return None
    if cases.happened(case_actions.rating_key(case.id, case.closed_at)):
        return {"answered": True}
    by_staff = request.worker.kind == "staff"
    return {
        "scores": [(score, ui_text(f"survey.score_{score}")) for score in reversed(case_actions.SCORES)],
        "parts": list(_parts(service, state)),
        "by_staff": by_staff,
        "hows": [(how, ui_text(f"desk.channel_{how}")) for how in TOLD_TO_STAFF],
        "most": MOST_COMMENT,
        "typed": request.POST,
    }


def _parts(service: Service, state: CaseState) -> list[tuple[str, Text]]:
    """What may have been hard: the request itself, and each step that was done."""
    done = [
        step
        for step in service.steps
        if state.steps[step.id].status not in (SKIPPED, WAITING) and not step.only_on_failure
    ]
    return [(e.REQUEST, ui_text("survey.request")), *((step.id, step_name(step)) for step in done)]


def _place(case: Case, state: CaseState, language: str) -> dict[str, Any]:
    """What somebody got of what was given out, or their turn on the waiting list, and the points that ranked them."""
    given, points = booking.given_to(case.id), booking.points_of(case)
    return {
        "given": given
        and {
            "name": Text(**given.place.name),
            "when": booking.when(given.place, language),
            "number": given.number,
        },
        "turn": state.facts.get("place") if given is None and case.state == "open" else None,
        "points": points,
        "points_total": sum(one.points for one in points),
    }


def _decided(service: Service, case: Case, state: CaseState) -> str:
    """What the town decided. While staff look at it, what the rules found is not yet that."""
    looked_at = (
        state.steps[step.id].status in (OPEN, WAITING) for step in service.steps if step.do == "review"
    )
    return "" if any(looked_at) else case.decision or ""


def _reasons(service: Service, case: Case, state: CaseState) -> list[Any]:
    judged = service.judge(state.facts, as_of=case.opened_at.astimezone(clock.TOKYO).date())
    return [one for one in judged if one.value is False]


def step_name(step: Step) -> Text:
    """What a step is called: as declared, or as its kind of work is called."""
    return step.name or ui_text(f"steps.{step.do}")


def steps(service: Service, state: CaseState) -> list[dict[str, Any]]:
    """The way of the request: received, each step that is or was needed, and where it is now."""
    rows = [{"name": ui_text("steps.received"), "state": "done", "at": _time(state.opened_at), "due": None}]
    for step in service.steps:
        progress = state.steps[step.id]
        if progress.status == SKIPPED or (step.only_on_failure and progress.status == WAITING):
            continue
        if step.do == "review" and progress.status == WAITING:
            continue  # nobody knows yet whether a person has to look at it
        now = {DONE: "done", OPEN: "now"}.get(progress.status, "")
        rows.append(
            {
                "name": step_name(step),
                "state": now,
                "at": _time(progress.done_at),
                "due": _time(progress.due_at),
            }
        )
    return rows


def _time(text: str | None) -> datetime | None:
    return None if text is None else clock.in_tokyo(datetime.fromisoformat(text))


@require_GET
@asks("service.read")
def mine(request: Request, town: str) -> HttpResponse:
    """The requests of who is signed in."""
    if request.worker.person is None:
        return redirect(f"{reverse('access:sign_in', args=[town])}?next={request.path}")
    listed = [(case, cases.service_of(case)) for case in cases.of_applicant(uuid.UUID(request.worker.person))]
    return render(request, "channels/web/mine.html", {"cases": listed})


# -- answering, taking back --------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@asks_within("case.answer")
def answer(request: Request, town: str, reference: str) -> HttpResponse:
    """Answer what the town hall asked for; all of it on one page."""
    case, state = asked_case(request, reference)
    if case.state != "returned":
        return redirect("channels:status", town=town, reference=case.reference)
    form = Form(cases.service_of(case), state.facts, as_of=clock.now().date())
    asked = asked_again(form, state)
    files: list[tuple[uuid.UUID, str]] = []
    wrong = False
    if request.method == "POST":
        with transaction.atomic():
            files = [file for one in asked for file in _read(request, form, one)]
            wrong = any(one.errors for one in asked)
            if wrong:
                transaction.set_rollback(
                    True
                )  # what came with a wrong answer is sent again with the right one
        if not wrong:
            case_actions.answer(case.id, form.answered(), by=request.worker, as_of=clock.now(), files=files)
            return redirect("channels:status", town=town, reference=case.reference)
    shown = {
        "case": case,
        "service": form.service,
        "screens": [(one, form.item_of(one, request.language)) for one in asked],
        "message": state.message,
        "wrong": wrong,
    }
    return render(request, "channels/web/answer.html", shown, status=422 if wrong else 200)


def asked_again(form: Form, state: CaseState) -> list[Screen]:
    """What was asked to be mended, screen by screen; all answers when nothing was named."""
    wanted = set(state.asks)
    screens = [screen for screen in form.screens if not screen.overview]
    named = {s.key: [f for f in s.fields if f.name in wanted or s.list in wanted] for s in screens}
    for screen in screens:
        screen.fields = named[screen.key] if any(named.values()) else [f for f in screen.fields if f.fact]
        for paper in (one for one in screen.fields if not one.fact):
            paper.question = paper.question.model_copy(update={"required": True})
    return [screen for screen in screens if screen.fields]


def _read(request: Request, form: Form, screen: Screen) -> list[tuple[uuid.UUID, str]]:
    """Take the answers of one screen, and its files: (document, purpose). What is wrong is said at its field."""
    form.read(screen, _of(request.POST, screen))
    files = []
    for one in screen.fields:
        if one.fact is not None:
            continue
        try:
            for upload in request.FILES.getlist(f"{screen.key}/{one.name}")[: one.question.many]:
                files.append((actions.uploaded(one.question, upload, as_of=clock.now()).id, one.name))
        except documents.Refused as refused:
            one.error = refused.text
        if one.error is None and one.name not in [purpose for _, purpose in files]:
            one.error = ui_text("apply.file_needed")
    return files


def _of(post: Mapping[str, str], screen: Screen) -> dict[str, str]:
    """What was typed on one of several screens of a page."""
    prefix = f"{screen.key}/"
    return {name.removeprefix(prefix): post[name] for name in post if name.startswith(prefix)}


@require_POST
@asks_within("case.withdraw")
def withdraw(request: Request, town: str, reference: str) -> HttpResponse:
    """The applicant takes the request back."""
    case, _ = asked_case(request, reference)
    try:
        case_actions.withdraw(case.id, by=request.worker, as_of=clock.now())
    except CaseError as error:
        request.session["said"] = error.text.get(request.language)
    return redirect("channels:status", town=town, reference=case.reference)
