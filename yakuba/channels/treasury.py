"""Money and letters on the desk: runs are made, approved by two, sent; results come back; letters go out."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import ask, asks, asks_within, look, may_here
from yakuba.cases import catalogue
from yakuba.channels import acting, answers, casework
from yakuba.messages import actions as message_actions
from yakuba.messages import queries as messages
from yakuba.money import actions as money
from yakuba.money import queries
from yakuba.money.bank_days import bank_day_on_or_after

PAGE = 50
AHEAD = 62
"""Days ahead that waiting payments are counted for: no benefit is paid more seldom than every second month."""


def _act(request: Request, do: Callable[[], str | None], run: uuid.UUID | None = None) -> HttpResponse:
    """Do it and go back to the run or, without one, to the list of runs."""
    there = run if run and queries.run(run) else None
    back = (
        reverse("desk:run", args=[request.town, there])
        if there
        else reverse("desk:money", args=[request.town])
    )
    return acting.act(request, do, back)


# -- transfer runs -----------------------------------------------------------------------------------
@require_GET
@asks("money.read")
def runs(request: Request, town: str) -> HttpResponse:
    """All runs, what waits for one, and what came back."""
    today = clock.now().date()
    waiting = queries.waiting(today + timedelta(days=AHEAD))
    shown = {
        "page_of": Paginator(queries.runs(), PAGE).get_page(request.GET.get("page")),
        "waiting": [{**row, "name": catalogue.name_of(str(row["service"]))} for row in waiting],
        "failed": [(t, queries.reason(t)) for t in queries.failed_transfers()[:PAGE]],
        "held": queries.held_back()[:PAGE],
        "value_date": bank_day_on_or_after(today),
        "can": {
            "create": may_here(request, "money.run.create"),
            "case": may_here(request, "queue.read"),
        },
        "said": acting.said(request),
    }
    return render(request, "channels/desk/money.html", shown)


@require_GET
@asks_within("money.read")
def run(request: Request, town: str, run: uuid.UUID) -> HttpResponse:
    """One run: its transfers, its approvals, its files."""
    found = queries.run(run)
    if found is None:
        raise Http404
    ask(request, queries.resource(found))
    page = Paginator(queries.transfers(run), PAGE).get_page(request.GET.get("page"))
    shown = {
        "run": found,
        "page_of": page,
        "rows": [(t, queries.account_line(t), queries.reason(t)) for t in page.object_list],
        "states": list(queries.by_state(run).items()),
        "files": queries.files(run),
        "can": _next(request, found),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/run.html", shown)


def _next(request: Request, run: Any) -> dict[str, bool]:
    """What this worker can do with the run as it stands."""
    about = queries.resource(run)
    approved = any(one.by == request.worker.id for one in run.approvals.all())
    export = access.may(request.worker, "money.run.export", about)
    return {
        "approve": run.state == "draft"
        and not approved
        and access.may(request.worker, "money.run.approve", about),
        "export": run.state == "approved" and export,
        "download": export,
        "sent": run.state == "exported" and export,
        "cancel": run.state in ("draft", "approved")
        and access.may(request.worker, "money.run.cancel", about),
    }


@require_POST
@asks("money.read")
def create(request: Request, town: str) -> HttpResponse:
    """Put everything that is due by a day into a run."""

    def do() -> str:
        value_date = clock.parse_date(request.POST.get("value_date", ""))
        made = money.create_run(value_date, by=request.worker, as_of=clock.now())
        return reverse("desk:run", args=[town, made.id])

    return _act(request, do)


@require_POST
@asks("money.read")
def approve(request: Request, town: str, run: uuid.UUID) -> HttpResponse:
    """One of the two approvals."""
    return _act(request, lambda: _none(money.approve(run, by=request.worker, as_of=clock.now())), run)


@require_POST
@asks("money.read")
def export(request: Request, town: str, run: uuid.UUID) -> HttpResponse:
    """Write the bank's files; they count as sent once they were downloaded."""
    return _act(request, lambda: _none(money.export(run, by=request.worker, as_of=clock.now())), run)


@require_POST
@asks("money.read")
def cancel(request: Request, town: str, run: uuid.UUID) -> HttpResponse:
    """Take a run back."""
    return _act(request, lambda: _none(money.cancel(run, by=request.worker)), run)


def _none(_: object) -> None:
    """Nothing to go to: back to where one was."""


@require_GET
@asks_within("money.run.export")
def file(request: Request, town: str, file: int) -> HttpResponse:
    """A file for the bank, as it is sent."""
    found = queries.file_content(file)
    if found is None:
        raise Http404
    ask(request, queries.resource(found.run))
    response = HttpResponse(bytes(found.content), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="transfer-{found.id}.txt"'
    return response


@require_POST
@asks("money.read")
def sent(request: Request, town: str, run: uuid.UUID) -> HttpResponse:
    """The files are with the bank."""
    return _act(request, lambda: _none(money.mark_sent(run, by=request.worker, as_of=clock.now())), run)


@require_POST
@asks("money.read")
def result(request: Request, town: str) -> HttpResponse:
    """Read the bank's answer."""

    def do() -> str:
        upload = request.FILES.get("result")
        if upload is None:
            raise acting.Incomplete("desk.result_needed")
        reading = money.read_result(
            casework.content_of(upload, casework.MOST_OF_A_BANK), by=request.worker, as_of=clock.now()
        )
        return reverse("desk:run", args=[town, reading.run])

    return _act(request, do)


# -- letters -------------------------------------------------------------------------------------------
@require_GET
@asks("queue.read")
def letters(request: Request, town: str) -> HttpResponse:
    """Letters to be posted, and mails that did not arrive."""
    page = Paginator(messages.letters_to_post(), PAGE).get_page(request.GET.get("page"))
    shown = {"page_of": page, "failed": messages.failed()[:PAGE], "said": acting.said(request)}
    return render(request, "channels/desk/letters.html", shown)


def _chosen(request: Request) -> list[uuid.UUID]:
    """Raises acting.Incomplete when no letter was chosen."""
    chosen = [casework.an_id(one) for one in request.POST.getlist("message")]
    if not chosen:
        raise acting.Incomplete("desk.choose_letters")
    return chosen


@require_POST
@asks("queue.read")
def print_letters(request: Request, town: str) -> HttpResponse:
    """The chosen letters as one PDF."""
    try:
        chosen = messages.letters_of(_chosen(request))
    except acting.Incomplete as missing:
        acting.say(request, "wrong", missing.text.get(request.language))
        return redirect("desk:letters", town=town)
    for one in chosen:
        look(request, "message.read", access.Resource("Message", str(one.id), town))
    content = messages.printable(chosen, settings.YAKUBA_BASE_URL)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="letters.pdf"'
    return response


@require_POST
@asks("queue.read")
def posted(request: Request, town: str) -> HttpResponse:
    """The chosen letters are in the post."""

    def do() -> None:
        message_actions.posted(_chosen(request), by=request.worker, as_of=clock.now())

    return acting.act(request, do, reverse("desk:letters", args=[town]))


@require_POST
@asks("queue.read")
def resend(request: Request, town: str, message: uuid.UUID) -> HttpResponse:
    """Try a failed mail again, to the address that was typed."""

    def do() -> None:
        email = answers.email(request.POST.get("email", ""))
        message_actions.resend(message, email, by=request.worker, as_of=clock.now())

    return acting.act(request, do, reverse("desk:letters", args=[town]))
