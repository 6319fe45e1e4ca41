"""Break-glass grants (緊急アクセス): what one member of staff may look at for some minutes although no role lets them.

A grant opens reading, of one case or one person, and nothing else (`policies/disaster.cedar`). It is read with the session, in
the same query; each use stands in the access log with the case of the grant.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from yakuba.access import towns
from yakuba.access.models import AccessGrant

LONGEST = timedelta(minutes=60)


def give(case: uuid.UUID, *, staff: str, opens: Sequence[str], begins: datetime, ends: datetime) -> None:
    """`staff` (a worker id) may look at what is named in `opens` (ids of a case with its reference, or of a person), until
    `ends`. The same case again changes nothing. Raises ValueError beyond LONGEST."""
    if not begins < ends <= begins + LONGEST:
        raise ValueError(f"a grant lasts at most {LONGEST}")
    AccessGrant.objects.get_or_create(
        town=towns.current_town(),
        case=case,
        defaults={
            "staff_id": uuid.UUID(staff.removeprefix("staff:")),
            "opens": list(opens),
            "begins": begins,
            "ends": ends,
        },
    )


def end(case: uuid.UUID, *, as_of: datetime) -> None:
    """The grant of a break-glass case ends now."""
    AccessGrant.objects.filter(case=case, ended_at=None, ends__gt=as_of).update(ended_at=as_of)
