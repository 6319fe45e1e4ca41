"""Addresses for thin lines, text messages and fax."""

from __future__ import annotations

from django.urls import URLPattern, path

from yakuba.channels.reach import line, paper_inbox, paper_post, texts

EVERYBODY: list[URLPattern] = [
    path("draft/worker.js", line.worker, name="draft_worker"),
    path("draft/no-line/", line.no_line, name="no_line"),
    path("sms/", texts.webhook, name="sms"),
]
"""Addresses for residents, below `/{town}/`."""
DESK: list[URLPattern] = [
    path("papers/", paper_inbox.papers, name="papers"),
    path("papers/<uuid:case>/key-in/", paper_inbox.key_in, name="papers_key_in"),
    path("papers/<uuid:case>/done/", paper_inbox.done, name="papers_done"),
    path("papers/<uuid:case>/receipt/", paper_inbox.receipt, name="papers_receipt"),
    path("papers/<uuid:case>/posted/", paper_post.posted, name="form_posted"),
    path("people/<uuid:person>/post/", paper_post.ask, name="form_by_post"),
]
"""Addresses of the desk, below `/{town}/staff/`."""
