"""The open town among all municipalities: which are like it.

The published table knows most towns; of a made-up or a new one the register says how many live there and how old they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yakuba.clock import in_tokyo
from yakuba.progress.disparity import table
from yakuba.progress.disparity.errors import DisparityError
from yakuba.progress.disparity.peers import Compared, Profile, compared, of_town
from yakuba.progress.disparity.table import Table
from yakuba.register import queries as register

_OLD, _BANDS = 13, 21
"""The band of 65 to 69 years, and how many bands of five years there are."""


@dataclass(frozen=True, slots=True)
class Alike:
    """The published table, and the towns in it most like the open one."""

    table: Table
    compared: Compared


def peers_of(found: Table, town: str, *, as_of: datetime) -> Compared | None:
    """The towns most like the open one; None where nobody lives here."""
    row = found.town(town)
    if row is not None:
        return of_town(found, row)
    counted = register.population(as_of=in_tokyo(as_of).date(), bands=_BANDS)
    people = sum(one.people for one in counted)
    if not people:
        return None
    old = sum(one.people for one in counted if one.band >= _OLD)
    return compared(found, Profile(people, 100 * old / people))


def alike(town: str, *, as_of: datetime) -> Alike | None:
    """The same by the table that is at hand; None, too, where there is none or it cannot be read."""
    try:
        found = table.read()
    except DisparityError:
        return None
    peers = peers_of(found, town, as_of=as_of)
    return Alike(found, peers) if peers else None
