"""Mail goes out in the background: at once, then every 300 s, then it has failed and somebody sees it."""

from __future__ import annotations

import uuid

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.access import towns
from yakuba.messages import actions
from yakuba.messages.models import Message
from yakuba.register import queries as register


@app.task(name="send_mail", queue="messages")
def send_mail(town: str, message: str) -> None:
    """Try one mail; where the server cannot take it now, wake up again when its next try is due."""
    with towns.inside(town):
        again = actions.send_now(uuid.UUID(message), as_of=clock.now())
        if again is not None:
            send_mail.configure(schedule_at=again).defer(town=town, message=message)


@app.periodic(cron="*/5 * * * *")
@app.task(name="sweep_mail", queue="messages", queueing_lock="sweep_mail")
def sweep_mail(timestamp: int) -> None:
    """Wake somebody for mails whose job died with its worker."""
    for town in register.town_codes():
        with towns.inside(town):
            late = clock.now() - actions.RETRY_EVERY
            for message in Message.objects.filter(state="queued", next_try_at__lt=late).values_list(
                "id", flat=True
            ):
                send_mail.defer(town=town, message=str(message))
