"""What a partner's technicians see of the work that towns handed on: the disclosed facts, and what is to be found out."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks, asks_within
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.cases.state import CaseState, step_of
from yakuba.channels import acting, casework
from yakuba.declare import MARK, ROLE


@require_GET
@asks("errand.read")
def errands(request: Request, town: str) -> HttpResponse:
    """What was handed on and waits, the most urgent first."""
    waiting = case_queries.handed_on(MARK, ROLE)
    states = case_queries.states([task.case_id for task in waiting])
    rows = [_row(request, task, states[task.case_id]) for task in waiting]
    return render(request, "channels/desk/errands.html", {"rows": rows, "said": acting.said(request)})


def _row(request: Request, task: Any, state: CaseState) -> dict[str, Any]:
    return {
        "case": task.case_id,
        "name": case_queries.service_of(task.case).name,
        "asked_by": state.fact("errand.town"),
        "reference": task.case.reference,
        "due": task.due_at,
        "mine": task.holder == request.worker.id,
        "held": task.holder is not None,
    }


@require_GET
@asks_within("case.read")
def errand(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """One errand: what is known, and the form of what is to be found out."""
    found = casework.opened(request, case)
    state = case_queries.state(found)
    service = case_queries.service_of(found)
    step = service.steps[0]
    said = acting.said(request)
    task = case_queries.waiting_step(found.id)
    holder = state.steps[step.id].holder
    shown = {
        "case": found,
        "name": service.name,
        "known": list(casework.said(service, state.facts, request.language, reveal=False)) if task else [],
        "task": task[0] if task else None,
        "free": holder is None,
        "mine": holder == request.worker.id,
        "record": casework.fields_of(service, step, said["typed"] if said else {}, required=True),
        "outcomes": list(step.outcomes.items()),
        "said": said,
    }
    return render(request, "channels/desk/errand.html", shown)


@require_POST
@asks("errand.read")
def take(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Hold an errand; the policy is asked by the action, for the role of its step."""

    def do() -> None:
        task = casework.an_id(request.POST.get("task", ""))
        cases.take(task, by=request.worker, as_of=clock.now())

    return acting.act(request, do, reverse("desk:errand", args=[town, case]))


@require_POST
@asks("errand.read")
def done(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """End an errand with what was found out; it goes back to who asked."""

    def do() -> str:
        task = case_queries.task(casework.an_id(request.POST.get("task", "")))
        facts = casework.recorded(request.POST, task)
        outcome = request.POST.get("outcome", "") or "done"
        assert task is not None  # `recorded` refuses an unknown one
        if asked := _missing(task, facts):
            raise acting.Incomplete(asked)
        cases.finish(task.id, by=request.worker, as_of=clock.now(), facts=facts, outcome=outcome)
        return reverse("desk:errands", args=[town])

    return acting.act(request, do, reverse("desk:errand", args=[town, case]))


def _missing(task: Any, facts: dict[str, Any]) -> str:
    """The words for a form in which nothing of what is to be found out was typed; "" when something was."""
    step = step_of(case_queries.service_of(task.case), task.step)
    return "errands.empty" if step.record and not facts else ""
