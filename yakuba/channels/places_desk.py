"""Places that are given out (枠・抽選), on the desk: what is offered and how full it is, offering more, the draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks, may_here
from yakuba.booking import actions, places_file, queries
from yakuba.booking.errors import Unreadable
from yakuba.booking.ranking import commitment
from yakuba.cases import catalogue, documents
from yakuba.channels import acting
from yakuba.declare import Service
from yakuba.words import Text, ui

if TYPE_CHECKING:
    from yakuba.booking.models import Round

PAGE = 100


def _bookable() -> dict[str, Service]:
    """The services of this town that give places out."""
    return {name: one for name, one in catalogue.offered().items() if one.book}


# -- what is offered -----------------------------------------------------------------------------
@require_GET
@asks("booking.read")
def places(request: Request, town: str) -> HttpResponse:
    """Every service that gives places out, with its rounds and how full they are."""
    rounds = queries.all_rounds()
    offers: dict[Any, list[queries.Offer]] = {one.id: [] for one in rounds}
    for offer in queries.places_of(rounds):
        offers[offer.place.round_id].append(offer)
    services = _bookable()
    known = [*services, *sorted({one.service for one in rounds} - services.keys())]
    listed = [
        {
            "name": catalogue.name_of(name),
            "order": services[name].book.order if name in services else "",  # type: ignore[union-attr]
            "rounds": [_row(one, offers[one.id]) for one in rounds if one.service == name],
        }
        for name in known
    ]
    shown = {
        "offered": [one for one in listed if one["rounds"]],
        "without": [one for one in listed if not one["rounds"]],
        "bookable": services.values(),
        "can_offer": may_here(request, "booking.set_up"),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/places.html", shown)


def _row(found: Round, offers: list[queries.Offer]) -> dict[str, Any]:
    now = clock.now()
    return {
        "round": found,
        "name": Text(**found.name),
        "places": len(offers),
        "capacity": sum(one.place.capacity for one in offers),
        "free": sum(one.free for one in offers),
        "state": _state(found, now),
    }


def _state(found: Round, now: Any) -> str:
    """Where a round stands, as the words of the page name it."""
    if found.drawn_at:
        return "drawn"
    if found.opens > now:
        return "to_come"
    return "closed" if found.closes and found.closes <= now else "open"


@require_POST
@asks("booking.set_up")
def offer(request: Request, town: str) -> HttpResponse:
    """Take the places of a file in, or say row by row what is wrong with it."""

    def do() -> None:
        service, upload = request.POST.get("service", ""), request.FILES.get("places")
        if service not in _bookable():
            raise acting.Incomplete("desk.choose_service")
        if upload is None:
            raise acting.Incomplete("places.file_needed")
        documents.check_size(upload.name or "", upload.size or 0)
        try:
            rounds = places_file.read(upload.read())
        except Unreadable as unreadable:
            says, *rows = unreadable.text.get(request.language).splitlines()
            acting.say(request, "wrong", says, rows)
            return
        for one in rounds:
            actions.set_up(
                service, one.code, one.name, one.places, opens=one.opens, closes=one.closes, by=request.worker
            )
        count = sum(len(one.places) for one in rounds)
        acting.say(request, "ok", ui("places.offered", request.language, count=count, rounds=len(rounds)))

    return acting.act(request, do, reverse("desk:places", args=[town]))


# -- one round -----------------------------------------------------------------------------------
@require_GET
@asks("booking.read")
def round_(request: Request, town: str, service: str, code: str) -> HttpResponse:
    """The places of a round, the draw with what anybody needs to check it, and who got or waits for what."""
    found = _found(service, code)
    declared = catalogue.current().services.get(service)
    order = declared.book.order if declared and declared.book else ""
    by_lot = order in ("lottery", "points")
    offers = queries.places_of([found])
    state = _state(found, clock.now())
    shown = {
        **_row(found, offers),
        "service": catalogue.name_of(service),
        "service_id": service,
        "offers": [(one, one.when(request.language)) for one in offers],
        "order": order,
        "digest": commitment(bytes(found.seed)) if by_lot else "",
        "seed": bytes(found.seed).hex() if by_lot and found.drawn_at else "",
        "page_of": Paginator(queries.standing(found), PAGE).get_page(request.GET.get("page")),
        "with_points": order == "points",
        "can_draw": by_lot and state == "closed" and may_here(request, "booking.draw"),
        "can_read": may_here(request, "queue.read"),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/round.html", shown)


def _found(service: str, code: str) -> Round:
    found = queries.round_of(service, code)
    if found is None:
        raise Http404
    return found


@require_POST
@asks("booking.draw")
def draw(request: Request, town: str, service: str, code: str) -> HttpResponse:
    """Draw a round that has closed; one that was drawn before is what it was, and that is said."""

    def do() -> None:
        now = clock.now()
        drawn = actions.draw(service, code, by=request.worker, as_of=now)
        given = list((drawn.result or {}).values())
        placed = sum(one["place"] is not None for one in given)
        counts = {"asked": len(given), "placed": placed, "waiting": len(given) - placed}
        if drawn.drawn_at == now:
            acting.say(request, "ok", ui("places.was_drawn", request.language, **counts))
        else:
            at = clock.say_datetime(drawn.drawn_at or now, request.language)
            acting.say(request, "warn", ui("places.drawn_before", request.language, at=at, **counts))

    _found(service, code)
    return acting.act(request, do, reverse("desk:round", args=[town, service, code]))
