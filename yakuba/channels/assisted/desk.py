"""The desk of helpers: the roster of supporters, lessons that wait for one, consents in force, and what came of lessons."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks, look
from yakuba.cases import catalogue
from yakuba.channels import acting, casework
from yakuba.channels.assisted import consent, lessons, roster
from yakuba.channels.assisted.errors import NotListed


@require_GET
@asks("roster.read")
def helpers(request: Request, town: str) -> HttpResponse:
    """Who may help where and when, what waits for a supporter, and how many people are helped."""
    now = clock.now()
    listed, waiting, consents = roster.listed(now), lessons.waiting(), consent.still_open()
    declared = catalogue.current().services.get(roster.SERVICE)
    groups = declared.facts["supporter.group"].choices if declared else {}
    names = {one.worker: one.name for one in listed if one.worker}
    for one in waiting:  # names and telephone numbers are shown
        look(request, "case.read", one.resource())
    shown = {
        "supporters": [
            (one, groups.get(one.group), sum(each.number == one.number for each in consents))
            for one in listed
        ],
        "arrange": [one for one in waiting if one.step in lessons.ARRANGE],
        "teach": [(one, names.get(one.holder, "")) for one in waiting if one.step == lessons.TEACH],
        "in_force": sum(not one.standing(now) for one in consents),
        "afterwards": lessons.afterwards(now),
        "ends": roster.ENDS,
        "said": acting.said(request),
    }
    return render(request, "channels/desk/helpers.html", shown)


@require_POST
@asks("roster.read")
def take_off(request: Request, town: str) -> HttpResponse:
    """A supporter leaves the roster: stopped, moved away, struck off."""

    def do() -> None:
        case = casework.an_id(request.POST.get("supporter", ""))
        if case is None:
            raise NotListed("not_listed")
        roster.take_off(case, request.POST.get("outcome", ""), by=request.worker, as_of=clock.now())

    return acting.act(request, do, reverse("desk:helpers", args=[town]))


@require_POST
@asks("roster.read")
def arrange(request: Request, town: str) -> HttpResponse:
    """A supporter and a time for a lesson."""

    def do() -> None:
        task = casework.an_id(request.POST.get("task", ""))
        if task is None:
            raise NotListed("not_waiting")
        number, agreed = request.POST.get("number", ""), acting.text_of(request, "agreed")
        lessons.arrange(task, number, agreed, by=request.worker, as_of=clock.now())

    return acting.act(request, do, reverse("desk:helpers", args=[town]))


@require_POST
@asks("roster.read")
def look_for_another(request: Request, town: str) -> HttpResponse:
    """The supporter of a lesson cannot come: it waits for another."""

    def do() -> None:
        task = casework.an_id(request.POST.get("task", ""))
        if task is None:
            raise NotListed("not_waiting")
        lessons.look_for_another(task, by=request.worker, as_of=clock.now())

    return acting.act(request, do, reverse("desk:helpers", args=[town]))
