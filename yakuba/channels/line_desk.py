"""The kitting line: one field for the scanner, one large answer, and the board beside it. Works by keyboard alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks, may_here
from yakuba.channels import acting
from yakuba.declare import Step
from yakuba.field import actions, queries, services
from yakuba.field.kitting import labels
from yakuba.words import Text, ui_text

MOST = 64
"""Characters of a code."""


@require_GET
@asks("device.read")
def line(request: Request, town: str) -> HttpResponse:
    """Where devices wait, and for kitting staff the field to scan into."""
    station, order, place = _where(request.GET)
    now = queries.line(clock.now(), order)
    shown = {
        "stations": [(one, _name(services.kitting().step(one.step))) for one in now.stations],
        "line": now,
        "per_cent": None if now.first_pass is None else round(100 * now.first_pass, 1),
        "station": station.id,
        "station_name": _name(station),
        "choices": [(step.id, _name(step)) for step in services.stations(services.kitting())],
        "leaving": _leaves(station),
        "order": order,
        "place": place,
        "pending": request.GET.get("serial", "")[:MOST],
        "faults": queries.faults(order) if order else {},
        "can": {"scan": may_here(request, "device.observe")},
        "said": acting.said(request),
    }
    return render(request, "channels/desk/line.html", shown)


@require_POST
@asks("device.observe")
def scan(request: Request, town: str) -> HttpResponse:
    """A code was scanned at a station: the step is done, or it is said why not. Nothing is done twice."""
    station, order, place = _where(request.POST)
    back = {"station": station.id, "order": order, "place": place}
    where = reverse("desk:line", args=[town])

    def do() -> str | None:
        serial = labels.serial_in(acting.text_of(request, "serial", needed="line.scan_needed", most=MOST))
        tracking = acting.text_of(request, "tracking", most=MOST)
        if _receives(station) and not (order and place):
            raise acting.Incomplete("line.where_needed")
        if _leaves(station) and not tracking:
            # the scanner sends the first code with Enter; the second field waits for the parcel's number
            acting.say(request, "warn", ui_text("line.scan_tracking").get(request.language))
            return f"{where}?{urlencode(back | {'serial': serial})}"
        done = _done(request, station, serial, order, place, tracking)
        acting.say(request, "warn" if done.again else "ok", _answer(done).get(request.language))
        return None

    return acting.act(request, do, f"{where}?{urlencode(back)}")


def _done(
    request: Request, station: Step, serial: str, order: str, place: str, tracking: str
) -> actions.Scan:
    by, now = request.worker, clock.now()
    if _receives(station):
        return actions.receive(serial, order, place, by=by, as_of=now)
    return actions.scan(serial, station.id, by=by, as_of=now, tracking=tracking)


def _answer(done: actions.Scan) -> Text:
    """What happened, and what comes next."""
    said = ui_text("line.done_before" if done.again else "line.done_now")
    line = services.kitting()
    following = _name(line.step(done.next)) if done.next else ui_text("line.nothing_next")
    return said.format(serial=done.serial, step=_name(line.step(done.step)), next=following)


def _name(step: Step) -> Text:
    assert step.name is not None, f"step {step.id} has no name"
    return step.name


def _receives(station: Step) -> bool:
    """A device comes out of the carton here."""
    return services.SERIAL in station.record


def _leaves(station: Step) -> bool:
    """A device goes to the carrier here."""
    return services.PARCEL in station.record


def _where(asked: Any) -> tuple[Step, str, str]:
    """Station, order and place of a page or form; an unknown station is the first."""
    stations = services.stations(services.kitting())
    return (
        next((one for one in stations if one.id == asked.get("station", "")), stations[0]),
        asked.get("order", "")[:MOST].strip(),
        asked.get("place", "")[:MOST].strip(),
    )
