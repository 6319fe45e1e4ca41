"""The open town beside the municipalities most like it (`progress.like`), in the items that the published table asks about too, yes
or no (`columns.yaml`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yakuba.progress.disparity.table import indicators
from yakuba.progress.like import Alike
from yakuba.words import Text


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


def beside(town: str, alike: Alike) -> Beside:
    """The open town beside those most like it."""
    own, peers = alike.table.town(town), alike.compared.peers
    lines = []
    for one in indicators().values():
        if not one.item or one.kind != "yes_no":
            continue
        values = [peer.town.values[one.id] for peer in peers]
        known = [value for value in values if value is not None]
        said = own.values[one.id] if own else None
        lines.append(
            Compared(
                one.item, one.name, None if said is None else bool(said), sum(map(bool, known)), len(known)
            )
        )
    return Beside(alike.table.published, own is not None, len(peers), tuple(lines))
