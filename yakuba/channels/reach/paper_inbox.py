"""The desk for what came by fax or post: each paper is keyed in, put with the case it is for, or said to be neither; and its receipt."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

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
from yakuba.cases.state import CASE_CLOSED, CaseState
from yakuba.channels import acting, actions, casework, paper_desk
from yakuba.channels.models import DraftFile
from yakuba.channels.reach import paper_post
from yakuba.channels.reach.inbox import PAPER, SERVICE, STEP
from yakuba.words import ui_text

if TYPE_CHECKING:
    from yakuba.cases.models import Document

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
    scans = cases.attached_as(PAPER, states)
    keyed_in = _keyed_in(digest for _, digest in scans.values())
    rows = [_row(task, states[task.case_id], scans.get(task.case_id), keyed_in) for task in shown]
    to_post, more_to_post = paper_post.waiting(SHOWN)
    return render(
        request,
        "channels/reach/papers.html",
        {
            "rows": rows,
            "more": len(waiting) - len(rows),
            "services": catalogue.offered().values(),
            "outcomes": paper_post.outcomes(SERVICE, STEP),
            "to_post": to_post,
            "more_to_post": more_to_post,
            "posted": paper_post.outcomes(paper_post.SERVICE, paper_post.STEP),
            "said": acting.said(request),
        },
    )


def _row(
    task: Any, state: CaseState, scan: tuple[uuid.UUID, str] | None, keyed_in: Mapping[str, str]
) -> dict[str, Any]:
    facts: Mapping[str, Any] = state.facts.get("paper") or {}
    form = catalogue.offered().get(str(facts.get("form") or ""))
    came_by = catalogue.service(SERVICE).facts["paper.came_by"].choices
    document, digest = scan or (None, "")
    return {
        "task": task,
        "facts": facts,
        "form": form,
        "came_by": came_by.get(str(facts.get("came_by"))),
        "keyed_in": digest in keyed_in,
        "reference": keyed_in.get(digest) or facts.get("reference", ""),
        "document": document,
    }


def _keyed_in(digests: Iterable[str]) -> dict[str, str]:
    """Which papers (by content) were keyed in already, and under which number: a request keeps a copy of its own."""
    copies = cases.files_with(list(digests))
    found = DraftFile.objects.filter(
        document__in=list(copies), purpose=actions.SCAN, draft__case__isnull=False
    )
    became = {document: case for document, case in found.values_list("document", "draft__case") if case}
    references = {case.id: case.reference for case in cases.some(list(became.values())).values()}
    return {copies[document]: references.get(case, "") for document, case in became.items()}


def _paper(case: uuid.UUID) -> Document:
    """The picture that can be opened. Raises acting.Incomplete where the file could not be read."""
    kept = cases.attached_as(PAPER, [case]).get(case)
    found = cases.document(kept[0]) if kept else None
    if found is None:
        raise acting.Incomplete("reach.paper_unreadable")
    return found


@require_POST
@asks_within("case.read")
def key_in(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Begin to key a paper in: what can be read of it is filled in."""

    def begin() -> str:
        task, scan = paper_post.opened(request, case, SERVICE, STEP), _paper(case)
        if request.POST.get("service") not in catalogue.offered():
            raise acting.Incomplete("desk.choose_service")
        came_by = str(cases.state(task.case).fact("paper.came_by") or "post")
        with transaction.atomic():
            paper_post.hold(request, task)
            return paper_desk.begin_keying(request, bytes(scan.content), scan.name, came_by=came_by)

    return acting.act(request, begin, reverse("desk:papers", args=[town]))


@require_POST
@asks_within("case.read")
def done(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """What became of a paper. One for a case is copied there, with a note."""

    def finish() -> None:
        task = paper_post.opened(request, case, SERVICE, STEP)
        outcome, reference = request.POST.get("outcome", ""), request.POST.get("reference", "")
        target = cases.by_reference(reference) if outcome in (OPENED, ADDED) else None
        if outcome in (OPENED, ADDED) and target is None:
            raise acting.Incomplete("reach.paper_which")
        with transaction.atomic():
            paper_post.hold(request, task)
            if target is not None and outcome == ADDED:
                _add(request, case, target)
            facts = {"paper": {"reference": target.reference}} if target else {}
            case_actions.finish(task.id, by=request.worker, as_of=clock.now(), outcome=outcome, facts=facts)
        acting.say(request, "ok", ui_text("reach.paper_done").get(request.language))

    return acting.act(request, finish, reverse("desk:papers", args=[town]))


def _add(request: Request, case: uuid.UUID, target: Any) -> None:
    """Copy the paper to the case that it is for. Raises acting.Incomplete, Refused, access.Denied."""
    whole, now = _paper(case), clock.now()
    if target.state == CASE_CLOSED:
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
