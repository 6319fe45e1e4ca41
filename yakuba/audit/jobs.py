"""What the audit does by itself: links of the access log, alarms, the daily checkpoint, and the proof of each night."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.access import seals, towns
from yakuba.audit import alarms, delivery, keeping
from yakuba.register import queries as register

logger = logging.getLogger(__name__)


@app.periodic(cron="*/5 * * * *")
@app.task(name="seal_and_look", queue="steps", queueing_lock="seal_and_look")
def seal_and_look(timestamp: int) -> None:
    """Bind what is settled of each town's access log, and look for alarms. A town that fails does not stop the others."""
    for town in register.town_codes():
        try:
            with towns.inside(town):
                seals.seal_all(town, as_of=clock.now())
            alarms.look(town, as_of=clock.now())
        except Exception:
            logger.exception("sealing the access log of %s, or looking for alarms in it, failed", town)


@app.periodic(cron="10 3 * * *")
@app.task(name="checkpoint_all", queue="steps", queueing_lock="checkpoint_all")
def checkpoint_all(timestamp: int) -> None:
    """Each night a checkpoint of both logs leaves the server."""
    for town in register.town_codes():
        delivery.daily(town, as_of=clock.now())


@app.periodic(cron="20 3 * * *")
@app.task(name="cut_access_logs", queue="steps", queueing_lock="cut_access_logs")
def cut_access_logs(timestamp: int) -> None:
    """What is past its keeping time leaves the access log."""
    for town in register.town_codes():
        keeping.cut(town, as_of=clock.now())


@app.periodic(cron="30 3 * * *")
@app.task(name="prove_all", queue="steps", queueing_lock="prove_all")
def prove_all(timestamp: int) -> None:
    """Each night both logs are checked as a whole."""
    for town in register.town_codes():
        alarms.prove(town, as_of=clock.now())
