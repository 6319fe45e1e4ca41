"""What the database knows about the work: how much waits, for how long, and when the logs were last signed.

The same on whichever machine it is asked; kept for some seconds, so that asking costs the towns nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import orjson
from django.db import DatabaseError, connection
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from yakuba import clock
from yakuba.access import limits, seals, towns
from yakuba.audit import alarms
from yakuba.cases import queries as cases
from yakuba.command_line import var_folder
from yakuba.register import queries as register

ALIVE = 60
"""Seconds after which a worker that was not heard of (it says every 10 that it lives) counts as gone."""
KEPT = 10.0
"""Seconds for which an answer is kept."""

FIGURES = {
    "yakuba_database_up": ((), "Whether the database answers: 1, or 0 and nothing that it knows."),
    "yakuba_tasks_open": (("town", "by"), "Open tasks, by the kind of worker that they wait for."),
    "yakuba_tasks_overdue": (("town", "by"), "Open tasks whose time is over, by kind of worker."),
    "yakuba_cases_overdue": (("town",), "Open cases past their legal deadline."),
    "yakuba_alarms_open": (("town",), "Alarms (cases of security-alarm) that nobody has dealt with yet."),
    "yakuba_locked": (
        ("town", "purpose"),
        "Who tries too often and is locked for now, by what they try: many are an attack.",
    ),
    "yakuba_checkpoint_age_seconds": (
        ("town",),
        "Since the case log was last signed; missing where it never was.",
    ),
    "yakuba_seal_age_seconds": (
        ("town",),
        "Since the access log was last sealed; missing where it never was.",
    ),
    "yakuba_jobs": (("queue", "status"), "Jobs, by queue and status (todo: due now, later, doing, failed)."),
    "yakuba_job_oldest_seconds": (("queue",), "How long the oldest job that is due has waited."),
    "yakuba_workers": ((), "Workers that were heard of within the last minute."),
    "yakuba_backup_age_seconds": ((), "Since the last base backup; of the machine that makes them."),
    "yakuba_backup_behind_seconds": (
        (),
        "How far the fetched log is behind: what would be lost with the database's machine.",
    ),
    "yakuba_figures_seconds": ((), "How long it took to count this."),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number under its name in FIGURES, with the values of its labels."""

    name: str
    labels: tuple[str, ...]
    value: float


_kept: tuple[float, list[Figure]] | None = None
_lock = Lock()


def figures() -> list[Figure]:
    """All of them, not older than KEPT."""
    global _kept
    with _lock:
        began = time.monotonic()
        if _kept is None or began - _kept[0] > KEPT:
            found = [*_of_database(), *_of_backups()]
            found.append(Figure("yakuba_figures_seconds", (), time.monotonic() - began))
            _kept = (time.monotonic(), found)
        return _kept[1]


def text() -> bytes:
    """All of them in Prometheus' text format."""
    registry = CollectorRegistry()
    gauges = {
        name: Gauge(name, told, labels, registry=registry)
        for name, (labels, told) in FIGURES.items()
        if labels
    }
    for figure in figures():
        if figure.labels:
            gauges[figure.name].labels(*figure.labels).set(figure.value)
        else:
            Gauge(figure.name, FIGURES[figure.name][1], registry=registry).set(figure.value)
    return generate_latest(registry)


def workers_alive() -> int:
    """How many workers were heard of lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from procrastinate_workers where last_heartbeat > now() - make_interval(secs => %s)",
            [ALIVE],
        )
        return int(cursor.fetchone()[0])


def _of_database() -> list[Figure]:
    """What it knows; where it does not answer, that."""
    try:
        workers = Figure("yakuba_workers", (), workers_alive())
        return [*of_jobs(), workers, *_of_towns(), Figure("yakuba_database_up", (), 1)]
    except DatabaseError:
        connection.close()  # the next one who asks connects anew
        return [Figure("yakuba_database_up", (), 0)]


_JOBS = """
select j.queue_name, case when j.status::text = 'todo' and j.scheduled_at > now() then 'later' else j.status::text end as is,
  count(*), extract(epoch from now() - min(greatest(j.scheduled_at, e.at)))::float
from procrastinate_jobs j left join procrastinate_events e on e.job_id = j.id and e.type = 'deferred'
where j.status in ('todo', 'doing', 'failed') group by 1, 2"""


def of_jobs() -> Iterator[Figure]:
    """What waits, is at work or has failed, by queue."""
    with connection.cursor() as cursor:
        cursor.execute(_JOBS)
        for queue, status, count, oldest in cursor.fetchall():
            yield Figure("yakuba_jobs", (queue, status), count)
            if status == "todo":
                yield Figure("yakuba_job_oldest_seconds", (queue,), max(oldest or 0.0, 0.0))


def _of_towns() -> Iterator[Figure]:
    now = clock.now()
    for code in register.town_codes():
        with towns.inside(code):
            yield from _of_town(code, now)


def _of_town(code: str, now: datetime) -> Iterator[Figure]:
    for by, count, overdue in cases.waiting_by_kind(now):
        yield Figure("yakuba_tasks_open", (code, by), count)
        yield Figure("yakuba_tasks_overdue", (code, by), overdue)
    yield Figure("yakuba_cases_overdue", (code,), cases.past_deadline(now))
    yield Figure("yakuba_alarms_open", (code,), cases.open_count(alarms.SERVICE))
    for purpose, count in limits.locked(as_of=now).items():
        yield Figure("yakuba_locked", (code, purpose), count)
    if signed := cases.last_checkpoint():
        yield Figure("yakuba_checkpoint_age_seconds", (code,), (now - signed[0]).total_seconds())
    if sealed := seals.last_seal(code):
        yield Figure("yakuba_seal_age_seconds", (code,), (now - sealed.sealed_at).total_seconds())


def last_backup() -> dict[str, datetime]:
    """When this machine's last base backup was made (`base`), and up to when the log is fetched (`until`)."""
    try:
        told = orjson.loads((var_folder() / "backup.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return {name: datetime.fromisoformat(told[name]) for name in ("base", "until") if name in told}


def _of_backups() -> Iterator[Figure]:
    now, last = clock.now(), last_backup()
    if "base" in last:
        yield Figure("yakuba_backup_age_seconds", (), (now - last["base"]).total_seconds())
    if "until" in last:
        yield Figure("yakuba_backup_behind_seconds", (), (now - last["until"]).total_seconds())
