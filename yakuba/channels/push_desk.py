"""The asking of everybody entitled, on the desk: how each campaign was answered, who would be asked next, its letters."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks, may_here
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.cases.errors import OtherThanSeen
from yakuba.channels import acting, casework, jobs, push
from yakuba.declare import Service
from yakuba.messages import actions as message_actions
from yakuba.messages import printing
from yakuba.messages import queries as messages
from yakuba.words import ui_text

COUNTS = (
    "asked", "confirmed", "changed", "wrong", "declined", "silent", "reminded", "visits", "granted", "paid",
)  # fmt: skip


@require_GET
@asks("push.read")
def campaigns(request: Request, town: str) -> HttpResponse:
    """Every campaign with its counts; and, of a service that is chosen, who would be asked now."""
    chosen = _pushable().get(request.GET.get("service", ""))
    shown = {
        "campaigns": [_row(one) for one in push.campaigns()],
        "counts": [(name, ui_text(f"push.count_{name}")) for name in COUNTS],
        "services": _pushable().values(),
        "chosen": chosen,
        "survey": None,
        "wrong": None,
        "can_run": may_here(request, "push.run"),
        "said": acting.said(request),
    }
    if chosen:
        try:
            shown["survey"] = _surveyed(chosen, push.survey(chosen, as_of=clock.now().date()))
        except push.NotPushed as refused:
            shown["wrong"] = refused.text
    return render(request, "channels/desk/push.html", shown)


def _pushable() -> dict[str, Service]:
    return {name: one for name, one in catalogue.offered().items() if one.push}


def _row(one: cases.Answers) -> dict[str, Any]:
    """A campaign as the table shows it."""
    facts = one.facts["push"]
    base = date.fromisoformat(facts["base_date"])
    counts = [(name, ui_text(f"push.count_{name}"), getattr(one, name)) for name in COUNTS]
    told = {"letters": facts.get("letters"), "mails": facts.get("mails"), "accounts": facts.get("accounts")}
    last = facts.get("until")
    return {
        "id": one.campaign,
        "name": catalogue.name_of(facts["service"]),
        "base": base,
        "until": date.fromisoformat(last) if last else None,
        "at": one.at,
        "closed": one.state == "closed",
        "counts": counts,
        **told,
    }


def _surveyed(service: Service, seen: push.Survey) -> dict[str, Any]:
    """What the dry run says, with the conditions in words."""
    fails = [(casework.condition_name(service, name), count) for name, count in seen.fails.items()]
    unknown = [(casework.condition_name(service, name), count) for name, count in seen.unknown.items()]
    return {"seen": seen, "fails": fails, "unknown": unknown}


@require_POST
@asks("push.run")
def start(request: Request, town: str) -> HttpResponse:
    """Ask everybody who was shown, in the background; nobody when it is not the same people any more."""

    def do() -> None:
        service = _pushable().get(request.POST.get("service", ""))
        if service is None:
            raise acting.Incomplete("desk.choose_service")
        today = clock.now().date()
        if push.survey(service, as_of=today).checksum != request.POST.get("checksum"):
            raise OtherThanSeen(ui_text("push.other_than_seen"))
        jobs.push_all.defer(town=town, service=service.id, base=today.isoformat())
        acting.say(request, "ok", ui_text("push.begun").get(request.language))

    return acting.act(request, do, reverse("desk:push", args=[town]))


def _letters_of(campaign: uuid.UUID) -> Any:
    """The letters of a campaign that wait for the printer. Raises Http404."""
    found = push.campaigns([campaign])
    if not found:
        raise Http404
    facts = found[0].facts["push"]
    key = push.key_of(facts["service"], date.fromisoformat(facts["base_date"]))
    return messages.waiting_letters(f"{key}:")


@require_GET
@asks("push.read")
def letters(request: Request, town: str, campaign: uuid.UUID) -> HttpResponse:
    """The letters that wait for the printer, so many to a PDF file; and, with `file`, one of these."""
    waiting = _letters_of(campaign)
    count = waiting.count()
    number = request.GET.get("file", "")
    if number.isascii() and number.isdigit() and 0 < int(number) <= -(-count // printing.A_FILE):
        start = (int(number) - 1) * printing.A_FILE
        some = list(waiting[start : start + printing.A_FILE])
        content = messages.printable(some, settings.YAKUBA_BASE_URL)
        response = HttpResponse(content, content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="letters-{int(number):04}.pdf"'
        return response
    files = [
        (n + 1, n * printing.A_FILE + 1, min(count, (n + 1) * printing.A_FILE))
        for n in range(-(-count // printing.A_FILE))
    ]
    shown = {"campaign": campaign, "count": count, "files": files, "said": acting.said(request)}
    return render(request, "channels/desk/push_letters.html", shown)


@require_POST
@asks("push.read")
def posted(request: Request, town: str, campaign: uuid.UUID) -> HttpResponse:
    """All letters of a campaign are in the post."""

    def do() -> None:
        chosen = list(_letters_of(campaign).values_list("id", flat=True))
        message_actions.posted(chosen, by=request.worker, as_of=clock.now())

    return acting.act(request, do, reverse("desk:push_letters", args=[town, campaign]))
