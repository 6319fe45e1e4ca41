"""Who is absent, and who stands in for them (不在・代理), on the desk."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access import actions
from yakuba.access import queries as staff
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.channels import acting


def stands_in_for(request: Request) -> list[dict[str, str]]:
    """Whom somebody stands in for today, and until when; nothing is asked for who is nobody's deputy."""
    me = request.worker
    if not me.delegations:
        return []
    today = clock.now().date()
    return [
        {"name": one.name, "until": clock.say_date(one.last, request.language)}
        for one in staff.absences(today)
        if one.deputy == me.id and one.holds_on(today)
    ]


@require_GET
@asks("absence.read")
def absences(request: Request, town: str) -> HttpResponse:
    """Who is absent today and later, with their deputies, and the form to enter an absence."""
    today, worker = clock.now().date(), request.worker
    names = staff.staff_names()
    colleagues = [(one.worker().id, one.name) for one in staff.colleagues()]
    absent = [one for one in colleagues if access.may(worker, "absence.enter", _about(request, one[0]))]
    said = acting.said(request)
    shown = {
        "absences": [_row(request, one, names) for one in staff.absences(today)],
        "today": today,
        "colleagues": colleagues,
        "absent": absent,
        "typed": said["typed"] if said else {"staff": worker.id},
        "said": said,
    }
    return render(request, "channels/desk/absences.html", shown)


def _row(request: Request, one: staff.Away, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "away": one,
        "entered_by": names.get(one.entered_by, one.entered_by),
        "now": one.holds_on(clock.now().date()),
        "can_end": access.may(request.worker, "absence.end", _about(request, one.staff, one.deputy)),
    }


def _about(request: Request, absent: str, deputy: str = "") -> access.Resource:
    return access.Resource("Absence", absent, request.town, {"staff": absent, "deputy": deputy})


@require_POST
@asks("absence.read")
def enter(request: Request, town: str) -> HttpResponse:
    """Somebody will be absent: who, who stands in for them, from when until when. The action asks whether one may."""

    def do() -> None:
        if not request.POST.get("staff") or not request.POST.get("deputy"):
            raise acting.Incomplete("absence.incomplete")
        first, last = (
            clock.parse_date(acting.text_of(request, name, needed="absence.incomplete"))
            for name in ("first", "last")
        )
        actions.enter_absence(
            request.POST["staff"],
            request.POST["deputy"],
            first,
            last,
            by=request.worker,
            as_of=clock.now(),
        )

    return acting.act(request, do, reverse("desk:absences", args=[town]))


@require_POST
@asks("absence.read")
def end(request: Request, town: str, absence: uuid.UUID) -> HttpResponse:
    """Somebody is back before their last day. The action asks whether one may say so."""

    def do() -> None:
        actions.end_absence(absence, by=request.worker, as_of=clock.now())

    return acting.act(request, do, reverse("desk:absences", args=[town]))
