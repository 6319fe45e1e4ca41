"""What can be asked of loads. The only readers others call."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction
from django.db.models import Min, QuerySet

from yakuba.records import sql
from yakuba.records.comparing import Comparison, compare
from yakuba.records.errors import NoSuchLoad
from yakuba.records.models import Cutover, Load, LoadedRow
from yakuba.records.states import CURRENT, HELD
from yakuba.records.versions import exactly


def loads() -> QuerySet[Load]:
    """All loads of the town, the newest first."""
    return Load.objects.order_by("-taken_in_at", "-id")


def operations_cut_over() -> dict[str, tuple[datetime, int]]:
    """The standard operations that the town works with data of: when each was first cut over, and the rows that are held."""
    found: dict[str, tuple[datetime, int]] = {}
    for one in Load.objects.filter(state=CURRENT).annotate(since=Min("cutovers__at")).exclude(since=None):
        before, held = found.get(one.standard, (one.since, 0))
        found[one.standard] = min(before, one.since), held + one.held
    return found


def load(load: uuid.UUID) -> Load:
    """One load. Raises NoSuchLoad."""
    found = Load.objects.filter(id=load).first()
    if found is None:
        raise NoSuchLoad("no_such_load", load=str(load))
    return found


def cutovers(load: Load) -> list[Cutover]:
    """When a load changed what is current, the oldest first."""
    return list(load.cutovers.order_by("sequence"))


def rows(load: Load, states: Collection[str] = (HELD,)) -> QuerySet[LoadedRow]:
    """Rows of a load in some states, as they came."""
    return LoadedRow.objects.filter(load=load, state__in=states).order_by("id")


def row(row: int) -> LoadedRow | None:
    """One row with its load."""
    return LoadedRow.objects.select_related("load").filter(id=row).first()


def differences(load: Load) -> dict[str, Comparison]:
    """By group, what is current compared with what would be after the cut-over of a load (現新比較). A record whose row is
    held stays as it is, and is no difference."""
    definition = exactly(load.standard, load.version)
    found = {}
    with TemporaryDirectory() as beside, transaction.atomic(), sql.whole_tables():
        for number, name in enumerate(load.groups):
            items, group = definition.groups()[name], sql.Group(load, name)
            old, new = (Path(beside) / f"{number}.{which}.csv" for which in ("old", "new"))
            sql.write_csv(group.now(), items, old)
            sql.write_csv(group.afterwards(), items, new)
            found[name] = compare(old, new, definition, name)
    return found
