"""The DX plan: how far this town really is, for everybody; and what comes next, for those who answer for it."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.cases import catalogue
from yakuba.progress import brought
from yakuba.progress.brought import period
from yakuba.progress.plan import report, telling, whole
from yakuba.progress.plan.nexts import NextStep
from yakuba.progress.plan.procedures import ProcedureState
from yakuba.progress.plan.state import tens, told
from yakuba.progress.plan.whole import GoalState, ItemState, Whole
from yakuba.words import Text, ui_text

SHOWN = 3
"""Next steps that stand open on the desk's page; the others are folded."""
CHIPS = {"runs": "ok", "part": "warn", "stopped": "wrong", "reached": "ok", "missed": "wrong", "open": "info"}
"""How a state looks; all others have no colour."""


@require_safe
@asks("plan.read")
def plan(request: Request, town: str) -> HttpResponse:
    """How far the town is, item by item; procedure by procedure (`?procedures=1`) on a page for each group, for thin lines."""
    found = whole.whole(town, as_of=clock.now(), with_next=False)
    shown = _shown(found, exact=False) | {"apart": True}
    group = request.GET.get("procedures", "")
    if re.fullmatch(r"[0-9]{1,2}", group) and (chosen := shown["groups"][int(group) - 1 : int(group)]):
        shown |= {"groups": chosen, "procedures": True}
    return render(request, "channels/web/plan.html", shown)


@require_GET
@asks("progress.read")
def desk(request: Request, town: str) -> HttpResponse:
    """The same with what comes next, why, what it takes, and whether a partner can do it."""
    found = whole.whole(town, as_of=clock.now())
    steps = [_step(one, found) for one in found.next]
    shown = _shown(found, exact=True) | {"next": steps[:SHOWN], "others": steps[SHOWN:]}
    return render(request, "channels/desk/plan.html", shown)


@require_GET
@asks("progress.read")
def paper(request: Request, town: str) -> HttpResponse:
    """All of it as a paper."""
    now = clock.now()
    made = report.pdf(
        whole.whole(town, as_of=now), request.language, brought.summary(period.this_year(now), now)
    )
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="dx-plan-{town}.pdf"'
    return response


def _shown(found: Whole, *, exact: bool) -> dict[str, Any]:
    """What both pages show; small counts of what people did only where they are `exact`."""
    online, counted = found.online
    services = catalogue.current().services
    return {
        "whole": found,
        "online": online,
        "counted": counted,
        "running": sum(found.standings.get(one, 0) for one in ("runs", "part")),
        "parts": [(part, [_item(one, exact) for one in items]) for part, items in found.parts],
        "own": telling.own_lead(found.own) if found.own else None,
        "goals": [
            {"one": one, "chip": CHIPS.get(one.stands, ""), "reached": _reached(one, exact)}
            for one in found.goals
        ],
        "manual": [(one, telling.step_shown(one)) for one in found.steps],
        "groups": [
            (name, [_procedure(one, exact) for one in rows], count) for name, rows, count in found.groups
        ],
        "partners": [telling.partner_line(one, services) for one in found.partners],
    }


def _reached(one: GoalState, exact: bool) -> Text | None:
    """How much of a goal is reached, in words; None where nobody knows."""
    if one.reached is None:
        return None
    if one.of_people and one.reached and not exact:
        return _in_tens(one.reached)
    if one.goal.at_least:
        return told("plan.reached_of", reached=one.reached, of=one.goal.at_least)
    return Text.same(f"{one.reached:,}")


def _item(one: ItemState, exact: bool) -> dict[str, Any]:
    return {
        "one": one,
        "chip": CHIPS.get(one.standing, ""),
        "evidence": [sight.text if exact else sight.public for sight in one.state.evidence],
        "left_out": telling.left_out(one),
        "targets": [(telling.target(target), target) for target in one.item.targets],
    }


def _procedure(one: ProcedureState, exact: bool) -> dict[str, Any]:
    counts = (one.online, one.by_hand)
    shown = [Text.same(f"{count:,}") if exact or not count else _in_tens(count) for count in counts]
    since = one.since if exact or tens(one.online) else None
    return {"one": one, "online": shown[0], "by_hand": shown[1], "since": since}


def _in_tens(count: int) -> Text:
    return told("plan.at_least", count=tens(count)) if tens(count) else ui_text("plan.under_ten")


def _step(one: NextStep, found: Whole) -> dict[str, Any]:
    return {
        "one": one,
        "takes": telling.takes(one.takes),
        "needs": [found.plan.items[name].name for name in one.needs],
    }
