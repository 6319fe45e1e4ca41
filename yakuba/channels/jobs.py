"""Requests that were sent while there was no room: opened as soon as there is."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.access import PUBLIC, towns
from yakuba.channels import actions
from yakuba.channels.models import Draft
from yakuba.register import queries as register

logger = logging.getLogger(__name__)


@app.task(name="open_wanted", queue="steps", retry=3)
def open_wanted(town: str) -> None:
    """Open every waiting request of a town, the longest waiting first."""
    while True:
        with towns.inside(town):
            waiting = Draft.objects.filter(wanted_at__isnull=False, case=None).order_by("wanted_at")
            draft = waiting.select_for_update(skip_locked=True).first()
            if draft is None:
                return
            try:
                actions.submit(draft, by=PUBLIC(town), as_of=draft.wanted_at or clock.now())
            except (actions.Incomplete, KeyError):  # the service was changed or ended since it was sent
                logger.warning("draft %s of %s no longer fits %s", draft.id, town, draft.service)
                actions.give_back(draft)


@app.periodic(cron="* * * * *")
@app.task(name="open_all_wanted", queue="steps", queueing_lock="open_all_wanted")
def open_all_wanted(timestamp: int) -> None:
    """Nobody's request waits for a job that was lost with its worker."""
    for town in register.town_codes():
        open_wanted(town)
