"""The reception on the desk: who is there and who is next, one visit from the person to the check page, handing over."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import asks, look, may_here
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases.errors import NoSuchCase
from yakuba.channels import acting, actions, casework, paper
from yakuba.channels import queries as channel_queries
from yakuba.channels.acting import Incomplete, text_of
from yakuba.channels.counter import searched
from yakuba.channels.models import Draft
from yakuba.channels.reception import interview, places, visits
from yakuba.channels.reception.errors import NotServed
from yakuba.channels.reception.interview import FIRST, Asked, Interview
from yakuba.channels.web import comes_from_elsewhere, uploads
from yakuba.declare.life_events import FIRST as FIRST_PAGE
from yakuba.progress import visits as measured
from yakuba.register import queries as register
from yakuba.words import ui_text

DESK = "reception_desk"
OTHER = "other"
MONTH = timedelta(days=30)
MOST_NOTE = 1000


def to(name: str, request: Request, *args: Any) -> str:
    """The address of a page of the reception in this town."""
    return reverse(f"desk:{name}", args=[request.town, *args])


def _own_desk(request: Request) -> places.Desk | None:
    """The desk at which this browser stands."""
    return places.desk(request.session.get(DESK, ""))


# -- who is there --------------------------------------------------------------------------------------
@require_GET
@asks("reception.read")
def reception(request: Request, town: str) -> HttpResponse:
    """Who waits, who is served where; giving a number, calling the next."""
    now, names = clock.now(), channel_queries.holder_names()
    today = visits.day_of(now)
    month = measured.ended(today - MONTH, now)
    there = [_row(one, now, names) for one in visits.there()]
    own = _own_desk(request)
    waiting = [row for row in there if row["visit"].waits]
    shown = {
        "waiting": waiting,
        "served": [row for row in there if not row["visit"].waits],
        "next": next((row for row in waiting if own and _is_for(row["visit"], own)), None),
        "own": own,
        "desks": places.desks(),
        "many_places": len(places.places()) > 1,
        "places": places.places(),
        "events": interview.events(),
        "today": measured.spent([one for one in month if one.at >= today]),
        "month": measured.spent(month),
        "can": may_here(request, "reception.work"),
        "me": request.worker.id,
        "said": acting.said(request),
    }
    return render(request, "channels/desk/reception.html", shown)


def _row(one: visits.Visit, now: Any, names: Any) -> dict[str, Any]:
    return {
        "visit": one,
        "event": interview.event_name(one.event),
        "desk": places.desk_name(one.place, one.desk) if one.desk else None,
        "place": places.place(one.place),
        "minutes": int((now - one.since).total_seconds() // 60),
        "holder": names.get(one.holder, one.holder),
    }


def _is_for(one: visits.Visit, own: places.Desk) -> bool:
    """Does a visit wait for this desk, or for any of its place?"""
    return one.place == own.place.code and one.desk in ("", own.code)


@require_POST
@asks("reception.work")
def ticket(request: Request, town: str) -> HttpResponse:
    """Somebody came: give the next number."""

    def do() -> None:
        event, place = request.POST.get("event", ""), request.POST.get("place") or places.places()[0].code
        if visits.SERVICE not in catalogue.current().services:
            raise Incomplete("reception.not_here")
        if event not in interview.events() and event != OTHER:
            raise Incomplete("reception.which_event")
        if places.place(place) is None:
            raise Incomplete("reception.which_place")
        case = visits.ticket(place, event, language=request.language, by=request.worker, as_of=clock.now())
        number = case_queries.state(case).fact("reception.number")
        acting.say(request, "ok", ui_text("reception.ticket_is").format(number=number).get(request.language))

    return acting.act(request, do, to("reception", request))


@require_POST
@asks("reception.work")
def stand_at(request: Request, town: str) -> HttpResponse:
    """This browser stands at a desk."""

    def do() -> None:
        found = places.desk(request.POST.get("desk", ""))
        if found is None:
            raise Incomplete("reception.which_desk")
        request.session[DESK] = found.id

    return acting.act(request, do, to("reception", request))


# -- one visit -----------------------------------------------------------------------------------------
def _case(case: uuid.UUID) -> Any:
    """The case of a visit, also of one that is over. Raises Http404."""
    try:
        found = case_queries.one(case)
    except NoSuchCase as error:
        raise Http404 from error
    if found.service != visits.SERVICE:
        raise Http404
    return found


@require_GET
@asks("reception.read")
def visit(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """One visit: where it stands, and what is to be done next."""
    now, names = clock.now(), channel_queries.holder_names()
    kept, found = _case(case), visits.visit(case)
    sent = [case_queries.one(one.case) for one in actions.of_visit(case) if one.case]
    shown: dict[str, Any] = {
        "case": kept,
        "number": case_queries.state(kept).fact("reception.number"),
        "sent": [(one, case_queries.service_of(one)) for one in sent],
        "over": found is None,
        "can": may_here(request, "reception.work"),
        "said": acting.said(request),
    }
    if found is not None:
        shown |= _row(found, now, names) | _stands(request, found, now)
    return render(request, "channels/desk/reception_visit.html", shown)


def _stands(request: Request, found: visits.Visit, now: Any) -> dict[str, Any]:
    """What a page of a visit that is not over shows besides."""
    own = not found.waits and found.holder == request.worker.id
    shown: dict[str, Any] = {
        "mine": own,
        "own_desk": _own_desk(request),
        "other_desks": [
            one for one in places.desks() if (one.place.code, one.code) != (found.place, found.desk)
        ],
    }
    if not own:
        return shown
    whole = Interview(found, now)
    shown |= {"interview": whole, "first": whole.first, "missing": whole.missing() if whole.parts else None}
    if whole.first and whole.person:
        shown["person"] = register.person(whole.person)
    if whole.first is None:
        shown |= searched(request)
    return shown


@require_POST
@asks("reception.work")
def act(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Call a number, hand over, end the visit."""
    _case(case)

    def do() -> str | None:
        now, by, what = clock.now(), request.worker, request.POST.get("what", "")
        if what == "call":
            return _call(request, case)
        if what == visits.GIVEN_UP:
            visits.give_up(case, by=by, as_of=now)
            return to("reception", request)
        if what == visits.HANDED_OVER:
            found = places.desk(request.POST.get("desk", ""))
            if found is None:
                raise Incomplete("reception.which_desk")
            visits.hand_over(case, found, text_of(request, "note", most=MOST_NOTE), by=by, as_of=now)
            return to("reception", request)
        if what in (visits.FINISHED, visits.LEFT, visits.NOT_THERE):
            _end(request, case, what)
            return to("reception", request)
        raise Incomplete("reception.unknown_act")

    return acting.act(request, do, to("visit_to_counter", request, case))


def _see_all(request: Request, case: uuid.UUID, drafts: Sequence[Draft]) -> None:
    """Ask the policy about whoever the requests of a visit are for: everything is seen of them, accounts among it. One whom the
    register does not know goes by the visit. Raises access.Denied."""
    _look_up(request, next((one.person for one in drafts if one.person), case))


def _look_up(request: Request, person: uuid.UUID) -> None:
    look(request, "register.read", access.Resource("Person", str(person), request.town, data="sensitive"))


def _call(request: Request, case: uuid.UUID) -> str:
    own = _own_desk(request)
    if own is None:
        raise Incomplete("reception.which_desk")
    if drafts := actions.of_visit(case):  # another desk has begun to write
        _see_all(request, case, drafts)
    visits.call(case, own, by=request.worker, as_of=clock.now())
    acting.say(request, "ok", ui_text("reception.called_to").format(desk=own.name).get(request.language))
    return to("visit_to_counter", request, case)


def _end(request: Request, case: uuid.UUID, outcome: str) -> None:
    drafts = actions.of_visit(case)
    unsent = [one for one in drafts if one.case is None and one.service != visits.SERVICE]
    if outcome == visits.FINISHED and unsent:
        raise NotServed("unsent", count=len(unsent))
    references = case_queries.references([one.case for one in drafts if one.case])
    visits.end(case, outcome, list(references.values()), by=request.worker, as_of=clock.now())


@require_GET
@asks("reception.work")
def forms(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """All forms of the visit as one PDF to print: those that were taken in, and those that are being written."""
    kept, hall = _case(case), register.town(town)
    assert hall is not None
    offered, filled = catalogue.offered(), []
    drafts = [one for one in actions.of_visit(case) if one.case or one.service in offered]
    _see_all(request, case, drafts)
    for draft in drafts:
        became = case_queries.one(draft.case) if draft.case else None
        service = case_queries.service_of(became) if became else offered[draft.service]
        facts = case_queries.state(became).facts if became else draft.facts
        filled.append(
            paper.Form(service, town, hall.name, kept.language, facts=facts, synthetic=hall.synthetic)
        )
    if not filled:
        raise Http404
    answer = HttpResponse(paper.together(filled), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{kept.reference}.pdf"'
    return answer


# -- the interview -------------------------------------------------------------------------------------
Step = Callable[..., HttpResponse]


def _serving(view: Step) -> Step:
    """The view works on a visit that this worker serves; else back to the visit, which says how it stands."""

    @wraps(view)
    def serving(request: Request, town: str, case: uuid.UUID, **more: Any) -> HttpResponse:
        _case(case)
        try:
            found = visits.served_by(case, request.worker)
        except NotServed as refused:
            acting.say(request, "wrong", refused.text.get(request.language))
            return redirect(to("visit_to_counter", request, case))
        return view(request, Interview(found, clock.now()), **more)

    return serving


@require_POST
@asks("reception.work")
@_serving
def person(request: Request, whole: Interview) -> HttpResponse:
    """Who it is: somebody of the register, or somebody whom it does not know yet."""

    def do() -> str:
        chosen = casework.an_id(request.POST.get("person", "")) if request.POST.get("person") else None
        if chosen is not None and register.person(chosen) is None:
            raise Incomplete("desk.nothing_chosen")
        seen = text_of(request, "evidence", most=acting.MOST_EVIDENCE)
        if chosen:
            _look_up(request, chosen)
        whole.meet(chosen, f"{seen}（{request.worker.name}）" if seen else "")
        return _first_or_choose(request, whole)

    return acting.act(request, do, to("visit_to_counter", request, whole.visit.id))


def _first_or_choose(request: Request, whole: Interview) -> str:
    """The event's own questions, where it has any; else the procedures."""
    asks_first = whole.event is not None and bool(whole.event.facts)
    return to("reception_first" if asks_first else "reception_choose", request, whole.visit.id)


@require_http_methods(["GET", "POST"])
@asks("reception.work")
@_serving
def first(request: Request, whole: Interview) -> HttpResponse:
    """The event's own questions: by their answers procedures are found."""
    if whole.first is None or whole.event is None:
        return redirect(to("visit_to_counter", request, whole.visit.id))
    screen = whole.first.form.screen(FIRST_PAGE)
    if screen is None:
        return redirect(to("reception_choose", request, whole.visit.id))
    if request.method == "POST":
        fine = whole.first.form.read(screen, request.POST)
        whole.first.changed = True
        whole.keep()
        if fine:
            return redirect(to("reception_choose", request, whole.visit.id))
    return _page(request, whole, Asked(whole.first, screen), to("visit_to_counter", request, whole.visit.id))


@require_http_methods(["GET", "POST"])
@asks("reception.work")
@_serving
def choose(request: Request, whole: Interview) -> HttpResponse:
    """The procedures that apply, with the reasons; and any other that is offered."""
    if whole.first is None:
        return redirect(to("visit_to_counter", request, whole.visit.id))
    if request.method == "POST":

        def do() -> str:
            chosen = [name for name in request.POST.getlist("service") if name]
            written = whole.choose(list(dict.fromkeys(chosen)))
            return _to_asked(request, written, next(iter(written.steps), None))

        return acting.act(request, do, to("reception_choose", request, whole.visit.id))
    applying = whole.applying()
    listed = {one.service.id for one in applying}
    begun = bool(whole.parts)
    shown = {
        "interview": whole,
        "visit": whole.visit,
        "applying": [one for one in applying if one.applies is not False],
        "others": [one for one in applying if one.applies is False],
        "begun": begun,
        "extra": [part.form.service for part in whole.parts if part.draft.service not in listed],
        "offered": [one for name, one in catalogue.offered().items() if name not in listed],
        "said": acting.said(request),
    }
    return render(request, "channels/desk/reception_choose.html", shown)


def _to_asked(request: Request, whole: Interview, asked: Asked | None) -> str:
    """The address of a screen, or of the check page where nothing is left to ask."""
    if asked is None:
        return to("reception_check", request, whole.visit.id)
    return to("reception_ask", request, whole.visit.id, asked.part.service, asked.screen.key)


@require_http_methods(["GET", "POST"])
@asks("reception.work")
@_serving
def ask(request: Request, whole: Interview, service: str, key: str) -> HttpResponse:
    """One screen of the interview, or the answer to it."""
    asked = whole.step(service, key)
    if asked is None:
        return redirect(_to_asked(request, whole, whole.missing()))
    back = _before(request, whole, asked)
    if request.method == "POST":
        by_list = asked.screen.overview or "remove" in request.POST
        answered = _list_changed(request, whole, asked) if by_list else _answered(request, whole, asked)
        if answered is not None:
            return answered
    return _page(request, whole, asked, back)


def _answered(request: Request, whole: Interview, asked: Asked) -> HttpResponse | None:
    """Keep what was answered; None when something is wrong with it."""
    form, screen = asked.part.form, asked.screen
    fine = form.read(screen, request.POST)
    fine = uploads(request, asked.part.draft, screen) and fine
    form.put_files(actions.files_of(asked.part.draft))
    wrong = bool(screen.errors)
    whole.spread(asked)
    whole.keep()
    if wrong or (fine and comes_from_elsewhere(request, screen)):
        return None
    stays = not fine or any(name.startswith("drop.") for name in request.POST)
    if stays and (again := whole.step(asked.part.service, screen.key)):
        return redirect(_to_asked(request, whole, again))
    return redirect(_to_asked(request, whole, _next(request, whole, asked)))


def _next(request: Request, whole: Interview, asked: Asked) -> Asked | None:
    """The next screen; who came from the check page to change one answer goes back there."""
    return whole.missing() if "check" in request.GET else whole.after(asked.part.service, asked.screen.key)


def _list_changed(request: Request, whole: Interview, asked: Asked) -> HttpResponse:
    """Add or take away a child or a household member, or go on."""
    form, name, service = asked.part.form, asked.screen.list, asked.part.service
    goal: Asked | None = asked
    if "add" in request.POST:
        key = form.add_item(name) or asked.screen.key
        whole.spread(asked)
        goal = whole.step(service, key) or whole.step(service, asked.screen.key)
    elif "remove" in request.POST:
        if re.fullmatch(r"[0-9]{1,3}", request.POST["remove"]):
            whole.take_away(asked, int(request.POST["remove"]))
        goal = whole.step(service, f"list.{name}") or whole.missing()
    else:
        form.close_list(name)
        whole.spread(asked)
        goal = _next(request, whole, asked)
    whole.keep()
    return redirect(_to_asked(request, whole, goal))


def _before(request: Request, whole: Interview, asked: Asked) -> str:
    steps = [(one.part.service, one.screen.key) for one in whole.steps]
    at = steps.index((asked.part.service, asked.screen.key))
    if at == 0:
        return to("reception_choose", request, whole.visit.id)
    return to("reception_ask", request, whole.visit.id, *steps[at - 1])


def _page(request: Request, whole: Interview, asked: Asked, back: str) -> HttpResponse:
    """A screen as a page; the first question, or the first with something wrong, has the focus."""
    screen, form = asked.screen, asked.part.form
    for one in [*screen.errors, *screen.fields][:1]:
        one.focused = True
    number, of = whole.count_of(asked) if asked.part.service != FIRST else (0, 0)
    shown = {
        "visit": whole.visit,
        "service": form.service,
        "screen": screen,
        "back": back,
        "number": number,
        "of": of,
        "item": form.item_of(screen, request.language),
        "items": form.items_of(screen, request.language),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/reception_ask.html", shown, status=422 if screen.errors else 200)


@require_http_methods(["GET", "POST"])
@asks("reception.work")
@_serving
def check(request: Request, whole: Interview) -> HttpResponse:
    """Everything that was answered, each once, to be looked over together; sent, all requests become cases."""
    if request.method == "POST":

        def do() -> str:
            opened = whole.send(by=request.worker)
            said = ui_text("reception.taken_in").format(count=len(opened)).get(request.language)
            acting.say(request, "ok", said)
            return to("visit_to_counter", request, whole.visit.id)

        return acting.act(request, do, to("reception_check", request, whole.visit.id))
    if not whole.parts:
        return redirect(to("visit_to_counter", request, whole.visit.id))
    if (missing := whole.missing()) is not None:
        return redirect(_to_asked(request, whole, missing))
    last = whole.steps[-1] if whole.steps else None
    shown = {
        "visit": whole.visit,
        "parts": whole.summary(request.language),
        "doubts": [(part, [one for one in part.form.judged() if one.value is False]) for part in whole.parts],
        "back": _to_asked(request, whole, last) if last else to("reception_choose", request, whole.visit.id),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/reception_check.html", shown)
