"""The helper's side: come by a short code, or begin for somebody by their consent; see the form without what is guarded; write.
With each request the consent is asked about anew: one that ended stops the helper at once, and the draft is kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yakuba import clock
from yakuba.access import limits
from yakuba.access.request import Request
from yakuba.access.web import address, ask, asks, asks_within, look
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.channels import acting, actions, casework
from yakuba.channels.assisted import beside, consent, lessons, roster
from yakuba.channels.assisted.consent import Consent
from yakuba.channels.assisted.errors import NotHelped, NotListed, Over
from yakuba.channels.forms import Form, Screen
from yakuba.channels.models import Draft, Help
from yakuba.channels.web import RESUME_TRIES, WINDOW, form_of, uploads
from yakuba.register import queries as register

ALL_TRIES = 300
"""Codes that are tried in one town in ten minutes, from wherever: of a hundred million codes a few are good at a time."""


@require_http_methods(["GET", "POST"])
@asks("helper.home")
def home(request: Request, town: str) -> HttpResponse:
    """Come by a short code; or, signed in, choose for whom to write."""
    now, wrong = clock.now(), None
    if request.method == "POST":
        limits.spend("helper-code", address(request), most=RESUME_TRIES, per=WINDOW, as_of=now)
        limits.spend("helper-codes", town, most=ALL_TRIES, per=WINDOW, as_of=now)
        try:
            helped = beside.come(request.POST.get("code", ""), by=request.worker, as_of=now)
        except Over as over:
            return _stopped(request, over, None)
        except NotHelped as error:
            wrong = error
        else:
            _remember(request, helped)
            return redirect("channels:helping", town=town, help=helped.id)
    mine, supporter = beside.may_help(request.worker, as_of=now), roster.of_worker(request.worker, as_of=now)
    to_give = lessons.of_supporter(supporter) if supporter else []
    for one in to_give:
        look(request, "helper.act", one.resource())
    shown = {
        "wrong": wrong,
        "code": request.POST.get("code", ""),
        "consents": [(one, _whose(one)) for one in mine],
        "supporter": supporter,
        "lessons": to_give,
        "said": acting.said(request),
    }
    return render(request, "channels/web/assisted_home.html", shown, status=422 if wrong else 200)


def _remember(request: Request, helped: Help) -> None:
    request.session["helping"] = [*(request.session.get("helping") or []), str(helped.id)]


def _whose(given: Consent) -> str:
    found = register.person(given.applicant) if given.applicant else None
    return found.name if found else given.reference


@require_POST
@asks("helper.home")
def lesson(request: Request, town: str) -> HttpResponse:
    """A supporter has given a lesson, or found nobody there."""

    def do() -> None:
        task = casework.an_id(request.POST.get("task", ""))
        if task is None:
            raise NotListed("not_waiting")
        lessons.given(task, request.POST.get("outcome", ""), by=request.worker, as_of=clock.now())

    return acting.act(request, do, reverse("channels:helper_home", args=[town]))


# -- within a consent ------------------------------------------------------------------------------
def _within(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view works on the draft of a help of this browser, as long as the consent holds; after that it says why it does not."""

    @wraps(view)
    def helping(request: Request, town: str, help: uuid.UUID, **more: Any) -> HttpResponse:
        helped = beside.one(help)
        if helped is None or str(help) not in (request.session.get("helping") or []):
            return redirect("channels:helper_home", town=town)
        request.worker = beside.as_helper(helped, request.worker)
        if request.worker.id != helped.helper:
            return redirect("channels:helper_home", town=town)
        if request.method == "POST":
            helped.draft = Draft.objects.select_for_update().get(id=helped.draft_id)
        now = clock.now()
        try:
            given = beside.standing(helped, request.worker, as_of=now)
        except Over as over:
            return _stopped(request, over, helped)
        ask(request, given.resource(request.worker, as_of=now))
        if helped.draft.service not in catalogue.offered():
            raise Http404
        return view(request, helped, **more)

    return helping


def _stopped(request: Request, over: Over, helped: Help | None) -> HttpResponse:
    """Says why the helper can go on no more; what was typed last is kept nowhere, what was written before is."""
    sent = over.why == "sent"
    shown = {"why": over.text, "help": helped, "sent": sent, "lost": request.method == "POST" and not sent}
    return render(request, "channels/web/assisted_over.html", shown, status=410 if sent else 403)


@require_GET
@asks_within("helper.act")
@_within
def helping(request: Request, helped: Help) -> HttpResponse:
    """The whole form as a helper sees it: what is asked, what is answered, what is hidden."""
    form = form_of(helped.draft)
    shown = {
        "help": helped,
        "draft": helped.draft,
        "service": form.service,
        "rows": beside.rows(form, request.language, helped, [helped]),
        "first": beside.next_open(helped, form),
        "whole": form.first_open() is None,
        "said": acting.said(request),
    }
    return render(request, "channels/web/assisted_helping.html", shown)


@require_http_methods(["GET", "POST"])
@asks_within("helper.act")
@_within
def screen(request: Request, helped: Help, key: str) -> HttpResponse:
    """One idea: the questions that a helper may answer, and which are for the resident alone."""
    form = form_of(helped.draft)
    asked = form.screen(key)
    if asked is None:
        return redirect(_overview(helped))
    if request.method == "POST":
        if asked.overview or "remove" in request.POST:
            return _list_changed(request, helped, form, asked)
        mine, fine = _answers(request, helped, form, asked)
        if fine:
            return _on(helped, beside.next_open(helped, form))
    else:
        form.check(asked)
        mine = beside.masked(helped, asked)
    off = _taken_off(helped, form.screen(key) or asked)
    number, of = form.step_of(key)
    shown = {
        "help": helped,
        "draft": helped.draft,
        "service": form.service,
        "screen": mine,
        "off": off,
        "number": number,
        "of": of,
        "item": form.item_of(asked, request.language),
        "items": form.items_of(asked, request.language),
    }
    return render(request, "channels/web/assisted_screen.html", shown, status=422 if mine.errors else 200)


def _taken_off(helped: Help, asked: Screen) -> list[tuple[Any, bool]]:
    """The questions of a screen that are for the resident alone, and whether they are answered."""
    off = [one for one in asked.fields if not beside.writes(helped, one)]
    return [(one.label, one.answered) for one in off]


def _answers(request: Request, helped: Help, form: Form, asked: Screen) -> tuple[Screen, bool]:
    """Keep what the helper wrote; the screen as it is then, and whether all of it is in order."""
    mine, fine = beside.answered(helped, form, asked, request.POST, as_of=clock.now())
    if helped.way == consent.FOR:
        fine = uploads(request, helped.draft, mine) and fine
        form.put_files(actions.files_of(helped.draft))
    return mine, fine


def _list_changed(request: Request, helped: Help, form: Form, asked: Screen) -> HttpResponse:
    """Add or take away a child or a household member, or go on."""
    goal: str | None = f"list.{asked.list}"
    if "add" in request.POST:
        goal = form.add_item(asked.list) or goal
    elif request.POST.get("remove", "").isdecimal() and len(request.POST["remove"]) < 4:
        form.remove_item(asked.list, int(request.POST["remove"]))
    else:
        form.close_list(asked.list)
        goal = beside.next_open(helped, form)
    beside.note(helped, [f"list.{asked.list}/"])
    actions.keep(helped.draft, form.facts, as_of=clock.now())
    return _on(helped, goal)


def _on(helped: Help, key: str | None) -> HttpResponse:
    if key is None:
        return redirect(_overview(helped))
    return redirect(reverse("channels:helping_screen", args=[helped.town, helped.id, key]))


def _overview(helped: Help) -> str:
    return reverse("channels:helping", args=[helped.town, helped.id])


@require_POST
@asks_within("helper.act")
@_within
def leave(request: Request, helped: Help) -> HttpResponse:
    """The helper stops; what they wrote stays. Beside a request this ends the consent; one for somebody holds on."""
    if helped.way == consent.BESIDE and (given := consent.one(helped.consent)):
        consent.end_as_helper(given, by=request.worker, as_of=clock.now())
    request.session["helping"] = [one for one in request.session["helping"] if one != str(helped.id)]
    return redirect("channels:helper_home", town=helped.town)


# -- for somebody ----------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@asks_within("helper.act")
def begin(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Choose a request to write for somebody who consented."""
    now = clock.now()
    given = next((one for one in beside.may_help(request.worker, as_of=now) if one.case == case), None)
    if given is None:
        known = consent.one(case)
        return _stopped(request, Over((known and known.standing(now)) or "resident"), None)
    ask(request, given.resource(request.worker, as_of=now))
    services = [
        one for one in catalogue.offered().values() if given.covers(one) and one.id != consent.SERVICE
    ]
    if request.method == "POST":
        if "end" in request.POST:
            consent.end_as_helper(given, by=request.worker, as_of=now)
            return redirect("channels:helper_home", town=town)
        service = next((one for one in services if one.id == request.POST.get("service")), None)

        def do() -> str:
            if service is None:
                raise NotHelped("not_covered")
            helped = beside.begin(given, service, by=request.worker, language=request.language, as_of=now)
            _remember(request, helped)
            return _overview(helped)

        return acting.act(request, do, reverse("channels:helper_begin", args=[town, case]))
    shown = {"consent": given, "whose": _whose(given), "services": services, "said": acting.said(request)}
    return render(request, "channels/web/assisted_begin.html", shown)


@require_POST
@asks_within("helper.act")
@_within
def send(request: Request, helped: Help) -> HttpResponse:
    """Send what was written for somebody. Beside a request only the resident sends."""
    if helped.way != consent.FOR:
        return redirect(_overview(helped))
    try:
        case = actions.submit(helped.draft, by=request.worker, as_of=clock.now())
    except actions.Incomplete as missing:
        return _on(helped, missing.screens[0].key if missing.screens else None)
    shown = {"case": case, "service": cases.service_of(case), "help": helped}
    return render(request, "channels/web/assisted_sent.html", shown)
