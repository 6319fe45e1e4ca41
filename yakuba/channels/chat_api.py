"""Talks for other systems: an app of the town's, or a telephone exchange that hears and speaks.

`POST talks/{name}` says one thing in the talk that the system calls `name`; the reply comes back as text and as quotations. The
same `Idempotency-Key` again is the same turn.
"""

# no `from __future__ import annotations`: ninja reads the types of a decorated view where the decorator stands
from typing import Any, Literal

from ninja import Field as Described
from ninja import Header, Path, Router, Schema

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.assistant import talks
from yakuba.assistant.errors import AssistantError
from yakuba.assistant.telling import in_language, told
from yakuba.channels.api import PROBLEMS, Language, Refused
from yakuba.words import ui_text

router = Router(tags=["talks"])


class TurnIn(Schema):
    """One turn: what is done with the reply before it, or else a question; silence is replied to as well."""

    text: str = Described("", max_length=500, description="The question, as typed or heard.")
    choose: str = Described("", max_length=120, description="The id of one of `choices`.")
    do: Literal["", "none", "helped", "not_helped", "person", "end"] = Described(
        "", description="None of the choices; whether the answer helped; a clerk is wanted; the talk is over."
    )
    language: Language = "ja"
    channel: Literal["chat", "voice"] = "chat"


class Quote(Schema):
    """An answer, word for word, with its source."""

    id: str
    question: str
    answer: str
    title: str
    link: str
    as_of: str
    office: str


class Choice(Schema):
    """One of several that may be meant."""

    id: str
    text: str


class TurnOut(Schema):
    """The reply. `how`: answered, offered, conditions, unknown, urgent, person, courtesy, empty; nothing where a
    clerk has the talk (`with_staff`), whose last words are then in `say`. `service`: whose conditions may be tried."""

    reference: str
    how: str
    say: str
    quotes: list[Quote]
    choices: list[Choice]
    service: str
    masked: bool
    with_staff: bool
    over: bool


@router.post("{name}", response={200: TurnOut, **PROBLEMS})
@asks("form.answer")
def say(
    request: Request,
    body: TurnIn,
    name: str = Path(max_length=100),
    key: str = Header(alias="Idempotency-Key", min_length=1, max_length=100),
) -> Any:
    """Say one thing in a talk; the first begins it."""
    who, now = f"{request.worker.id}:{name}", clock.now()
    case = talks.of_outside(who, now) or talks.begin(
        channel=body.channel,
        language=body.language,
        as_of=now,
        key=f"{who}:{key}",
        about=body.text,
        outside=who,
    )
    try:
        _do(request, body, case, f"{who}:{key}")
    except AssistantError as refused:
        raise Refused(409, refused.text) from refused
    return shown(talks.conversation(case), body.language)


@router.get("{name}", response={200: TurnOut, **PROBLEMS})
@asks("form.answer")
def heard(request: Request, name: str, language: Language = "ja") -> Any:
    """What was said last: a clerk's words, where one has the talk."""
    case = talks.of_outside(f"{request.worker.id}:{name}", clock.now())
    talk = talks.conversation(case) if case else None
    if talk is None or not talk.turns:
        raise Refused(404, ui_text("chat.over"))
    return shown(talk, language)


def _do(request: Request, body: TurnIn, case: Any, key: str) -> None:
    said: dict[str, Any] = {"by": request.worker, "as_of": clock.now(), "key": key}
    if body.choose:
        talks.choose(case, body.choose, **said)
    elif body.do == "none":
        talks.none_of_these(case, **said)
    elif body.do == "person":
        talks.hand_over(case, **said)
    elif body.do == "end":
        talks.end(case, as_of=said["as_of"])
    elif body.do:
        talks.judge(case, helped=body.do == "helped", **said)
    else:
        talks.ask(case, body.text, **said)


def shown(talk: talks.Conversation, language: str) -> dict[str, Any]:
    """How the talk stands after its last turn."""
    last, before = talk.turns[-1], talk.turns[-2] if len(talk.turns) > 1 else talk.turns[-1]
    reply = last if last.who == "assistant" else None
    spoken = told(reply.how, reply.quotes, language) if reply else None
    quotes = reply.quotes if reply and not (spoken and spoken.choices) else []
    return {
        "reference": talk.reference,
        "how": reply.how if reply else "",
        "say": spoken.text if spoken else last.text if last.who == "staff" else "",
        "quotes": [_quote(quote, language) for quote in quotes],
        "choices": [{"id": id, "text": text} for id, text in (spoken.choices if spoken else ())],
        "service": reply.service if reply else "",
        "masked": before.who == "person" and bool(talks.MASKED & set(before.how.split(","))),
        "with_staff": talk.with_staff,
        "over": talk.over,
    }


def _quote(quote: dict[str, Any], language: str) -> dict[str, Any]:
    texts = {part: in_language(quote[part], language) for part in ("question", "answer")}
    return {name: quote[name] for name in ("id", "title", "link", "as_of", "office")} | texts
