"""Rows that are held, worked off as cases: each is opened once, mended under the same checks, or set aside with a reason."""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection, transaction

from yakuba import access
from yakuba.access import SYSTEM, Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.clock import in_tokyo
from yakuba.records import actions, checking, sql
from yakuba.records.checking import Finding
from yakuba.records.errors import NotHeld, RecordsError
from yakuba.records.guarding import guard_of
from yakuba.records.models import Load, LoadedRow
from yakuba.records.standards import Definition, Item
from yakuba.records.states import ACCEPTED, DISCARDED, HELD, REPAIRED, SET_ASIDE
from yakuba.records.versions import exactly
from yakuba.words import ui, ui_text

SERVICE, STEP = "held-row", "mend"
BATCH = 1000
"""Cases opened in one transaction: enough that a statement's fixed cost vanishes, few enough for a small computer's memory."""
SAID = 20
"""Faults of one row that its case tells; the page of the row has all."""


# -- each is a case ----------------------------------------------------------------------------------
def open_all(town: str, *, as_of: datetime, batch: int = BATCH) -> int:
    """Open the case of every held row that has none yet, batch by batch, each in a transaction of its own; run again, also
    after it was killed, it goes on where it ended. Returns how many were opened."""
    opened = 0
    while True:
        with towns.inside(town):
            some = open_some(batch, as_of=as_of)
        opened += some
        if some < batch:
            return opened


def open_some(most: int, *, as_of: datetime) -> int:
    """Open the cases of some held rows. Returns how many."""
    with transaction.atomic():
        towns.alone_with(SERVICE)
        waiting = LoadedRow.objects.filter(state=HELD, case=None).select_related("load").order_by("id")
        rows = list(waiting[:most])
        if not rows:
            return 0
        service = catalogue.service(SERVICE)
        wanted = [
            (
                service,
                cases.opening(service, _facts(row), channel="api", key=f"{SERVICE}:{row.load_id}:{row.id}"),
                (),
            )
            for row in rows
        ]
        opened = cases.open_cases(wanted, by=SYSTEM(towns.current_town()), as_of=as_of)
        with connection.cursor() as cursor:
            cursor.execute(
                'update records_loadedrow l set "case" = o."case" '
                'from unnest(%s::bigint[], %s::uuid[]) as o (id, "case") where l.id = o.id',
                [[row.id for row in rows], opened],
            )
    return len(rows)


def _facts(row: LoadedRow) -> dict[str, Any]:
    """What the case says: where the row is, and what is wrong with it. A reason may repeat what could not be read, unless that
    is guarded: it is personal."""
    items = exactly(row.load.standard, row.load.version).groups()[row.group]
    names = {one.romaji: f"{one.name}: " for one in items}
    faults = "\n".join(f"・{names.get(one['item'], '')}{one['say']}" for one in row.remarks[:SAID])
    return {
        "row": {
            "number": row.id,
            "load": str(row.load_id),
            "source": row.load.source,
            "group": row.group,
            "place": f"{row.file} {row.line}",
            "faults": faults,
        }
    }


def end_discarded(town: str, *, as_of: datetime, batch: int = BATCH) -> int:
    """End what is open of loads that were discarded. Returns how many cases."""
    ended = 0
    with towns.inside(town):
        discarded = list(Load.objects.filter(state=DISCARDED, cases_ended=False).values_list("id", flat=True))
    for load in discarded:
        while some := _end_some(town, load, batch, as_of):
            ended += some
    return ended


def _end_some(town: str, load: uuid.UUID, most: int, as_of: datetime) -> int:
    with towns.inside(town):
        found = case_queries.begun_with(f"{SERVICE}:{load}:").filter(state="open")
        chosen = list(found.order_by("id").values_list("id", flat=True)[:most])
        for case in chosen:
            cases.withdraw(case, by=SYSTEM(town), as_of=as_of, reason=ui("loads.discarded_reason", "ja"))
        if not chosen:
            Load.objects.filter(id=load).update(cases_ended=True)
    return len(chosen)


# -- a clerk works on it ---------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Mended:
    """What came of mending: the row, and what is still wrong with it."""

    row: LoadedRow
    faults: Sequence[Finding]


def mend(row: int, values: Mapping[str, str], *, by: Worker, as_of: datetime) -> Mended:
    """Put values (by romaji name, "" for none) into a held row. Held to the checks of the standard as of that day it becomes
    repaired, with what it said before; where its load is current it follows it. With a fault it stays held, as it now is.

    Raises NotHeld, RecordsError for an item that the group does not have, LaterCutover, access.Denied.
    """
    with transaction.atomic():
        held, load = _held(row, by)
        definition = exactly(load.standard, load.version)
        changed = _changed(held, definition.groups()[held.group], values)
        held.told = json.dumps(
            [*held.remarks, *_remarks(held, definition, changed, by, as_of)], ensure_ascii=False
        )
        held.values = {name: value for name, value in (held.values | changed).items() if value}
        held.key = sql.key(definition.groups()[held.group], held.values)
        faults = faults_of(held, definition, as_of=as_of)
        held.state = HELD if faults else REPAIRED
        held.save(update_fields=["told", "values", "key", "state"])
        if not faults:
            _settle(load, held)
            actions.follow(held, load, by=by, as_of=as_of)
            _end(held, "mended", by, as_of)
    return Mended(held, faults)


def set_aside(row: int, *, by: Worker, as_of: datetime, reason: str) -> LoadedRow:
    """A held row is not taken over; it is counted, and its reason kept. Raises NotHeld, access.Denied."""
    with transaction.atomic():
        held, load = _held(row, by)
        held.state = SET_ASIDE
        note = {
            "item": "",
            "kind": SET_ASIDE,
            "given": None,
            "value": None,
            "say": reason,
            **_whose(by, as_of),
        }
        held.told = json.dumps([*held.remarks, note], ensure_ascii=False)
        held.save(update_fields=["told", "state"])
        _settle(load, held)
        _end(held, "set_aside", by, as_of, reason)
    return held


def _held(row: int, by: Worker) -> tuple[LoadedRow, Load]:
    """The row and its load, locked in that order in which a cut-over locks. Raises NotHeld, access.Denied."""
    towns.alone_with("records")
    found = LoadedRow.objects.filter(id=row).first()
    if found is None:
        raise NotHeld("no_such_row", row=row)
    load = Load.objects.select_for_update().get(id=found.load_id)
    access.require(by, "load.mend", actions.resource(load))
    found = LoadedRow.objects.select_for_update().get(id=row)
    if found.state != HELD:
        raise NotHeld("not_held")
    return found, load


def _changed(row: LoadedRow, items: Sequence[Item], values: Mapping[str, str]) -> dict[str, str]:
    """What is said otherwise than it stands there. Raises RecordsError."""
    known = {one.romaji for one in items}
    if unknown := [name for name in values if name not in known]:
        raise RecordsError("no_such_item", item=unknown[0])
    return {
        name: value.strip() for name, value in values.items() if value.strip() != (row.values.get(name) or "")
    }


def _remarks(
    row: LoadedRow, definition: Definition, changed: Mapping[str, str], by: Worker, as_of: datetime
) -> list[dict[str, Any]]:
    """What a clerk put in, with what stood there before, else what could not be read; of a guarded item only that it was."""
    items = {one.romaji: one for one in definition.groups()[row.group]}
    unread = {one["item"]: one["given"] for one in row.remarks if one["value"] is None}
    before = {name: row.values.get(name) or unread.get(name) for name in changed}
    return [
        {
            "item": name,
            "kind": "mended",
            "given": None if guard_of(definition, items[name]) else before[name],
            "value": None if guard_of(definition, items[name]) else value or None,
            "say": ui("loads.mended_by", "ja", name=by.name),
            **_whose(by, as_of),
        }
        for name, value in changed.items()
    ]


def _whose(by: Worker, as_of: datetime) -> dict[str, str]:
    return {"by": by.id, "at": in_tokyo(as_of).isoformat()}


def faults_of(row: LoadedRow, definition: Definition, *, as_of: datetime) -> Sequence[Finding]:
    """What is wrong with one row by the standard, as it stands: its cells, its conditions, its key among the rows of its load
    that are taken over."""
    items = definition.groups()[row.group]
    with TemporaryDirectory() as beside:
        path = Path(beside) / f"{row.group}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.DictWriter(file, [one.romaji for one in items], restval="")
            lines.writeheader()
            lines.writerow(row.values)
        report = checking.check(path, definition, row.group, as_of=in_tokyo(as_of).date())
    if report.refused is not None:
        return [Finding(path.name, 1, items[0], "refused", None, report.refused)]
    if _twice(row):
        key = next(one for one in items if one.key)
        return [
            *report.findings,
            Finding(path.name, 1, key, "twice", row.values.get(key.romaji), ui_text("standard.twice")),
        ]
    return report.findings


def _twice(row: LoadedRow) -> bool:
    """Whether another row with the same key is taken over already."""
    same = LoadedRow.objects.filter(load=row.load_id, group=row.group, key=row.key)
    return same.filter(state__in=[ACCEPTED, REPAIRED]).exclude(id=row.id).exists()


def _settle(load: Load, row: LoadedRow) -> None:
    """The counts of the load go with its row."""
    counts = load.counts[row.group]
    counts[HELD] -= 1
    counts[row.state] += 1
    load.save(update_fields=["counts"])


def _end(row: LoadedRow, outcome: str, by: Worker, as_of: datetime, note: str = "") -> None:
    """The case of the row is done, unless somebody ended it before."""
    waiting = case_queries.waiting_step(row.case) if row.case else None
    if waiting is not None:
        cases.finish(waiting[0], by=by, as_of=as_of, outcome=outcome, note=note)
