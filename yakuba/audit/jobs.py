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
            while _seal_some(town):
                pass
            alarms.look(town, as_of=clock.now())
        except Exception:
            logger.exception("sealing the access log of %s, or looking for alarms in it, failed", town)


def _seal_some(town: str) -> bool:
    """One link, in a transaction of its own: a log that was never sealed does not hold everybody up."""
    with towns.inside(town):
        return seals.seal(town, as_of=clock.now()) is not None


@app.periodic(cron="10 3 * * *")
@app.task(name="nightly_audit", queue="steps", queueing_lock="nightly_audit")
def nightly_audit(timestamp: int) -> None:
    """Each night, for each town a job of its own, so that all workers share them."""
    for town in register.town_codes():
        audit_town.defer(town=town)


@app.task(name="audit_town", queue="steps")
def audit_town(town: str) -> None:
    """What is past its keeping time leaves the access log, both logs are checked as a whole, and a checkpoint of them leaves
    the server."""
    for part in (keeping.cut, alarms.prove_or_tell, delivery.daily):
        try:
            part(town, as_of=clock.now())
        except Exception:
            logger.exception("%s failed in %s", part.__name__, town)
