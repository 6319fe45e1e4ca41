"""What runs later: the system's steps. The task is the truth, the job only a wake-up.

A job that was lost with its worker loses nothing: its tasks are still open, and `sweep`
wakes somebody for every step whose tasks have waited longer than a minute.
"""

from __future__ import annotations

import logging
import uuid
from contextlib import suppress
from datetime import datetime, timedelta

import orjson
from django.db import InterfaceError, OperationalError, connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from yakuba import clock
from yakuba.access import SYSTEM, towns
from yakuba.cases import events as e
from yakuba.cases import log, retention, work
from yakuba.cases.log import WORKED_NOW
from yakuba.declare import undisturbed
from yakuba.register import queries as register

BATCH = 2000
"""Tasks worked in one transaction: large enough that a statement's fixed cost vanishes, small enough for memory."""
DEAD_AFTER = timedelta(seconds=30)
"""A worker says every 10 s that it lives (Procrastinate's `update_heartbeat_interval`); after three missed ones it is
dead."""
COME_BACK = 1
"""Seconds after which a step is looked at again whose cases were busy."""
MAX_TRIES = 5
"""After so many failures a person takes over."""

logger = logging.getLogger(__name__)


def wake(town: str, service: str, step: str) -> None:
    """Have a worker look at a step, once the surrounding transaction is committed."""
    work_step.defer(town=town, service=service, step=step)


@app.task(name="work_step", queue="steps", retry=3)
def work_step(town: str, service: str, step: str) -> None:
    """Do all waiting tasks of a step now, and come back soon for those whose case is busy with another step."""
    _, last = _work_batches(town, service, step, clock.now())
    with towns.inside(town):
        passed_over = len(last) < BATCH and log.waits(service, step, besides=last)
    if passed_over:
        with suppress(AlreadyEnqueued), transaction.atomic():  # one that is still to come is enough
            work_step.configure(
                schedule_in={"seconds": COME_BACK}, queueing_lock=f"{town}:{service}:{step}"
            ).defer(town=town, service=service, step=step)


def work_waiting(town: str, service: str, step: str, *, as_of: datetime) -> int:
    """Do all waiting tasks of a step, batch by batch; returns how many were tried."""
    return _work_batches(town, service, step, as_of)[0]


def _work_batches(town: str, service: str, step: str, as_of: datetime) -> tuple[int, frozenset[uuid.UUID]]:
    """Work batch after batch; returns how many tasks were tried, and the last batch."""
    tried, before = 0, frozenset[uuid.UUID]()
    while True:
        batch = _work_batch(town, service, step, as_of)
        tried += len(batch)
        if len(batch) < BATCH or batch == before:  # what was left as it was waits for something else
            return tried, batch
        before = batch


def _work_batch(town: str, service: str, step: str, as_of: datetime) -> frozenset[uuid.UUID]:
    """Try up to BATCH tasks; returns which."""
    batch: frozenset[uuid.UUID] = frozenset()
    try:
        with undisturbed(), towns.inside(town):
            tasks = log.lock_waiting(service, step, BATCH)
            batch = frozenset(task.id for task in tasks)
            if tasks:
                work.handler(tasks[0].step.do)(tasks, as_of=as_of)
    except (OperationalError, InterfaceError):  # the database is away: nothing is wrong with the cases
        raise
    except Exception:
        logger.exception("step %s of %s failed as a batch in %s; trying one by one", step, service, town)
        for task in sorted(batch):
            _work_one(town, service, step, task, as_of)
    return batch


def _work_one(town: str, service: str, step: str, task: uuid.UUID, as_of: datetime) -> None:
    """One bad case must not hold up the others: each in its own transaction, the bad one marked."""
    with towns.inside(town):
        tasks = log.lock_waiting(service, step, 1, [task])
        try:
            with transaction.atomic():
                if tasks:
                    work.handler(tasks[0].step.do)(tasks, as_of=as_of)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.exception("step %s of case %s failed", step, tasks[0].case)
            _mark_failed(tasks[0], error, as_of)


def _mark_failed(task: work.Waiting, error: Exception, as_of: datetime) -> None:
    tries = task.state.steps[task.step.id].tries + 1
    log.record(
        task.case,
        e.StepFailed(
            step=task.step.id,
            attempt=task.attempt,
            final=tries >= MAX_TRIES,
            code=type(error).__name__,
            reason=str(error),
        ),
        by=SYSTEM(towns.current_town()),
        as_of=as_of,
        key=f"failed:{task.id}:{tries}",
    )


def drain(town: str, *, as_of: datetime) -> int:
    """Do everything that waits for the system in a town, until nothing is left; returns how many tasks."""
    total, before = 0, None
    while True:
        with towns.inside(town):
            steps = _steps_with_work(older_than=None)
        if not steps or steps == before:  # what is left cannot be done now
            return total
        total += sum(work_waiting(town, service, step, as_of=as_of) for service, step, _ in steps)
        before = steps


_CLEAR = """
with dead as (
  select j.id from procrastinate_jobs j left join procrastinate_workers w on w.id = j.worker_id
  where j.status = 'doing' and (w.id is null or w.last_heartbeat < now() - make_interval(secs => %s))
  for update of j skip locked
)
delete from procrastinate_jobs j using dead where j.id = dead.id
returning j.queue_name, j.task_name, j.args::text, j.priority"""


def clear_dead_jobs() -> int:
    """Begin anew what a worker was at that has not been heard of for DEAD_AFTER; returns how many jobs.

    Without this they would stay "doing" for ever, as nobody but their worker ends them (Procrastinate's issues
    740 and 1518). Each comes back as a new job, so neither its lock nor its queueing lock is in anybody's way.
    A job done twice is harmless: what it is about is looked at anew.
    """
    periodic = {
        name for name, _ in app.periodic_registry.periodic_tasks
    }  # the next minute brings these again
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLEAR, [DEAD_AFTER.total_seconds()])
        dead = [row for row in cursor.fetchall() if row[1] not in periodic]
        for queue, task, args, priority in dead:
            app.configure_task(task, queue=queue, priority=priority).defer(**orjson.loads(args))
    return len(dead)


@app.periodic(cron="* * * * *")
@app.task(name="sweep", queue="steps", queueing_lock="sweep")
def sweep(timestamp: int) -> None:
    """Wake somebody for every step that was left lying by a worker that died, and clear away its jobs."""
    clear_dead_jobs()
    before = clock.now() - timedelta(minutes=1)
    for town in register.town_codes():
        with towns.inside(town):
            for service, step, _ in _steps_with_work(older_than=before):
                wake(town, service, step)


def wake_all() -> None:
    """Have workers look at every step of the open town that has work, once this transaction is committed."""
    for service, step, _ in _steps_with_work(older_than=None):
        wake(towns.current_town(), service, step)


@app.periodic(cron="40 2 * * *")
@app.task(name="retain_all", queue="steps", queueing_lock="retain_all")
def retain_all(timestamp: int) -> None:
    """Each night what is past its keeping time is anonymised, and what was abandoned is removed."""
    for town in register.town_codes():
        retention.run(town, as_of=clock.now())


def _steps_with_work(older_than: datetime | None) -> list[tuple[str, str, int]]:
    """Service, step, and how many of its tasks wait for the system."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select t.service, t.step, count(*) from cases_task t join cases_case c on c.id = t.case_id
               where t."by" = 'system' and {WORKED_NOW} and t.opened_at < coalesce(%s, 'infinity'::timestamptz)
               group by 1, 2 order by 1, 2""",
            [older_than],
        )
        return cursor.fetchall()
