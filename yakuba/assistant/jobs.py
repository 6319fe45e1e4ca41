"""What the assistant does later: talks that rest for a day are over."""

from __future__ import annotations

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.access import towns
from yakuba.assistant import talks
from yakuba.register import queries as register


@app.periodic(cron="*/15 * * * *")
@app.task(name="end_resting_talks", queue="steps", queueing_lock="end_resting_talks")
def end_resting_talks(timestamp: int) -> None:
    """End every town's talks in which nobody has said anything for a day."""
    for town in register.town_codes():
        with towns.inside(town):
            talks.end_resting(as_of=clock.now())
