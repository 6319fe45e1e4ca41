"""A user says that a device is in trouble: without signing in, from any phone. It is the same case as one by telephone."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access import limits
from yakuba.access.request import Request
from yakuba.access.web import address, asks
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.channels import acting, actions, casework
from yakuba.channels.acting import text_of
from yakuba.field import customers, services, support
from yakuba.field.kitting import labels
from yakuba.register import queries as register
from yakuba.words import ui_text

ASKED = ("trouble.symptom", "trouble.told", "site.name", "site.contact", "site.phone")
MUST = frozenset({"trouble.symptom", "site.phone"})
MOST, WINDOW = 20, timedelta(hours=1)
"""Troubles that come from one network address in an hour."""
SENT = "support"
"""Where the session keeps the reference number until the next page has said it."""


@require_GET
@asks("form.answer")
def page(request: Request, town: str) -> HttpResponse:
    """The form, with the serial number of `?serial=` (a code on the device); after sending, the reference number."""
    if not customers.all_contracts():
        raise Http404  # this hall supports no devices
    service = catalogue.service(services.SUPPORT)
    said = acting.said(request)
    typed = said["typed"] if said else {}
    shown = {
        "serial": typed.get("serial", request.GET.get("serial", ""))[:64],
        "fields": [casework.field_for(service, name, typed, name in MUST) for name in ASKED],
        "key": uuid.uuid4(),
        "sent": request.session.pop(SENT, ""),
        "said": said,
        # a partner's hall takes no requests of residents
        "call_back": None
        if register.is_partner(town)
        else actions.call_back(ui_text("callback.about_device")),
    }
    return render(request, "channels/web/support.html", shown)


@require_POST
@asks("form.answer")
def send(request: Request, town: str) -> HttpResponse:
    """A trouble comes in. Sent twice it is one case; from one address not more than MOST an hour (limits.TooMany)."""
    if not customers.all_contracts():
        raise Http404
    limits.spend("support", address(request), most=MOST, per=WINDOW, as_of=clock.now())
    try:
        facts = _facts(request)
        key = f"support:{casework.an_id(request.POST.get('key', ''))}"
        case = support.take_in(facts, channel="web", by=request.worker, as_of=clock.now(), key=key)
        request.session[SENT] = case_queries.one(case).reference
    except (*acting.REFUSALS, acting.Incomplete) as refused:
        acting.say(request, "wrong", refused.text.get(request.language))
    return redirect("support", town=town)


def _facts(request: Request) -> dict[str, Any]:
    """What was typed. Raises Incomplete, answers.Wrong."""
    facts = casework.typed_facts(catalogue.service(services.SUPPORT), ASKED, request.POST)
    trouble, site = facts.setdefault("trouble", {}), facts.get("site") or {}
    if not trouble.get("symptom") or not site.get("phone"):
        raise acting.Incomplete("support.missing")
    if serial := text_of(request, "serial", most=64):
        trouble["serial"] = labels.serial_in(serial)
    return facts
