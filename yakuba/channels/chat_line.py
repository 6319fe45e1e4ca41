"""Talks over LINE: what its webhook brings becomes a turn of a talk, what is replied goes back with the choices under it.

A webhook may come twice: each event is one turn, under its own id. Replying is a job: a token for it is good for a minute, and
what is late is pushed instead.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from django.db import transaction
from django.http import Http404, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.access import PUBLIC, limits, towns
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.assistant import line_account, talks
from yakuba.assistant.errors import AssistantError
from yakuba.assistant.replying import MOST_ASKED
from yakuba.assistant.telling import Told, told
from yakuba.channels.chat import ASKED, WINDOW
from yakuba.words import ui

logger = logging.getLogger(__name__)
LARGEST = 1_000_000
"""Bytes of a webhook that are read."""
NONE, HELPED, NOT_HELPED, PERSON = "none", "helped", "not_helped", "person"
LANGUAGE = "ja"


@csrf_exempt
@require_POST
@asks("form.answer")
def webhook(request: Request, town: str) -> HttpResponse:
    """What happened on LINE. What LINE did not sign is refused, and nothing of it is read."""
    account = line_account.account()
    if account is None:
        raise Http404
    body = request.body[: LARGEST + 1]
    if len(body) > LARGEST or not account.signed(body, request.headers.get("X-Line-Signature", "")):
        return HttpResponse(status=403)
    for event in _events(body):
        _take_in(event)
    return HttpResponse(status=200)


def _events(body: bytes) -> list[Mapping[str, Any]]:
    """The events of people, as far as they can be read."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return []
    events = said.get("events") if isinstance(said, dict) else None
    some = events if isinstance(events, list) else []
    return [one for one in some if isinstance(one, dict) and _user(one) and one.get("webhookEventId")]


def _user(event: Mapping[str, Any]) -> str:
    source = event.get("source")
    return str(source.get("userId", "")) if isinstance(source, dict) else ""


def _take_in(event: Mapping[str, Any]) -> None:
    """One event: what was said is kept, and a job tells what is replied."""
    user, key, now = _user(event), f"line:{event['webhookEventId']}", clock.now()
    limits.spend("line", user, most=ASKED, per=WINDOW, as_of=now)
    who = f"line:{user}"
    about = _text(event)
    if not about and event.get("type") != "postback":
        return  # a sticker, a picture, somebody who leaves: nothing is asked
    case = talks.of_outside(who, now) or talks.begin(
        channel="chat", language=LANGUAGE, as_of=now, key=key, about=about, outside=who, send_to=user
    )
    try:
        _do(case, event, about, key)
    except AssistantError as refused:
        logger.info("LINE event %s: %s", event["webhookEventId"], refused)
    tell_later(case, key, token=str(event.get("replyToken", "")))


def tell_later(case: uuid.UUID, key: str, *, token: str = "") -> None:
    """Have a job tell on LINE what was said last, once it is kept; nothing for a talk that is not held there."""
    if (address := talks.address_of(case)) and not address.startswith("sms:"):
        said = {"town": towns.current_town(), "case": str(case), "token": token, "key": key}
        transaction.on_commit(lambda: tell.defer(**said))


def _text(event: Mapping[str, Any]) -> str:
    message = event.get("message")
    is_text = isinstance(message, dict) and message.get("type") == "text"
    return str(message["text"])[:MOST_ASKED] if is_text and isinstance(message, dict) else ""


def _do(case: uuid.UUID, event: Mapping[str, Any], text: str, key: str) -> None:
    said: dict[str, Any] = {"by": PUBLIC(towns.current_town()), "as_of": clock.now(), "key": key}
    postback = event.get("postback")
    data = str(postback.get("data", "")) if isinstance(postback, dict) else ""
    if text:
        talks.ask(case, text, **said)
    elif data == NONE:
        talks.none_of_these(case, **said)
    elif data == PERSON:
        talks.hand_over(case, **said)
    elif data in (HELPED, NOT_HELPED):
        talks.judge(case, helped=data == HELPED, **said)
    elif data:
        talks.choose(case, data[:120], **said)


@app.task(name="tell_over_line", queue="messages", retry=3)
def tell(town: str, case: str, token: str, key: str) -> None:
    """Tell on LINE what was last said in a talk by the assistant or a clerk; with a token as a reply, else pushed."""
    with towns.inside(town):
        account, talk = line_account.account(), talks.conversation(uuid.UUID(case))
        address = talks.address_of(talk.case)
    message = shown(talk)
    if account is None or message is None or not address:
        return
    if token:
        try:
            account.reply(token, [message])
            return
        except line_account.NotSent as late:
            logger.info("%s; it is pushed", late)
    account.push(address, [message], uuid.uuid5(uuid.NAMESPACE_URL, f"{town}:{case}:{key}"))


def shown(talk: talks.Conversation) -> dict[str, Any] | None:
    """The last turn as LINE takes it; None where nothing is to be said."""
    last = talk.turns[-1]
    if last.who == "staff":
        return line_account.text(last.text)
    if talk.with_staff:
        return line_account.text(ui("chat.with_staff", LANGUAGE)) if last.how == "person" else None
    if last.who != "assistant":
        return (
            line_account.text(ui(f"chat.{last.how}_text", LANGUAGE))
            if last.how in (HELPED, NOT_HELPED)
            else None
        )
    said = told(last.how, last.quotes, LANGUAGE)
    return line_account.text(said.text, _choices(said, last.how))


def _choices(said: Told, how: str) -> list[tuple[str, str]]:
    person = (PERSON, ui("chat.to_person", LANGUAGE))
    if said.choices:
        return [*said.choices, (NONE, ui("chat.none_of_these", LANGUAGE)), person]
    if how in ("answered", "conditions"):
        return [
            (HELPED, ui("chat.said_helped", LANGUAGE)),
            (NOT_HELPED, ui("chat.said_not_helped", LANGUAGE)),
            person,
        ]
    return [person]
