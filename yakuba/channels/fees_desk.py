"""Fees on the desk: cash at the counter, slips and receipts of a case; the books of some days, refunds, and rows of the
collecting bank that a person has to look at."""

from __future__ import annotations

import uuid
from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import asks, asks_within, may_here
from yakuba.cases import queries as cases
from yakuba.channels import acting, casework, paying
from yakuba.channels.acting import Incomplete, text_of
from yakuba.money.errors import MoneyError
from yakuba.money.fees import actions, books, queries
from yakuba.money.fees import provider as providers
from yakuba.words import ui

PAGE = 50


# -- at a case -------------------------------------------------------------------------------------------
@require_POST
@asks_within("fee.take")
def cash(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """A clerk took cash: the receipt's number and the change are said."""
    found = casework.opened(request, case)

    def do() -> None:
        tendered = casework.amount(request.POST.get("tendered", ""), needed=True)
        shown = casework.amount(request.POST.get("shown", ""), needed=True)
        assert tendered is not None
        assert shown is not None
        money, change = actions.take_cash(
            found.id, tendered, shown=shown, by=request.worker, as_of=clock.now()
        )
        told = {"number": actions.receipt_number(money), "change": f"{change:,}", "yen": f"{money.amount:,}"}
        acting.say(request, "ok", ui("fees.taken", request.language, **told))

    return acting.act(request, do, reverse("desk:case", args=[town, case]))


@require_POST
@asks_within("fee.pay")
def slip(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """The slip for the applicant."""
    found = casework.opened(request, case)
    try:
        made = actions.issue_slip(found.id, by=request.worker, as_of=clock.now())
    except MoneyError as error:
        acting.say(request, "wrong", error.text.get(request.language))
        return redirect("desk:case", town=town, case=case)
    return paying.slip_pdf(found, cases.state(found), made, found.language)


@require_POST
@asks_within("fee.pay")
def receipt(request: Request, town: str, case: uuid.UUID, number: int) -> HttpResponse:
    """The receipt for the applicant; one that was made before is marked."""
    found = casework.opened(request, case)
    return paying.receipt_pdf(found, cases.state(found), number, found.language)


# -- the books -------------------------------------------------------------------------------------------
@require_GET
@asks("fee.read")
def fees(request: Request, town: str) -> HttpResponse:
    """The books of the chosen days, what is to go back, and what the bank collected and nobody can match."""
    today = clock.now().date()
    since, until = _day(request, "since", today.replace(day=1)), _day(request, "until", today)
    kept = books.reconcile(since, until, by=request.worker)
    refunds = list(queries.refunds_waiting()[:PAGE])
    held = list(queries.rows_held()[:PAGE])
    about_cases = {one.received.fee.case for one in refunds}
    shown = {
        "books": kept,
        "refunds": [
            {
                "refund": one,
                "can_approve": one.state == "asked"
                and access.may(request.worker, "fee.refund.approve", queries.resource(one)),
                "can_pay": (
                    one.state == "not_sent" or (one.state == "approved" and not one.received.order_id)
                )
                and access.may(request.worker, "fee.refund.pay_out", queries.resource(one)),
            }
            for one in refunds
        ],
        "references": cases.references(list(about_cases)),
        "held": held,
        "can": {
            "collect": may_here(request, "fee.collect"),
            "case": may_here(request, "queue.read"),
        },
        "said": acting.said(request),
    }
    return render(request, "channels/desk/fees.html", shown)


def _day(request: Request, name: str, otherwise: date) -> date:
    """A day of the address; a usual one where it says none, or nonsense."""
    try:
        return clock.parse_date(request.GET.get(name, ""))
    except clock.NotADate:
        return otherwise


@require_GET
@asks("fee.read")
def compare(request: Request, town: str) -> HttpResponse:
    """One day compared with the provider's own list: what differs is said on the page of the books."""
    day = _day(request, "on", clock.now().date())
    kept = books.reconcile(day, day, by=request.worker, provider=providers.configured())
    lines = [f"{one.about}: {one.theirs:,} / {one.ours:,}" for one in kept.differences]
    key = "fees.differs" if lines else "fees.agrees" if kept.asked else "fees.not_asked"
    acting.say(
        request, "ok" if key == "fees.agrees" else "warn", ui(key, request.language, day=str(day)), lines
    )
    return redirect("desk:fees", town=town)


@require_POST
@asks("fee.read")
def collect(request: Request, town: str) -> HttpResponse:
    """Read a file of the collecting bank; every row is accounted for."""

    def do() -> None:
        upload = request.FILES.get("collection")
        if upload is None:
            raise Incomplete("fees.file_needed")
        read = actions.collect(
            casework.content_of(upload, casework.MOST_OF_A_BANK), by=request.worker, as_of=clock.now()
        )
        counted = {"rows": read.rows, "matched": read.matched, "held": read.held, "before": read.before}
        text = ui("fees.read_again" if read.again else "fees.read", request.language, **counted)
        acting.say(request, "warn" if read.held else "ok", text)

    return acting.act(request, do, _books(town))


@require_POST
@asks("fee.read")
def explain(request: Request, town: str, row: int) -> HttpResponse:
    """Say what was found out about a held row."""

    def do() -> None:
        told = text_of(request, "told", needed="desk.text_needed", most=500)
        actions.explain(row, told, by=request.worker, as_of=clock.now())

    return acting.act(request, do, _books(town))


@require_POST
@asks("fee.read")
def refund(request: Request, town: str, refund: uuid.UUID) -> HttpResponse:
    """Approve a refund, decline it, or record that it was paid out."""

    def do() -> None:
        by, now, what = request.worker, clock.now(), request.POST.get("what", "")
        if what == "approve":
            actions.approve(refund, by=by, as_of=now)
        elif what == "decline":
            actions.decline(
                refund, text_of(request, "told", needed="desk.reason_needed", most=500), by=by, as_of=now
            )
        elif what == "pay_out":
            actions.pay_out(
                refund, text_of(request, "told", needed="fees.how_needed", most=500), by=by, as_of=now
            )
        else:
            raise Incomplete("desk.nothing_chosen")

    return acting.act(request, do, _books(town))


def _books(town: str) -> str:
    return reverse("desk:fees", args=[town])
