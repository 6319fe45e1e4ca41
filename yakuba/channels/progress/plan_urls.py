"""Addresses of the plan's pages."""

from __future__ import annotations

from django.urls import URLPattern

EVERYBODY: list[URLPattern] = []
"""Addresses for residents, below `/{town}/`."""
DESK: list[URLPattern] = []
"""Addresses of the desk, below `/{town}/staff/`."""
