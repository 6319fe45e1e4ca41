"""How did it go? Asked once a request has ended: on the page of its status, which each letter and text leads to; staff write down
what they are told by phone, at the counter or on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks_within
from yakuba.cases import actions as case_actions
from yakuba.cases import queries as cases
from yakuba.cases.errors import CaseError
from yakuba.channels import acting, answers, status
from yakuba.channels.status import MOST_COMMENT, TOLD_TO_STAFF

if TYPE_CHECKING:
    from yakuba.cases.models import Case


@require_http_methods(["GET", "POST"])
@asks_within("case.rate")
def rate(request: Request, town: str, reference: str) -> HttpResponse:
    """One page with the question alone; staff say how they were told."""
    if request.worker.kind == "public":
        return status.ask_who(town, reference)
    case, state = status.asked_case(request, reference)
    service = cases.service_of(case)
    said = ""
    if request.method == "POST":
        try:
            _take(request, case)
            return redirect("channels:rate", town=town, reference=case.reference)
        except (CaseError, acting.Incomplete, answers.Wrong) as refused:
            said = refused.text.get(request.language)
    shown = {
        "case": case,
        "service": service,
        "survey": status.survey(request, case, state, service),
        "said": said,
    }
    return render(request, "channels/web/survey.html", shown, status=422 if said else 200)


def _take(request: Request, case: Case) -> None:
    """Raises NotOver, NotAScore, NotOfThisCase, acting.Incomplete, answers.Wrong, access.Denied."""
    how: Any = "web"
    if request.worker.kind == "staff":
        how = request.POST.get("how", "")
        if how not in TOLD_TO_STAFF:
            raise acting.Incomplete("survey.how_needed")
    score = request.POST.get("score", "")
    case_actions.rate(
        case.id,
        int(score) if score in map(str, case_actions.SCORES) else 0,
        by=request.worker,
        as_of=clock.now(),
        how=how,
        step=request.POST.get("part", ""),
        comment=acting.text_of(request, "comment", most=MOST_COMMENT),
    )
