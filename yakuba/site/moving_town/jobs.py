"""What was still to be done for a town: a job is only a wake-up, and goes along so that nobody waits for the next sweep."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from yakuba.cases import jobs as cases


def of_town(town: str) -> list[dict[str, Any]]:
    """The jobs of a town that are not done, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select task_name, queue_name, priority, lock, queueing_lock, args::text, scheduled_at from procrastinate_jobs
               where args ->> 'town' = %s and status in ('todo', 'doing') order by id""",
            [town],
        )
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [job | {"args": orjson.loads(job["args"])} for job in found]


def take_up(town: str, jobs: list[dict[str, Any]]) -> None:
    """Have workers look at everything that waits, once this transaction is committed. Done twice it is harmless."""
    for job in jobs:
        if job["args"].get("town") == town:
            _defer(job)
    cases.wake_all()


def _defer(job: dict[str, Any]) -> None:
    at = job["scheduled_at"]
    # one that is still to come is enough
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(
            job["task_name"],
            queue=job["queue_name"],
            priority=job["priority"],
            lock=job["lock"],
            queueing_lock=job["queueing_lock"],
            schedule_at=datetime.fromisoformat(at) if at else None,
        ).defer(**job["args"])
