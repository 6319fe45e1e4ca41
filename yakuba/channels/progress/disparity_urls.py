"""Addresses of the pages about disparity between localities."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from yakuba.channels.progress import disparity

EVERYBODY: list[URLPattern] = [path("progress/disparity/", disparity.of_the_town, name="disparity")]
"""Addresses for residents, below `/{town}/`."""
DESK: list[URLPattern] = []
"""Addresses of the desk, below `/{town}/staff/`."""
SITE: list[URLPattern] = [
    path("disparity/", disparity.country, name="disparity"),
    path("disparity/municipalities.csv", disparity.rows_csv, name="disparity_csv"),
    path("disparity/municipalities.json", disparity.rows_json, name="disparity_json"),
    path("disparity/report.json", disparity.report_json, name="disparity_report"),
    re_path(r"^disparity/(?P<number>\d{2})/$", disparity.prefecture, name="disparity_prefecture"),
]
"""Addresses outside of any town, below `/progress/`."""
