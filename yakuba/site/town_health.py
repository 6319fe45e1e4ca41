"""How the work of each town stands, for who runs the installation: town by town, each in a transaction of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from yakuba.access import towns
from yakuba.cases import queries as cases
from yakuba.clock import in_tokyo
from yakuba.register import queries as register
from yakuba.site.moving_town import tables

if TYPE_CHECKING:
    from yakuba.register.models import Town


@dataclass(frozen=True, slots=True)
class Standing:
    """One hall. `bytes`: of its rows, None where nobody asked."""

    code: str
    name: str
    kind: str
    people: int
    cases: int
    open: int
    late: int
    unlawful: int
    stuck: int
    checkpoint: datetime | None
    bytes: int | None = None

    @property
    def line(self) -> list[str]:
        """As a line of a list."""
        signed = in_tokyo(self.checkpoint).strftime("%Y-%m-%d %H:%M") if self.checkpoint else "never"
        return [
            self.code,
            self.name,
            self.kind,
            f"{self.people:,} people",
            f"{self.cases:,} cases",
            f"{self.open:,} open",
            f"{self.late:,} late",
            f"{self.unlawful:,} past the law's time",
            f"{self.stuck:,} stuck",
            f"signed {signed}",
            *([] if self.bytes is None else [f"{self.bytes:,} bytes"]),
        ]


def of_all(now: datetime, *, size: bool = False) -> list[Standing]:
    """Every town and partner here, towns first."""
    return [_of(one, now, size) for one in (*register.towns(), *register.partners())]


def _of(one: Town, now: datetime, size: bool) -> Standing:
    with towns.inside(one.code):
        health = cases.health(now)
        return Standing(
            code=one.code,
            name=f"{one.prefecture}{one.name}",
            kind=_kind(one),
            people=register.people_count(),
            cases=health.cases,
            open=health.open,
            late=health.late,
            unlawful=health.unlawful,
            stuck=health.stuck,
            checkpoint=health.checkpoint,
            bytes=_bytes() if size else None,
        )


def _kind(one: Town) -> str:
    kind = "partner" if register.is_partner(one.code) else "town"
    return f"synthetic {kind}" if one.synthetic else kind


def _bytes() -> int:
    """What the rows of the open town take, without indexes."""
    total = 0
    with connection.cursor() as cursor:
        for table in tables.of_a_town():
            cursor.execute(f'select coalesce(sum(pg_column_size(t)), 0) from "{table.name}" t where {table.owner} = %s',
                           [towns.current_town()])  # fmt: skip
            total += int(cursor.fetchone()[0])
    return total
