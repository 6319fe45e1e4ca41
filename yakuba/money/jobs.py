"""What runs later: what is owed is kept, the payment provider is asked about whatever is not known, money goes back; each night
what was overpaid is asked back."""

from __future__ import annotations

from datetime import datetime

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.access import towns
from yakuba.money import giving_back, overpaid
from yakuba.money.fees import actions as fees
from yakuba.money.fees import provider as providers
from yakuba.register import queries as register


@app.periodic(cron="20 3 * * *")
@app.task(name="ask_back", queue="steps", queueing_lock="ask_back")
def ask_back(timestamp: int) -> None:
    """Each night: what is no longer due is asked back, and what is asked back is followed."""
    for town in register.town_codes():
        overpaid.find(town, as_of=clock.now())
        giving_back.follow(town, as_of=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="look_after_fees", queue="steps", queueing_lock="look_after_fees")
def look_after_fees(timestamp: int) -> None:
    """Every minute, in every town."""
    for town in register.town_codes():
        look_after(town, as_of=clock.now())


def look_after(town: str, *, as_of: datetime) -> None:
    """Keep what came to be owed, ask money of ended cases back, and settle with the provider what is open."""
    with towns.inside(town):
        fees.assess_waiting(as_of=as_of)
        fees.settle_ended(as_of=as_of)
    provider = providers.configured()
    if provider is not None:
        fees.ask_all(town, provider, as_of=as_of)
        fees.send_all(town, provider, as_of=as_of)
