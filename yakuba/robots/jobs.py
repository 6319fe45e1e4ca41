"""What runs later in the robots room: what dead robots hold goes back, even where no other robot is at work."""

from __future__ import annotations

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.access import towns
from yakuba.register import queries as register
from yakuba.robots import actions


@app.periodic(cron="* * * * *")
@app.task(name="bury_robots", queue="steps", queueing_lock="bury_robots")
def bury_robots(timestamp: int) -> None:
    """Give back what dead runs hold, in every town."""
    for town in register.town_codes():
        with towns.inside(town):
            actions.bury(as_of=clock.now())
