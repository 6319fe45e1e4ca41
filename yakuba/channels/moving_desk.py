"""Running cases of a service move to the version that counts now: what would happen to which, and then the act."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.cases import catalogue, moving
from yakuba.channels import acting
from yakuba.channels.workbench_desk import frame, url
from yakuba.declare import Service
from yakuba.words import ui, ui_text
from yakuba.workbench import queries

MOST = 50
"""Cases of a list that a page shows."""


@require_GET
@asks("case.migrate")
def cases(request: Request, town: str, service: str) -> HttpResponse:
    """The dry run: which cases go on by the present version, which were decided otherwise, which cannot follow."""
    row = queries.row(service)
    if row is None or row.service is None:
        raise Http404
    correct = "correct" in request.GET
    seen = moving.survey(row.service, correct=correct)
    shown = {**frame(request, row, "cases"), "seen": seen, "correct": correct, **_lists(seen), "most": MOST}
    return render(request, "channels/desk/workbench/cases.html", shown)


def _lists(seen: moving.Report) -> dict[str, Any]:
    return {
        "differs": [
            (one, ui_text(f"outcome.{one.before}"), ui_text(f"outcome.{one.after}"))
            for one in seen.differs[:MOST]
        ],
        "blocked": [
            (ui_text(f"workbench.blocked_{why}"), references[:MOST], len(references))
            for why, references in seen.blocked.items()
        ],
    }


@require_POST
@asks("case.migrate")
def move(request: Request, town: str, service: str) -> HttpResponse:
    """Move them, unless something has changed since they were shown."""

    def do() -> None:
        reason = acting.text_of(request, "reason", needed="desk.reason_needed")
        report = moving.run(
            town,
            _current(service),
            by=request.worker,
            as_of=clock.now(),
            reason=reason,
            correct=bool(request.POST.get("correct")),
            seen=request.POST.get("checksum", ""),
        )
        counted = ui("workbench.moved", request.language, moves=report.moves, anew=report.anew)
        acting.say(request, "ok", counted)

    return acting.act(request, do, url(request, "workbench_cases", service))


def _current(service: str) -> Service:
    """The version that counts now. Raises Http404."""
    found = catalogue.current().services.get(service)
    if found is None:
        raise Http404
    return found
