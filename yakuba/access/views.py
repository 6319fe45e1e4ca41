"""The pages of signing in and out, for staff and residents."""

from __future__ import annotations

import logging

from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yakuba import clock, words
from yakuba.access import actions, limits, oidc, passkeys, queries, situation
from yakuba.access.models import Staff
from yakuba.access.request import Request
from yakuba.access.web import address, asks, me, next_page, tried_in_vain
from yakuba.access.worker import PUBLIC, SUPPORTER

logger = logging.getLogger(__name__)

#: Seconds between the password and the code.
CODE_WITHIN = 300
#: What a visitor began before signing in and keeps afterwards; what another resident began stays theirs.
KEPT = ("drafts", "codes", "finder")


# -- staff: password, then code --------------------------------------------------------------------
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@asks("sign_in")
def staff_sign_in(request: Request, town: str) -> HttpResponse:
    """The first factor: login and password."""
    if request.method == "GET":
        return _staff_sign_in(request)
    login = request.POST.get("login", "").strip()
    try:
        staff = actions.check_password_of(
            login,
            request.POST.get("password", ""),
            town=town,
            address=address(request),
            as_of=clock.now(),
        )
    except (actions.WrongCredentials, limits.TooMany) as error:
        return tried_in_vain(request, error, _staff_sign_in, login=login)
    after = next_page(request, "")
    request.session.begin(pending=str(staff.id))
    request.session["after"] = after
    rotate_token(request)
    return redirect("access:staff_code", town=town)


@require_http_methods(["GET", "POST"])
@asks("sign_in")
def staff_code(request: Request, town: str) -> HttpResponse:
    """The second factor: the code of the authenticator app."""
    staff = _pending(request)
    if staff is None:
        return _staff_sign_in(request, wrong=_say(request, "begin_again"), status=401)
    if request.method == "GET":
        return _staff_code(request, ready=bool(staff.totp_secret))
    try:
        actions.check_code(staff, request.POST.get("code", ""), as_of=clock.now())
    except (actions.WrongCredentials, limits.TooMany) as error:
        return tried_in_vain(request, error, _staff_code, ready=bool(staff.totp_secret))
    return redirect(_enter(request, staff))


def _pending(request: Request) -> Staff | None:
    """Who showed the password in this browser a moment ago."""
    pending, began = request.session.get("pending"), request.session.get("began", 0)
    fresh = clock.now().timestamp() - began <= CODE_WITHIN
    return queries.staff(pending) if pending and fresh else None


def _enter(request: Request, staff: Staff) -> str:
    """A new session for the staff member; where to go."""
    at_home = "helper/" if staff.worker().kind == SUPPORTER else "staff/"
    after = request.session.get("after") or f"/{staff.town}/{at_home}"
    request.session.begin_staff(staff, situation.seen(request))
    rotate_token(request)
    actions.signed_in(staff, as_of=clock.now(), address=address(request))
    return after


def _staff_sign_in(request: Request, *, wrong: str = "", login: str = "", status: int = 200) -> HttpResponse:
    shown = {"wrong": wrong, "login": login, "next": next_page(request, "")}
    return render(request, "access/staff_sign_in.html", shown, status=status)


def _staff_code(request: Request, *, ready: bool, wrong: str = "", status: int = 200) -> HttpResponse:
    return render(request, "access/staff_code.html", {"wrong": wrong, "ready": ready}, status=status)


def _say(request: Request, key: str, **values: object) -> str:
    return words.ui(f"access.{key}", request.language, **values)


# -- staff: passkeys -------------------------------------------------------------------------------
@require_POST
@asks("sign_in")
def passkey_question(request: Request, town: str) -> HttpResponse:
    """The question that the browser's passkey answers (JSON)."""
    return HttpResponse(passkeys.ask_for_known(request), content_type="application/json")


@require_POST
@asks("sign_in")
def passkey_sign_in(request: Request, town: str) -> HttpResponse:
    """Sign in with a passkey (JSON in, JSON out: `next` or `message`)."""
    now = clock.now()
    try:
        limits.spend(
            "sign-in-address",
            address(request),
            most=actions.ADDRESS_TRIES,
            per=actions.ADDRESS_WINDOW,
            as_of=now,
        )
        staff = passkeys.prove(request, request.body.decode(errors="replace"), as_of=now)
    except passkeys.NotProven:
        actions.passkey_failed(town, as_of=now)
        return JsonResponse({"message": _say(request, "passkey_failed")}, status=401)
    except limits.TooMany as error:
        until = clock.say_time(error.until, request.language)
        return JsonResponse({"message": _say(request, "locked", until=until)}, status=429)
    request.session["after"] = next_page(request, "")
    return JsonResponse({"next": _enter(request, staff)})


@require_GET
@asks("staff.home")
def account(request: Request, town: str) -> HttpResponse:
    """A staff member's own passkeys."""
    return render(request, "access/account.html", {"passkeys": queries.passkeys_of(me(request))})


@require_POST
@asks("account.change")
def new_passkey_question(request: Request, town: str) -> HttpResponse:
    """The question that makes a new passkey (JSON)."""
    return HttpResponse(passkeys.ask_for_new(request, me(request)), content_type="application/json")


@require_POST
@asks("account.change")
def add_passkey(request: Request, town: str) -> HttpResponse:
    """Keep a new passkey (JSON in, JSON out)."""
    name = request.GET.get("name", "").strip()[:100] or "passkey"
    try:
        passkeys.add(request, me(request), request.body.decode(errors="replace"), name)
    except passkeys.NotProven:
        return JsonResponse({"message": _say(request, "passkey_failed")}, status=400)
    return JsonResponse({"next": reverse("access:account", args=[town])})


@require_POST
@asks("account.change")
def remove_passkey(request: Request, town: str, passkey: int) -> HttpResponse:
    """Give up one of one's own passkeys."""
    actions.remove_passkey(me(request), passkey)
    return redirect("access:account", town=town)


# -- residents: My Number card ---------------------------------------------------------------------
@require_GET
@asks("sign_in")
def sign_in(request: Request, town: str) -> HttpResponse:
    """The ways a resident can say who they are."""
    shown = {"card": oidc.provider() is not None, "next": next_page(request, "")}
    return render(request, "access/sign_in.html", shown)


@require_POST
@asks("sign_in")
def start(request: Request, town: str) -> HttpResponse:
    """Send the browser to the provider."""
    provider = oidc.provider()
    if provider is None:
        return redirect("access:sign_in", town=town)
    begun = oidc.begin()
    try:
        there = oidc.address_of(provider, begun, _callback(request))
    except oidc.SignInFailed as error:
        return _failed(request, error)
    request.session["oidc"] = [begun.state, begun.nonce, begun.verifier]
    request.session["after"] = next_page(request, "")
    return redirect(there)


@require_GET
@asks("sign_in")
def callback(request: Request, town: str) -> HttpResponse:
    """The browser comes back from the provider. What was remembered is good for one return."""
    provider, kept = oidc.provider(), request.session.pop("oidc", None)
    if provider is None or kept is None:
        return _failed(request, oidc.SignInFailed("expired", "no sign-in was begun in this browser"))
    now = clock.now()
    try:
        claims = oidc.finish(provider, oidc.Begun(*kept), request.GET.dict(), _callback(request), as_of=now)
    except oidc.SignInFailed as error:
        return _failed(request, error)
    resident = actions.resident_signed_in(claims, town=town, as_of=now)
    after = request.session.get("after") or f"/{town}/"
    kept_by_them = request.worker.id in (PUBLIC(town).id, resident.worker().id)
    request.session.begin(resident=str(resident.id), keep=KEPT if kept_by_them else ())
    rotate_token(request)
    if resident.person is None:
        request.worker = resident.worker()
        return render(request, "access/unlinked.html", {"next": after})
    return redirect(after)


def _callback(request: Request) -> str:
    return request.build_absolute_uri(reverse("access:callback", args=[request.town]))


def _failed(request: Request, error: oidc.SignInFailed) -> HttpResponse:
    logger.warning("resident sign-in in %s: %s: %s", request.town, error.reason, error)
    shown = {"why": f"access.failed.{error.reason}"}
    return render(request, "access/failed.html", shown, status=503 if error.reason == "unavailable" else 400)


# -- residents: reference number -------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@asks("sign_in")
def status(request: Request, town: str) -> HttpResponse:
    """Reference number and birth date show the progress of one case."""
    if request.method == "GET":
        return _status(request)
    asked = {"reference": request.POST.get("reference", ""), "born": request.POST.get("born", "")}
    try:
        born = clock.parse_date(asked["born"])
    except clock.NotADate as error:
        return _status(request, wrong=error.text.get(request.language), status=400, **asked)
    try:
        reference = actions.check_reference(
            asked["reference"], born, town=town, address=address(request), as_of=clock.now()
        )
    except actions.WrongCredentials:
        return _status(request, wrong=_say(request, "no_match"), status=401, **asked)
    except limits.TooMany as error:
        return tried_in_vain(request, error, _status, **asked)
    request.session.begin(reference=reference)
    rotate_token(request)
    return redirect("channels:status", town=town, reference=reference)


def _status(
    request: Request, *, wrong: str = "", reference: str = "", born: str = "", status: int = 200
) -> HttpResponse:
    shown = {"wrong": wrong, "reference": reference or request.GET.get("reference", ""), "born": born}
    return render(request, "access/status.html", shown, status=status)


# -- everybody -------------------------------------------------------------------------------------
@require_POST
@asks("sign_out")
def sign_out(request: Request, town: str) -> HttpResponse:
    """End the session, on the server too."""
    staff = request.worker.kind == "staff"
    request.session.flush()
    return redirect("access:staff_sign_in" if staff else "access:sign_in", town=town)
