"""Every request under `/{town}/` runs inside of that town, for a known worker. Order in `settings.MIDDLEWARE`:

TownMiddleware (one query), SessionMiddleware (one query, two for who is signed in, none without a cookie), …, WorkerMiddleware (none).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from yakuba import clock
from yakuba.access import explaining, limits, log, policy, situation, towns
from yakuba.access.policy import Denied, Resource, may
from yakuba.access.request import Request
from yakuba.access.sessions import SessionStore
from yakuba.access.worker import Worker

Handler = Callable[[Request], HttpResponse]
#: The official code: two digits of prefecture, three of municipality, one check digit (全国地方公共団体コード).
TOWN = re.compile(r"^/(\d{6})(?=/)")


class TownMiddleware:
    """Opens the town of the address for the whole request: one transaction, undone when the answer is an error."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        found = TOWN.match(request.path_info)
        request.town = found[1] if found else ""
        request.denied = None
        if not request.town:
            return self.get_response(request)
        with towns.inside(request.town):
            with policy.remembering() as asked:
                response = self.get_response(request)
            if request.denied or response.status_code == 500:
                transaction.set_rollback(True)
            else:
                log.record_asked(asked, changing=request.method == "POST", as_of=clock.now())
        if request.denied:
            with towns.inside(request.town):
                log.record_denied(request.denied, as_of=clock.now())
        return response


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's, with a cookie that the browser shows to that town only."""

    def process_request(self, request: Request) -> None:  # type: ignore[override]
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME) if request.town else None
        request.session = SessionStore(key)

    def process_response(self, request: Request, response: HttpResponse) -> HttpResponse:  # type: ignore[override]
        if not request.town:
            return response
        response = super().process_response(request, response)
        if cookie := response.cookies.get(settings.SESSION_COOKIE_NAME):
            cookie["path"] = f"/{request.town}/"
        return response


class WorkerMiddleware:
    """Says who is asking (`request.worker`), and turns a refusal, or a try too many, into a page that helps further."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        if request.town:
            request.worker = request.session.worker(situation.seen(request))
        return self.get_response(request)

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, limits.TooMany) and request.town:
            return _too_many(request, exception)
        if not isinstance(exception, Denied) or not request.town:
            return None
        for_staff = {policy.principal for policy in exception.policies} == {"Staff"}
        if for_staff and request.worker.kind != "staff" and request.method == "GET":
            question = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('access:staff_sign_in', args=[request.town])}?{question}")
        request.denied = exception
        shown = {
            "message": exception.message(getattr(request, "language", "ja")),
            "for_staff": for_staff,
            "policies": exception.policies,
            "helps": explaining.helps(exception) if request.worker.kind == "staff" else (),
            "break_glass": _break_glass(request.worker, exception),
            "back": request.get_full_path() if request.method == "GET" else "",
        }
        return render(request, "access/denied.html", shown, status=403)


def _break_glass(worker: Worker, denied: Denied) -> dict[str, str] | None:
    """What break-glass access could be asked for here, where it would open what was refused."""
    resource = denied.resource
    granted = replace(worker.where, granted=((resource.id, "asked"),))
    if worker.kind != "staff" or resource.type not in ("Case", "Person"):
        return None
    if not may(worker, "break-glass.use", Resource("Town", worker.town, worker.town)):
        return None
    helps = may(replace(worker, where=granted), denied.action, resource)
    return {"reference": str(resource.attributes.get("reference") or "")} if helps else None


def _too_many(request: Request, many: limits.TooMany) -> HttpResponse:
    """Says until when to wait; what was written before is kept."""
    response = render(request, "429.html", {"until": many.until}, status=429)
    response["Retry-After"] = str(many.seconds(clock.now()))
    return response
