"""The pages of working outside of the hall: proving again who one is, making a device known, and what the town declares."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import time
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yakuba import clock, words
from yakuba.access import actions, devices, limits, log, passkeys, queries, situation
from yakuba.access.circumstances import PROFILES, ZONES
from yakuba.access.errors import AccessError, NoSuchColleague, NotATime
from yakuba.access.request import Request
from yakuba.access.web import asks, me, next_page, the_town, tried_in_vain


# -- proving again who one is ------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@asks("step_up")
def step_up(request: Request, town: str) -> HttpResponse:
    """The code of the authenticator app once more; then back to where it was asked for."""
    if request.method == "GET":
        return _step_up(request)
    try:
        actions.check_code(me(request), request.POST.get("code", ""), as_of=clock.now())
    except (actions.WrongCredentials, limits.TooMany) as error:
        return tried_in_vain(request, error, _step_up)
    return redirect(_proven(request))


@require_POST
@asks("step_up")
def step_up_with_passkey(request: Request, town: str) -> HttpResponse:
    """A passkey once more (JSON in, JSON out: `next` or `message`): only one of the person who is signed in."""
    now = clock.now()
    try:
        staff = passkeys.prove(request, request.body.decode(errors="replace"), as_of=now)
        if staff != me(request):
            raise passkeys.NotProven("it is somebody else's")
    except passkeys.NotProven:
        actions.passkey_failed(town, as_of=now)
        return JsonResponse({"message": words.ui("access.passkey_failed", request.language)}, status=401)
    return JsonResponse({"next": _proven(request)})


def _proven(request: Request) -> str:
    """Where to go on."""
    request.session.prove()
    log.record(request.worker, "step_up", the_town(request), log.SIGNED_IN, as_of=clock.now())
    return next_page(request, f"/{request.town}/staff/")


def _step_up(request: Request, *, wrong: str = "", status: int = 200) -> HttpResponse:
    shown = {"wrong": wrong, "ready": bool(me(request).totp_secret), "next": next_page(request, "")}
    return render(request, "access/step_up.html", shown, status=status)


# -- making a device known ---------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@asks("device.register")
def this_device(request: Request, town: str) -> HttpResponse:
    """All that a clerk needs in order to work at home, on one page: the device's code, the second factor, the rules."""
    if request.method == "GET":
        return _this_device(request)
    now = clock.now()
    try:
        secret = devices.register(request.POST.get("code", ""), me(request), by=request.worker, as_of=now)
    except AccessError as error:
        return _this_device(request, wrong=error.text.get(request.language), status=400)
    answer = redirect("access:this_device", town=town)
    answer.set_cookie(
        situation.COOKIE,
        secret,
        max_age=int(devices.COOKIE_LIFE.total_seconds()),
        path=f"/{town}/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _this_device(request: Request, *, wrong: str = "", status: int = 200) -> HttpResponse:
    shown = {
        "wrong": wrong,
        "where": request.worker.where,
        "posture": devices.posture(),
        "passkeys": queries.passkeys_of(me(request)),
    }
    return render(request, "access/this_device.html", shown, status=status)


# -- what the town declares --------------------------------------------------------------------------
@require_GET
@asks("network.manage")
def declared(request: Request, town: str) -> HttpResponse:
    """Devices, networks, the model and the hours."""
    return _declared(request)


def _declared(request: Request, *, status: int = 200, **said: Any) -> HttpResponse:
    shown = {
        "devices": devices.devices(),
        "networks": devices.networks(),
        "posture": devices.posture(),
        "profiles": PROFILES,
        "zones": [zone for zone in ZONES if zone not in ("home", "internet")],
        "colleagues": queries.colleagues(),
        "own_address": situation.seen(request).address,
    }
    return render(request, "access/declared.html", {**shown, **said}, status=status)


def _declares(action: Callable[..., HttpResponse | None]) -> Callable[..., HttpResponse]:
    """A view that declares something, and shows the page again: with what is wrong and what was typed, where it was refused."""

    @require_POST
    @asks("network.manage")
    @wraps(action)
    def declaring(request: Request, town: str, **which: Any) -> HttpResponse:
        try:
            return action(request, **which) or redirect("access:declared", town=town)
        except AccessError as error:
            wrong = error.text.get(request.language)
            return _declared(request, wrong=wrong, typed=request.POST, status=400)

    return declaring


@_declares
def issue_device(request: Request) -> HttpResponse:
    """A code for a new device, shown once."""
    chosen = request.POST.get("staff", "")
    staff = queries.colleague(chosen) if chosen else None
    if chosen and staff is None:
        raise NoSuchColleague
    device, code = devices.issue(
        request.POST.get("name", ""),
        staff,
        managed="managed" in request.POST,
        for_emergency="for_emergency" in request.POST,
        certificate=request.POST.get("certificate", ""),
        by=request.worker,
        as_of=clock.now(),
    )
    return _declared(request, issued=device, code=code)


@_declares
def revoke_device(request: Request, device: uuid.UUID) -> None:
    """The device counts no more."""
    devices.revoke(device, by=request.worker, as_of=clock.now())


@_declares
def declare_network(request: Request) -> None:
    """Addresses of the hall, or of a site of a disaster."""
    zone, cidr, note = (request.POST.get(name, "") for name in ("zone", "cidr", "note"))
    if zone in ZONES:
        devices.declare_network(zone, cidr, note, by=request.worker, as_of=clock.now())


@_declares
def forget_network(request: Request, network: int) -> None:
    """The addresses count as any others again."""
    devices.forget_network(network, by=request.worker, as_of=clock.now())


@_declares
def set_posture(request: Request) -> None:
    """The model of the town's networks, and the hours for work outside."""
    profile = request.POST.get("profile", "")
    try:
        hours = [time.fromisoformat(request.POST.get(name, "")) for name in ("from", "until")]
    except ValueError as error:
        raise NotATime from error
    if profile in PROFILES:
        devices.set_posture(profile, *hours, by=request.worker, as_of=clock.now())
