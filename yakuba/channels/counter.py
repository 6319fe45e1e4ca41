"""The counter: a clerk finds the person, the form is filled in from the register, the resident confirms."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access import actions as accounts
from yakuba.access import queries as account_queries
from yakuba.access.request import Request
from yakuba.access.web import asks, look
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.channels import acting, actions, casework, finder
from yakuba.channels import entitled as entitlement
from yakuba.channels.web import remember
from yakuba.register import queries as register

MOST_PEOPLE, MOST_ENTITLED = 20, 200


def _person(request: Request, *, person: uuid.UUID, **_: object) -> access.Resource:
    return access.Resource("Person", str(person), request.town)


def _all_of_person(request: Request, *, person: uuid.UUID, **_: object) -> access.Resource:
    """The person with what is guarded, accounts among it: a form is filled in with it."""
    return access.Resource("Person", str(person), request.town, data="sensitive")


def searched(request: Request) -> dict[str, Any]:
    """People who are called so (`q`) or were born then (`born`). Raises access.Denied."""
    text, born, wrong, day = request.GET.get("q", "").strip(), request.GET.get("born", "").strip(), "", None
    if born:
        try:
            day = clock.parse_date(born)
        except clock.NotADate as error:
            wrong = error.text.get(request.language)
    asked = bool(text or born) and not wrong
    if asked:
        look(request, "register.search", access.Resource("Town", request.town, request.town))
    found = register.find_person(text, day, limit=MOST_PEOPLE) if asked else []
    return {"found": found, "asked": asked, "q": text, "born": born, "wrong": wrong}


@require_GET
@asks("register.search")
def people(request: Request, town: str) -> HttpResponse:
    """Find a person by name, reading or birth date; and the accounts that wait for a clerk to link them."""
    shown = searched(request) | {
        "most": MOST_PEOPLE,
        "unlinked": account_queries.unlinked_residents()[:MOST_PEOPLE],
        "said": acting.said(request),
    }
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
    waiting = account_queries.unlinked_residents()
    shown = {
        "person": found,
        "years": clock.age(found.birth_date, today),
        "address": register.address_of(person)[1],
        "household": register.household_of(person, as_of=today),
        "cases": [(case, cases.service_of(case)) for case in cases.of_applicant(person)],
        "found": finder.decide_all(catalogue.offered().values(), facts, today),
        "unlinked": [one for one in waiting if one.birth_date == found.birth_date],
        "said": acting.said(request),
    }
    return render(request, "channels/desk/person.html", shown)


@require_POST
@asks("register.read", about=_all_of_person)
def start(request: Request, town: str, person: uuid.UUID) -> HttpResponse:
    """Begin a request for a person who stands at the counter; the same screens as on the web follow.

    They are identified when the clerk wrote down which paper they looked at.
    """
    service = request.POST.get("service", "")
    if register.person(person) is None:
        raise Http404

    def begin() -> str:
        if service not in catalogue.offered():
            raise acting.Incomplete("desk.choose_service")
        paper = acting.text_of(request, "evidence", most=acting.MOST_EVIDENCE)
        draft = actions.begin(
            catalogue.service(service),
            channel="counter",
            language=request.language,
            as_of=clock.now(),
            person=person,
            identified=bool(paper),
            evidence=f"{paper}（{request.worker.name}）" if paper else "",
        )
        remember(request, draft)
        return reverse("channels:resume_at", args=[town, draft.id])

    return acting.act(request, begin, reverse("desk:person", args=[town, person]))


@require_POST
@asks("resident.link", about=_person)
def link(request: Request, town: str, person: uuid.UUID) -> HttpResponse:
    """A clerk found that an account of the card sign-in belongs to this person."""
    if register.person(person) is None:
        raise Http404

    def do() -> None:
        wanted = casework.an_id(request.POST.get("account", ""))
        account = next((one for one in account_queries.unlinked_residents() if one.id == wanted), None)
        if account is None:
            raise acting.Incomplete("desk.nothing_chosen")
        accounts.link_resident(account, str(person), by=request.worker)

    return acting.act(request, do, reverse("desk:person", args=[town, person]))


@require_GET
@asks("entitled.read")
def entitled(request: Request, town: str, service: str) -> HttpResponse:
    """Who is entitled to a service and has not applied, by the register of today."""
    if service not in catalogue.offered():
        raise Http404
    declared = catalogue.service(service)
    found = entitlement.entitled(declared, as_of=clock.now().date())
    shown = {
        "service": declared,
        "found": [
            (one, [casework.condition_name(declared, name) for name in one.unknown])
            for one in found[:MOST_ENTITLED]
        ],
        "total": len(found),
        "sure": sum(one.sure for one in found),
        "most": MOST_ENTITLED,
    }
    return render(request, "channels/desk/entitled.html", shown)
