"""The town whose old data is brought in, and people who work on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases.conftest import staff
from tests.conftest import TOWN
from tests.records import loads
from yakuba.access import SYSTEM
from yakuba.records import actions
from yakuba.records.models import Load, Record

HANA, MORI, ABE = staff("hana", "clerk"), staff("mori", "manager"), staff("abe", "approver")


class Old:
    """The old system: `old.take_in([home(1)])` imports what it gives and takes it in."""

    def __init__(self, folder: Path):
        self.folder, self.count = folder, 0

    def write(self, rows: Any, **more: Any) -> Path:
        self.count += 1
        groups = rows if isinstance(rows, dict) else {loads.GROUP: rows}
        more.setdefault("content", str(self.count))
        return loads.write(self.folder / str(self.count), groups, **more)

    def take_in(self, rows: Any, *, whole: bool = True, **more: Any) -> Load:
        return actions.take_in(self.write(rows, **more), by=SYSTEM(TOWN), as_of=loads.AT, whole=whole)

    def cut_over(self, rows: Any, **more: Any) -> Load:
        load = self.take_in(rows, **more)
        actions.cut_over(load.id, by=SYSTEM(TOWN), as_of=loads.AT, leave_held=True)
        return Load.objects.get(id=load.id)


@pytest.fixture
def old(in_town: str, tmp_path: Path) -> Old:
    return Old(tmp_path / "old")


def current(item: str = "setaiinsu", group: str = loads.GROUP) -> dict[int, str | None]:
    """What is current now: by number of the household an item of it."""
    found = Record.objects.filter(group=group, until_sequence=None)
    return {int(one.values["setaibango"]): one.values.get(item) for one in found}
