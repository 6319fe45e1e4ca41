"""What can happen to a load. The only writers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction
from django.db.models import Max

from yakuba import access
from yakuba.access import Worker, log, towns
from yakuba.records import outcome, sql
from yakuba.records.errors import HeldRows, KeysTwice, LaterCutover, NoSuchLoad, NotNow
from yakuba.records.models import Cutover, Load, LoadedRow
from yakuba.records.states import (
    CURRENT,
    CUT_OVER,
    DISCARDED,
    HELD,
    MENDED,
    REHEARSAL,
    ROLLED_BACK,
    SET_ASIDE,
    TAKEN_BACK,
)


# -- a folder comes in -----------------------------------------------------------------------------
def take_in(folder: Path, *, by: Worker, as_of: datetime, whole: bool = True) -> Load:
    """Put what an import made of one source beside what is current, as a rehearsal; all of it or nothing. The same files read
    in the same way again are the load that is there. `whole`: the source has nothing else; a part of it takes nothing away.

    Raises FaultyFolder, access.Denied.
    """
    access.require(by, "load.take_in", _town())
    found = outcome.read(folder)
    definition = outcome.definition_of(found)
    with outcome.Rows(folder, found, definition) as rows, transaction.atomic():
        towns.alone_with("records")
        digest = rows.digest
        if (known := Load.objects.filter(digest=digest).exclude(state=DISCARDED).first()) is not None:
            return known
        load = _begin(found, digest, by, as_of, whole)
        groups = definition.groups()
        with TemporaryDirectory() as beside:
            for number, group in enumerate(load.groups):
                out = Path(beside) / f"{number}.csv"
                rows.write(group, out)
                sql.copy_rows(load, group, groups[group], out)
        sql.gather_statistics()
        _trace(by, "load.take_in", load, as_of)
    return load


def _begin(found: outcome.Outcome, digest: str, by: Worker, as_of: datetime, whole: bool) -> Load:
    counts = {group: _counts(one) for group, one in found.groups.items()}
    files = [
        {"file": one.file, "group": one.group, "sha256": one.sha256, **_counts(one)} for one in found.files
    ]
    return Load.objects.create(
        town=towns.current_town(), standard=found.standard, version=found.version, source=found.source,
        digest=digest, whole=whole, files=files, counts=counts, kinds=dict(found.kinds), taken_in_by=by.id,
        taken_in_at=as_of,
    )  # fmt: skip


def _counts(one: outcome.Counts) -> dict[str, int]:
    return {
        "in": one.rows,
        "accepted": one.accepted,
        "repaired": one.repaired,
        HELD: one.held,
        SET_ASIDE: 0,
    }


# -- it becomes current ----------------------------------------------------------------------------
def ask_for_cut_over(load: uuid.UUID, *, by: Worker, as_of: datetime) -> Load:
    """Say that a load is right, after looking at what differs; another person cuts over. Raises NotNow, access.Denied."""
    with transaction.atomic():
        found = _locked(load)
        access.require(by, "load.ask", resource(found))
        _can_be_cut_over(found)
        found.asked_by, found.asked_at = by.id, as_of
        found.save(update_fields=["asked_by", "asked_at"])
        _trace(by, "load.ask", found, as_of)
    return found


def cut_over(load: uuid.UUID, *, by: Worker, as_of: datetime, leave_held: bool = False) -> Cutover:
    """Make the rows of a load the town's standard data, in one step with one number. `leave_held`: rows that are held stay
    behind, and follow one by one as they are mended.

    Raises NotNow, HeldRows, KeysTwice, access.Denied for a person who asked for it, or where nobody did.
    """
    with transaction.atomic():
        towns.alone_with("records")
        found = _locked(load)
        access.require(by, "load.cut_over", resource(found))
        _can_be_cut_over(found)
        if found.held and not leave_held:
            raise HeldRows("held_rows", held=f"{found.held:,}")
        made = _take_over(found, by, as_of)
        found.state = CURRENT
        found.save(update_fields=["state"])
        _trace(by, "load.cut_over", found, as_of)
    return made


def _can_be_cut_over(load: Load) -> None:
    """Raises NotNow."""
    if load.state == CURRENT:
        raise NotNow("current_already")
    if load.state == DISCARDED:
        raise NotNow("discarded_already")


def _take_over(load: Load, by: Worker, as_of: datetime) -> Cutover:
    sequence, counts = _next(), {}
    with sql.whole_tables():
        for name in load.groups:
            group = sql.Group(load, name)
            if twice := group.keys_twice():
                raise KeysTwice("keys_twice", group=name, keys="、".join(twice))
            counts[name] = group.take_over(sequence)
    sql.gather_statistics()
    return _record(load, CUT_OVER, sequence, counts, by, as_of)


def _record(
    load: Load,
    kind: str,
    sequence: int,
    counts: Mapping[str, Mapping[str, int]],
    by: Worker,
    as_of: datetime,
    undoes: int | None = None,
    reason: str = "",
) -> Cutover:
    return Cutover.objects.create(
        town=load.town, sequence=sequence, kind=kind, load=load, standard=load.standard, groups=list(counts),
        counts=counts, undoes=undoes, by=by.id, at=as_of, reason=reason,
    )  # fmt: skip


def _next() -> int:
    """The number of the next change of what is current; asked for alone."""
    return int(Cutover.objects.aggregate(last=Max("sequence"))["last"] or 0) + 1


# -- and back ----------------------------------------------------------------------------------------
def roll_back(load: uuid.UUID, *, by: Worker, as_of: datetime, reason: str) -> Cutover:
    """What was current before a load was cut over is current again, exactly, under a number of its own.

    Raises NotNow, LaterCutover when another load was cut over since in the same groups, access.Denied.
    """
    with transaction.atomic():
        towns.alone_with("records")
        found = _locked(load)
        access.require(by, "load.roll_back", resource(found))
        if found.state != CURRENT:
            raise NotNow("not_current")
        first = _begun(found)
        if (later := _later(found, first)) is not None:
            raise LaterCutover("later", number=later.sequence, source=later.load.source)
        sequence = _next()
        with sql.whole_tables():
            counts = {name: sql.Group(found, name).go_back(sequence, first - 1) for name in found.groups}
        made = _record(found, TAKEN_BACK, sequence, counts, by, as_of, undoes=first, reason=reason)
        found.state, found.asked_by, found.asked_at = ROLLED_BACK, "", None
        found.save(update_fields=["state", "asked_by", "asked_at"])
        _trace(by, "load.roll_back", found, as_of)
    return made


def _begun(load: Load) -> int:
    """The number under which a current load was cut over."""
    last = load.cutovers.filter(kind=CUT_OVER).aggregate(last=Max("sequence"))["last"]
    return int(last)


def _later(load: Load, first: int) -> Cutover | None:
    """A cut-over of another load in the same groups that stands and came after the number `first`."""
    others = Cutover.objects.filter(sequence__gt=first, standard=load.standard).exclude(load=load)
    standing = others.filter(kind__in=[CUT_OVER, MENDED], load__state=CURRENT).select_related("load")
    return next((one for one in standing.order_by("sequence") if set(one.groups) & set(load.groups)), None)


def discard(load: uuid.UUID, *, by: Worker, as_of: datetime) -> Load:
    """A rehearsal is of no use any more: its rows are removed, its counts stay. The cases of its held rows end with
    `held.end_discarded`. Raises NotNow for one that is current, access.Denied."""
    with transaction.atomic():
        towns.alone_with("records")
        found = _locked(load)
        access.require(by, "load.discard", resource(found))
        if found.state not in (REHEARSAL, ROLLED_BACK):
            raise NotNow("not_rehearsal")
        LoadedRow.objects.filter(load=found).delete()
        found.state = DISCARDED
        found.save(update_fields=["state"])
        _trace(by, "load.discard", found, as_of)
    return found


# -- one row -----------------------------------------------------------------------------------------
def follow(row: LoadedRow, load: Load, *, by: Worker, as_of: datetime) -> Cutover | None:
    """A row that was mended follows its load, where that is current already. The caller holds the load. Raises LaterCutover
    when the load is no longer what is current there."""
    if load.state != CURRENT:
        return None
    if (later := _later(load, _begun(load))) is not None:
        raise LaterCutover("later_row", number=later.sequence, source=later.load.source)
    sequence = _next()
    counts = sql.Group(load, row.group).take_over(sequence, only=row.id)
    return _record(load, MENDED, sequence, {row.group: counts}, by, as_of)


def _locked(load: uuid.UUID) -> Load:
    found = Load.objects.select_for_update().filter(id=load).first()
    if found is None:
        raise NoSuchLoad("no_such_load", load=str(load))
    return found


def resource(load: Load) -> access.Resource:
    """A load as the policy sees it."""
    return access.Resource("Load", str(load.id), load.town, {"asked_by": load.asked_by or None})


def _town() -> access.Resource:
    town = towns.current_town()
    return access.Resource("Town", town, town)


def _trace(by: Worker, action: str, load: Load, as_of: datetime) -> None:
    log.record(by, action, resource(load), log.ALLOWED, as_of=as_of)
