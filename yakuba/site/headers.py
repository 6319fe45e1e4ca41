"""Headers that every page carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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
