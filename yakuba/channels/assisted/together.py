"""The resident's side of two screens on one request: ask somebody to help, see what they write, show or hide, confirm, end it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.channels import acting
from yakuba.channels.assisted import beside, consent
from yakuba.channels.models import Draft, Help
from yakuba.channels.web import form_of, with_draft


@require_GET
@asks("form.answer")
@with_draft
def page(request: Request, draft: Draft) -> HttpResponse:
    """Who helps with this request, all answers with who wrote them, and what the helper is shown."""
    now, form, helps = clock.now(), form_of(draft), beside.helps_of(draft)
    newest = helps[0] if helps else None
    given = consent.one(newest.consent) if newest else None
    shown = {
        "draft": draft,
        "service": form.service,
        "helps": helps,
        "help": newest,
        "goes_on": bool(given and not given.standing(now)),
        "code": _code(request, newest),
        "rows": beside.rows(form, request.language, None, helps),
        "waits": any(one.waits for one in helps),
        "kinds": consent.KINDS,
        "said": acting.said(request),
    }
    return render(request, "channels/web/assisted_together.html", shown)


def _code(request: Request, newest: Help | None) -> str:
    """The short code, as long as the helper has not come."""
    known = request.session.get("helper_code") or ["", ""]
    return known[1] if newest and newest.code and known[0] == str(newest.id) else ""


@require_POST
@asks("form.answer")
@with_draft
def invite(request: Request, draft: Draft) -> HttpResponse:
    """Let somebody help with this request today."""

    def do() -> None:
        typed: dict[str, Any] = {name: request.POST.get(name, "") for name in ("kind", "name", "number")}
        helped, code = beside.invite(draft, **typed, by=request.worker, as_of=clock.now())
        request.session["helper_code"] = [str(helped.id), code]

    return acting.act(request, do, _page(draft))


@require_POST
@asks("form.answer")
@with_draft
def show(request: Request, draft: Draft) -> HttpResponse:
    """Let the helper see one guarded answer (`show`), or no longer (`hide`)."""
    helps = beside.helps_of(draft)
    name = request.POST.get("show") or request.POST.get("hide", "")
    if helps:
        beside.show(helps[0], name, "show" in request.POST, form_of(draft).service)
    return redirect(_page(draft))


@require_POST
@asks("form.answer")
@with_draft
def confirm(request: Request, draft: Draft) -> HttpResponse:
    """What the helper wrote is right; on to all answers, from which it is sent."""
    beside.confirm(draft, as_of=clock.now())
    return redirect("channels:check", town=draft.town, draft=draft.id)


@require_POST
@asks("form.answer")
@with_draft
def end(request: Request, draft: Draft) -> HttpResponse:
    """Nobody is to help any more; what was written stays."""
    beside.end_all(draft, as_of=clock.now())
    return redirect(_page(draft))


def _page(draft: Draft) -> str:
    return reverse("channels:together", args=[draft.town, draft.id])
