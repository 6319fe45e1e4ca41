"""The desk in a disaster: disaster mode, break-glass access, shelters, offline packs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yakuba import clock
from yakuba.access import log
from yakuba.access import queries as staff
from yakuba.access.policy import Resource, may
from yakuba.access.request import Request
from yakuba.access.web import asks, may_here
from yakuba.cases import catalogue
from yakuba.channels import acting, actions, casework
from yakuba.channels.acting import text_of
from yakuba.channels.disaster import glass, merging, mode, pack, shelters
from yakuba.channels.disaster.errors import NotDeclared, NotOpened
from yakuba.channels.forms import Form
from yakuba.words import ui_text

USUAL = timedelta(days=3)
"""How long a declaration lasts where nobody says otherwise."""
HOURS = 72
LEFT = "left"
PARTS = (
    ("disaster", "desk.nav_disaster", "emergency.read"),
    ("glass", "glass.title", "break-glass.use"),
    ("shelters", "disaster.shelters", "shelter.read"),
    ("offline", "offline.title", "offline.pack"),
)


def _parts(request: Request) -> list[dict[str, str]]:
    """The pages of a disaster that who is asking may open."""
    return [
        {"name": name, "key": key, "address": reverse(f"desk:{name}", args=[request.town])}
        for name, key, action in PARTS
        if may_here(request, action)
    ]


# -- disaster mode -------------------------------------------------------------------------------------
@require_GET
@asks("emergency.read")
def disaster(request: Request, town: str) -> HttpResponse:
    """Whether disaster mode is in force, who declared it, why and until when; the forms to declare, confirm and end it."""
    now, names = clock.now(), staff.staff_names()
    said, found = acting.said(request), mode.in_force(now) or mode.to_come(now)
    offered = catalogue.offered()
    chosen = request.GET.getlist("services") or list(mode.FIRST)
    begins = clock.in_tokyo(now).replace(second=0, microsecond=0)
    shown = {
        "parts": _parts(request),
        "now": found
        and {
            "one": found,
            "begun": found.begins <= now,
            "declared_by": names.get(found.declared_by, found.declared_by),
            "confirmed_by": names.get(found.confirmed_by, found.confirmed_by),
            "services": [offered[name] for name in found.services if name in offered],
        },
        "waiting": [
            {
                "one": one,
                "by": names.get(one.declared_by, one.declared_by),
                "own": one.declared_by == request.worker.id,
                "services": [offered[name] for name in one.services if name in offered],
            }
            for one in mode.declarations()
            if one.waits
        ],
        "can": may_here(request, "emergency.declare"),
        "services": [(one, one.id in chosen) for one in _disaster_services()],
        "typed": {"begins": f"{begins:%Y-%m-%dT%H:%M}", "ends": f"{begins + USUAL:%Y-%m-%dT%H:%M}"}
        | (said["typed"] if said else {}),
        "said": said,
    }
    return render(request, "channels/desk/disaster.html", shown)


def _disaster_services() -> list[Any]:
    """The services for a disaster, those that come first where nobody says otherwise in front."""
    offered = catalogue.offered()
    first = [offered[name] for name in mode.FIRST if name in offered]
    return [*first, *(one for one in offered.values() if "disaster" in one.topics and one not in first)]


def _back(request: Request) -> str:
    return reverse("desk:disaster", args=[request.town])


@require_POST
@asks("emergency.declare")
def declare(request: Request, town: str) -> HttpResponse:
    """Declare it; somebody else confirms."""

    def do() -> None:
        mode.declare(
            text_of(request, "disaster", most=80),
            text_of(request, "reason", most=1000),
            _moment(request, "begins"),
            _moment(request, "ends"),
            request.POST.getlist("services"),
            by=request.worker,
            as_of=clock.now(),
        )

    return acting.act(request, do, _back(request))


def _moment(request: Request, name: str) -> datetime:
    """Day and time as a browser's field gives them, in Asia/Tokyo. Raises NotDeclared."""
    try:
        return datetime.fromisoformat(request.POST.get(name, "").strip()).replace(tzinfo=clock.TOKYO)
    except ValueError as error:
        raise NotDeclared("when_wrong") from error


@require_POST
@asks("emergency.declare")
def confirm(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """A second person agrees: it begins."""
    return acting.act(
        request, lambda: mode.confirm(case, by=request.worker, as_of=clock.now()), _back(request)
    )


@require_POST
@asks("emergency.declare")
def decline(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """It is not to begin."""

    def do() -> None:
        reason = text_of(request, "reason", needed="desk.reason_needed")
        mode.decline(case, by=request.worker, as_of=clock.now(), reason=reason)

    return acting.act(request, do, _back(request))


@require_POST
@asks("emergency.declare")
def end(request: Request, town: str) -> HttpResponse:
    """One person ends it before its end."""

    def do() -> None:
        note = text_of(request, "note", needed="desk.reason_needed")
        mode.end(by=request.worker, as_of=clock.now(), note=note)

    return acting.act(request, do, _back(request))


# -- break-glass access --------------------------------------------------------------------------------
@require_GET
@asks("break-glass.use")
def break_glass(request: Request, town: str) -> HttpResponse:
    """The forms to open one case or one person; for a manager what is to be reviewed."""
    said, names = acting.said(request), staff.staff_names()
    review = may_here(request, "break-glass.review")
    used = glass.waiting() if review else [one for one in glass.waiting() if one.used_by == request.worker.id]
    looks = log.uses_of([one.case for one in used])
    shown = {
        "parts": _parts(request),
        "minutes": glass.MINUTES,
        "review": review,
        "used": [
            {
                "one": one,
                "by": names.get(one.used_by, one.used_by),
                "own": one.used_by == request.worker.id,
                "may": review and may(request.worker, "task.finish", _review_of(request, one)),
                "looks": looks.get(one.case, 0),
            }
            for one in used
        ],
        "reference": request.GET.get("reference", ""),
        "typed": said["typed"] if said else {},
        "said": said,
    }
    return render(request, "channels/desk/break_glass.html", shown)


def _review_of(request: Request, one: glass.Used) -> Resource:
    about = {"service": glass.SERVICE, "role": "manager", "used_by": one.used_by}
    return Resource("Case", str(one.case), request.town, about)


@require_POST
@asks("break-glass.use")
def use(request: Request, town: str) -> HttpResponse:
    """Record the reason, open it, and go there."""

    def do() -> str:
        now, reason = clock.now(), text_of(request, "reason", needed="glass.reason_needed", most=1000)
        minutes = request.POST.get("minutes", "")
        if not (minutes.isascii() and minutes.isdigit() and len(minutes) < 4):
            raise NotOpened("minutes_wrong")
        if request.POST.get("kind") == "person":
            born = clock.parse_date(text_of(request, "born", needed="glass.no_such_person"))
            name = text_of(request, "name", needed="glass.no_such_person")
            used = glass.of_person(name, born, reason, int(minutes), by=request.worker, as_of=now)
            return reverse("desk:person", args=[town, used.target])
        used = glass.of_case(
            text_of(request, "reference"), reason, int(minutes), by=request.worker, as_of=now
        )
        return reverse("desk:case", args=[town, used.target])

    return acting.act(request, do, reverse("desk:glass", args=[town]))


@require_POST
@asks("break-glass.review")
def review(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """A manager who is not the user says whether it was justified."""

    def do() -> None:
        outcome, note = request.POST.get("outcome", ""), text_of(request, "note")
        glass.review(case, outcome, note, by=request.worker, as_of=clock.now())

    return acting.act(request, do, reverse("desk:glass", args=[town]))


ACTS = {"take_in": "case.open", "finish": "task.finish"}
"""What is done on the list of a shelter, as the policy is asked."""


def _check_in(request: Request) -> Resource:
    """A check-in, with the role of who ends its stay."""
    return Resource("Case", mode.SHELTER, request.town, {"service": mode.SHELTER, "role": "clerk"})


def _needs(request: Request, **_: object) -> Resource:
    """Everybody at a shelter with what they need, health among it."""
    return Resource("Town", request.town, request.town, data="sensitive")


# -- shelters ------------------------------------------------------------------------------------------
@require_GET
@asks("shelter.read", about=_needs)
def shelter_list(request: Request, town: str) -> HttpResponse:
    """Who is at which shelter: counts, and who needs what."""
    found = shelters.shelters()
    wanted = request.GET.get("shelter", "")
    only = [one for one in found if shelters.key(one.name) == shelters.key(wanted)] if wanted else found
    shown = {
        "parts": _parts(request),
        "shelters": found,
        "only": only,
        "wanted": wanted,
        "needs": shelters.NEEDS,
        "can": {act: may(request.worker, action, _check_in(request)) for act, action in ACTS.items()},
        "said": acting.said(request),
    }
    return render(request, "channels/desk/shelters.html", shown)


@require_http_methods(["GET", "POST"])
@asks("shelter.read", about=_needs)
def check_in(request: Request, town: str) -> HttpResponse:
    """The fast form of the counter: everything on one page, the next household at once."""
    service, now = catalogue.service(mode.SHELTER), clock.now()
    shelter = request.GET.get("shelter", "")
    begun = {"shelter": {"name": shelter, "taken_by": request.worker.name}}
    form = Form(
        service,
        begun if shelter else {"shelter": {"taken_by": request.worker.name}},
        as_of=now.date(),
        at=now,
    )
    screens = form.screens
    if request.method == "POST":
        good = [form.read(screen, request.POST) for screen in screens]
        if all(good):
            return _checked_in(request, form, now)
    fields = [one for screen in screens for one in screen.fields]
    for one in fields:
        one.asks = one.label  # the clerk asks in their own words; short labels are read faster
    if fields:
        focus = next((one for one in fields if one.error), None) or next(
            (one for one in fields if one.name == ("applicant.name" if shelter else "shelter.name")),
            fields[0],
        )
        focus.focused = True
    shown = {
        "parts": _parts(request),
        "screens": screens,
        "fields": fields,
        "shelter": shelter,
        "number": uuid.uuid4(),
        "known": [one.name for one in shelters.shelters()],
        "said": acting.said(request),
    }
    wrong = any(one.error for one in fields)
    return render(request, "channels/desk/check_in.html", shown, status=422 if wrong else 200)


def _checked_in(request: Request, form: Form, now: datetime) -> HttpResponse:
    """The household is registered, once however often the form is sent; says where else its person is."""
    number = _number(request.POST.get("number", ""))
    case = actions.intake(
        form.service,
        form.facts,
        channel="counter",
        by=request.worker,
        as_of=now,
        key=f"check-in:{number}",
        language=request.language,
    )
    there = shelters.check_ins()
    me = next((one for one in there if one.case == case.id), None)
    name = str((form.facts.get("applicant") or {}).get("name"))
    others = [one for one in there if me and one.person == me.person and one.case != me.case]
    said = ui_text("disaster.checked_in").format(name=name, reference=case.reference).get(request.language)
    if others:
        where = "、".join(f"{one.shelter}（{one.reference}）" for one in others)
        twice = ui_text("disaster.same_person").format(name=name, where=where).get(request.language)
        acting.say(request, "warn", said, [twice])
    else:
        acting.say(request, "ok", said)
    shelter = str(form.facts["shelter"]["name"])
    return redirect(f"{reverse('desk:check_in', args=[request.town])}?{urlencode({'shelter': shelter})}")


def _number(text: str) -> uuid.UUID:
    """The number of a form; a new one where it was tampered with."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()


@require_POST
@asks("shelter.read", about=_needs)
def left(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """A household has left; the action asks whether one may say so."""
    shelter = request.POST.get("shelter", "")
    back = reverse("desk:shelters", args=[town]) + (f"?{urlencode({'shelter': shelter})}" if shelter else "")
    return acting.act(request, lambda: shelters.left(case, LEFT, by=request.worker, as_of=clock.now()), back)


# -- offline packs -------------------------------------------------------------------------------------
@require_GET
@asks("offline.pack", about=_needs)
def offline(request: Request, town: str) -> HttpResponse:
    """The packs that were made, the form for another, and the form for what comes back."""
    return _offline(request, None)


def _offline(request: Request, made: pack.Made | None) -> HttpResponse:
    now, said = clock.now(), acting.said(request)
    shown = {
        "parts": _parts(request),
        "packs": [{"one": one, "ended": one.ends <= now} for one in pack.packs()],
        "made": made,
        "known": [one.name for one in shelters.shelters()],
        "services": [(one, one.id in mode.FIRST) for one in _disaster_services()],
        "hours": HOURS,
        "may_merge": may_here(request, "offline.merge"),
        "typed": said["typed"] if said else {},
        "said": said,
    }
    return render(request, "channels/desk/offline.html", shown)


@require_POST
@asks("offline.pack", about=_needs)
def make_pack(request: Request, town: str) -> HttpResponse:
    """Make a pack; this page alone shows its passphrase."""
    made: list[pack.Made] = []

    def do() -> None:
        hours = request.POST.get("hours", "")
        made.append(
            pack.make(
                text_of(request, "shelter"),
                request.POST.getlist("services"),
                int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 5 else 0,
                by=request.worker,
                as_of=clock.now(),
            )
        )

    back = acting.act(request, do, reverse("desk:offline", args=[town]))
    if not made:
        return back
    acting.said(request)
    return _offline(request, made[0])


@require_GET
@asks("offline.pack", about=_needs)
def pack_file(request: Request, town: str, pack_id: uuid.UUID) -> HttpResponse:
    """The file of a pack: saved, never opened as a page of this site."""
    found = pack.content_of(pack_id, as_of=clock.now())
    if found is None:
        raise Http404
    one, content = found
    response = HttpResponse(content, content_type="application/octet-stream")
    name = casework.quoted(f"yakuba-{one.shelter}-{clock.in_tokyo(one.ends):%m%d%H%M}.html")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_POST
@asks("offline.merge")
def merge(request: Request, town: str) -> HttpResponse:
    """Take in what was entered at a shelter."""

    def do() -> None:
        upload = request.FILES.get("file")
        if upload is None:
            raise acting.Incomplete("offline.no_file")
        if (upload.size or 0) > merging.MOST_BYTES:
            raise merging.too_large()
        taken = merging.merge(upload.read(), by=request.worker, as_of=clock.now(), language=request.language)
        counted = merging.counts(taken)
        text = ui_text("offline.result").format(count=counted["in"], **_without(counted, "in"))
        reasons = [
            f"{one.reference}: {one.wrong.get(request.language)}" for one in taken if one.why and one.wrong
        ]
        acting.say(request, "warn" if reasons else "ok", text.get(request.language), reasons[:50])

    return acting.act(request, do, reverse("desk:offline", args=[town]))


def _without(counted: Mapping[str, int], name: str) -> dict[str, int]:
    return {key: value for key, value in counted.items() if key != name}
