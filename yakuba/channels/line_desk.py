"""The kitting line: one field for the scanner, one large answer, and the board beside it. Works by keyboard alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.cases import catalogue
from yakuba.cases.state import step_of
from yakuba.channels import acting
from yakuba.field import actions, queries
from yakuba.field.kitting import labels
from yakuba.words import Text, ui_text

STATIONS = ("receive", "unbox", "set-up", "mend", "label", "pack", "ship")
"""Steps that are done by scanning; `verify` is not among them."""
MOST = 64
"""Characters of a code."""


@require_GET
@asks("device.read")
def line(request: Request, town: str) -> HttpResponse:
    """Where devices wait, and for kitting staff the field to scan into."""
    station, order, place = _where(request.GET)
    now = queries.line(clock.now(), order)
    about = access.Resource("Town", town, town)
    shown = {
        "stations": [(one, _name(one.step)) for one in now.stations],
        "line": now,
        "per_cent": None if now.first_pass is None else round(100 * now.first_pass, 1),
        "station": station,
        "station_name": _name(station),
        "choices": [(step, _name(step)) for step in STATIONS],
        "order": order,
        "place": place,
        "pending": request.GET.get("serial", "")[:MOST],
        "faults": queries.faults(order) if order else {},
        "can": {"scan": access.may(request.worker, "device.observe", about)},
        "said": acting.said(request),
    }
    return render(request, "channels/desk/line.html", shown)


@require_POST
@asks("device.observe")
def scan(request: Request, town: str) -> HttpResponse:
    """A code was scanned at a station: the step is done, or it is said why not. Nothing is done twice."""
    station, order, place = _where(request.POST)
    back = {"station": station, "order": order, "place": place}
    where = reverse("desk:line", args=[town])

    def do() -> str | None:
        serial = labels.serial_in(acting.text_of(request, "serial", needed="line.scan_needed", most=MOST))
        tracking = acting.text_of(request, "tracking", most=MOST)
        if station == "receive" and not (order and place):
            raise acting.Incomplete("line.where_needed")
        if station == "ship" and not tracking:
            # the scanner sends the first code with Enter; the second field waits for the parcel's number
            acting.say(request, "warn", ui_text("line.scan_tracking").get(request.language))
            return f"{where}?{urlencode(back | {'serial': serial})}"
        done = _done(request, station, serial, order, place, tracking)
        acting.say(request, "warn" if done.again else "ok", _answer(done).get(request.language))
        return None

    return acting.act(request, do, f"{where}?{urlencode(back)}")


def _done(request: Request, station: str, serial: str, order: str, place: str, tracking: str) -> actions.Scan:
    by, now = request.worker, clock.now()
    if station == "receive":
        return actions.receive(serial, order, place, by=by, as_of=now)
    return actions.scan(serial, station, by=by, as_of=now, tracking=tracking)


def _answer(done: actions.Scan) -> Text:
    """What happened, and what comes next."""
    said = ui_text("line.done_before" if done.again else "line.done_now")
    following = _name(done.next) if done.next else ui_text("line.nothing_next")
    return said.format(serial=done.serial, step=_name(done.step), next=following)


def _name(step: str) -> Text:
    name = step_of(catalogue.service(actions.SERVICE), step).name
    assert name is not None, f"step {step} has no name"
    return name


def _where(asked: Any) -> tuple[str, str, str]:
    """Station, order and place of a page or form; an unknown station is the first."""
    station = asked.get("station", "")
    return (
        station if station in STATIONS else STATIONS[0],
        asked.get("order", "")[:MOST].strip(),
        asked.get("place", "")[:MOST].strip(),
    )
