"""What the progress room does by itself: it keeps up with the log, looks once a day what robots saved, and whether some channel is
slower than the web."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.progress.brought import alarm, projection
from yakuba.register import queries as register

logger = logging.getLogger(__name__)


@app.periodic(cron="*/5 * * * *")
@app.task(name="keep_up", queue="steps", queueing_lock="keep_up")
def keep_up(timestamp: int) -> None:
    """The rows about what came of each case. A town that fails does not stop the others."""
    for town in register.town_codes():
        try:
            projection.refresh(town)
        except Exception:
            logger.exception("the figures of %s could not be kept up", town)


@app.periodic(cron="40 3 * * *")
@app.task(name="nightly_progress", queue="steps", queueing_lock="nightly_progress")
def nightly_progress(timestamp: int) -> None:
    """Each night, for each town a job of its own."""
    for town in register.town_codes():
        progress_of_town.defer(town=town)


@app.task(name="progress_of_town", queue="steps")
def progress_of_town(town: str) -> None:
    """What robots saved until now, and whether some way in is much slower than the web."""
    projection.refresh(town)
    projection.save_savings(town, as_of=clock.now())
    alarm.look(town, as_of=clock.now())
