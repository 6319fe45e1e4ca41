"""The open town beside the municipalities most like it (`progress.like`), in what the published table asks about too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yakuba.progress.disparity import table
from yakuba.progress.disparity.errors import DisparityError
from yakuba.progress.disparity.table import indicators
from yakuba.progress.like import like
from yakuba.words import Text

SAME: Mapping[str, str] = {
    "organisation": "cio",
    "people": "staff_training",
    "own-plan": "policy",
    "ai": "ai",
    "rpa": "rpa",
    "telework": "telework",
}
"""Items of the plan that the table asks about too, yes or no."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One item. `own`: what the table says of the town, None where it does not know it; `have` of `known` municipalities most like it
    have it."""

    item: str
    name: Text
    own: bool | None
    have: int
    known: int


@dataclass(frozen=True, slots=True)
class Beside:
    """The comparison. `published`: the day of the table; `in_table`: does it have the town; `peers`: how many are most like it."""

    published: str
    in_table: bool
    peers: int
    lines: tuple[Compared, ...]

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        lines = [
            {"item": one.item, "own": one.own, "have": one.have, "known": one.known} for one in self.lines
        ]
        return {
            "published": self.published, "in_table": self.in_table, "peers": self.peers, "lines": lines,
        }  # fmt: skip


def beside(town: str, *, as_of: datetime) -> Beside | None:
    """The open town beside those most like it; None where there is no table, or nobody lives here."""
    try:
        read = table.read()
    except DisparityError:
        return None
    own, found = read.town(town), like(read, town, as_of=as_of)
    if found is None:
        return None
    lines = []
    for item, indicator in SAME.items():
        values = [one.town.values[indicator] for one in found.peers]
        known = [value for value in values if value is not None]
        said = own.values[indicator] if own else None
        name = indicators()[indicator].name
        lines.append(
            Compared(item, name, None if said is None else bool(said), sum(map(bool, known)), len(known))
        )
    return Beside(read.published, own is not None, len(found.peers), tuple(lines))
