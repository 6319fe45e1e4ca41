"""What it brought: for everybody, without groups so small that somebody could be found in them; and for the desk, with what to mend."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks, may_here
from yakuba.cases import catalogue
from yakuba.cases import events as e
from yakuba.cases.state import IMPLICIT
from yakuba.channels import acting, casework
from yakuba.channels.desk import desk_url
from yakuba.progress.brought import alarm, comments, figures, summary
from yakuba.progress.brought.equity import PARTS, Shown, shown
from yakuba.progress.brought.figures import SERVICE, Mend
from yakuba.progress.brought.period import Period, this_year
from yakuba.words import Text, ui_text

YEARS = 5
"""Fiscal years that can be chosen."""
FRESH = 300
"""Seconds for which figures for everybody stay as they are: as often the rows are kept up (`progress.jobs.keep_up`)."""
MOST_MEND, MOST_COMMENTS, MOST_ROWS = 20, 30, 50
"""What a page shows at once."""


# -- for everybody -----------------------------------------------------------------------------------
@require_GET
@asks("open-data.read")
def everybody(request: Request, town: str) -> HttpResponse:
    """The figures of a fiscal year up to the last month that is over."""
    year, found = _published(request)
    years = _years()
    parts = [_part(found, part) for part in PARTS] if found else []
    chosen = {"year": year, "years": years, "found": found, "parts": parts}
    return render(request, "channels/web/brought.html", chosen)


@require_GET
@asks("open-data.read")
def everybody_csv(request: Request, town: str) -> HttpResponse:
    """The same for machines."""
    year, found = _published(request)
    if found is None:
        raise Http404
    file = _file(found, f"brought-{town}-{year}.csv")
    file["Cache-Control"] = f"public, max-age={FRESH}"
    return file


def _published(request: Request) -> tuple[int, Shown | None]:
    year, now = _year(request), clock.now()
    period = Period.closed_months(year, now)
    return year, _counted(request.town, period, int(now.timestamp()) // FRESH) if period else None


@lru_cache(maxsize=256)
def _counted(town: str, period: Period, while_fresh: int) -> Shown:
    """The figures of the open town, counted once for all who come in the same FRESH seconds (`while_fresh`: which these are)."""
    return shown(summary(period, clock.now()))


def _part(found: Shown, part: str) -> dict[str, Any]:
    """The groups of which something may be shown, and those of which only the name is."""
    rows = found.parts[part]
    return {
        "name": ui_text(f"brought.by_{part}"),
        "shown": [row for row in rows if row.ended is not None][:MOST_ROWS],
        "withheld": [row for row in rows if row.ended is None][:MOST_ROWS],
    }


def _years() -> list[int]:
    last = this_year(clock.now())
    return list(range(last, last - YEARS, -1))


def _year(request: Request) -> int:
    """The year that was asked for, of those that can be chosen; this one where it is none."""
    years, given = _years(), request.GET.get("year", "")
    return int(given) if re.fullmatch(r"[0-9]{4}", given) and int(given) in years else years[0]


def _file(found: Shown, name: str) -> HttpResponse:
    response = HttpResponse(found.csv(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# -- for the desk ------------------------------------------------------------------------------------
@require_GET
@asks("progress.read")
def desk(request: Request, town: str) -> HttpResponse:
    """The figures up to today, and what to mend next. Groups of people are shown as everybody sees them."""
    year = _year(request)
    found = summary(year, clock.now())
    groups = shown(found)
    with_cases = [one for one in found.services if one.figures.came_in or one.figures.ended]
    page = {
        "year": year,
        "years": _years(),
        "found": found,
        "services": with_cases[:MOST_ROWS],
        "missing": [ui_text(f"brought.rate_{name}") for name, yen in found.rates.items() if yen is None],
        "too_few": groups.total.ended is None,
        "parts": [_part(groups, part) for part in PARTS[1:]],
        "robots": [one for one in found.robots if one.done or one.handed_over],
        "mend": [_shown(one) for one in found.mend[:MOST_MEND]],
        "said": acting.said(request),
    }
    return render(request, "channels/desk/brought.html", page)


@require_GET
@asks("progress.read")
def desk_csv(request: Request, town: str) -> HttpResponse:
    """The figures up to today for machines; small groups are kept back here, too."""
    year = _year(request)
    return _file(shown(summary(year, clock.now())), f"brought-{town}-{year}-today.csv")


@require_GET
@asks("progress.read")
def mend(request: Request, town: str, service: str, step: str) -> HttpResponse:
    """One step that is hard for many: counts, what people wrote (masked), and where it can be mended."""
    year, now = _year(request), clock.now()
    period = Period.of(year, now)
    found = next(
        (one for one in figures.mend(period, now) if (one.service, one.step) == (service, step)), None
    )
    if found is None:
        raise Http404
    page = {
        "year": year,
        "one": _shown(found),
        "comments": comments.about(service, step, period, MOST_COMMENTS),
        "reviewed": (service, step) in set(alarm.open_reviews()),
        "can": {"review": _is_known(service, step) and alarm.may_review(request.worker),
                "edit": may_here(request, "workbench.read"), "queue": may_here(request, "queue.read")},
        "is_step": step != e.REQUEST,
    }  # fmt: skip
    return render(request, "channels/desk/brought_mend.html", page)


@require_POST
@asks("progress.read")
def review(request: Request, town: str, service: str, step: str) -> HttpResponse:
    """Have it looked into: a case of its own, with a due time. The log asks the policy who may open it."""

    def do() -> None:
        name = f"{catalogue.name_of(service).ja}（{_step_name(service, step).ja}）"
        what = f"{name} {acting.text_of(request, 'what')}".strip()
        alarm.review_of(service, step, what, by=request.worker, as_of=clock.now())
        acting.say(request, "ok", ui_text("brought.review_open").get(request.language))

    if not _is_known(service, step):
        raise Http404
    return acting.act(request, do, desk_url("brought", request))


def _is_known(service: str, step: str) -> bool:
    """Whether there is such a step to look into, and the service in which that is done."""
    services = catalogue.current().services
    if SERVICE not in services or service not in services:
        return False
    steps = {e.REQUEST, *IMPLICIT, *(one.id for one in services[service].steps)}
    return step in steps


def _step_name(service: str, step: str) -> Text:
    return ui_text("survey.request") if step == e.REQUEST else casework.step_name(service, step)


def _shown(one: Mend) -> dict[str, Any]:
    name = catalogue.name_of(one.service)
    step = _step_name(one.service, one.step) if one.step else ui_text("brought.whole")
    return {"of": one, "name": name, "step": step, "late": one.late + one.late_now}
