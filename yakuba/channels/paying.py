"""A resident pays a fee: online, with a slip, and gets the receipt. No page here needs JavaScript."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks, asks_within
from yakuba.cases import queries as cases
from yakuba.cases.state import CaseState
from yakuba.channels import fee_papers
from yakuba.channels.status import asked_case
from yakuba.money.errors import MoneyError
from yakuba.money.fees import actions as fees
from yakuba.money.fees import provider as providers
from yakuba.money.fees import queries
from yakuba.money.fees.errors import NoProvider
from yakuba.register import queries as register
from yakuba.words import ui, ui_text

if TYPE_CHECKING:
    from yakuba.cases.models import Case


# -- online ----------------------------------------------------------------------------------------------
@require_POST
@asks_within("fee.pay")
def pay(request: Request, town: str, reference: str) -> HttpResponse:
    """Begin to pay: the order is kept, and only then the provider hears of it."""
    case, _ = asked_case(request, reference)
    try:
        if providers.configured() is None:
            raise NoProvider
        order = fees.order(case.id, by=request.worker, as_of=clock.now())
    except MoneyError as error:
        request.session["said"] = error.text.get(request.language)
        return redirect("channels:status", town=town, reference=case.reference)
    return redirect("channels:paying", town=town, reference=case.reference, order=order.id)


@require_GET
@asks_within("fee.pay")
def paying(request: Request, town: str, reference: str, order: uuid.UUID) -> HttpResponse:
    """On to the provider's page, and (`?back`) where one comes back to. Where the provider does not answer, whether it has
    the order or the money is not known yet, and said so: it is asked again, and nothing is paid twice."""
    case, _ = asked_case(request, reference)
    found, provider = queries.order(order), providers.configured()
    if found is None or found.fee.case != case.id or provider is None:
        raise Http404
    known = True
    try:
        if found.state == "new":
            found = _opened(request, case, found, provider)
        elif found.state == "open" and "back" in request.GET:
            found = fees.look(found.id, provider, as_of=clock.now())
    except providers.Silent:
        known = False
    except providers.Refused:
        fees.refused(order)
        request.session["said"] = ui("fees.refused", request.language)
        found = None
    if found is None or found.state not in ("new", "open"):
        return redirect("channels:status", town=town, reference=case.reference)
    shown = {"case": case, "service": cases.service_of(case), "order": found, "known": known}
    return render(request, "channels/web/paying.html", shown)


def _opened(request: Request, case: Case, order: Any, provider: providers.Provider) -> Any:
    """The order as the provider has it. Raises providers.Silent, providers.Refused."""
    here = reverse("channels:paying", args=[request.town, case.reference, order.id])
    return fees.open_page(
        order,
        provider,
        what=f"{cases.service_of(case).name.get(request.language)} {case.reference}",
        back=f"{settings.YAKUBA_BASE_URL}{here}?back",
        tell=f"{settings.YAKUBA_BASE_URL}{reverse('channels:payment_notice', args=[request.town])}",
        as_of=clock.now(),
    )


@csrf_exempt
@require_POST
@asks("fee.notify")
def notice(request: Request, town: str) -> HttpResponse:
    """The provider tells how an order stands; only what it has signed counts."""
    try:
        fees.notified(request.body, request.headers, as_of=clock.now())
    except providers.Forged as error:
        return HttpResponse(f"{error}\n", status=401, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


# -- papers ----------------------------------------------------------------------------------------------
@require_POST
@asks_within("fee.pay")
def slip(request: Request, town: str, reference: str) -> HttpResponse:
    """The slip as a PDF, to be printed and taken to a bank."""
    case, state = asked_case(request, reference)
    try:
        made = fees.issue_slip(case.id, by=request.worker, as_of=clock.now())
    except MoneyError as error:
        request.session["said"] = error.text.get(request.language)
        return redirect("channels:status", town=town, reference=case.reference)
    return slip_pdf(case, state, made, request.language)


@require_POST
@asks_within("fee.pay")
def receipt(request: Request, town: str, reference: str, number: int) -> HttpResponse:
    """The receipt as a PDF; one that was made before is marked."""
    case, state = asked_case(request, reference)
    return receipt_pdf(case, state, number, request.language)


def slip_pdf(case: Case, state: CaseState, made: Any, language: str) -> HttpResponse:
    """A slip, as whoever asked for it gets it."""
    return _pdf(f"slip-{made.number}", **_common(case, state, language), kind="slip", number=made.number,
                amount=made.amount, on=made.until)  # fmt: skip


def receipt_pdf(case: Case, state: CaseState, number: int, language: str) -> HttpResponse:
    """A receipt of this case. Raises Http404 for one of another."""
    money = queries.received(number)
    if money is None or money.fee.case != case.id:
        raise Http404
    again = fees.printed(money, as_of=clock.now())
    return _pdf(
        f"receipt-{money.fiscal_year}-{money.number}",
        **_common(case, state, language),
        kind="receipt",
        number=fees.receipt_number(money),
        amount=money.amount,
        on=money.on,
        how=ui_text(f"fees.way_{money.way}").ja,
        again=again,
    )


def _common(case: Case, state: CaseState, language: str) -> dict[str, Any]:
    """What stands on every paper of a case."""
    hall, service = register.town(case.town), cases.service_of(case)
    assert hall is not None
    return {
        "language": language,
        "reference": case.reference,
        "name": str(state.fact("applicant.name") or ""),
        "what": f"{service.name.ja}（{service.fee_name.ja}）",
        "town": hall.name,
        "sender": hall.mayor_title,
        "contact": hall.contact,
        "synthetic": hall.synthetic,
    }


def _pdf(file: str, **paper: Any) -> HttpResponse:
    response = HttpResponse(fee_papers.pdf(fee_papers.Paper(**paper)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{file}.pdf"'
    return response
