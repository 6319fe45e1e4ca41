"""Mail and texts go out in the background: at once, then every 300 s, then it has failed and somebody sees it."""

from __future__ import annotations

import uuid

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.access import towns
from yakuba.messages import actions
from yakuba.messages.models import Message
from yakuba.register import queries as register


@app.task(name="send_message", queue="messages", aliases=["send_mail"], retry=3)
def send_message(town: str, message: str) -> None:
    """Try one message; where its carrier cannot take it now, wake up again when its next try is due. Where the database died
    under it, it is tried again as soon as that is back: left to the sweep the message went out ten minutes later."""
    with towns.inside(town):
        again = actions.send_now(uuid.UUID(message), as_of=clock.now())
        if again is not None:
            send_message.configure(schedule_at=again).defer(town=town, message=message)


@app.periodic(cron="*/5 * * * *")
@app.task(name="sweep_mail", queue="messages", queueing_lock="sweep_mail")
def sweep_mail(timestamp: int) -> None:
    """Wake somebody for messages whose job died with its worker."""
    for town in register.town_codes():
        with towns.inside(town):
            late = clock.now() - actions.RETRY_EVERY
            for message in Message.objects.filter(state="queued", next_try_at__lt=late).values_list(
                "id", flat=True
            ):
                send_message.defer(town=town, message=str(message))


@app.periodic(cron="* * * * *")
@app.task(name="hear_of_texts", queue="messages", queueing_lock="hear_of_texts")
def hear_of_texts(timestamp: int) -> None:
    """Ask the gateway what became of the texts that it took, each in a transaction of its own."""
    for town in register.town_codes():
        now = clock.now()
        with towns.inside(town):
            waiting = Message.objects.filter(state="accepted", next_try_at__lte=now).order_by("next_try_at")
            ids = list(waiting.values_list("id", flat=True))
        for message in ids:
            with towns.inside(town):
                actions.hear_of(message, as_of=now)
