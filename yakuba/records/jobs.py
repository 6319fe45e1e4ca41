"""What the records room does later: held rows become cases, work on what was discarded ends, inboxes are looked through."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.records import held, inbox
from yakuba.records.folders import inbox as inbox_folder
from yakuba.register import queries as register

logger = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="look_after_held_rows", queue="steps", queueing_lock="look_after_held_rows")
def look_after_held_rows(timestamp: int) -> None:
    """Every held row has its case, also where taking in was stopped before; of a discarded load nothing waits."""
    for town in register.town_codes():
        held.open_all(town, as_of=clock.now())
        held.end_discarded(town, as_of=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="look_through_inboxes", queue="steps", queueing_lock="look_through_inboxes")
def look_through_inboxes(timestamp: int) -> None:
    """Take in what old systems have laid down."""
    if not inbox_folder().is_dir():
        return
    from yakuba.records.importing.unattended import bring_folder

    for town in register.town_codes():
        for one in inbox.look_through(town, inbox_folder(), bring_folder, as_of=clock.now()):
            logger.info("inbox of %s: %s of %s was %s", town, one.sha256, one.source, one.state)
