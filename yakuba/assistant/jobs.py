"""What the assistant does later: talks that rest for a day are over; recordings are heard, and removed when nobody wants them."""

from __future__ import annotations

import uuid

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.access import towns
from yakuba.assistant import dictating, talks
from yakuba.register import queries as register


@app.periodic(cron="*/15 * * * *")
@app.task(name="end_resting_talks", queue="steps", queueing_lock="end_resting_talks")
def end_resting_talks(timestamp: int) -> None:
    """End every town's talks in which nobody has said anything for a day."""
    for town in register.town_codes():
        with towns.inside(town):
            talks.end_resting(as_of=clock.now())


@app.task(name="hear_recording", queue="steps", lock="hear_recording")
def hear_recording(town: str, recording: str) -> None:
    """Hear what was dictated; one recording at a time, since each takes a core and half a gigabyte."""
    with towns.inside(town):
        dictating.hear(uuid.UUID(recording))


@app.periodic(cron="11 * * * *")
@app.task(name="remove_recordings", queue="steps", queueing_lock="remove_recordings")
def remove_recordings(timestamp: int) -> None:
    """Remove every town's recordings that nobody said yes or no to in time."""
    for town in register.town_codes():
        with towns.inside(town):
            dictating.remove_old(as_of=clock.now())
