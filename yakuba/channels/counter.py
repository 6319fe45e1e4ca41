"""The counter: a clerk finds the person, the form is filled in from the register, the resident confirms."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.channels import actions, finder
from yakuba.channels import entitled as entitlement
from yakuba.channels.web import remember
from yakuba.register import queries as register

MOST = 200


def _person(request: Request, *, person: uuid.UUID, **_: object) -> access.Resource:
    return access.Resource("Person", str(person), request.town)


@require_GET
@asks("register.search")
def people(request: Request, town: str) -> HttpResponse:
    """Find a person by name, reading or birth date."""
    text, born, wrong = request.GET.get("q", "").strip(), request.GET.get("born", "").strip(), ""
    day = None
    if born:
        try:
            day = clock.parse_date(born)
        except clock.NotADate as error:
            wrong = error.text.get(request.language)
    found = register.find_person(text, day) if (text or day) and not wrong else []
    shown = {"found": found, "q": text, "born": born, "wrong": wrong, "asked": bool(text or born)}
    return render(request, "channels/desk/people.html", shown)


@require_GET
@asks("register.read", about=_person)
def person(request: Request, town: str, person: uuid.UUID) -> HttpResponse:
    """One person: household, requests, and what they may be entitled to."""
    found = register.person(person)
    if found is None:
        raise Http404
    today = clock.now().date()
    facts = register.facts_of(person, as_of=today)
    shown = {
        "person": found,
        "address": register.address_of(person)[1],
        "household": register.household_of(person, as_of=today),
        "cases": [(case, cases.service_of(case)) for case in cases.of_applicant(person)],
        "found": finder.decide_all(facts, today),
    }
    return render(request, "channels/desk/person.html", shown)


@require_POST
@asks("register.read", about=_person)
def start(request: Request, town: str, person: uuid.UUID, service: str) -> HttpResponse:
    """Begin a request for a person who stands at the counter; the same screens as on the web follow.

    `identified`: the clerk ticked that they saw an identity document.
    """
    if service not in catalogue.current().services or register.person(person) is None:
        raise Http404
    draft = actions.begin(
        catalogue.service(service),
        channel="counter",
        language=request.language,
        as_of=clock.now(),
        person=person,
        identified="seen" in request.POST,
        clerk=request.worker.id,
    )
    remember(request, draft)
    return redirect(reverse("channels:resume_at", args=[town, draft.id]))


@require_GET
@asks("entitled.read")
def entitled(request: Request, town: str, service: str) -> HttpResponse:
    """Who is entitled to a service and has not applied, by the register of today."""
    if service not in catalogue.current().services:
        raise Http404
    declared = catalogue.service(service)
    found = entitlement.entitled(declared, as_of=clock.now().date())
    shown = {
        "service": declared,
        "found": found[:MOST],
        "total": len(found),
        "sure": sum(one.sure for one in found),
    }
    return render(request, "channels/desk/entitled.html", shown)
