"""Addresses of the plan's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from yakuba.channels.progress import plan

EVERYBODY: list[URLPattern] = [path("progress/", plan.plan, name="plan")]
"""Addresses for residents, below `/{town}/`."""
DESK: list[URLPattern] = [
    path("progress/", plan.desk, name="plan"),
    path("progress/report.pdf", plan.paper, name="plan_report"),
]
"""Addresses of the desk, below `/{town}/staff/`."""
