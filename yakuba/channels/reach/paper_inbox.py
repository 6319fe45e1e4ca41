"""The desk for what came by fax or post: each paper is keyed in, put with the case it is for, or said to be neither; and its receipt."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks, asks_within
from yakuba.cases import actions as case_actions
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.cases.state import CaseState
from yakuba.channels import acting, actions, casework, paper_reading
from yakuba.channels.models import DraftFile
from yakuba.channels.reach import paper_post
from yakuba.channels.reach.inbox import SERVICE, STEP
from yakuba.channels.web import remember
from yakuba.words import ui_text

SHOWN = 100
"""Papers that are shown at a time, the longest waiting first."""
OPENED, ADDED = "opened", "added"


@require_GET
@asks("register.search")
def papers(request: Request, town: str) -> HttpResponse:
    """What came and waits."""
    waiting = cases.open_with_verb(SERVICE, ["work"])
    shown = waiting[:SHOWN]
    states = cases.states([task.case_id for task in shown])
    rows = [_row(task, states[task.case_id]) for task in shown]
    _put_references(rows)
    return render(
        request,
        "channels/reach/papers.html",
        {
            "rows": rows,
            "more": len(waiting) - len(rows),
            "services": catalogue.offered().values(),
            "to_post": paper_post.waiting(),
            "said": acting.said(request),
        },
    )


def _row(task: Any, state: CaseState) -> dict[str, Any]:
    facts: Mapping[str, Any] = state.facts.get("paper") or {}
    form = catalogue.offered().get(str(facts.get("form") or ""))
    came_by = catalogue.service(SERVICE).facts["paper.came_by"].choices
    return {
        "task": task,
        "facts": facts,
        "form": form,
        "came_by": came_by.get(str(facts.get("came_by"))),
        "reference": facts.get("reference", ""),
        "document": _paper(task.case_id),
    }


def _put_references(rows: list[dict[str, Any]]) -> None:
    """Which papers were keyed in already, and under which number."""
    documents = {row["document"]: row for row in rows if row["document"]}
    found = DraftFile.objects.filter(document__in=list(documents), draft__case__isnull=False)
    became = {file.document: file.draft.case for file in found.select_related("draft") if file.draft.case}
    references = {case.id: case.reference for case in cases.some(list(became.values())).values()}
    for document, case in became.items():
        documents[document]["reference"] = references.get(case, "")
        documents[document]["keyed_in"] = True


def _paper(case: uuid.UUID) -> uuid.UUID | None:
    """The picture that can be opened; None where the file could not be read."""
    return next((paper.id for one, paper in cases.documents_of(case) if one.purpose == "paper"), None)


def _opened(request: Request, case: uuid.UUID) -> Any:
    """The open task of a paper, after the policy was asked about its case. Raises Http404, acting.Incomplete."""
    found = casework.opened(request, case)
    if found.service != SERVICE:
        raise Http404
    task = cases.open_task(case, STEP)
    if task is None:
        raise acting.Incomplete("reach.paper_gone")
    return task


def _hold(request: Request, task: Any) -> None:
    if task.holder != request.worker.id:
        case_actions.take(task.id, by=request.worker, as_of=clock.now())


@require_POST
@asks_within("case.read")
def key_in(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Begin to key a paper in: what can be read of it is filled in."""

    def begin() -> str:
        task = _opened(request, case)
        service, document = request.POST.get("service", ""), _paper(case)
        if service not in catalogue.offered():
            raise acting.Incomplete("desk.choose_service")
        whole = cases.document(document) if document else None
        if whole is None:
            raise acting.Incomplete("reach.paper_unreadable")
        _hold(request, task)
        now = clock.now()
        came_by = str((cases.state(task.case).facts.get("paper") or {}).get("came_by") or "post")
        draft = actions.begin(
            catalogue.service(service),
            channel="paper",
            language="ja",
            as_of=now,
            evidence=ui_text(f"paper.by_{came_by}").ja,
        )
        actions.add_known_scan(draft, whole)
        remember(request, draft)
        if paper_reading.read(draft, bytes(whole.content), as_of=now):
            return reverse("desk:review", args=[town, draft.id])
        return reverse("channels:resume_at", args=[town, draft.id])

    return acting.act(request, begin, reverse("desk:papers", args=[town]))


@require_POST
@asks_within("case.read")
def done(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """What became of a paper. One for a case is copied there, with a note."""

    def finish() -> None:
        task = _opened(request, case)
        outcome, reference = request.POST.get("outcome", ""), request.POST.get("reference", "")
        target = cases.by_reference(reference) if outcome in (OPENED, ADDED) else None
        if outcome in (OPENED, ADDED) and target is None:
            raise acting.Incomplete("reach.paper_which")
        with transaction.atomic():
            _hold(request, task)
            if target is not None and outcome == ADDED:
                _add(request, case, target)
            facts = {"paper": {"reference": target.reference}} if target else {}
            case_actions.finish(task.id, by=request.worker, as_of=clock.now(), outcome=outcome, facts=facts)
        acting.say(request, "ok", ui_text("reach.paper_done").get(request.language))

    return acting.act(request, finish, reverse("desk:papers", args=[town]))


def _add(request: Request, case: uuid.UUID, target: Any) -> None:
    """Copy the paper to the case that it is for. Raises acting.Incomplete, Refused, access.Denied."""
    document, now = _paper(case), clock.now()
    whole = cases.document(document) if document else None
    if whole is None:
        raise acting.Incomplete("reach.paper_unreadable")
    if target.state == "closed":
        raise acting.Incomplete("reach.paper_closed")
    kept = case_actions.store_document(bytes(whole.content), name=whole.name, origin="scan", as_of=now)
    case_actions.attach(target.id, kept, purpose="paper", by=request.worker, as_of=now)


@require_GET
@asks_within("case.read")
def receipt(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """A receipt to be faxed or posted back: when the paper came, how many pages, under which number."""
    found = casework.opened(request, case)
    if found.service != SERVICE:
        raise Http404
    facts = cases.state(found).facts.get("paper") or {}
    came_by = catalogue.service(SERVICE).facts["paper.came_by"].choices.get(str(facts.get("came_by")))
    shown = {"case": found, "facts": facts, "came_by": came_by}
    return render(request, "channels/reach/receipt.html", shown)
