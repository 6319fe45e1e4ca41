"""The auditor's page (監査): the access log, searched and taken along, and whether the logs are whole; and the list of who
looked at somebody, which a request for disclosure gets."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access import log, looking, seals, upward
from yakuba.access import queries as staff
from yakuba.access.looking import Sought
from yakuba.access.request import Request
from yakuba.access.web import ask, asks, asks_within, may_here
from yakuba.audit import alarms, disclosure, looks
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.cases import verify as proof
from yakuba.cases.errors import NoSuchCase
from yakuba.cases.log import case_resource
from yakuba.channels import acting
from yakuba.channels.looked import SERVICE
from yakuba.words import Text, ui, ui_text, ui_words

if TYPE_CHECKING:
    from yakuba.access.models import AccessEvent

PAGE = 100
MOST_ROWS = 50_000
"""Rows of a file that is taken along: a request is ended after a minute."""
OUTCOMES = (log.ALLOWED, log.DENIED, log.SIGNED_IN, log.FAILED, log.LOCKED)
COLUMNS = ("when", "worker", "action", "about", "outcome", "from", "policies")


@require_GET
@asks("log.read")
def audit(request: Request, town: str) -> HttpResponse:
    """The access log, the newest first, filtered by the address; and what the last proof of both logs found."""
    asked, wrong = _asked(request)
    rows = [] if wrong else looking.page(asked, size=PAGE, before=_before(request))
    names = staff.staff_names()
    shown = {
        "rows": [_row(row, names) for row in rows[:PAGE]],
        "older": _mark(rows[PAGE - 1]) if len(rows) > PAGE else "",
        "wrong": wrong,
        "typed": request.GET,
        "workers": sorted(names.items(), key=lambda one: one[1]),
        "actions": looking.actions_seen(),
        "outcomes": [(one, ui_text(f"audit.outcome_{one}")) for one in OUTCOMES],
        "can_export": may_here(request, "log.export"),
        "most": f"{MOST_ROWS:,}",
        "proof": alarms.last_proof(),
        "sealed": seals.last_seal(town),
        "unsealed": seals.unsealed(town),
        "checkpoint": proof.last_checkpoint(),
    }
    return render(request, "channels/desk/audit.html", shown)


@require_GET
@asks("log.export")
def export(request: Request, town: str) -> HttpResponse:
    """The filtered log as CSV."""
    asked, wrong = _asked(request)
    if wrong:  # the page itself says what is wrong
        return redirect(f"{reverse('desk:audit', args=[town])}?{request.GET.urlencode()}")
    names, language = staff.staff_names(), request.language
    heads = [ui(f"audit.{column}", language) for column in COLUMNS]
    rows = [_cells(row, names, language) for row in looking.every(asked, most=MOST_ROWS)]
    response = HttpResponse(disclosure.written([heads, *rows]), content_type="text/csv; charset=utf-8")
    name = f"access-log-{town}-{clock.in_tokyo(clock.now()):%Y%m%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(request: Request) -> tuple[Sought, dict[str, str]]:
    """What is looked for, and what in the address is wrong, by field."""
    typed, wrong = request.GET, dict[str, str]()
    days: dict[str, datetime | None] = {"since": None, "until": None}
    for name in days:
        if text := typed.get(name, "").strip():
            try:
                days[name] = datetime.combine(clock.parse_date(text), time(), clock.TOKYO)
            except clock.NotADate as error:
                wrong[name] = error.text.get(request.language)
    about: Sequence[tuple[str, str]] | None = None
    if person := typed.get("person", "").strip():
        try:
            about = list(upward.concerning(str(uuid.UUID(person))))
        except ValueError:
            wrong["person"] = ui("audit.wrong_person", request.language)
    until = days["until"]
    asked = Sought(
        worker=typed.get("worker", ""),
        action=typed.get("action", ""),
        outcome=typed.get("outcome", ""),
        since=days["since"],
        until=until + timedelta(days=1) if until else None,
        about=about,
    )
    return asked, wrong


def _before(request: Request) -> tuple[datetime, int] | None:
    """The row after which an older page begins; None for the newest, and where the address was tampered with."""
    micros, _, id = request.GET.get("before", "").partition("-")
    if not (micros.isdecimal() and id.isdecimal() and len(micros) < 17 and len(id) < 19):
        return None
    return datetime.fromtimestamp(0, clock.TOKYO) + timedelta(microseconds=int(micros)), int(id)


def _mark(row: AccessEvent) -> str:
    since = row.at - datetime.fromtimestamp(0, clock.TOKYO)
    return f"{since // timedelta(microseconds=1)}-{row.id}"


def _row(row: AccessEvent, names: dict[str, str]) -> dict[str, Any]:
    roles, zone, glass = looking.around(row.question)
    return {
        "at": row.at,
        "worker": names.get(row.worker_id, row.worker_id),
        "roles": [ui_text(f"absence.role_{role}") for role in roles if f"absence.role_{role}" in ui_words()],
        "acting_for": [names.get(one, one) for one in row.acting_for],
        "action": row.action,
        "type": row.resource_type,
        "id": row.resource_id,
        "outcome": _said("audit.outcome_", row.outcome),
        "denied": row.outcome in (log.DENIED, log.FAILED, log.LOCKED),
        "zone": _said("audit.zone_", zone) if zone else None,
        "glass": glass,
        "policies": row.policies,
    }


def _said(prefix: str, name: str) -> Text:
    key = f"{prefix}{name}"
    return ui_text(key) if key in ui_words() else Text.same(name)


def _cells(row: AccessEvent, names: dict[str, str], language: str) -> list[str]:
    _, zone, glass = looking.around(row.question)
    return [
        f"{clock.in_tokyo(row.at):%Y-%m-%d %H:%M:%S}",
        names.get(row.worker_id, row.worker_id),
        row.action,
        f"{row.resource_type} {row.resource_id}",
        _said("audit.outcome_", row.outcome).get(language),
        " ".join(
            [_said("audit.zone_", zone).get(language)] * bool(zone) + [ui("looks.glass", language)] * glass
        ),
        " ".join(row.policies),
    ]


# -- disclosure --------------------------------------------------------------------------------------
def may_disclose(request: Request, case: Any) -> bool:
    """Whether the list of who looked can be made for the applicant of this case."""
    if case.service != SERVICE or case.state == "closed" or case.applicant is None:
        return False
    return access.may(request.worker, "looks.disclose", looks.resource(case.applicant, request.town))


@require_POST
@asks_within("looks.disclose")
def disclose(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Make the list of who looked at the applicant of a request for disclosure, and attach it to the case."""
    try:
        found = case_queries.one(case)
    except NoSuchCase as error:
        raise Http404 from error
    if found.service != SERVICE:
        raise Http404
    back = reverse("desk:case", args=[town, case])
    if found.applicant is None:
        ask(request, _nobody(request, found))
        acting.say(request, "wrong", ui("looks.no_person", request.language))
        return redirect(back)
    ask(request, looks.resource(found.applicant, town))
    access.require(request.worker, "case.read", case_resource(found.id, case_queries.state(found), town))
    now = clock.now()
    try:
        made = disclosure.pdf(found.applicant, by=request.worker, as_of=now, language=found.language)
    except (disclosure.Nobody, looks.TooMuch) as error:
        acting.say(request, "wrong", str(error))
        return redirect(back)
    paper = cases.store_document(made, name=ui("looks.file_name", found.language), as_of=now, origin="system")
    cases.attach(found.id, paper, purpose="looks", by=request.worker, as_of=now)
    acting.say(request, "ok", ui("looks.made", request.language))
    return redirect(back)


def _nobody(request: Request, case: Any) -> access.Resource:
    """Somebody whom nobody found in the register goes by the case."""
    return access.Resource("Person", str(case.id), request.town)
