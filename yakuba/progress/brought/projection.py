"""`progress_served`: one row about each case, kept up with the log batch by batch, and made anew from nothing at any time."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from yakuba.access import towns
from yakuba.cases import queries as cases
from yakuba.cases import retention
from yakuba.clock import in_tokyo
from yakuba.messages import queries as messages
from yakuba.money import queries as money
from yakuba.progress.brought import measuring
from yakuba.progress.brought.measuring import FAILED, LATE, RETURNED
from yakuba.progress.models import Saving, Served
from yakuba.register import queries as register
from yakuba.register.queries import Lived
from yakuba.robots import savings
from yakuba.robots.errors import NoRobot

BATCH = 2_000
"""Cases whose rows are made together."""
DAY = 86_400.0
_COLUMNS = [field.name for field in Served._meta.concrete_fields if field.name not in ("case", "town")]


def refresh(town: str, *, most: int | None = None) -> int:
    """Make the rows of cases in which something has happened since; returns how many. A transaction for each batch."""
    made = 0
    while most is None or made < most:
        with towns.inside(town):
            batch = cases.not_yet_in(Served.objects.all(), BATCH if most is None else min(BATCH, most - made))
            _put(town, _rows(town, batch))
        made += len(batch)
        if len(batch) < BATCH:
            break
    return made


def rebuild(town: str, *, as_of: datetime) -> int:
    """Make all rows anew, and what robots saved; returns how many cases. While it runs the rows are incomplete."""
    with towns.inside(town):
        Served.objects.all().delete()
    made = refresh(town)
    save_savings(town, as_of=as_of)
    return made


def save_savings(town: str, *, as_of: datetime) -> int:
    """Keep what robots saved until now, in the place of what was kept before; returns how many robots."""
    with transaction.atomic(), towns.inside(town):
        try:
            found = savings.savings()
        except NoRobot:
            found = []
        Saving.objects.all().delete()
        Saving.objects.bulk_create(
            Saving(town=town, robot=one.robot, at=as_of, body=one.to_json()) for one in found
        )
    return len(found)


def kept() -> list[savings.Saved]:
    """What robots of the open town saved, as it was last kept: counting it from the log is no work for a page."""
    return [savings.read(one.body) for one in Saving.objects.order_by("robot")]


def _put(town: str, rows: Collection[Served]) -> None:
    Served.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["case"], update_fields=_COLUMNS, batch_size=BATCH
    )


def _rows(town: str, batch: list[uuid.UUID]) -> list[Served]:
    """The rows of some cases: a fixed number of queries."""
    if not batch:
        return []
    found = cases.some(batch)
    worked: dict[uuid.UUID, list[cases.Worked]] = defaultdict(list)
    for one in cases.worked(batch):
        worked[one.case].append(one)
    late: dict[uuid.UUID, list[str]] = defaultdict(list)
    for case, step in cases.done_late(batch):
        late[case].append(step)
    opened = {case: in_tokyo(row.opened_at).date() for case, row in found.items()}
    lived = register.lived({(row.applicant, opened[id]) for id, row in found.items() if row.applicant})
    paid, transfers = money.first_paid(batch), money.transfer_counts(batch)
    sent = messages.by_carrier(batch)
    made = []
    for id, row in found.items():
        run = measuring.measure(worked[id], late[id])
        who = _who(row, lived, opened[id])
        made.append(
            Served(
                town=town,
                case=id,
                service=row.service,
                channel=row.channel,
                language=row.language,
                age_band=measuring.band(who[0], opened[id]),
                district=who[1][:200],
                outcome=row.outcome or "",
                opened_at=row.opened_at,
                closed_at=row.closed_at,
                days=None if row.closed_at is None else (row.closed_at - row.opened_at).total_seconds() / DAY,
                pay_days=float((paid[id] - opened[id]).days) if id in paid else None,
                score=run.score,
                hard=run.hard,
                how=run.how,
                minutes=run.minutes,
                timed=run.timed,
                untimed=run.untimed,
                robot_steps=run.robot_steps,
                partner=run.partner,
                partner_steps=run.partner_steps,
                partner_late=run.partner_late,
                letters=sent.get((id, "letter"), 0),
                texts=sent.get((id, "sms"), 0),
                transfers=transfers.get(id, 0),
                returned=run.count(RETURNED),
                failed=run.count(FAILED),
                late=run.count(LATE),
                troubles=dict(run.troubles) or None,
                seq=row.seq,
            )
        )
    return made


def _who(row: Any, lived: Mapping[tuple[uuid.UUID, date], Lived], on: date) -> tuple[date | None, str]:
    """Birth date and district of the applicant: as the register has them, else the birth date that was given."""
    if row.applicant is not None and (known := lived.get((row.applicant, on))):
        return known.born, known.district
    applicant = (row.status.get("facts") or {}).get("applicant") or {}
    try:
        return date.fromisoformat(str(applicant.get("birth_date", ""))), ""
    except ValueError:
        return None, ""


@retention.forgets
def _forget(gone: Collection[uuid.UUID]) -> None:
    """Whoever is forgotten is in no band any more."""
    Served.objects.filter(case__in=gone).update(age_band="", district="")
