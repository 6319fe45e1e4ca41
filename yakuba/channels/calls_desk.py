"""The call centre: who calls, about which device, under which contract; what to ask; what is done about it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import asks, asks_within, may_here
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases.state import OPEN, CaseState, fact_of
from yakuba.channels import acting, casework
from yakuba.channels.acting import text_of
from yakuba.field import customers, dispatching, queries, services, support, visits
from yakuba.field.dispatch.travel import Place
from yakuba.words import Text, ui_text

MOST = 12
"""Cases of a history that are shown."""
KNOWN = 5
"""Answers to the same symptom that are shown."""
TROUBLE = (
    "trouble.symptom", "trouble.told", "site.name", "site.address", "site.latitude", "site.longitude", "site.contact",
    "site.phone",
)  # fmt: skip
"""What an agent asks, besides the serial number that the call was looked up by."""
VISIT = (
    "customer.code", "visit.kind", "visit.minutes", "visit.skill", "visit.order", "site.name", "site.address",
    "site.latitude", "site.longitude", "site.island", "site.contact", "site.phone",
)  # fmt: skip
PAUSES = ("parts", "customer")


@require_GET
@asks("call.read")
def calls(request: Request, town: str) -> HttpResponse:
    """What is known of a device or customer, the form for a new trouble, and what waits for an agent."""
    asked = request.GET.get("q", "").strip()[:64]
    if known := case_queries.by_reference(asked):
        return redirect("desk:call", town=town, case=known.id)
    about = queries.device(asked) if asked else None
    code = customers.customer_of(asked) or asked
    now = clock.now()
    service = catalogue.service(services.SUPPORT)
    said = acting.said(request)
    typed = said["typed"] if said else _site_of(about.case if about else None)
    shown = {
        "q": asked,
        "device": about,
        "life": queries.custody(asked)[-1:] if about else [],
        "code": code,
        "terms": customers.contract_for(code, clock.in_tokyo(now).date()) if asked else None,
        "history": _history(asked) if asked else [],
        "fields": [casework.field_for(service, name, typed, name == "trouble.symptom") for name in TROUBLE],
        "key": uuid.uuid4(),
        "waiting": _waiting(now),
        "said": said,
        "can": {"open": access.may(request.worker, "case.open", _resource(town, services.SUPPORT))},
    }
    return render(request, "channels/desk/calls.html", shown)


def _resource(town: str, service: str) -> access.Resource:
    return access.Resource("Case", "new", town, {"service": service})


def _site_of(case: uuid.UUID | None) -> dict[str, str]:
    """Where the device was brought to, as the form types it; empty where that is not known."""
    site = case_queries.states([case])[case].fact("site") or {} if case else {}
    return {f"site.{name}": str(value) for name, value in site.items()}


def _history(asked: str) -> list[dict[str, Any]]:
    """Cases about this serial number or of this customer, the newest first."""
    found = case_queries.with_fact("trouble", "serial", asked, services.FOR_CUSTOMERS, MOST)
    found += case_queries.with_fact("customer", "code", asked, services.FOR_CUSTOMERS, MOST)
    return [_row(case) for case in found[:MOST]]


def _row(case: Any) -> dict[str, Any]:
    state = case_queries.state(case)
    service = case_queries.service_of(case)
    symptom = service.facts.get("trouble.symptom")
    said = state.fact("trouble.symptom")
    return {
        "case": case,
        "name": symptom.choices.get(said) if symptom and said else service.name,
        "site": state.fact("site.name") or "",
    }


def _waiting(now: datetime) -> list[dict[str, Any]]:
    """Tasks that wait for an agent, with how their contract's clock stands."""
    tasks = list(case_queries.queue(roles=("agent",), service=services.SUPPORT))
    levels = customers.levels([task.case_id for task in tasks], now)
    return [
        _row(task.case)
        | {
            "step": casework.step_name(task.service, task.step, case_queries.service_of(task.case)),
            "late": any(one.met is False for one in levels.get(task.case_id, ())),
            "due": task.due_at,
        }
        for task in tasks
    ]


@require_POST
@asks("call.read")
def take_in(request: Request, town: str) -> HttpResponse:
    """A trouble is taken in, whether or not the device is known and a contract is in force."""
    asked = request.POST.get("q", "")

    def do() -> str:
        service = catalogue.service(services.SUPPORT)
        facts = casework.typed_facts(service, TROUBLE, request.POST)
        if not fact_of(facts, "trouble.symptom"):
            raise acting.Incomplete("desk.nothing_chosen")
        serial = text_of(request, "q", most=64)
        if queries.device(serial):
            facts["trouble"]["serial"] = serial
        elif serial:
            facts["customer"] = {"code": serial}
        key = f"call:{casework.an_id(request.POST.get('key', ''))}"
        case = support.take_in(facts, channel="phone", by=request.worker, as_of=clock.now(), key=key)
        return _taken(request, case)

    return acting.act(request, do, f"{reverse('desk:calls', args=[town])}?{urlencode({'q': asked})}")


def _taken(request: Request, case: uuid.UUID) -> str:
    """Say under which number a request was taken in; returns the address of its page."""
    reference = case_queries.one(case).reference
    acting.say(request, "ok", ui_text("calls.taken").format(reference=reference).get(request.language))
    return reverse("desk:call", args=[request.town, case])


# -- one trouble -----------------------------------------------------------------------------------------
@require_GET
@asks_within("case.read")
def call(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """One case: what is known, how the contract's clock stands, what to ask, what to do now."""
    found = casework.opened(request, case)
    state, service = case_queries.state(found), case_queries.service_of(found)
    symptom = state.fact("trouble.symptom") or ""
    said, now = acting.said(request), clock.now()
    tasks = [task for task in case_queries.tasks_of(found.id) if task.status == OPEN]
    mine = [task for task in tasks if request.worker.has(task.role or "") and task.verb == "work"]
    shown = {
        "case": found,
        "name": _row(found)["name"],
        "known": list(casework.said(service, state.facts, request.language, reveal=False)),
        "levels": [
            (ui_text(f"calls.level_{one.level}"), one) for one in customers.levels([case], now).get(case, ())
        ],
        "no_contract": found.service == services.SUPPORT and not state.fact("customer.contract"),
        "paused": bool(state.paused),
        "script": ui_text(f"calls.script_{symptom}") if symptom else None,
        "answers": _answers(symptom, found.id),
        "tasks": [_todo(task, state, service, said["typed"] if said else {}) for task in mine],
        "postpone": next((t.id for t in tasks if t.verb == visits.VISIT), None)
        if may_here(request, "visit.roster")
        else None,
        "said": said,
        "pauses": PAUSES,
        "can_pause": access.may(request.worker, "case.pause", _resource(town, found.service))
        and found.state != "closed",
    }
    return render(request, "channels/desk/call.html", shown)


def _answers(symptom: str, besides: uuid.UUID) -> list[str]:
    """What put the same symptom right before, the newest first: known errors, learned from the log."""
    found = case_queries.with_fact("trouble", "symptom", symptom, [services.SUPPORT], 50) if symptom else []
    said = [case_queries.state(case).fact("trouble.answer") for case in found if case.id != besides]
    return list(dict.fromkeys(one for one in said if one))[:KNOWN]


def _todo(task: Any, state: CaseState, service: Any, typed: Mapping[str, str]) -> dict[str, Any]:
    step = service.step(task.step)
    return {
        "id": task.id,
        "step": task.step,
        "name": casework.step_name(task.service, task.step, service),
        "fields": casework.fields_of(service, step, typed, required=True),
        "can_fail": step.on_failure is not None,
    }


@require_POST
@asks("call.read")
def do(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """A step of an agent or dispatcher ends: decided, put right by phone, another day agreed on."""

    def ending() -> None:
        task = case_queries.task(casework.an_id(request.POST.get("task", "")))
        facts = casework.recorded(request.POST, task)
        assert task is not None  # `recorded` refuses an unknown one
        by, now = request.worker, clock.now()
        if request.POST.get("failed"):
            reason = text_of(request, "reason", needed="desk.reason_needed")
            cases.fail(task.id, by=by, as_of=now, reason=reason, final=True, code="did_not_help")
        elif route := fact_of(facts, "trouble.route"):
            spare = support.decide(task.id, route, by=by, as_of=now)
            if spare:
                words = {"serial": spare.serial, "depot": spare.depot, "order": spare.order}
                acting.say(request, "ok", ui_text("calls.reserved").format(**words).get(request.language))
        else:
            if not facts:
                raise acting.Incomplete("errands.empty")
            cases.finish(task.id, by=by, as_of=now, facts=facts)

    return acting.act(request, ending, reverse("desk:call", args=[town, case]))


@require_POST
@asks("visit.roster")
def postpone(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """A visit is called off; another day is agreed on in the form that opens."""

    def off() -> None:
        task = casework.an_id(request.POST.get("task", ""))
        reason = text_of(request, "reason", needed="desk.reason_needed", most=400)
        dispatching.postpone(task, reason, by=request.worker, as_of=clock.now())

    return acting.act(request, off, reverse("desk:call", args=[town, case]))


@require_POST
@asks("call.read")
def pause(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """The contract's clock is stopped for parts or for the customer, or runs on."""

    def stop() -> None:
        cause, by, now = request.POST.get("cause", ""), request.worker, clock.now()
        if cause in PAUSES:
            cases.pause(case, cause, by=by, as_of=now)
            return
        for paused in case_queries.state(case_queries.one(case)).paused:
            cases.resume(case, paused, by=by, as_of=now)

    return acting.act(request, stop, reverse("desk:call", args=[town, case]))


# -- a request for a visit -------------------------------------------------------------------------------
@require_GET
@asks("call.read")
def visit(request: Request, town: str) -> HttpResponse:
    """The form for a visit; with place and minutes, the windows that can be kept."""
    service = catalogue.service(services.ON_SITE)
    said = acting.said(request)
    typed = said["typed"] if said else request.GET.dict()
    offers = _offers(request, said is not None)
    shown = {
        "fields": [casework.field_for(service, name, typed, name in MUST) for name in VISIT],
        "asked": offers is not None,
        "offers": offers,
        "key": uuid.uuid4(),
        "said": said,
    }
    return render(request, "channels/desk/call_visit.html", shown)


MUST = frozenset(
    {"customer.code", "visit.kind", "site.name", "site.address", "site.latitude", "site.longitude"}
)


def _offers(request: Request, refused: bool) -> list[tuple[str, Text, Text]] | None:
    """The windows as choices: value, words, cost. None where place and time were not asked with."""
    service = catalogue.service(services.ON_SITE)
    if "site.latitude" not in request.GET:
        return None
    try:
        facts = casework.typed_facts(service, VISIT, request.GET)
    except acting.REFUSALS as error:
        if not refused:
            acting.say(request, "wrong", error.text.get(request.language))
        return None
    site, asked = facts.get("site") or {}, facts.get("visit") or {}
    if site.get("latitude") is None or site.get("longitude") is None:
        return None
    declared = service.step("visit").visit
    assert declared is not None
    found = dispatching.offered(
        Place(site["latitude"], site["longitude"], site.get("island") or ""),
        minutes=asked.get("minutes") or declared.minutes,
        skills=[asked["skill"]] if asked.get("skill") else [],
        as_of=clock.now(),
    )
    return [_offer(on, one) for on, one in found]


def _offer(on: date, one: Any) -> tuple[str, Text, Text]:
    opens, closes = (
        f"{second // 3600:02d}:{second // 60 % 60:02d}" for second in (one.window.opens, one.window.closes)
    )
    words = Text(**{lang: f"{clock.say_date(on, lang)} {opens}–{closes}" for lang in ("ja", "easy", "en")})
    return f"{on} {opens} {closes}", words, ui_text("calls.offer_cost").format(more=f"{one.more // 60:+d}")


@require_POST
@asks("call.read")
def visit_taken(request: Request, town: str) -> HttpResponse:
    """A visit is asked for, in a window that was offered or in none."""

    def take() -> str:
        service = catalogue.service(services.ON_SITE)
        facts = casework.typed_facts(service, VISIT, request.POST)
        if missing := [name for name in VISIT if name in MUST and not request.POST.get(name, "").strip()]:
            raise acting.Wrong(ui_text("error.required").format(field=service.label(missing[0])))
        on, opens, closes = (*request.POST.get("window", "").split(" "), "", "", "")[:3]
        if on:
            facts["visit"] |= {"date": on, "earliest": opens, "latest": closes}
        key = f"visit:{casework.an_id(request.POST.get('key', ''))}"
        case = dispatching.ask_for_visit(
            facts, channel="phone", by=request.worker, as_of=clock.now(), key=key
        )
        return _taken(request, case)

    return acting.act(request, take, reverse("desk:call_visit", args=[town]))
