"""What runs later: the system's steps. The task is the truth, the job only a wake-up.

A job that was lost with its worker loses nothing: its tasks are still open, and `sweep`
wakes somebody for every step whose tasks have waited longer than a minute.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.access import SYSTEM, towns
from yakuba.cases import catalogue, log, store, work
from yakuba.cases import events as e
from yakuba.cases.log import WORKED_NOW
from yakuba.cases.state import step_of
from yakuba.register import queries as register

BATCH = 2000
"""Tasks worked in one transaction: large enough that a statement's fixed cost vanishes, small enough for memory."""
MAX_TRIES = 5
"""After so many failures a person takes over."""

logger = logging.getLogger(__name__)


def wake(town: str, service: str, step: str) -> None:
    """Have a worker look at a step, once the surrounding transaction is committed."""
    work_step.defer(town=town, service=service, step=step)


@app.task(name="work_step", queue="steps", retry=3)
def work_step(town: str, service: str, step: str) -> None:
    """Do all waiting tasks of a step now."""
    work_waiting(town, service, step, as_of=clock.now())


def work_waiting(town: str, service: str, step: str, *, as_of: datetime) -> int:
    """Do all waiting tasks of a step, batch by batch; returns how many were tried."""
    tried = 0
    while True:
        count = _work_batch(town, service, step, as_of)
        tried += count
        if count < BATCH:
            return tried


def _work_batch(town: str, service: str, step: str, as_of: datetime) -> int:
    try:
        with work.undisturbed(), towns.inside(town):
            tasks = _waiting(service, step, BATCH)
            if tasks:
                work.handler(tasks[0].step.do)(tasks, as_of=as_of)
            return len(tasks)
    except Exception:
        logger.exception("step %s of %s failed as a batch in %s; trying one by one", step, service, town)
        return _work_singly(town, service, step, as_of)


def _work_singly(town: str, service: str, step: str, as_of: datetime) -> int:
    """One bad case must not hold up the others: each in its own transaction, the bad one marked."""
    with towns.inside(town):
        ids = [task.case for task in _waiting(service, step, BATCH)]
    for case in ids:
        with towns.inside(town):
            tasks = _waiting(service, step, BATCH, only=case)
            try:
                with transaction.atomic():
                    if tasks:
                        work.handler(tasks[0].step.do)(tasks, as_of=as_of)
            except Exception as error:
                logger.exception("step %s of case %s failed", step, case)
                _mark_failed(tasks[0], error, as_of)
    return 0


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


def _waiting(service: str, step: str, limit: int, only: object = None) -> list[work.Waiting]:
    rows = log.lock_waiting(service, step, limit)
    if only is not None:
        rows = [row for row in rows if row[1] == only]
    cases = {case.id: case for case in store.lock_cases(sorted({row[1] for row in rows}))}
    found = []
    for task, case, attempt in rows:
        state = cases[case].state
        kept = catalogue.version(state.version)
        found.append(work.Waiting(task, case, attempt, step_of(kept, step), state, kept, cases[case]))
    return found


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


@app.periodic(cron="* * * * *")
@app.task(name="sweep", queue="steps", queueing_lock="sweep")
def sweep(timestamp: int) -> None:
    """Wake somebody for every step that was left lying by a worker that died."""
    before = clock.now() - timedelta(minutes=1)
    for town in register.town_codes():
        with towns.inside(town):
            for service, step, _ in _steps_with_work(older_than=before):
                wake(town, service, step)


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
