"""Asking the town hall on a page: the assistant answers with quotations, and a clerk goes on where somebody asks for one.

The same views show a resident's talk and one of the staff's own (`AT_THE_DESK`), which also draws on the staff's manual.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access import limits
from yakuba.access.request import Request
from yakuba.access.web import address, asks
from yakuba.assistant import library, talks
from yakuba.assistant.knowledge import Audience
from yakuba.assistant.replying import MOST_ASKED
from yakuba.cases import queries as case_queries
from yakuba.channels import acting, actions, casework
from yakuba.channels.acting import text_of
from yakuba.words import Text, ui_text

ASKED, CODES, WINDOW = 300, 10, timedelta(minutes=10)
"""From one network address in ten minutes: questions, and codes that are tried. Thousands of phones may share an address of
their carrier, so the first is wide."""
EXAMPLES = ("chat.example_1", "chat.example_2", "chat.example_3")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a talk is held: for whom its answers are, where the session keeps it, and its addresses."""

    audience: Audience
    kept_as: str
    addresses: str

    def url(self, request: Request, name: str = "chat") -> str:
        return reverse(f"{self.addresses}:{name}", args=[request.town])


ON_THE_SITE = Place("public", "talk", "channels")
AT_THE_DESK = Place("staff", "helpdesk", "desk")
Act = Callable[[Request, uuid.UUID, str], None]


# -- the page ----------------------------------------------------------------------------------------
@require_GET
@asks("form.answer")
def page(request: Request, town: str) -> HttpResponse:
    """The talk of this browser, or how to begin one."""
    return _page(request, ON_THE_SITE)


@require_GET
@asks("helpdesk.ask")
def helpdesk(request: Request, town: str) -> HttpResponse:
    """The staff's own questions."""
    return _page(request, AT_THE_DESK)


def _page(request: Request, place: Place) -> HttpResponse:
    talk = _talk(request, place)
    said = acting.said(request)
    shown = {
        "talk": talk,
        "turns": [shown_turn(turn, request.language) for turn in talk.turns] if talk else [],
        "last": _last(talk),
        "can_be_tried": bool(talk and talk.turns and library.can_be_tried(talk.turns[-1].service)),
        "due": _due(talk),
        "said": said,
        "typed": said["typed"] if said else {"text": request.GET.get("q", "")[:MOST_ASKED]},
        "most": MOST_ASKED,
        "key": uuid.uuid4(),
        "code": request.session.pop("talk_code", ""),
        "examples": EXAMPLES,
        "urls": {name: place.url(request, f"chat_{name}") for name in ADDRESSES},
        "here": place.url(request),
        "for_staff": place is AT_THE_DESK,
        "call_back": None if place is AT_THE_DESK else actions.call_back(_about(talk)),
    }
    return render(request, "channels/web/chat.html", shown)


def _talk(request: Request, place: Place) -> talks.Conversation | None:
    """The talk that this browser has; one that is anonymous by now is none."""
    case = request.session.get(place.kept_as)
    try:
        talk = talks.conversation(uuid.UUID(case)) if case else None
    except talks.TalkOver:
        talk = None
    return talk if talk and talk.audience == place.audience else None


def _last(talk: talks.Conversation | None) -> talks.Turn | None:
    """The turn that can be replied to with a button: the assistant's, when it was the last to say something."""
    going_on = talk and talk.turns and not talk.over and not talk.with_staff
    return talk.turns[-1] if talk and going_on and talk.turns[-1].who == "assistant" else None


def _due(talk: talks.Conversation | None) -> Any:
    """By when a clerk replies."""
    if talk is None or not talk.with_staff:
        return None
    task = case_queries.open_task(talk.case, talks.TALK)
    return task.due_at if task else None


def _about(talk: talks.Conversation | None) -> Text:
    return (
        Text.same(talk.turns[0].text) if talk and talk.turns and talk.turns[0].text else ui_text("chat.title")
    )


def shown_turn(turn: talks.Turn, language: str) -> dict[str, Any]:
    """One turn as a page shows it: who, what, and the answers in the reader's language where they are written in it."""
    return {
        "turn": turn,
        "by": ui_text(f"chat.{turn.who}"),
        "masked": turn.who == "person" and bool(talks.MASKED & set(turn.how.split(","))),
        "quotes": [shown_quote(quote, language) for quote in turn.quotes],
    }


def shown_quote(quote: dict[str, Any], language: str) -> dict[str, Any]:
    """An answer as it was shown: its words in the reader's language, or in Japanese with a mark that it is so."""
    there = bool(quote["answer"].get(language) and quote["question"].get(language))
    said = language if there else "ja"
    return {
        **quote,
        "question": quote["question"][said],
        "answer": quote["answer"][said],
        "language": said,
        "foreign": not there,
        "as_of": date.fromisoformat(quote["as_of"]) if quote["as_of"] else None,
    }


# -- what can be done --------------------------------------------------------------------------------
def _acts(act: Act) -> tuple[Callable[..., HttpResponse], Callable[..., HttpResponse]]:
    """The views that do something in the talk of this browser: on the site, and at the desk."""

    def at(place: Place, action: str) -> Callable[..., HttpResponse]:
        @require_POST
        @asks(action)
        @wraps(act)
        def doing(request: Request, town: str) -> HttpResponse:
            limits.spend("chat", address(request), most=ASKED, per=WINDOW, as_of=clock.now())

            try:
                act(request, _the_talk(request, place), _key(request))
            except (*acting.REFUSALS, acting.Incomplete) as refused:
                acting.say(request, "wrong", refused.text.get(request.language))
            return redirect(f"{place.url(request)}#last")

        return doing

    return at(ON_THE_SITE, "form.answer"), at(AT_THE_DESK, "helpdesk.ask")


def _key(request: Request) -> str:
    return str(casework.an_id(request.POST.get("key", "")))


def _the_talk(request: Request, place: Place) -> uuid.UUID:
    """The talk of this browser that goes on; where there is none, one begins."""
    talk = _talk(request, place)
    if talk and not talk.over:
        return talk.case
    case = talks.begin(
        channel="chat",
        language=request.language,
        as_of=clock.now(),
        key=_key(request),
        about=request.POST.get("text", ""),
        audience=place.audience,
    )
    request.session[place.kept_as] = str(case)
    return case


def _ask(request: Request, case: uuid.UUID, key: str) -> None:
    text = text_of(request, "text", needed="chat.how_empty", most=MOST_ASKED)
    talks.ask(case, text, by=request.worker, as_of=clock.now(), key=key)


def _choose(request: Request, case: uuid.UUID, key: str) -> None:
    talks.choose(case, request.POST.get("entry", "")[:120], by=request.worker, as_of=clock.now(), key=key)


def _none(request: Request, case: uuid.UUID, key: str) -> None:
    talks.none_of_these(case, by=request.worker, as_of=clock.now(), key=key)


def _judge(request: Request, case: uuid.UUID, key: str) -> None:
    helped = request.POST.get("helped") == "1"
    talks.judge(case, helped=helped, by=request.worker, as_of=clock.now(), key=key)


def _person(request: Request, case: uuid.UUID, key: str) -> None:
    talks.hand_over(case, by=request.worker, as_of=clock.now(), key=key)


def _end(request: Request, case: uuid.UUID, key: str) -> None:
    talks.end(case, as_of=clock.now())


def _code(request: Request, case: uuid.UUID, key: str) -> None:
    request.session["talk_code"] = talks.resume_code(case)


ADDRESSES = {
    "ask": _acts(_ask),
    "choose": _acts(_choose),
    "none": _acts(_none),
    "judge": _acts(_judge),
    "person": _acts(_person),
    "end": _acts(_end),
    "code": _acts(_code),
}
"""What can be done in a talk, each on the site and at the desk; its address is `chat_NAME`."""


@require_POST
@asks("form.answer")
def take_up(request: Request, town: str) -> HttpResponse:
    """Go on with the talk of another device, by its code."""
    limits.spend("chat-code", address(request), most=CODES, per=WINDOW, as_of=clock.now())
    case = talks.by_code(request.POST.get("code", ""))
    if case is None:
        acting.say(request, "wrong", ui_text("chat.no_such_code").get(request.language))
    else:
        request.session[ON_THE_SITE.kept_as] = str(case)
    return redirect("channels:chat", town=town)


@require_POST
@asks("form.answer")
def anew(request: Request, town: str) -> HttpResponse:
    """Leave the talk that has ended, and begin with an empty page."""
    request.session.pop(ON_THE_SITE.kept_as, None)
    return redirect("channels:chat", town=town)
