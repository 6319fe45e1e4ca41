"""What no page can take is refused before anything looks at it."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.http.request import RawPostDataException

from yakuba.site.views import unreadable

MOST_BYTES = 256 * 2**20
"""Of one request: all the files that one draft may have (`channels.actions.MOST_BYTES`), and what is around them."""
METHODS = ("GET", "HEAD", "POST")
"""All that any page and the API have; TRACE would tell a visitor what proxies added (CWE-693)."""
NUL = "\0"
"""Typed by nobody; PostgreSQL's text cannot hold it (its manual, 8.3 Character Types)."""


class EdgeMiddleware:
    """Answers with the page for unreadable requests (`views.unreadable`). A body without a stated length is read by
    nobody (PEP 3333), so the stated one counts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        stated = request.META.get("CONTENT_LENGTH") or "0"
        if not stated.isdecimal() or int(stated) > MOST_BYTES:
            raise BadRequest("too large")
        if NUL in request.path or _has_nul(request.GET) or _has_nul(request.POST):
            raise BadRequest("NUL")
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page that reads a body as it came was sent a form with files, which Django has read already."""
        return unreadable(request, exception) if isinstance(exception, RawPostDataException) else None


def _has_nul(fields: QueryDict) -> bool:
    return any(NUL in text for name, values in fields.lists() for text in (name, *values))
