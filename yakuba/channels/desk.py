"""The clerk's desk (職員画面): the queue, a case and what can be done with it.

Every view asks the policy once (`asks` / `asks_within`) and makes a fixed number of
queries, whatever the number of rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from yakuba import clock
from yakuba.access.web import ask, asks, asks_within
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases.errors import CaseError
from yakuba.cases.log import case_resource
from yakuba.cases.models import Case, Task
from yakuba.channels import casework
from yakuba.messages import queries as messages
from yakuba.money import queries as money

PAGE = 50
View = Callable[..., HttpResponse]


def town_url(name: str, request: HttpRequest, *args: Any) -> str:
    """The address of a desk page in the town of this request."""
    return reverse(f"desk:{name}", args=[request.town, *args])


# -- home and queue ----------------------------------------------------------------------------
@asks("staff.home")
def home(request: HttpRequest, town: str) -> HttpResponse:
    """What waits, what is late, what needs somebody."""
    now = clock.now()
    waiting = case_queries.waiting_counts()
    for row in waiting:
        row["name"] = (
            catalogue.service(row["service"]).name if _is_current(row["service"]) else row["service"]
        )
        row["step_name"] = casework.step_name(row["service"], row["step"])
    letters, failed = messages.letters_to_post().count(), messages.failed().count()
    shown = {
        "waiting": waiting,
        "total": sum(row["count"] for row in waiting),
        "mine": case_queries.queue(holder=request.worker.id).count(),
        "late": case_queries.queue(late_at=now).count(),
        "letters": letters,
        "failed": failed,
        "runs": money.runs_waiting(),
    }
    return render(request, "channels/desk/home.html", shown)


def _is_current(service: str) -> bool:
    return service in catalogue.current().services


@asks("queue.read")
def queue(request: HttpRequest, town: str) -> HttpResponse:
    """The list of open tasks, filtered, the most urgent first; several can be decided together."""
    now = clock.now()
    filters = {name: request.GET.get(name, "") for name in ("service", "step")}
    tasks = case_queries.queue(
        **filters,
        holder=request.worker.id if request.GET.get("mine") else "",
        late_at=now if request.GET.get("late") else None,
    )
    page = Paginator(tasks, PAGE).get_page(request.GET.get("page"))
    rows = [_row(task, now) for task in page.object_list]
    shown = {
        "page_of": page,
        "rows": rows,
        "filters": filters,
        "mine": request.GET.get("mine"),
        "late": request.GET.get("late"),
        "services": sorted(catalogue.current().services.values(), key=lambda s: s.id),
        "can_decide_together": any(row["verb"] == "review" for row in rows),
        "said": request.session.pop("said", None),
    }
    return render(request, "channels/desk/queue.html", shown)


def _row(task: Task, now: datetime) -> dict[str, Any]:
    service = case_queries.service_of(task.case)
    facts = case_queries.state(task.case).facts
    return {
        "id": task.id,
        "case": task.case_id,
        "reference": task.case.reference,
        "service": service.name,
        "step": casework.step_name(task.service, task.step, service),
        "verb": task.verb,
        "applicant": facts.get("applicant", {}).get("name", ""),
        "channel": f"channel.{task.case.channel}",
        "amount": task.case.amount,
        "due": task.due_at or task.case.norm_due,
        "late": bool(task.due_at and task.due_at < now),
        "soon": bool(task.due_at and now <= task.due_at < now + timedelta(days=1)),
        "holder": task.holder,
        "mine": False,
    }


@require_POST
@asks("case.bulk_decide")
def bulk_decide(request: HttpRequest, town: str) -> HttpResponse:
    """One decision with one reason for the chosen tasks."""
    chosen = [uuid.UUID(task) for task in request.POST.getlist("task")]
    outcome, reason = request.POST.get("outcome", ""), request.POST.get("reason", "").strip()
    if not chosen or outcome not in ("granted", "refused") or not reason:
        request.session["said"] = {"kind": "wrong", "key": "desk.bulk_incomplete", "values": {}}
        return redirect(town_url("queue", request))
    done, left = cases.bulk_decide(
        chosen, by=request.worker, as_of=clock.now(), outcome=outcome, reason=reason
    )
    request.session["said"] = {
        "kind": "ok" if not left else "warn",
        "key": "desk.bulk_done",
        "values": {"done": len(done), "left": len(left)},
        "reasons": sorted({error.text.get(request.language) for _, error in left}),
    }
    return redirect(town_url("queue", request))


# -- one case ----------------------------------------------------------------------------------
def _case(request: HttpRequest, case: uuid.UUID) -> Case:
    """The case, after the policy was asked about it. Raises Http404, access.Denied."""
    found = Case.objects.filter(id=case).first()
    if found is None:
        raise Http404
    state = case_queries.state(found)
    ask(request, case_resource(found.id, state, request.town))
    return found


@asks_within("case.read")
def case(request: HttpRequest, town: str, case: uuid.UUID) -> HttpResponse:
    """One case: what it asks, what the conditions say, what happened, what can be done now."""
    found = _case(request, case)
    shown = casework.describe(found, request.worker, request.language, now=clock.now())
    shown["said"] = request.session.pop("said", None)
    return render(request, "channels/desk/case.html", shown)


def _acts(action: str) -> Callable[[View], View]:
    """A view that changes a case: asks the policy, does it, says what went wrong in plain words, goes back."""

    def declare(view: View) -> View:
        @require_POST
        @asks_within(action)
        @wraps(view)
        def acting(request: HttpRequest, town: str, case: uuid.UUID) -> HttpResponse:
            _case(request, case)
            try:
                said = view(request, case) or "desk.done"
                request.session["said"] = {"kind": "ok", "key": said, "values": {}}
            except CaseError as error:
                request.session["said"] = {"kind": "wrong", "text": error.text.get(request.language)}
            except casework.Incomplete as error:
                request.session["said"] = {"kind": "wrong", "key": error.key, "values": {}}
            return redirect(town_url("case", request, case))

        return acting

    return declare


def _task(request: HttpRequest) -> uuid.UUID:
    return uuid.UUID(request.POST["task"])


def _text(request: HttpRequest, name: str, needed: str = "") -> str:
    """A text that was typed. Raises casework.Incomplete with the words `needed` when it must not be empty."""
    text = request.POST.get(name, "").strip()
    if needed and not text:
        raise casework.Incomplete(needed)
    return text


@_acts("task.take")
def take(request: HttpRequest, case: uuid.UUID) -> None:
    """Hold the task."""
    cases.take(_task(request), by=request.worker, as_of=clock.now())


@_acts("task.release")
def release(request: HttpRequest, case: uuid.UUID) -> None:
    """Give the task back to the queue."""
    cases.release(_task(request), by=request.worker, as_of=clock.now())


@_acts("case.decide")
def decide(request: HttpRequest, case: uuid.UUID) -> str:
    """Decide; with four eyes the first decision is a proposal."""
    outcome = request.POST.get("outcome", "")
    if outcome not in ("granted", "refused"):
        raise casework.Incomplete("desk.choose_outcome")
    reason = _text(request, "reason", needed="desk.reason_needed" if outcome == "refused" else "")
    state = case_queries.states([case])[case]
    amount = state.amount if outcome == "granted" else None
    if outcome == "granted" and request.POST.get("amount", "").strip():
        amount = casework.amount(request.POST["amount"])
    cases.decide(
        _task(request), by=request.worker, as_of=clock.now(), outcome=outcome, amount=amount, reason=reason
    )
    return "desk.decided"


@_acts("task.finish")
def finish(request: HttpRequest, case: uuid.UUID) -> None:
    """A task is done, with the facts that were found out."""
    task = _task(request)
    facts = casework.recorded(request.POST, task, as_of=clock.now(), language=request.language)
    cases.finish(
        task,
        by=request.worker,
        as_of=clock.now(),
        outcome=request.POST.get("outcome") or "done",
        facts=facts,
        note=_text(request, "note"),
    )


@_acts("case.return")
def return_(request: HttpRequest, case: uuid.UUID) -> str:
    """Ask the applicant to mend something."""
    message = _text(request, "message", needed="desk.message_needed")
    cases.return_for_correction(
        _task(request),
        by=request.worker,
        as_of=clock.now(),
        message=message,
        asks=request.POST.getlist("ask"),
    )
    return "desk.returned"


@_acts("case.note")
def note(request: HttpRequest, case: uuid.UUID) -> None:
    """A remark for colleagues."""
    cases.note(case, _text(request, "text", needed="desk.text_needed"), by=request.worker, as_of=clock.now())


@_acts("case.identify")
def identify(request: HttpRequest, case: uuid.UUID) -> None:
    """Say who in the register the applicant is, and by what evidence."""
    person = casework.person_id(_text(request, "person", needed="desk.person_needed"))
    evidence = _text(request, "evidence", needed="desk.evidence_needed")
    cases.identify(case, person, evidence=evidence, by=request.worker, as_of=clock.now())


@_acts("case.withdraw")
def withdraw(request: HttpRequest, case: uuid.UUID) -> None:
    """Take the request back for the applicant who asked for it at the counter or by phone."""
    reason = _text(request, "reason", needed="desk.reason_needed")
    cases.withdraw(case, by=request.worker, as_of=clock.now(), reason=reason)


@_acts("case.reopen")
def reopen(request: HttpRequest, case: uuid.UUID) -> None:
    """Take a closed case up again."""
    cases.reopen(
        case,
        by=request.worker,
        as_of=clock.now(),
        reason=_text(request, "reason", needed="desk.reason_needed"),
    )


@_acts("case.extend")
def extend(request: HttpRequest, case: uuid.UUID) -> None:
    """Move the legal due time, with the reason."""
    to = casework.end_of_day(_text(request, "to", needed="desk.date_needed"))
    reason = _text(request, "reason", needed="desk.reason_needed")
    cases.extend(case, "legal", to, by=request.worker, as_of=clock.now(), reason=reason)


@asks_within("document.read")
def document(request: HttpRequest, town: str, document: uuid.UUID) -> HttpResponse:
    """A file of a case, shown without giving it any right in the browser."""
    found = case_queries.document(document)
    case_id = case_queries.case_of_document(document) if found else None
    if found is None or case_id is None:
        raise Http404
    ask(request, casework.document_resource(found.id, case_id, request.town))
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{casework.quoted(found.name)}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    response["X-Content-Type-Options"] = "nosniff"
    return response
