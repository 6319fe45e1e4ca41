"""Disaster mode (災害モード): the only writers of `Emergency`, called when the steps of its case are done, and who may see that
it is in force."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yakuba.access import towns
from yakuba.access.models import Emergency


@dataclass(frozen=True, slots=True)
class InForce:
    """Disaster mode as pages show it. `services`: those that come first, in their order."""

    case: uuid.UUID
    declared_by: str
    confirmed_by: str
    reason: str
    begins: datetime
    ends: datetime
    services: Sequence[str]


def begin(
    case: uuid.UUID,
    *,
    declared_by: str,
    confirmed_by: str,
    reason: str,
    begins: datetime,
    ends: datetime,
    services: Sequence[str],
) -> None:
    """The town is in disaster mode from `begins` to before `ends`, aware. The same case again changes nothing; the database
    refuses one person in both places."""
    Emergency.objects.get_or_create(
        town=towns.current_town(),
        case=case,
        defaults={
            "declared_by": declared_by,
            "confirmed_by": confirmed_by,
            "reason": reason,
            "begins": begins,
            "ends": ends,
            "services": list(services),
        },
    )


def end(case: uuid.UUID, *, as_of: datetime) -> None:
    """It is over before its end. What is over already stays as it is."""
    Emergency.objects.filter(case=case, ended_at=None, ends__gt=as_of).update(ended_at=as_of)


def in_force(as_of: datetime) -> InForce | None:
    """The disaster mode of the open town that ends last of those in force at this moment."""
    found = _at(as_of).order_by("-ends").first()
    return _shown(found) if found else None


def not_over(as_of: datetime) -> list[InForce]:
    """Every declaration that is in force or will be, the one that begins first in front: a new one may run beside the one
    that it extends."""
    found = Emergency.objects.filter(ends__gt=as_of, ended_at=None)
    return [_shown(one) for one in found.order_by("begins", "ends")]


def _at(as_of: datetime):
    return Emergency.objects.filter(begins__lte=as_of, ends__gt=as_of, ended_at=None)


def _shown(one: Emergency) -> InForce:
    return InForce(
        one.case, one.declared_by, one.confirmed_by, one.reason, one.begins, one.ends, tuple(one.services)
    )
