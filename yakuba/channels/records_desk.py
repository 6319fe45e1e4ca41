"""Loads of old data on the desk: what came of each, what a cut-over would change, the rows that are held, one by one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import ask, asks, asks_within, look
from yakuba.cases import queries as cases
from yakuba.channels import acting
from yakuba.channels.acting import Incomplete, text_of
from yakuba.channels.answers import clean
from yakuba.records import actions, held, queries
from yakuba.records.comparing import Comparison
from yakuba.records.errors import NoSuchLoad
from yakuba.records.guarding import DOTS, guard_of
from yakuba.records.standards import Definition, Item
from yakuba.records.states import DISCARDED, HELD, SET_ASIDE
from yakuba.records.versions import exactly
from yakuba.words import ui

if TYPE_CHECKING:
    from yakuba.records.models import Load, LoadedRow

PAGE = 50
SHOWN = 200
"""Differences of each kind that are shown; all are counted."""
_GUARDED_HEADS = re.compile(r"個人番号|マイナンバー|my.?number|kojin|口座|金融機関|銀行|支店", re.IGNORECASE)
"""Headings of old systems under which guarded values stand."""


# -- loads -------------------------------------------------------------------------------------------
@require_GET
@asks("load.list")
def loads(request: Request, town: str) -> HttpResponse:
    """All loads, the newest first."""
    pages = Paginator(queries.loads(), PAGE)
    shown = {"loads": pages.get_page(request.GET.get("page")), "said": acting.said(request)}
    return render(request, "channels/desk/records.html", shown)


@require_GET
@asks_within("load.read")
def load(request: Request, town: str, load: uuid.UUID) -> HttpResponse:
    """One load: its counts, its files, what it changed, the rows that are held."""
    found = _load(request, load)
    names = exactly(found.standard, found.version).name
    rows = Paginator(queries.rows(found), PAGE).get_page(request.GET.get("page"))
    due = cases.queue(service=held.SERVICE).filter(case__in=[one.case for one in rows])
    shown = {
        "load": found,
        "name": names.get(request.language, names["ja"]),
        "rows": rows,
        "held_rows": _with_due(rows, dict(due.values_list("case", "due_at"))),
        "cutovers": queries.cutovers(found),
        "can": {
            what: _may(request, f"load.{what}", found)
            for what in ("mend", "ask", "cut_over", "roll_back", "discard")
        },
        "said": acting.said(request),
    }
    return render(request, "channels/desk/records_load.html", shown)


def _with_due(rows: Any, due: dict[uuid.UUID, Any]) -> list[dict[str, Any]]:
    return [{"row": one, "faults": one.remarks, "due": due.get(one.case)} for one in rows]


def _load(request: Request, load: uuid.UUID) -> Load:
    """The load, asked for. Raises Http404, access.Denied."""
    try:
        found = queries.load(load)
    except NoSuchLoad as error:
        raise Http404 from error
    ask(request, actions.resource(found))
    return found


def _may(request: Request, action: str, load: Load) -> bool:
    return access.may(request.worker, action, actions.resource(load))


@require_GET
@asks_within("load.read")
def differences(request: Request, town: str, load: uuid.UUID) -> HttpResponse:
    """What is current beside what would be after the cut-over, item by item (現新比較)."""
    found = _load(request, load)
    definition = exactly(found.standard, found.version)
    compared = queries.differences(found) if found.state != DISCARDED else {}
    shown = {"load": found, "groups": [_compared(one, definition) for one in compared.values()]}
    return render(request, "channels/desk/records_differences.html", shown)


def _compared(found: Comparison, definition: Definition) -> dict[str, Any]:
    """A comparison as the page shows it: of each kind the first, guarded values as dots."""
    changes = [
        {
            "key": " ".join(one.key),
            "item": one.item.name,
            "old": DOTS if guard_of(definition, one.item) else one.old,
            "new": DOTS if guard_of(definition, one.item) else one.new,
        }
        for one in found.changes[:SHOWN]
    ]
    return {
        "found": found,
        "changes": changes,
        "more": max(0, sum(found.items.values()) - SHOWN),
        "come": [" ".join(map(str, one)) for one in found.come[:SHOWN]],
        "lost": [" ".join(map(str, one)) for one in found.lost[:SHOWN]],
        "items": found.items.items(),
    }


# -- what is done with a load ------------------------------------------------------------------------
@require_POST
@asks_within("load.ask")
def ask_for(request: Request, town: str, load: uuid.UUID) -> HttpResponse:
    """Ask for the cut-over."""
    found = _load(request, load)

    def do() -> None:
        actions.ask_for_cut_over(found.id, by=request.worker, as_of=clock.now())
        acting.say(request, "ok", ui("loads.asked", request.language))

    return acting.act(request, do, _address(town, load))


@require_POST
@asks_within("load.cut_over")
def cut_over(request: Request, town: str, load: uuid.UUID) -> HttpResponse:
    """Cut over what a colleague has asked for."""
    found = _load(request, load)

    def do() -> None:
        _confirmed(request)
        leave = "leave_held" in request.POST
        made = actions.cut_over(found.id, by=request.worker, as_of=clock.now(), leave_held=leave)
        acting.say(request, "ok", ui("loads.cut_over_done", request.language, number=made.sequence))

    return acting.act(request, do, _address(town, load))


@require_POST
@asks_within("load.roll_back")
def roll_back(request: Request, town: str, load: uuid.UUID) -> HttpResponse:
    """Take a cut-over back."""
    found = _load(request, load)

    def do() -> None:
        _confirmed(request)
        reason = text_of(request, "reason", needed="desk.reason_needed", most=500)
        made = actions.roll_back(found.id, by=request.worker, as_of=clock.now(), reason=reason)
        acting.say(request, "ok", ui("loads.rolled_back_done", request.language, number=made.sequence))

    return acting.act(request, do, _address(town, load))


@require_POST
@asks_within("load.discard")
def discard(request: Request, town: str, load: uuid.UUID) -> HttpResponse:
    """Remove the rows of a rehearsal; what waits because of it ends within a few minutes."""
    found = _load(request, load)

    def do() -> None:
        _confirmed(request)
        actions.discard(found.id, by=request.worker, as_of=clock.now())
        acting.say(request, "ok", ui("loads.discarded_done", request.language))

    return acting.act(request, do, _address(town, load))


def _confirmed(request: Request) -> None:
    """Raises Incomplete where the box was not ticked."""
    if "sure" not in request.POST:
        raise Incomplete("loads.not_sure")


def _address(town: str, load: uuid.UUID) -> str:
    return reverse("desk:records_load", args=[town, load])


# -- one row -----------------------------------------------------------------------------------------
@require_GET
@asks_within("load.mend")
def row(request: Request, town: str, load: uuid.UUID, row: int) -> HttpResponse:
    """One row with its cells as they came, each fault with what to do, and inputs for what is faulty."""
    found = _row(request, load, row)
    definition = exactly(found.load.standard, found.load.version)
    reveal = "reveal" in request.GET and _may_reveal(request, found)
    if reveal:
        look(request, "register.read", _person(found))
    items = definition.groups()[found.group]
    faults = held.faults_of(found, definition, as_of=clock.now()) if found.state == HELD else []
    asked = [
        one for one in items if one.romaji in _faulty(found, items) | {one.item.romaji for one in faults}
    ]
    guarded = any(guard_of(definition, one) for one in items)
    shown = {
        "load": found.load,
        "row": found,
        "cells": list(_cells(found, definition, reveal)),
        "faults": [*_told(found, items), *({"item": one.item.name, "say": one.text} for one in faults)],
        "asked": [_input(one, found, definition, reveal) for one in asked],
        "others": [
            (one.name, _shown(found.values[one.romaji], definition, one, reveal))
            for one in items
            if one not in asked and one.romaji in found.values
        ],
        "history": _history(found, items),
        "may_reveal": guarded and not reveal and _may_reveal(request, found),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/records_row.html", shown)


def _row(request: Request, load: uuid.UUID, row: int) -> LoadedRow:
    """The row, asked for. Raises Http404, access.Denied."""
    found = queries.row(row)
    if found is None or found.load_id != load:
        raise Http404
    ask(request, actions.resource(found.load))
    return found


def _person(row: LoadedRow) -> access.Resource:
    """Whose guarded values a row holds: nobody knows yet, so it goes by the row."""
    return access.Resource("Person", f"row:{row.id}", row.town)


def _may_reveal(request: Request, row: LoadedRow) -> bool:
    return access.may(request.worker, "register.read", _person(row))


def _faulty(row: LoadedRow, items: list[Item]) -> set[str]:
    """Items of which nothing could be read."""
    untold = {
        one["item"]
        for one in row.remarks
        if one["value"] is None and one["kind"] not in ("mended", SET_ASIDE)
    }
    return untold & {one.romaji for one in items}


def _told(row: LoadedRow, items: list[Item]) -> Iterator[dict[str, Any]]:
    """What the import said of it."""
    names = {one.romaji: one.name for one in items}
    for one in row.remarks:
        if one["kind"] not in ("mended", SET_ASIDE):
            yield {"item": names.get(one["item"], one["item"]), "say": one["say"]}


def _history(row: LoadedRow, items: list[Item]) -> list[dict[str, Any]]:
    """What people did with it."""
    names = {one.romaji: one.name for one in items}
    return [
        {**one, "item": names.get(one["item"], "")}
        for one in row.remarks
        if one["kind"] in ("mended", SET_ASIDE)
    ]


def _cells(row: LoadedRow, definition: Definition, reveal: bool) -> Iterator[tuple[str, str]]:
    """Its cells by heading. What stands under a guarded heading, or is a guarded value, or may be one because the group is
    about somebody's health, is shown as dots; a line that could not be read has no headings, and may hold any of them."""
    items = definition.groups()[row.group]
    secret = {
        row.values[one.romaji] for one in items if guard_of(definition, one) and one.romaji in row.values
    }
    plain = {
        row.values[one.romaji] for one in items if not guard_of(definition, one) and one.romaji in row.values
    }
    about_health = any(guard_of(definition, one) == "health" for one in items)
    any_guarded = any(guard_of(definition, one) for one in items)
    for head, value in row.cells.items():
        guarded = (
            _GUARDED_HEADS.search(head)
            or value in secret
            or (about_health and value not in plain)
            or (any_guarded and not head)
        )
        yield head, DOTS if value and guarded and not reveal else value or ""


def _shown(value: str, definition: Definition, item: Item, reveal: bool) -> str:
    return DOTS if guard_of(definition, item) and not reveal else value


def _input(item: Item, row: LoadedRow, definition: Definition, reveal: bool) -> dict[str, Any]:
    """What is asked of one item: a choice where the standard has a closed list of codes."""
    codes = definition.codes.get(item.code) if item.code else None
    value = row.values.get(item.romaji, "")
    hidden = bool(guard_of(definition, item)) and not reveal
    return {
        "item": item,
        "value": "" if hidden else value,
        "hidden": hidden and bool(value),
        "codes": list(codes.values.items()) if codes and not codes.open else [],
    }


@require_POST
@asks_within("load.mend")
def mend(request: Request, town: str, load: uuid.UUID, row: int) -> HttpResponse:
    """Put in what was typed; right, the row is taken over and its case ends."""
    found = _row(request, load, row)
    here = reverse("desk:records_row", args=[town, load, row])

    def do() -> str:
        items = exactly(found.load.standard, found.load.version).groups()[found.group]
        typed = {one.romaji: clean(request.POST[one.romaji]) for one in items if one.romaji in request.POST}
        hidden = {name for name in request.POST.getlist("hidden") if not typed.get(name)}
        values = {name: value for name, value in typed.items() if name not in hidden}
        came = held.mend(found.id, values, by=request.worker, as_of=clock.now())
        if came.faults:
            acting.say(request, "warn", ui("loads.still_held", request.language))
            return here
        acting.say(request, "ok", ui("loads.mended_done", request.language))
        return _address(town, load)

    return acting.act(request, do, here)


@require_POST
@asks_within("load.mend")
def set_aside(request: Request, town: str, load: uuid.UUID, row: int) -> HttpResponse:
    """Not taken over, with a reason."""
    found = _row(request, load, row)

    def do() -> str:
        reason = text_of(request, "reason", needed="desk.reason_needed", most=500)
        held.set_aside(found.id, by=request.worker, as_of=clock.now(), reason=reason)
        acting.say(request, "ok", ui("loads.set_aside_done", request.language))
        return _address(town, load)

    return acting.act(request, do, reverse("desk:records_row", args=[town, load, row]))
