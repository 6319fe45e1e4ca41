"""What views use: each declares the one question it asks.

    @asks("queue.read")                                  # about the town as a whole
    @asks("register.read", about=person_of)              # person_of(request, **url parameters) -> Resource
    @asks_within("case.read")                            # the view loads the case, then: ask(request, resource)
    @open_to_all("the list of towns names nobody")       # only for pages outside of any town

A test walks all addresses and fails at a view without a declaration.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from yakuba import clock
from yakuba.access import limits
from yakuba.access.models import Session, Staff
from yakuba.access.policy import Resource, may, require
from yakuba.access.request import Request
from yakuba.words import ui

View = Callable[..., HttpResponse]


class NotAsked(AssertionError):
    """A view declared with `asks_within` answered without asking."""


def the_town(request: Request, **_: Any) -> Resource:
    """The town of the address as a whole."""
    return Resource("Town", request.town, request.town)


def may_here(request: Request, action: str) -> bool:
    """Whether who is asking may do this in the town as a whole."""
    return may(request.worker, action, the_town(request))


def asks(action: str, about: Callable[..., Resource] = the_town) -> Callable[[View], View]:
    """The view runs only when the policy lets the worker do `action`. Raises Denied."""

    def declare(view: View) -> View:
        @wraps(view)
        def asking(request: Request, **parameters: Any) -> HttpResponse:
            require(request.worker, action, about(request, **parameters))
            return view(request, **parameters)

        asking.asks = action  # type: ignore[attr-defined]
        return asking

    return declare


def asks_within(action: str) -> Callable[[View], View]:
    """The view itself calls `ask(request, resource)` once it has loaded what it is about.

    Raises Denied, and NotAsked for an answer of status 200 that was never asked for.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def asking(request: Request, **parameters: Any) -> HttpResponse:
            request.question, request.asked = action, False
            response = view(request, **parameters)
            if not request.asked and response.status_code == 200:
                raise NotAsked(
                    f"{view.__module__}.{view.__name__} must call ask(request, resource) for {action}"
                )
            return response

        asking.asks = action  # type: ignore[attr-defined]
        return asking

    return declare


def ask(request: Request, resource: Resource) -> None:
    """Ask the question that the view declared with `asks_within`. Raises Denied."""
    request.asked = True
    require(request.worker, request.question, resource)


def look(request: Request, action: str, resource: Resource) -> None:
    """Ask a further question, for a part of the page that is shown on demand. Raises Denied."""
    require(request.worker, action, resource)


def open_to_all(because: str) -> Callable[[View], View]:
    """The view is outside of any town and shows nothing of anybody; `because` says so to the reader."""

    def declare(view: View) -> View:
        view.asks, view.because = "", because  # type: ignore[attr-defined]
        return view

    return declare


# -- what the pages of signing in share ----------------------------------------------------------------
def session_of(request: Request) -> Session:
    """The session of a member of staff: for views that the policy lets nobody else into."""
    session = request.session.row
    assert session is not None
    assert session.staff is not None
    return session


def me(request: Request) -> Staff:
    """Which member of staff is signed in: for views that the policy lets nobody else into."""
    staff = session_of(request).staff
    assert staff is not None
    return staff


def tried_in_vain(
    request: Request, error: Exception, page: Callable[..., HttpResponse], **shown: Any
) -> HttpResponse:
    """The same page again: with the same words for every wrong try, or (limits.TooMany) with the time to wait until."""
    if not isinstance(error, limits.TooMany):
        return page(request, wrong=ui("access.wrong", request.language), status=401, **shown)
    until = clock.say_time(error.until, request.language)
    response = page(request, wrong=ui("access.locked", request.language, until=until), status=429, **shown)
    response["Retry-After"] = str(error.seconds(clock.now()))
    return response


def address(request: Request) -> str:
    """The browser's network address. Behind `settings.TRUSTED_PROXIES` proxies it is the address that the
    outermost of them saw; what a visitor writes into the header themselves is never believed."""
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    trusted = settings.TRUSTED_PROXIES
    if trusted and len(hops) >= trusted:
        return _network(hops[-trusted].strip())
    return _network(request.META["REMOTE_ADDR"])


def _network(address: str) -> str:
    """An IPv6 address as its network of 64 bits: each household has one, and in it more addresses than there are tries
    (RFC 6177, RFC 4291 section 2.5.1)."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else address


def next_page(request: Request, otherwise: str) -> str:
    """Where to go after signing in: `next` if it is a page of this town, else `otherwise`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    local = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and ".." not in wanted
    return wanted if local and wanted.startswith(f"/{request.town}/") else otherwise
