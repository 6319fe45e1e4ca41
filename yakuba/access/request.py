"""A request as views get it, once the middleware has been there."""

from __future__ import annotations

from django.http import HttpRequest

from yakuba.access.policy import Denied
from yakuba.access.sessions import SessionStore
from yakuba.access.worker import Worker


class Request(HttpRequest):
    """What the middleware adds, for type checkers and readers."""

    #: Official 6-digit code; empty outside of any town.
    town: str
    #: Who is asking.
    worker: Worker
    session: SessionStore
    #: ja, easy or en (set by the site).
    language: str
    #: The refusal that ended the request, if one did.
    denied: Denied | None
    #: What the view declared with `asks_within`, and whether it has asked.
    question: str
    asked: bool
