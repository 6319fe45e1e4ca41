"""Addresses of the pages that say what it brought, and of the question how it went."""

from __future__ import annotations

from django.urls import URLPattern, path

from yakuba.channels.progress import brought, survey

EVERYBODY: list[URLPattern] = [
    path("status/<str:reference>/rate/", survey.rate, name="rate"),
    path("progress/brought/", brought.everybody, name="brought"),
    path("progress/brought/brought.csv", brought.everybody_csv, name="brought_csv"),
]
"""Addresses for residents, below `/{town}/`."""
DESK: list[URLPattern] = [
    path("progress/brought/", brought.desk, name="brought"),
    path("progress/brought/brought.csv", brought.desk_csv, name="brought_csv"),
    path("progress/brought/<slug:service>/<slug:step>/", brought.mend, name="brought_mend"),
    path("progress/brought/<slug:service>/<slug:step>/review/", brought.review, name="brought_review"),
]
"""Addresses of the desk, below `/{town}/staff/`."""
