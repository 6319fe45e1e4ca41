"""Sheets for lessons: few words, large pictures, one thing after the other; to be printed."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yakuba.access.request import Request
from yakuba.access.web import asks

SHEETS = {
    "apply": ("phone", "find", "write", "check", "send"),
    "together": ("write", "code", "helper", "check", "send"),
    "safe": ("stop", "ask", "lock"),
}
"""Each sheet with its pictures, in order."""


@require_GET
@asks("service.read")
def sheets(request: Request, town: str) -> HttpResponse:
    """All sheets."""
    return render(request, "channels/web/assisted_sheets.html", {"sheets": list(SHEETS)})


@require_GET
@asks("service.read")
def sheet(request: Request, town: str, sheet: str) -> HttpResponse:
    """One sheet, step by step."""
    if sheet not in SHEETS:
        raise Http404
    steps = [
        (picture, f"assisted.sheet_{sheet}_{number}") for number, picture in enumerate(SHEETS[sheet], start=1)
    ]
    return render(request, "channels/web/assisted_sheet.html", {"sheet": sheet, "steps": steps})
