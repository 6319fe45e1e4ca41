"""Contracts with customers, and what a month of one comes to: as a page and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.cases import catalogue
from yakuba.channels import casework
from yakuba.field import customers, services
from yakuba.field.customers import Statement
from yakuba.words import Text, ui_text
from yakuba.words.formulas import guarded


@require_GET
@asks("customer.contract")
def contracts(request: Request, town: str) -> HttpResponse:
    """All contracts; of the chosen one, the statement of a month."""
    month = _month(request.GET.get("month", ""))
    number = request.GET.get("number", "")
    found = customers.statement(number, month, clock.now()) if number else None
    shown = {
        "contracts": customers.all_contracts(),
        "number": number,
        "month": month,
        "statement": found,
        "lines": [(_work(line.work), line) for line in found.lines] if found else [],
        "said": [(_work(one.work), one) for one in found.said] if found else [],
        "levels": [(ui_text(f"calls.level_{name}"), *counts) for name, counts in found.levels.items()]
        if found
        else [],
    }
    return render(request, "channels/desk/customers.html", shown)


def _month(said: str) -> date:
    """The first day of the month that was asked for; of this month in Japan when none was, or none that can be read."""
    try:
        return date.fromisoformat(f"{said}-01")
    except ValueError:
        return clock.in_tokyo(clock.now()).date().replace(day=1)


def _work(name: str) -> Text:
    if name == "remote":
        return ui_text("customers.remote")
    return catalogue.service(services.ON_SITE).facts["visit.kind"].choices.get(name, Text.same(name))


@require_GET
@asks("customer.contract")
def statement(request: Request, town: str) -> HttpResponse:
    """A month's statement as CSV: UTF-8 with its mark, as spreadsheets of Japanese offices open it. Yen without tax."""
    month = _month(request.GET.get("month", ""))
    found = customers.statement(request.GET.get("number", ""), month, clock.now())
    if found is None:
        raise Http404
    answer = HttpResponse(_csv(found).encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    name = casework.quoted(f"{found.number}-{month:%Y-%m}.csv")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


def _csv(found: Statement) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["契約番号", "お客さま", "月", "作業", "件数", "単価（税抜・円）", "金額（税抜・円）"])
    for line in found.lines:
        price = "" if line.price is None else line.price
        rows.writerow(
            [
                guarded(found.number),
                guarded(found.name),
                f"{found.month:%Y-%m}",
                guarded(_work(line.work).ja),
                line.count,
                price,
                line.yen,
            ]
        )
    rows.writerow(
        [guarded(found.number), guarded(found.name), f"{found.month:%Y-%m}", "合計", "", "", found.yen]
    )
    return text.getvalue()
