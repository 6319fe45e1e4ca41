"""The open town among all municipalities: which are like it, and what these have.

The published table knows most towns; of a made-up or a new one the register says how many live there and how old they are.
"""

from __future__ import annotations

from datetime import datetime

from yakuba.clock import in_tokyo
from yakuba.progress.disparity import table
from yakuba.progress.disparity.errors import DisparityError
from yakuba.progress.disparity.peers import Compared, Profile, compared, having, of_town
from yakuba.progress.disparity.table import Table
from yakuba.register import queries as register

_OLD, _BANDS = 13, 21
"""The band of 65 to 69 years, and how many bands of five years there are."""


def like(found: Table, town: str, *, as_of: datetime) -> Compared | None:
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


def items_of_peers(town: str, *, as_of: datetime) -> dict[str, tuple[int, int]]:
    """By item of the DX plan: how many towns like the open one have it, and of how many it is known. Nothing where the
    published table is not at hand, or cannot be read."""
    try:
        found = like(table.read(), town, as_of=as_of)
    except DisparityError:
        return {}
    return having(found) if found else {}
