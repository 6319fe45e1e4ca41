"""Receipt files on the desk: a clerk takes one in, and mends what is held."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.cases import queries as cases
from yakuba.channels import acting, actions, receipts
from yakuba.channels.receipt_files import Unreadable, opened
from yakuba.channels.web import remember
from yakuba.words import ui_text

MOST = 500
"""Receipts of one file that are taken in while a clerk waits: some ten seconds."""
SHOWN = 100
"""Receipts that are shown at a time."""


@require_GET
@asks("receipt.take_in")
def page(request: Request, town: str) -> HttpResponse:
    """Choose a file; and what is held, with why and a way to mend it."""
    return _page(request)


@require_POST
@asks("receipt.take_in")
def take_in(request: Request, town: str) -> HttpResponse:
    """Take a file in, and say what came of each receipt."""
    upload = request.FILES.get("file")
    try:
        if upload is None or upload.file is None:
            raise acting.Incomplete("receipts.no_file")
        with opened(upload.file) as delivery:
            if len(delivery.receipts) > MOST:
                raise Unreadable(
                    ui_text("receipts.too_many").format(count=f"{len(delivery.receipts):,}", most=f"{MOST:,}")
                )
            now, language = clock.now(), request.language
            taken = [
                one
                for some in receipts.batches(delivery)
                for one in receipts.take_in(delivery, some, by=request.worker, as_of=now, language=language)
            ]
    except (Unreadable, acting.Incomplete) as refused:
        acting.say(request, "wrong", refused.text.get(request.language))
        return _page(request, status=422)
    return _page(request, counts=receipts.counts(taken), sha256=delivery.sha256)


def _page(request: Request, status: int = 200, **more: Any) -> HttpResponse:
    waiting = cases.queue(service=receipts.HELD)
    held = [(task, cases.state(task.case)) for task in waiting[:SHOWN]]
    shown = {
        "held": [(task, state.facts.get("receipt") or {}, receipts.given(state)[0]) for task, state in held],
        "more": max(0, waiting.count() - SHOWN),
        "said": acting.said(request),
        **more,
    }
    return render(request, "channels/desk/receipts.html", shown, status=status)


@require_POST
@asks("receipt.take_in")
def key_in(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Key in a held receipt: a draft with all of its answers that fit."""

    def begin() -> str:
        task = cases.queue(service=receipts.HELD).filter(case=case).first()
        state = cases.state(task.case) if task else None
        service, facts = receipts.given(state) if state else (None, {})
        if state is None or service is None:
            raise acting.Incomplete("receipts.gone")
        draft = actions.begin(
            service,
            channel="api",
            language=request.language,
            as_of=clock.now(),
            evidence=str(state.fact("receipt.evidence") or ""),
            said=facts,
        )
        remember(request, draft)
        return reverse("channels:resume_at", args=[town, draft.id])

    return acting.act(request, begin, reverse("desk:receipts", args=[town]))
