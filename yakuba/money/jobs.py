"""What the money room does later: each night it looks for what was overpaid, and asks for the instalments that are due."""

from __future__ import annotations

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.money import giving_back, overpaid
from yakuba.register import queries as register


@app.periodic(cron="20 3 * * *")
@app.task(name="ask_back", queue="steps", queueing_lock="ask_back")
def ask_back(timestamp: int) -> None:
    """Each night: what is no longer due is asked back, and what is asked back is followed."""
    for town in register.town_codes():
        overpaid.find(town, as_of=clock.now())
        giving_back.follow(town, as_of=clock.now())
