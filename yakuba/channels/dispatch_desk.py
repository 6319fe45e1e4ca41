"""The dispatchers' page: a day on a map and as a timeline; one visit is moved by dragging it or by a form, its cost first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.cases import queries as case_queries
from yakuba.channels import acting, casework
from yakuba.channels.acting import text_of
from yakuba.field import dispatching, visits
from yakuba.field.visits import Booked, Visit, read_time, seconds_of
from yakuba.words import Text, ui_text

FIRST, LAST = 8, 19
"""Hours of the day that the timeline shows."""
WEST, NORTH, ACROSS, DOWN = 122.0, 46.0, 81, 100
"""The map's corner in degrees and its units for a degree: those of `static/desk/japan.svg` (data/japan)."""
SECONDS = 4.0
"""How long engines look for a better plan while somebody waits."""


@dataclass(frozen=True, slots=True)
class Block:
    """A visit on the timeline: where it begins and how long it is in minutes from FIRST, its words, what may be done."""

    visit: Visit
    x: int
    width: int
    label: str
    title: str
    state: str
    can_move: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One technician's day."""

    worker: str
    name: str
    base: str
    away: bool
    blocks: list[Block]
    rests: list[tuple[int, int]]
    ahead: int


@require_GET
@asks("visit.roster")
def dispatch(request: Request, town: str) -> HttpResponse:
    """A day: figures, timeline, map, everything that is not planned and why."""
    on, now = _day(request.GET.get("on", "")), clock.now()
    day = visits.booked(on, now)
    base = request.GET.get("base", "")
    rows = [row for row in _rows(day) if base in ("", row.base)]
    near = {row.worker for row in rows}
    found = [one for one in day.visits.values() if not base or near & set(one.who) or not one.who]
    move = day.visits.get(request.GET.get("move", ""))
    shown = {
        "on": on,
        "previous": on - timedelta(days=1),
        "next": on + timedelta(days=1),
        "rows": rows,
        "hours": [(60 * (hour - FIRST), hour) for hour in range(FIRST, LAST)],
        "width": 60 * (LAST - FIRST),
        "base": base,
        "bases": sorted({who.base for who in day.technicians.values()}),
        "visits": sorted((_told(day, one) for one in found), key=lambda one: one["order"]),
        "counts": _counts(found),
        "map": _map(day, [one for one in found if one.who or not base], near),
        "undated": visits.undated(),
        "rebook": list(case_queries.queue(roles=("dispatcher",)).filter(role="dispatcher")),
        "move": move,
        "position": request.GET.get("position", "0"),
        "to": request.GET.get("to", ""),
        "sure": request.GET.get("sure") == "1",
        "said": acting.said(request),
    }
    return render(request, "channels/desk/dispatch.html", shown)


def _day(said: str) -> date:
    """The day that was asked for; today in Japan when none was, or none that can be read."""
    try:
        return clock.parse_date(said)
    except clock.NotADate:
        return clock.in_tokyo(clock.now()).date()


def _rows(day: Booked) -> Iterator[Row]:
    """The technicians' days: what was, by the log; what is ahead, by the plan."""
    routes = {route.technician: route for route in day.plan.routes}
    for worker, who in day.technicians.items():
        route = routes.get(worker)
        blocks = [_past(one, day.on) for one in day.visits.values() if one.begun and worker in one.who]
        stops = list(route.stops) if route else []
        blocks += [_block(day.visits[s.job], s.begins, s.ends, "open") for s in stops]
        rests = (
            [(begins // 60 - 60 * FIRST, (ends - begins) // 60) for begins, ends in route.breaks]
            if route
            else []
        )
        yield Row(
            worker,
            who.name,
            who.base,
            worker in day.away,
            sorted(blocks, key=lambda b: b.x),
            rests,
            len(stops),
        )


def _past(one: Visit, on: date) -> Block:
    done = one.progress.done_at
    begins = seconds_of(datetime.fromisoformat(one.progress.arrived_at or done or ""), on)
    if done:
        return _block(one, begins, seconds_of(datetime.fromisoformat(done), on), "done")
    return _block(one, begins, begins + one.length, "there")


def _block(one: Visit, begins: int, ends: int, state: str) -> Block:
    at = f"{begins // 3600:02d}:{begins // 60 % 60:02d}"
    title = f"{at} {one.name.ja} {one.reference}"
    width = max(8, (ends - begins) // 60)
    return Block(
        one, begins // 60 - 60 * FIRST, width, at, title, state, state == "open" and len(one.who) == 1
    )


def _told(day: Booked, one: Visit) -> dict[str, Any]:
    """A visit as the table shows it."""
    begins = one.begins
    people = "・".join(day.technicians[name].name for name in one.who if name in day.technicians)
    why = day.unplaceable.get(one.job) or day.plan.unserved.get(one.job, "")
    return {
        "visit": one,
        "begins": begins,
        "people": people,
        "urgent": bool(one.fact("visit", "urgent")),
        "state": ui_text(f"visits.state_{_state(one)}") if one.who or one.begun else None,
        "why": ui_text(f"visits.why_{why}") if why and not one.begun else None,
        "can_move": not one.begun and one.job not in day.unplaceable,
        "order": (bool(one.who), begins.isoformat() if begins else "", one.reference),
    }


def _state(one: Visit) -> str:
    if one.progress.status == "done":
        return "done"
    return "there" if one.begun else "open"


def _counts(found: Sequence[Visit]) -> list[tuple[Text, int]]:
    planned = sum(bool(one.who) for one in found)
    return [
        (ui_text("visits.asked"), len(found)),
        (ui_text("visits.appointed"), planned),
        (ui_text("visits.done"), sum(_state(one) == "done" for one in found)),
        (ui_text("visits.not_planned"), len(found) - planned),
    ]


def _map(day: Booked, found: Sequence[Visit], near: Collection[str]) -> dict[str, Any] | None:
    """The points of the map, and the part of it that they and these technicians' bases lie in."""
    people = [who for who in day.technicians.values() if who.worker in near]
    bases = sorted({(who.base, *_point(who.longitude, who.latitude)) for who in people})
    placed = [one for one in found if one.job not in day.unplaceable]
    points = [(_point(one.fact("site", "longitude"), one.fact("site", "latitude")), one) for one in placed]
    xs = [x for _, x, _ in bases] + [x for (x, _), _ in points]
    ys = [y for _, _, y in bases] + [y for (_, y), _ in points]
    if not xs:
        return None
    size = max(max(xs) - min(xs), max(ys) - min(ys), 80) * 1.15
    left, top, dot = (max(xs) + min(xs) - size) / 2, (max(ys) + min(ys) - size) / 2, size / 90
    return {
        "box": f"{left:.1f} {top:.1f} {size:.1f} {size:.1f}",
        "bases": [(name, f"{x - 1.2 * dot:.1f}", f"{y - 1.2 * dot:.1f}") for name, x, y in bases],
        "points": [(x, y, _colour(one), one.name.ja) for (x, y), one in points],
        "dot": f"{dot:.2f}",
        "side": f"{2.4 * dot:.2f}",
        "line": f"{dot / 4:.2f}",
    }


def _colour(one: Visit) -> str:
    return _state(one) if one.who or one.begun else "none"


def _point(longitude: float, latitude: float) -> tuple[float, float]:
    return round((longitude - WEST) * ACROSS, 1), round((NORTH - latitude) * DOWN, 1)


# -- what a dispatcher does ----------------------------------------------------------------------------
@require_POST
@asks("visit.roster")
def plan(request: Request, town: str) -> HttpResponse:
    """Plan a day, or plan it anew."""
    on = _day(request.POST.get("on", ""))
    return acting.act(request, lambda: _plan(request, on), _back(request, on))


def _plan(request: Request, on: date) -> None:
    done = dispatching.plan(on, by=request.worker, as_of=clock.now(), seconds=SECONDS)
    said = {"asked": done.asked, "planned": done.planned, "changed": done.changed, "left": done.left}
    acting.say(request, "ok", ui_text("visits.planned").format(**said).get(request.language))


@require_POST
@asks("visit.roster")
def away(request: Request, town: str) -> HttpResponse:
    """Somebody cannot come: the day is planned anew without them."""
    on = _day(request.POST.get("on", ""))

    def do() -> None:
        try:
            since = read_time(request.POST.get("since"), 0)
        except visits.NotPlaceable as error:
            raise acting.Incomplete(f"visits.why_{error.why}") from error
        worker = text_of(request, "worker", needed="desk.nothing_chosen", most=80)
        dispatching.cannot_come(worker, on, by=request.worker, since=since)
        _plan(request, on)

    return acting.act(request, do, _back(request, on))


@require_POST
@asks("visit.roster")
def move(request: Request, town: str) -> HttpResponse:
    """Say what a move would cost; or, confirmed, move."""
    on = _day(request.POST.get("on", ""))
    to, position = request.POST.get("to", ""), request.POST.get("position", "0")
    sure = request.POST.get("sure") == "1"
    again = {"move": request.POST.get("task", ""), "to": to, "position": position, "sure": "1"}

    def do() -> str:
        found = dispatching.move(
            casework.an_id(request.POST.get("task", "")),
            to or None,
            int(position) if position.isdigit() else 0,
            request.POST.get("seen", ""),
            by=request.worker,
            as_of=clock.now(),
            do=sure,
        )
        if sure:
            acting.say(request, "ok", ui_text("visits.moved").get(request.language))
            return _back(request, on)
        said = _cost(found, visits.booked(on, clock.now()), to)
        acting.say(request, "warn", said.get(request.language))
        return f"{_back(request, on)}&{urlencode(again)}#move"

    return acting.act(request, do, _back(request, on))


def _cost(found: dispatching.Moved, day: Booked, to: str) -> Text:
    more = f"{round(found.more / 60):+d}"
    if not found.begins:
        return ui_text("visits.cost_out").format(more=more)
    name = day.technicians[to].name
    return ui_text("visits.cost").format(to=name, more=more, at=f"{clock.in_tokyo(found.begins):%H:%M}")


def _back(request: Request, on: date) -> str:
    """The day, with the base that was looked at."""
    asked = {"on": on.isoformat(), "base": request.POST.get("base", "")}
    return f"{reverse('desk:dispatch', args=[request.town])}?{urlencode(asked)}"
