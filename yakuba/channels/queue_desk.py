"""The queue of the desk (作業一覧): filtered by its address, kept under names, decided as a whole, taken along as a file.

Every view asks the policy once and makes a fixed number of queries, whatever the number of rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import asks, may_here
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases.errors import OtherThanSeen
from yakuba.cases.queries import IDENTIFIED, PROPOSED, Wanted
from yakuba.channels import acting, actions, casework, queries, queue_file, sheets
from yakuba.channels.acting import Incomplete, text_of
from yakuba.channels.errors import BadFilter
from yakuba.channels.queue_filter import CHANNELS, NOBODY, Asked, reviews
from yakuba.words import Text, ui, ui_text

if TYPE_CHECKING:
    from yakuba.cases.models import Task
    from yakuba.channels.models import SavedFilter

PAGE = 50
EXAMPLES = 5
"""Cases of a list that are shown before it is decided, and reference numbers that are named with a reason."""
MOST_TOGETHER = 20_000
"""Tasks of a list that are decided in one go: a request is ended after a minute."""


def _address(name: str, request: Request, asked: Asked | None = None) -> str:
    """A page of the queue with the present filter."""
    query = (asked or Asked.of(request.GET)).query
    return reverse(f"desk:{name}", args=[request.town]) + (f"?{query}" if query else "")


# -- the list ------------------------------------------------------------------------------------
@require_GET
@asks("queue.read")
def queue(request: Request, town: str) -> HttpResponse:
    """The list of open tasks, filtered, the most urgent first; several, or all, can be decided together."""
    now, asked = clock.now(), Asked.of(request.GET)
    wrong: Mapping[str, Text] = {}
    try:
        wanted = asked.wanted(request.worker, now)
    except BadFilter as bad:
        wanted, wrong = None, bad.wrong
    tasks = case_queries.queue(wanted) if wanted else ()
    page = Paginator(tasks, PAGE).get_page(request.GET.get("page"))
    names = queries.holder_names()
    rows = [_row(task, request.worker, names, now) for task in page.object_list]
    kept, (together, *counts) = kept_filters(request, reviews(wanted) if wanted else None)
    can = {act: may_here(request, act) for act in ("case.bulk_decide", "queue.export")}
    shown = {
        "page_of": page,
        "rows": rows,
        "asked": asked,
        "wrong": {name: text.get(request.language) for name, text in wrong.items()},
        "choices": _choices(asked, names),
        "decide_together": can["case.bulk_decide"] and any(row["verb"] == "review" for row in rows),
        "together": together if can["case.bulk_decide"] else 0,
        "can_export": can["queue.export"],
        "kept": shown_filters(request, kept, counts),
        "may_share": _may_keep(request, ""),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/queue.html", shown)


def kept_filters(request: Request, *besides: Asked | Wanted | None) -> tuple[list[SavedFilter], list[int]]:
    """The filters that somebody keeps; and how many tasks these find: first those `besides`, then the kept ones, in one
    query. None finds nothing, and so does one that was kept before a choice of it was taken away."""
    now, kept = clock.now(), queries.saved_filters(request.worker)
    asked = [*besides, *(Asked.of(one.asked) for one in kept)]
    meant = [_meant(one, request, now) if isinstance(one, Asked) else one for one in asked]
    found = iter(case_queries.counted([one for one in meant if one is not None]))
    return kept, [0 if one is None else next(found) for one in meant]


def _meant(asked: Asked, request: Request, now: datetime) -> Wanted | None:
    try:
        return asked.wanted(request.worker, now)
    except BadFilter:
        return None


def shown_filters(
    request: Request, kept: Sequence[SavedFilter], counts: Sequence[int]
) -> list[dict[str, Any]]:
    """The kept filters as links, each with how much it finds."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "query": Asked.of(one.asked).query,
            "count": count,
            "for_all": not one.owner,
            "may_forget": _may_keep(request, one.owner),
        }
        for one, count in zip(kept, counts, strict=True)
    ]


def _may_keep(request: Request, owner: str) -> bool:
    about = access.Resource("Filter", "queue", request.town, {"owner": owner or None})
    return access.may(request.worker, "filter.keep", about)


def _choices(asked: Asked, names: Mapping[str, str]) -> dict[str, list[tuple[str, Any]]]:
    """What can be chosen in the form: what waits, with how much of it, and the words of the filter."""
    services: dict[str, int] = {}
    steps: list[tuple[str, Any]] = []
    for row in case_queries.waiting_counts():
        services[row["service"]] = services.get(row["service"], 0) + row["count"]
        if row["service"] == asked.service:
            steps.append(
                (row["step"], _counted(casework.step_name(row["service"], row["step"]), row["count"]))
            )
    if asked.service:
        services.setdefault(asked.service, 0)
    return {
        "service": [
            (one, _counted(catalogue.name_of(one), count)) for one, count in sorted(services.items())
        ],
        "step": steps or ([(asked.step, Text.same(asked.step))] if asked.step else []),
        "holder": [(NOBODY, ui_text("queue.held_by_nobody")), *sorted(names.items(), key=lambda one: one[1])],
        "channel": [(one, ui_text(f"desk.channel_{one}")) for one in CHANNELS],
        "proposed": [(one, ui_text(f"queue.proposed_{one}")) for one in PROPOSED],
        "identified": [(one, ui_text(f"queue.identified_{one}")) for one in IDENTIFIED],
    }


def _counted(name: Text, count: int) -> Text:
    return ui_text("queue.counted").format(name=name, count=count)


def _row(task: Task, worker: access.Worker, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    service = case_queries.service_of(task.case)
    return {
        "id": task.id,
        "case": task.case,
        "service": service.name,
        "step": casework.step_name(task.service, task.step, service),
        "verb": task.verb,
        "applicant": case_queries.state(task.case).fact("applicant.name") or "",
        "yen": task.yen,  # type: ignore[attr-defined]  # a column of `queue`
        "proposer": names.get(task.proposer, ""),  # type: ignore[attr-defined]
        "due": task.due_at or task.case.norm_due,
        "late": bool(task.due_at and task.due_at < now),
        "soon": bool(task.due_at and now <= task.due_at < now + timedelta(days=1)),
        "holder": names.get(task.holder or "", task.holder),
        "mine": task.holder == worker.id,
        "as_deputy": worker.stands_in_for(task.holder),
    }


# -- filters under a name ----------------------------------------------------------------------------
@require_POST
@asks("queue.read")
def keep(request: Request, town: str) -> HttpResponse:
    """Keep the present filter under a name."""

    def do() -> None:
        asked = Asked.of(request.GET)
        asked.wanted(request.worker, clock.now())
        name = text_of(request, "name")
        for_all = bool(request.POST.get("for_all"))
        actions.keep_filter(name, asked.entries(), for_all=for_all, by=request.worker, as_of=clock.now())
        acting.say(request, "ok", ui("queue.kept", request.language, name=name))

    return acting.act(request, do, _address("queue", request))


@require_POST
@asks("queue.read")
def forget(request: Request, town: str) -> HttpResponse:
    """Keep a filter no longer."""

    def do() -> None:
        actions.remove_filter(casework.an_id(request.POST.get("filter", "")), by=request.worker)

    return acting.act(request, do, _address("queue", request))


# -- many at once ------------------------------------------------------------------------------------
@require_POST
@asks("case.bulk_decide")
def bulk_decide(request: Request, town: str) -> HttpResponse:
    """One decision with one reason for the chosen tasks."""

    def do() -> None:
        chosen = [casework.an_id(task) for task in request.POST.getlist("task")]
        if not chosen:
            raise Incomplete("desk.bulk_incomplete")
        _decide(request, chosen)

    return acting.act(request, do, _address("queue", request))


@require_GET
@asks("case.bulk_decide")
def whole_list(request: Request, town: str) -> HttpResponse:
    """What is about to be decided: how many, how much, of which services, and some of them."""
    asked = Asked.of(request.GET)
    try:
        wanted = reviews(asked.wanted(request.worker, clock.now()))
    except BadFilter:  # the list itself says what is wrong
        return redirect(_address("queue", request))
    tasks = case_queries.queue(wanted)
    ids, seen = case_queries.checksum(tasks)
    sums = case_queries.summed(tasks)
    ways = (
        [replace(wanted, proposed=way) for way in ("me", "another", "nobody")] if not wanted.proposed else []
    )
    proposed = dict(zip(("me", "another", "nobody"), case_queries.counted(ways), strict=False))
    names = queries.holder_names()
    shown = {
        "count": len(ids),
        "most": MOST_TOGETHER,
        "checksum": seen,
        "yen": sum(one.yen for one in sums),
        "without": sum(one.without for one in sums),
        "sums": [(catalogue.name_of(one.service), one) for one in sums],
        "proposed": proposed,
        "examples": [_row(task, request.worker, names, clock.now()) for task in tasks[:EXAMPLES]],
        "asked": asked,
        "filters": list(asked.said(names, request.language)),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/queue_decide.html", shown)


@require_POST
@asks("case.bulk_decide")
def decide_list(request: Request, town: str) -> HttpResponse:
    """One decision with one reason for the whole list, if it is still what was seen."""

    def do() -> str:
        wanted = reviews(Asked.of(request.GET).wanted(request.worker, clock.now()))
        tasks, seen = case_queries.checksum(case_queries.queue(wanted))
        if seen != request.POST.get("checksum"):
            raise OtherThanSeen(ui_text("queue.other_than_seen"))
        if not tasks or len(tasks) > MOST_TOGETHER:
            raise Incomplete("queue.too_many" if tasks else "desk.bulk_incomplete")
        _decide(request, tasks)
        return _address("queue", request)

    return acting.act(request, do, _address("whole_list", request))


def _decide(request: Request, tasks: Sequence[uuid.UUID]) -> None:
    """Decide them as the form says, and report. Raises Incomplete."""
    outcome, reason = request.POST.get("outcome", ""), text_of(request, "reason")
    if outcome not in ("granted", "refused") or not reason:
        raise Incomplete("desk.bulk_incomplete")
    together = cases.bulk_decide(tasks, by=request.worker, as_of=clock.now(), outcome=outcome, reason=reason)
    done = {
        name: len(getattr(together, name)) for name in ("done", "left", "decided", "proposed", "sent_back")
    }
    told = ui("desk.bulk_done", request.language, **done)
    acting.say(request, "warn" if together.left else "ok", told, list(_why_left(together, request.language)))


def _why_left(together: cases.Together, language: str) -> Iterator[str]:
    """Each reason for which tasks were left, with how many and some of their reference numbers."""
    reasons: dict[str, list[uuid.UUID]] = {}
    for task, error in together.left:
        reasons.setdefault(error.text.get(language), []).append(task)
    named = case_queries.references_of([task for left in reasons.values() for task in left[:EXAMPLES]])
    for why, left in sorted(reasons.items()):
        some = ", ".join(named[task] for task in left[:EXAMPLES] if task in named)
        more = ui("queue.and_more", language) if len(left) > EXAMPLES else ""
        yield ui("queue.left_because", language, why=why, count=len(left), references=some + more)


# -- as a file ---------------------------------------------------------------------------------------
@require_GET
@asks("queue.export")
def export(request: Request, town: str) -> HttpResponse:
    """The filtered list as an Excel file."""
    now, asked = clock.now(), Asked.of(request.GET)
    try:
        wanted = asked.wanted(request.worker, now)
    except BadFilter:  # the list itself says what is wrong
        return redirect(_address("queue", request))
    content = queue_file.written(
        asked, wanted, town=town, by=request.worker, language=request.language, as_of=now
    )
    response = HttpResponse(content, content_type=sheets.MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{queue_file.name(town, now)}"'
    return response
