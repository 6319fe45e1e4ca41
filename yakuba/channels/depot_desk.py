"""The depot: spares by place and profile, units that came back and what is done with them, and counting a bin."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.channels import acting, casework
from yakuba.channels.acting import text_of
from yakuba.field import figures, queries, services, support
from yakuba.field.kitting import labels
from yakuba.words import ui_text

ACTS = ("take-back", "erase", "repaired", "scrapped")
STEPS = ("take-back", "erase", "repair")
MOST = 64
"""Characters of a code."""
MOST_COUNTED = 100_000
"""Characters of what was scanned in a bin."""


@require_GET
@asks("device.observe")
def depot(request: Request, town: str) -> HttpResponse:
    """Stock, what is to be set up at once, what came back."""
    place = request.GET.get("bin", "").strip()[:MOST]
    shown = {
        "spares": figures.spares(),
        "wanted": queries.wanted(),
        "back": list(_back()),
        "acts": [(act, ui_text(f"depot.act_{act}")) for act in ACTS],
        "methods": list(catalogue.service(services.SUPPORT).facts["erasure.method"].choices.items()),
        "bin": place,
        "count": None,
        "said": acting.said(request),
    }
    return render(request, "channels/desk/depot.html", shown)


def _back() -> Any:
    """Units whose case waits for the depot, with the step that is next."""
    for step in STEPS:
        for task in case_queries.queue(service=services.SUPPORT, step=step):
            serial = case_queries.state(task.case).fact("trouble.serial") or ""
            yield (
                serial,
                casework.step_name(task.service, step, case_queries.service_of(task.case)),
                task.case,
            )


@require_POST
@asks("device.observe")
def act(request: Request, town: str) -> HttpResponse:
    """One unit went one step further."""

    def do() -> None:
        serial = labels.serial_in(text_of(request, "serial", needed="line.scan_needed", most=MOST))
        _done(request, serial, request.POST.get("did", ""))
        acting.say(request, "ok", ui_text("depot.recorded").format(serial=serial).get(request.language))

    return acting.act(request, do, reverse("desk:depot", args=[town]))


def _done(request: Request, serial: str, did: str) -> None:
    by, now = request.worker, clock.now()
    if did == "take-back":
        place = text_of(request, "place", needed="depot.place_needed", most=MOST)
        support.take_back(serial, place, by=by, as_of=now)
    elif did == "erase":
        certificate = text_of(request, "certificate", needed="depot.certificate_needed", most=MOST)
        method = request.POST.get("method", "")
        if method not in catalogue.service(services.SUPPORT).facts["erasure.method"].choices:
            raise acting.Incomplete("depot.certificate_needed")
        support.erased(serial, method, certificate, by=by, as_of=now)
    elif did == "repaired":
        support.mended(serial, by=by, as_of=now)
    elif did == "scrapped":
        support.scrapped(serial, by=by, as_of=now)
    else:
        raise acting.Incomplete("desk.nothing_chosen")


@require_POST
@asks("device.observe")
def count(request: Request, town: str) -> HttpResponse:
    """What was scanned in a bin beside what the log says is there; nothing is changed."""
    place = request.POST.get("bin", "").strip()[:MOST]
    lines = request.POST.get("scanned", "")[:MOST_COUNTED].splitlines()
    scanned = [labels.serial_in(line.strip()) for line in lines if line.strip()]
    shown = {
        "bin": place,
        "count": figures.count(place, scanned),
        "scanned": "\n".join(scanned),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/depot_count.html", shown)
