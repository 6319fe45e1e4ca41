"""Headers that every page carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

POLICY = (
    "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self'; manifest-src 'self'; form-action 'self' {forms}; frame-ancestors 'none'; base-uri 'none'"
)


class HeadersMiddleware:
    """Content security policy (CSP Level 3): nothing inline, nothing from elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        from django.conf import settings

        self.get_response = get_response
        self.policy = POLICY.format(forms=settings.YAKUBA_OIDC["issuer"])

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
        if request.method == "POST" and request.path.endswith("/sign-out/"):
            response.headers.setdefault(
                "Clear-Site-Data", '"cache"'
            )  # what waits on a technician's phone stays
        if not request.path.startswith("/static/") or response.status_code >= 400:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class PackedMiddleware(GZipMiddleware):
    """Text is packed for who takes it so (RFC 9110, section 8.4.1.3): on a thin line a page comes in a third of the time. What is
    packed already, such as pictures and PDF files, goes as it is. Secrets cannot be told from lengths: the token of a form is
    masked anew each time, and each answer is longer by a random number of bytes (CVE-2013-3587, "Heal the Breach")."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        return (
            super().process_response(request, response)
            if kind.startswith("text/") or kind in PACKED
            else response
        )


PACKED = frozenset({"application/json", "application/problem+json", "application/ld+json", "image/svg+xml"})
"""Kinds of text beside `text/…` that a page or a system asks for."""
