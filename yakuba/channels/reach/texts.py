"""Texts (SMS) that people send to the town: each is a turn of the talk that their telephone has, and is answered once.

What arrives twice is one turn, under the gateway's own id. The number is kept as a digest, and sealed where it is answered.
"""

from __future__ import annotations

import logging
import uuid
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from yakuba import clock
from yakuba.access import PUBLIC, limits, sealed, towns
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.assistant import talks
from yakuba.channels.models import Texter, TextReply
from yakuba.channels.reach import texting
from yakuba.messages import sms
from yakuba.messages.errors import Undeliverable
from yakuba.messages.sms import Incoming

logger = logging.getLogger(__name__)
LARGEST = 20_000
"""Bytes of what the gateway hands over."""
MOST, WINDOW = 40, timedelta(minutes=10)
"""Texts of one telephone in ten minutes: a form has a dozen questions. What comes faster is another machine that answers ours."""
EVERY = timedelta(minutes=5)
AGAIN = RetryStrategy(max_attempts=3, wait=60)
"""Tries of one job; afterwards `wake` has a new one every five minutes for a day."""


@csrf_exempt
@require_POST
@asks("form.answer")
def webhook(request: Request, town: str) -> HttpResponse:
    """Somebody sent a text. What the gateway did not sign is refused, and nothing of it is read."""
    if not sms.offered():
        raise Http404
    now = clock.now()
    try:
        heard = sms.read_incoming(request.body[: LARGEST + 1], request.headers, town=town, as_of=now)
    except sms.Forged as forged:
        logger.info("a text was refused: %s", forged)
        return HttpResponse(status=403)
    take_in(heard, as_of=now)
    return HttpResponse(status=200)


def take_in(heard: Incoming, *, as_of: datetime) -> None:
    """One text: what was said is kept in the talk, what it asks for is done, and a job sends what is replied. Raises limits.TooMany."""
    limits.spend("sms", heard.number, most=MOST, per=WINDOW, as_of=as_of)
    texter = _texter(heard.number, as_of)
    if TextReply.objects.filter(key=heard.id).exists():
        return
    who, by = f"sms:{heard.number}", PUBLIC(towns.current_town())
    case = talks.of_outside(who, as_of) or talks.begin(
        channel="sms",
        language=texter.language,
        as_of=as_of,
        key=heard.id,
        about=heard.text,
        outside=who,
        send_to=who,
    )
    reply = "" if talks.conversation(case).with_staff else texting.reply(texter, heard, as_of=as_of)
    talks.texted(case, heard.text, reply, by=by, as_of=as_of, key=heard.id)
    if texter.asking.pop("clerk", None):
        talks.hand_over(case, by=by, as_of=as_of, key=f"{heard.id}:clerk")
    texter.last_at = as_of
    texter.save()
    _send(texter, reply, key=heard.id, as_of=as_of)


def _texter(number: str, as_of: datetime) -> Texter:
    """The telephone of this number; nobody else works on its talk meanwhile."""
    digest = salted_hmac("yakuba.channels.texter", number, algorithm="sha256").hexdigest()
    known = {"address": sealed.seal(number), "last_at": as_of}
    Texter.objects.get_or_create(town=towns.current_town(), number=digest, defaults=known)
    return Texter.objects.select_for_update().get(number=digest)


def clerk_said(case: uuid.UUID, text: str, *, key: str, as_of: datetime) -> None:
    """Send what a clerk says in a talk that is held by texts; nothing for any other talk."""
    address = talks.address_of(case)
    if address.startswith("sms:"):
        _send(_texter(address.removeprefix("sms:"), as_of), text, key=f"clerk:{key}", as_of=as_of)


def _send(texter: Texter, text: str, *, key: str, as_of: datetime) -> None:
    """Have a job send it, once what was done is kept. The same `key` again is sent once."""
    town = towns.current_town()
    said = {"texter": texter, "text": sealed.seal(text) if text else "", "at": as_of}
    made, new = TextReply.objects.get_or_create(town=town, key=key, defaults=said)
    if text and new:
        transaction.on_commit(lambda: send_reply.defer(town=town, reply=str(made.id)))


def wake(*, as_of: datetime) -> None:
    """Have replies sent that wait longer than a try takes and not so long that nobody expects them any more."""
    late, stale = as_of - 2 * EVERY, as_of - sms.VALID
    waiting = (
        TextReply.objects.exclude(text="").filter(at__lt=late, at__gt=stale).values_list("id", flat=True)
    )
    for reply in waiting:
        with suppress(AlreadyEnqueued), transaction.atomic():
            send_reply.configure(queueing_lock=f"text-reply:{reply}").defer(
                town=towns.current_town(), reply=str(reply)
            )


@app.task(name="send_text_reply", queue="messages", retry=AGAIN)
def send_reply(town: str, reply: str) -> None:
    """Send one reply, in as many texts as it needs; tried again, no text is sent twice. Raises TryAgain."""
    with towns.inside(town):
        made = TextReply.objects.select_related("texter").filter(id=reply).first()
        gateway = sms.gateway()
        if made is None or not made.text or gateway is None:
            return
        text, number = sealed.unseal(made.text), sealed.unseal(made.texter.address)
    for place, part in enumerate(texting.parts(text)):
        try:
            gateway.send(part, number, key=f"{town}:{made.id}:{place}", until=clock.now() + sms.VALID)
        except Undeliverable as final:
            logger.warning("reply %s cannot be delivered: %s", made.id, final)
    with towns.inside(town):
        TextReply.objects.filter(id=made.id).update(text="")
