"""What every page knows: its language, its town, who is looking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from yakuba import clock
from yakuba.register import queries as register
from yakuba.words import HTML_LANG, LANGUAGE_LABELS, LANGUAGES

YEAR = 365 * 24 * 3600
LOOKS = {"size": ("normal", "large"), "contrast": ("normal", "high")}
"""How a page may look. Who never chose the contrast has what the browser asks for (`prefers-contrast`)."""


class LanguageMiddleware:
    """`?lang=`, `?size=` and `?contrast=` choose, a cookie remembers; the browser's own language decides the first time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("lang", "")
        request.language = asked if asked in LANGUAGES else _language(request)  # type: ignore[attr-defined]
        chosen = {name: _chosen(request, name) for name in LOOKS}
        request.large = chosen["size"] == "large"  # type: ignore[attr-defined]
        request.contrast = chosen["contrast"]  # type: ignore[attr-defined]
        response = self.get_response(request)
        if asked in LANGUAGES:
            _remember(response, "lang", asked)
        for name, values in LOOKS.items():
            if request.GET.get(name) in values:
                _remember(response, name, request.GET[name])
        return response


def _chosen(request: HttpRequest, name: str) -> str:
    """How the page is to look: what was asked for just now or once; empty where nobody chose."""
    found = request.GET.get(name) or request.COOKIES.get(_cookie(name), "")
    return found if found in LOOKS[name] else ""


def _language(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(_cookie("lang"), "")
    if chosen in LANGUAGES:
        return chosen
    first = request.headers.get("Accept-Language", "ja")[:2].lower()
    return "ja" if first == "ja" else "en"


def _cookie(name: str) -> str:
    return f"{settings.YAKUBA_COOKIE_PREFIX}{name}"


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        _cookie(name),
        value,
        max_age=YEAR,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )


@dataclass
class Page:
    """The page being shown, as templates see it (`page`)."""

    request: HttpRequest
    languages: list[tuple[str, str]] = field(default_factory=lambda: list(LANGUAGE_LABELS.items()))

    @property
    def lang(self) -> str:
        return getattr(self.request, "language", "ja")

    @property
    def html_lang(self) -> str:
        return HTML_LANG[self.lang]

    @property
    def large(self) -> bool:
        return getattr(self.request, "large", False)

    @property
    def contrast(self) -> str:
        """`high`, `normal`, or empty where nobody chose."""
        return getattr(self.request, "contrast", "")

    @property
    def worker(self) -> Any:
        return getattr(self.request, "worker", None)

    @property
    def outside(self) -> bool:
        """Whether somebody of the staff looks at it outside of the hall: then the page is marked with who and when."""
        worker = self.worker
        return bool(worker and worker.kind == "staff" and not worker.where.inside)

    @property
    def now(self) -> datetime:
        return clock.now()

    @property
    def town_code(self) -> str | None:
        return getattr(self.request, "town", None)

    @cached_property
    def _town(self) -> Any:
        try:
            return register.town(self.town_code) if self.town_code else None
        except Error:  # the page that says so must not need the database
            return None

    @property
    def town_name(self) -> str:
        return self._town.name if self._town else ""

    @property
    def contact(self) -> str:
        return self._town.contact if self._town else ""

    @property
    def synthetic(self) -> bool:
        return bool(self._town and self._town.synthetic)

    @property
    def home(self) -> str:
        """Where the hall's name leads: at a partner's, which has no pages for residents, to its staff's."""
        if not self.town_code:
            return "/"
        return f"/{self.town_code}/{'staff/' if self.town_code.startswith(register.PARTNERS) else ''}"

    @property
    def sign_out(self) -> str:
        try:
            return reverse("access:sign_out", kwargs={"town": self.town_code}) if self.town_code else ""
        except NoReverseMatch:
            return ""


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `page` in every template."""
    return {"page": Page(request)}
