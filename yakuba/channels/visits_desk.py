"""A technician's phone: their visits, and what they say from there. One page holds everything, so that a phone can keep it.

The forms work without JavaScript. With it, what is sent waits in the phone while there is no signal (static/desk/visits.js),
and the page itself is kept by a service worker. Sent twice, everything happens once: see `field.onsite`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.cases import actions as cases
from yakuba.cases import documents
from yakuba.cases import queries as case_queries
from yakuba.channels import acting, casework
from yakuba.channels.acting import text_of
from yakuba.field import onsite, visits
from yakuba.field.errors import NotYourVisit
from yakuba.field.kitting import labels
from yakuba.field.visits import Visit
from yakuba.words import Text, ui_text

DAYS = 3
"""Today and the days after it whose visits a technician sees."""
MOST_PHOTOS = 10
SERIALS = ("installed", "removed")


@require_GET
@asks("visit.read")
def mine(request: Request, town: str) -> HttpResponse:
    """The visits of today and the next days that this technician has."""
    today = clock.in_tokyo(clock.now()).date()
    days = [today + timedelta(days=n) for n in range(DAYS)]
    found = [one for on in days for one in visits.of_day(on, request.worker.id)]
    shown = {
        "visits": [
            _told(one) for one in sorted(found, key=lambda one: (one.fact("visit", "date"), one.begins))
        ],
        "said": acting.said(request),
        "most_photos": MOST_PHOTOS,
        "marks": range(1, 6),
    }
    return render(request, "channels/desk/visits.html", shown)


def _told(one: Visit) -> dict[str, Any]:
    """What a technician must know of a visit."""
    declared = one.step.visit
    arrived = one.progress.arrived_at
    return {
        "visit": one,
        "asked_by": one.fact("errand", "town"),
        "site": {
            key: one.fact("site", key) for key in ("address", "contact", "phone", "latitude", "longitude")
        },
        "begins": one.begins,
        "people": len(one.who),
        "checklist": list(declared.checklist.items()) if declared else [],
        "sheet": declared.sheet if declared else None,
        "told": one.fact("trouble", "told"),
        "spare": one.fact("spare", "serial") or "",
        "failed": one.fact("trouble", "serial") or "",
        "arrived_at": clock.in_tokyo(datetime.fromisoformat(arrived)) if arrived else None,
        "done": one.progress.status == "done",
    }


@require_POST
@asks("visit.read")
def act(request: Request, town: str) -> HttpResponse:
    """Something was said from the field: `act` is arrive, finish or absent. Answers a script in JSON, a form by a page."""
    if request.headers.get("Accept") == "application/json":
        return _answered(request)
    return acting.act(request, lambda: _say(request, _done(request)), reverse("desk:visits", args=[town]))


def _say(request: Request, said: Text) -> None:
    acting.say(request, "ok", said.get(request.language))


def _answered(request: Request) -> JsonResponse:
    """`kind`: ok; kept (it is in the case, but does not count); wrong (nothing was recorded: mend it and send it again)."""
    try:
        said, kind = _done(request), "ok"
    except NotYourVisit as refused:
        said, kind = refused.text, "kept"
    except (*acting.REFUSALS, acting.Incomplete) as refused:
        said, kind = refused.text, "wrong"
    return JsonResponse({"kind": kind, "text": said.get(request.language)})


def _done(request: Request) -> Text:
    """Do it; returns what happened. Raises what `field.onsite` refuses, Incomplete, answers.Wrong."""
    task = casework.an_id(request.POST.get("task", ""))
    by, at = request.worker, _at(request, task)
    match request.POST.get("act"):
        case "arrive":
            return ui_text("visits.begun" if onsite.arrive(task, by=by, as_of=at) else "visits.again")
        case "absent":
            reason = text_of(request, "reason", needed="visits.absent_why_needed", most=400)
            onsite.nobody_there(task, reason, by=by, as_of=at)
            return ui_text("visits.absent_done")
        case "finish":
            new = onsite.finish(task, _facts(request, task), _papers(request), by=by, as_of=at)
            return ui_text("visits.finished" if new else "visits.again")
        case _:
            raise acting.Incomplete("visits.unknown_act")


def _at(request: Request, task: Any) -> datetime:
    """When it happened, by the phone's clock as far as that can be believed."""
    now, found = clock.now(), case_queries.task(task)
    try:
        said = datetime.fromisoformat(request.POST.get("at", ""))
    except ValueError:
        return now
    if said.tzinfo is None or found is None:
        return now
    return onsite.happened_at(said, now, found.case.opened_at)


def _facts(request: Request, task: Any) -> dict[str, Any]:
    """What was found. Raises Incomplete where nothing was written."""
    found: Mapping[str, str] = request.POST.dict() | {
        "visit.checked": "、".join(request.POST.getlist("checked"))
    }
    facts = casework.recorded(found, case_queries.task(task))
    said = facts.setdefault("visit", {})
    if not said.get("finding"):
        raise acting.Incomplete("visits.nothing_found")
    for name in SERIALS:
        if said.get(name):
            said[name] = labels.serial_in(said[name])
    return facts


def _papers(request: Request) -> list[cases.Paper]:
    """Photos and the signature as they came; whoever stores them looks into them."""
    files = [("photo", one) for one in request.FILES.getlist("photo")[:MOST_PHOTOS]]
    files += [("signature", one) for one in request.FILES.getlist("signature")[:1]]
    for _, one in files:
        documents.check_size(one.name or "", one.size or 0)  # before it is read into memory
    return [cases.Paper(purpose, one.name or purpose, one.read()) for purpose, one in files if one.size]


# -- what a phone keeps --------------------------------------------------------------------------------
@require_GET
@asks("visit.read")
def worker(request: Request, town: str) -> HttpResponse:
    """The service worker: it must come from below the page that it keeps."""
    return render(request, "channels/desk/visits_worker.js", content_type="text/javascript; charset=utf-8")


@require_GET
@asks("visit.read")
def manifest(request: Request, town: str) -> JsonResponse:
    """What a phone must know to put the page on its home screen (W3C Web Application Manifest)."""
    start = reverse("desk:visits", args=[town])
    icon = {"src": static("site/icon.svg"), "sizes": "any", "type": "image/svg+xml"}
    name = ui_text("desk.nav_visits").get(request.language)
    said = {
        "name": name,
        "short_name": name,
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "icons": [icon],
    }
    return JsonResponse(said, content_type="application/manifest+json")
