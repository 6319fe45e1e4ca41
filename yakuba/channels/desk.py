"""The clerk's desk (職員画面): its first page, a case and what can be done with it. The queue is `queue_desk`.

Every view asks the policy once (`asks` / `asks_within`) and makes a fixed number of queries, whatever the number
of rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import ask, asks, asks_within, look, may_here
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases.state import CASE_CLOSED
from yakuba.channels import absence_desk, acting, audit_desk, casework, queue_desk
from yakuba.channels.acting import MOST_EVIDENCE, Incomplete, text_of
from yakuba.channels.queue_filter import Asked
from yakuba.declare import MARK
from yakuba.messages import queries as messages
from yakuba.money import queries as money
from yakuba.money.fees import queries as fees
from yakuba.register import queries as register
from yakuba.words import ui

PARTS = {
    "queue": "queue.read",
    "people": "register.search",
    "money": "money.read",
    "entitled": "entitled.read",
    "fees": "fee.read",
    "plan": "progress.read",
    "telework": "telework.read",
    "brought": "progress.read",
    "network": "network.manage",
}
"""What the first page shows to whom."""
MINE, LATE = Asked(mine="1"), Asked(late="1")
Act = Callable[[Request, uuid.UUID], str | None]


def desk_url(name: str, request: Request, *args: Any) -> str:
    """The address of a desk page in the town of this request."""
    return reverse(f"desk:{name}", args=[request.town, *args])


# -- home --------------------------------------------------------------------------------------
@require_GET
@asks("staff.home")
def home(request: Request, town: str) -> HttpResponse:
    """What waits, what is late, what needs somebody."""
    waiting = case_queries.waiting_counts()
    kept, (mine, late, *counts) = queue_desk.kept_filters(request, MINE, LATE)
    for row in waiting:
        row["name"] = catalogue.name_of(row["service"])
        row["step_name"] = casework.step_name(row["service"], row["step"])
    shown = {
        "waiting": waiting,
        "total": sum(row["count"] for row in waiting),
        "mine": mine,
        "late": late,
        "kept": queue_desk.shown_filters(request, kept, counts),
        "stands_in_for": absence_desk.stands_in_for(request),
        "letters": messages.letters_to_post().count(),
        "failed": messages.failed().count(),
        "runs": money.runs_waiting(),
        "fees": sum(fees.counts().values()),
        "can": {name: may_here(request, action) for name, action in PARTS.items()},
        "services": catalogue.offered().values(),
    }
    return render(request, "channels/desk/home.html", shown)


@require_GET
@asks("queue.read")
def find(request: Request, town: str) -> HttpResponse:
    """To the case with a reference number."""
    reference = request.GET.get("reference", "").strip()
    found = case_queries.by_reference(reference)
    if found is None:
        acting.say(request, "wrong", ui("desk.not_found", request.language, reference=reference or "—"))
        return redirect(desk_url("queue", request))
    return redirect(desk_url("case", request, found.id))


# -- one case ----------------------------------------------------------------------------------
@require_GET
@asks_within("case.read")
def case(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """One case: what it asks, what the conditions say, what happened, what can be done now."""
    found = casework.opened(request, case)
    if MARK in found.service and found.state == CASE_CLOSED and may_here(request, "errand.read"):
        return redirect(
            "desk:errand", town=town, case=case
        )  # what was disclosed is shown while the task is theirs
    reveal = "reveal" in request.GET
    person = casework.person_resource(found, case_queries.service_of(found))
    if reveal and access.may(request.worker, "register.read", person):
        look(request, "register.read", person)
    said = acting.said(request)
    typed = said["typed"] if said else {}
    shown = casework.describe(
        found, request.worker, request.language, now=clock.now(), reveal=reveal, typed=typed
    )
    shown["disclosable"] = audit_desk.may_disclose(request, found)
    return render(request, "channels/desk/case.html", {**shown, "said": said, "typed": typed})


def _acts(action: str) -> Callable[[Act], Callable[..., HttpResponse]]:
    """A view that changes a case: asks the policy, does it, says what went wrong in plain words, goes back."""

    def declare(view: Act) -> Callable[..., HttpResponse]:
        @require_POST
        @asks_within(action)
        @wraps(view)
        def changing(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
            found = casework.opened(request, case)
            return acting.act(request, lambda: view(request, found.id), desk_url("case", request, case))

        return changing

    return declare


def _act_on_task(view: Act) -> Callable[..., HttpResponse]:
    """The same for what is done with a task: its own role decides, and the policy is asked about it by the action."""

    @require_POST
    @asks_within("case.read")
    @wraps(view)
    def changing(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
        casework.opened(request, case)
        return acting.act(request, lambda: view(request, case), desk_url("case", request, case))

    return changing


def _task(request: Request, case: uuid.UUID) -> uuid.UUID:
    """The task of this case that a form is about. Raises Incomplete: also for a task of another case."""
    task = case_queries.task(casework.an_id(request.POST.get("task", "")))
    if task is None or task.case_id != case:
        raise Incomplete("desk.nothing_chosen")
    return task.id


@_act_on_task
def take(request: Request, case: uuid.UUID) -> None:
    """Hold the task."""
    cases.take(_task(request, case), by=request.worker, as_of=clock.now())


@_act_on_task
def release(request: Request, case: uuid.UUID) -> None:
    """Give the task back to the queue."""
    cases.release(_task(request, case), by=request.worker, as_of=clock.now())


@_act_on_task
def finish(request: Request, case: uuid.UUID) -> None:
    """A task is done, with the facts that were found out."""
    task = _task(request, case)
    cases.finish(
        task,
        by=request.worker,
        as_of=clock.now(),
        outcome=request.POST.get("outcome") or "done",
        facts=casework.recorded(request.POST, case_queries.task(task)),
        note=text_of(request, "note"),
    )


@_act_on_task
def hand_over(request: Request, case: uuid.UUID) -> None:
    """A person does what waits for a robot."""
    cases.hand_over(
        _task(request, case), by=request.worker, as_of=clock.now(), reason=text_of(request, "reason")
    )


@_acts("case.decide")
def decide(request: Request, case: uuid.UUID) -> None:
    """Decide; with four eyes the first decision is a proposal."""
    outcome = request.POST.get("outcome", "")
    if outcome not in ("granted", "refused"):
        raise Incomplete("desk.choose_outcome")
    reason = text_of(request, "reason", needed="desk.reason_needed" if outcome == "refused" else "")
    amount = None
    if outcome == "granted":
        paid = case_queries.service_of(case_queries.one(case)).decide.amount
        amount = casework.amount(request.POST.get("amount", ""), needed=bool(paid))
    cases.decide(
        _task(request, case),
        by=request.worker,
        as_of=clock.now(),
        outcome=outcome,
        amount=amount,
        reason=reason,
    )


@_acts("case.return")
def return_(request: Request, case: uuid.UUID) -> None:
    """Ask the applicant to mend something."""
    message = text_of(request, "message", needed="desk.message_needed")
    asked = request.POST.getlist("ask")
    cases.return_for_correction(
        _task(request, case), by=request.worker, as_of=clock.now(), message=message, asks=asked
    )


@_acts("case.note")
def note(request: Request, case: uuid.UUID) -> None:
    """A remark for colleagues."""
    cases.note(
        case, text_of(request, "text", needed="desk.text_needed"), by=request.worker, as_of=clock.now()
    )


@_acts("case.attach")
def attach(request: Request, case: uuid.UUID) -> None:
    """A paper that was handed in becomes part of the case."""
    upload = request.FILES.get("paper")
    if upload is None:
        raise Incomplete("desk.paper_needed")
    now = clock.now()
    stored = cases.store_document(
        casework.content_of(upload), name=upload.name or "", origin="scan", as_of=now
    )
    cases.attach(case, stored, purpose="counter", by=request.worker, as_of=now)


@_acts("case.identify")
def identify(request: Request, case: uuid.UUID) -> None:
    """Say who in the register the applicant is, and by what evidence."""
    person = casework.an_id(text_of(request, "person", needed="desk.person_needed"))
    if register.person(person) is None:
        raise Incomplete("desk.person_needed")
    evidence = text_of(request, "evidence", needed="desk.evidence_needed", most=MOST_EVIDENCE)
    cases.identify(case, person, evidence=evidence, by=request.worker, as_of=clock.now())


@_acts("case.withdraw")
def withdraw(request: Request, case: uuid.UUID) -> None:
    """Take the request back for the applicant who asked for it at the counter or by phone."""
    reason = text_of(request, "reason", needed="desk.reason_needed")
    cases.withdraw(case, by=request.worker, as_of=clock.now(), reason=reason)


@_acts("case.object")
def object_(request: Request, case: uuid.UUID) -> None:
    """Note the applicant's request for administrative review (審査請求)."""
    text = text_of(request, "text", needed="desk.text_needed")
    cases.object_to(case, text, by=request.worker, as_of=clock.now())


@_acts("case.reopen")
def reopen(request: Request, case: uuid.UUID) -> None:
    """Take a closed case up again."""
    reason = text_of(request, "reason", needed="desk.reason_needed")
    cases.reopen(case, by=request.worker, as_of=clock.now(), reason=reason)


@_acts("case.extend")
def extend(request: Request, case: uuid.UUID) -> None:
    """Move the legal due time, with the reason."""
    to = casework.end_of_day(text_of(request, "to", needed="desk.date_needed"))
    reason = text_of(request, "reason", needed="desk.reason_needed")
    cases.extend(case, "legal", to, by=request.worker, as_of=clock.now(), reason=reason)


@require_GET
@asks_within("document.read")
def document(request: Request, town: str, document: uuid.UUID) -> HttpResponse:
    """A file of a case, shown without giving it any right in the browser."""
    found = case_queries.document(document)
    case_id = case_queries.case_of_document(document) if found else None
    if found is None or case_id is None:
        raise Http404
    ask(request, casework.document_resource(found.id, case_id, request.town))
    return casework.shown(found)
