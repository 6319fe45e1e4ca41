"""What was done outside of the hall in a week, for managers: work done and work in hand, not minutes, looks or keys."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yakuba import clock
from yakuba.access import queries as staff
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.cases import queries as case_queries

WEEK = timedelta(days=7)
OLDEST = date(2000, 1, 1)


@require_GET
@asks("telework.read")
def work(request: Request, town: str) -> HttpResponse:
    """One week (Monday to Sunday, Asia/Tokyo), one line for each colleague who worked outside."""
    monday = _monday(request.GET.get("week", ""))
    since = datetime.combine(monday, time(), clock.TOKYO)
    shown = {
        "monday": monday,
        "sunday": monday + WEEK - timedelta(days=1),
        "before": monday - WEEK,
        "after": monday + WEEK if monday + WEEK <= clock.now().date() else None,
        "people": _people(staff.work_outside(since, since + WEEK)),
    }
    return render(request, "channels/desk/telework.html", shown)


def _monday(given: str) -> date:
    """The Monday of the week that was asked for; of this one where nothing that can be read was."""
    today = clock.in_tokyo(clock.now()).date()
    try:
        day = date.fromisoformat(given)
    except ValueError:
        day = today
    day = min(max(day, OLDEST), today)
    return day - timedelta(days=day.weekday())


def _people(done: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    names, held = staff.staff_names(), case_queries.open_tasks_by_holder()
    rows: dict[str, dict[str, Any]] = {}
    for worker, action, count in done:
        row = rows.setdefault(
            worker, {"name": names.get(worker, worker), "done": [], "held": held.get(worker, 0)}
        )
        row["done"].append((f"telework.did_{action.replace('.', '_')}", count))
    return list(rows.values())
