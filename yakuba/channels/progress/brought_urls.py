"""Addresses of the pages that say what it brought."""

from __future__ import annotations

from django.urls import URLPattern, path

from yakuba.channels.progress import survey

EVERYBODY: list[URLPattern] = [path("status/<str:reference>/rate/", survey.rate, name="rate")]
"""Addresses for residents, below `/{town}/`."""
DESK: list[URLPattern] = []
"""Addresses of the desk, below `/{town}/staff/`."""
