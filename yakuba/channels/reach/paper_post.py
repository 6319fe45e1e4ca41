"""Forms that are filled in and posted to people who ask for them by telephone: each is a case until it is posted."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import asks, asks_within
from yakuba.cases import actions as case_actions
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.channels import acting, casework
from yakuba.register import queries as register
from yakuba.words import Text, ui_text

if TYPE_CHECKING:
    from yakuba.cases.models import Task

SERVICE, STEP = "form-by-post", "post"


def _person(request: Request, *, person: uuid.UUID, **_: object) -> access.Resource:
    return access.Resource("Person", str(person), request.town, data="personal")


@require_POST
@asks("register.read", about=_person)
def ask(request: Request, town: str, person: uuid.UUID) -> HttpResponse:
    """Somebody asks for a form by post; asked for twice before it is posted, it is posted once."""
    known = register.person(person)
    if known is None:
        raise Http404

    def do() -> None:
        service, now = request.POST.get("service", ""), clock.now()
        if service not in catalogue.offered():
            raise acting.Incomplete("desk.choose_service")
        postal, line = register.address_of(person)
        if not line:
            raise acting.Incomplete("reach.no_address")
        key = f"{SERVICE}:{person}:{service}:"
        before = cases.begun_with(key)
        if before.filter(closed_at=None).exists():
            raise acting.Incomplete("reach.asked_before")
        to = f"〒{postal[:3]}-{postal[3:]} {line} {known.name}"
        facts = {"form": {"service": service, "large": bool(request.POST.get("large")), "to": to}}
        case_actions.open_case(
            catalogue.service(SERVICE),
            facts,
            channel="phone",
            by=request.worker,
            as_of=now,
            key=f"{key}{before.count()}",  # pressed twice at once, it is one
            applicant=person,
        )
        acting.say(request, "ok", ui_text("reach.will_be_posted").get(request.language))

    return acting.act(request, do, reverse("desk:person", args=[town, person]))


def opened(request: Request, case: uuid.UUID, service: str, step: str) -> Task:
    """The open task of a paper, after the policy was asked about its case. Raises Http404, acting.Incomplete, access.Denied."""
    if casework.opened(request, case).service != service:
        raise Http404
    task = cases.open_task(case, step)
    if task is None:
        raise acting.Incomplete("reach.paper_gone")
    return task


def hold(request: Request, task: Task) -> None:
    """It is the asking clerk's now. Raises cases.NotOpen, cases.NotYours."""
    if task.holder != request.worker.id:
        case_actions.take(task.id, by=request.worker, as_of=clock.now())


def outcomes(service: str, step: str) -> Mapping[str, Text]:
    """What may become of a paper, and what each is called."""
    return catalogue.service(service).step(step).outcomes


def waiting(most: int) -> tuple[list[dict[str, Any]], int]:
    """Forms to be posted, at most so many and the longest waiting first: whose, which, and where the printed one is (empty for one that is
    no longer offered); and how many more there are."""
    tasks = cases.open_with_verb(SERVICE, ["work"])
    shown = tasks[:most]
    states = cases.states([task.case_id for task in shown])
    rows = []
    for task in shown:
        facts, person = states[task.case_id].facts.get("form") or {}, task.case.applicant
        service = str(facts.get("service") or "")
        row = {"task": task, "name": catalogue.name_of(service), "to": facts.get("to"), "print": ""}
        if service in catalogue.offered() and person is not None:
            where = reverse("desk:paper_form", args=[task.case.town, person])
            row["print"] = f"{where}?service={service}{'&large=1' if facts.get('large') else ''}"
        rows.append(row)
    return rows, len(tasks) - len(shown)


@require_POST
@asks_within("case.read")
def posted(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """The form was posted, or is no longer needed."""

    def finish() -> None:
        task = opened(request, case, SERVICE, STEP)
        hold(request, task)
        outcome = request.POST.get("outcome", "")
        case_actions.finish(task.id, by=request.worker, as_of=clock.now(), outcome=outcome)
        acting.say(request, "ok", ui_text("reach.paper_done").get(request.language))

    return acting.act(request, finish, reverse("desk:papers", args=[town]))
