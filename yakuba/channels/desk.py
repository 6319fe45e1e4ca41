"""The clerk's desk (職員画面): the queue, a case and what can be done with it.

Every view asks the policy once (`asks` / `asks_within`) and makes a fixed number of queries, whatever the number
of rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access import queries as staff
from yakuba.access.request import Request
from yakuba.access.web import ask, asks, asks_within, look
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.channels import acting, casework
from yakuba.channels.acting import MOST_EVIDENCE, Incomplete, text_of
from yakuba.messages import queries as messages
from yakuba.money import queries as money
from yakuba.money.fees import queries as fees
from yakuba.register import queries as register
from yakuba.words import ui

PAGE = 50
PARTS = {
    "queue": "queue.read",
    "people": "register.search",
    "money": "money.read",
    "entitled": "entitled.read",
    "fees": "fee.read",
}
"""What the first page shows to whom."""
Act = Callable[[Request, uuid.UUID], str | None]


def desk_url(name: str, request: Request, *args: Any) -> str:
    """The address of a desk page in the town of this request."""
    return reverse(f"desk:{name}", args=[request.town, *args])


# -- home and queue ----------------------------------------------------------------------------
@require_GET
@asks("staff.home")
def home(request: Request, town: str) -> HttpResponse:
    """What waits, what is late, what needs somebody."""
    about = access.Resource("Town", town, town)
    waiting = case_queries.waiting_counts()
    for row in waiting:
        row["name"] = casework.service_name(row["service"])
        row["step_name"] = casework.step_name(row["service"], row["step"])
    shown = {
        "waiting": waiting,
        "total": sum(row["count"] for row in waiting),
        "mine": case_queries.queue(holder=request.worker.id).count(),
        "late": case_queries.queue(late_at=clock.now()).count(),
        "letters": messages.letters_to_post().count(),
        "failed": messages.failed().count(),
        "runs": money.runs_waiting(),
        "fees": sum(fees.counts().values()),
        "can": {name: access.may(request.worker, action, about) for name, action in PARTS.items()},
        "services": catalogue.offered().values(),
    }
    return render(request, "channels/desk/home.html", shown)


@require_GET
@asks("queue.read")
def queue(request: Request, town: str) -> HttpResponse:
    """The list of open tasks, filtered, the most urgent first; several can be decided together."""
    now = clock.now()
    filters = {name: request.GET.get(name, "") for name in ("service", "step", "mine", "late")}
    tasks = case_queries.queue(
        service=filters["service"],
        step=filters["step"],
        holder=request.worker.id if filters["mine"] else "",
        late_at=now if filters["late"] else None,
    )
    page = Paginator(tasks, PAGE).get_page(request.GET.get("page"))
    names = staff.staff_names()
    rows = [_row(task, request.worker.id, names, now) for task in page.object_list]
    shown = {
        "page_of": page,
        "rows": rows,
        "filters": filters,
        "services": sorted(catalogue.current().services.values(), key=lambda s: s.id),
        "decide_together": any(row["verb"] == "review" for row in rows),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/queue.html", shown)


def _row(task: Any, me: str, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    service = case_queries.service_of(task.case)
    return {
        "id": task.id,
        "case": task.case,
        "service": service.name,
        "step": casework.step_name(task.service, task.step, service),
        "verb": task.verb,
        "applicant": case_queries.state(task.case).fact("applicant.name") or "",
        "due": task.due_at or task.case.norm_due,
        "late": bool(task.due_at and task.due_at < now),
        "soon": bool(task.due_at and now <= task.due_at < now + timedelta(days=1)),
        "holder": names.get(task.holder, task.holder),
        "mine": task.holder == me,
    }


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


@require_POST
@asks("case.bulk_decide")
def bulk_decide(request: Request, town: str) -> HttpResponse:
    """One decision with one reason for the chosen tasks."""

    def decide() -> str | None:
        chosen = [casework.an_id(task) for task in request.POST.getlist("task")]
        outcome, reason = request.POST.get("outcome", ""), text_of(request, "reason")
        if not chosen or outcome not in ("granted", "refused") or not reason:
            raise Incomplete("desk.bulk_incomplete")
        done, left = cases.bulk_decide(
            chosen, by=request.worker, as_of=clock.now(), outcome=outcome, reason=reason
        )
        counted = ui("desk.bulk_done", request.language, done=len(done), left=len(left))
        why = sorted({error.text.get(request.language) for _, error in left})
        acting.say(request, "warn" if left else "ok", counted, why)
        return None

    return acting.act(request, decide, desk_url("queue", request))


# -- one case ----------------------------------------------------------------------------------
@require_GET
@asks_within("case.read")
def case(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """One case: what it asks, what the conditions say, what happened, what can be done now."""
    found = casework.opened(request, case)
    reveal = "reveal" in request.GET
    person = casework.person_resource(found)
    if reveal and access.may(request.worker, "register.read", person):
        look(request, "register.read", person)
    said = acting.said(request)
    typed = said["typed"] if said else {}
    shown = casework.describe(
        found, request.worker, request.language, now=clock.now(), reveal=reveal, typed=typed
    )
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
    @asks("queue.read")
    @wraps(view)
    def changing(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
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
    stored = cases.store_document(upload.read(), name=upload.name or "", origin="scan", as_of=now)
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
