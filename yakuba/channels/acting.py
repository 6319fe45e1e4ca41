"""What a desk page does with a form: do it, say in plain words how it went, go back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from yakuba import clock
from yakuba.access.errors import AccessError
from yakuba.access.request import Request
from yakuba.assistant.errors import AssistantError
from yakuba.assistant.voice.errors import VoiceError
from yakuba.booking.errors import BookingError
from yakuba.cases.documents import Refused
from yakuba.cases.errors import CaseError
from yakuba.channels.answers import Wrong, clean
from yakuba.channels.assisted.errors import HelpError
from yakuba.channels.disaster.errors import DisasterError
from yakuba.channels.errors import QueueError
from yakuba.channels.push import NotPushed
from yakuba.channels.reception.errors import ReceptionError
from yakuba.messages.actions import NotFailed
from yakuba.money.account import BadAccount
from yakuba.money.errors import MoneyError
from yakuba.money.results import BadResult
from yakuba.records.errors import RecordsError
from yakuba.words import ui_text
from yakuba.workbench.errors import WorkbenchError

SAID = "said"
MOST_TEXT = 2000
"""Characters of a reason, a note or a message: as the forms say (`maxlength`)."""
MOST_EVIDENCE = 100
"""Characters of what a clerk looked at to know somebody, as the forms say. Their name goes with it."""
REFUSALS = (
    AccessError,
    AssistantError,
    BookingError,
    CaseError,
    DisasterError,
    HelpError,
    MoneyError,
    BadResult,
    BadAccount,
    NotFailed,
    NotPushed,
    QueueError,
    ReceptionError,
    RecordsError,
    Refused,
    VoiceError,
    Wrong,
    WorkbenchError,
    clock.NotADate,
)
"""What may be said no to by the rooms below; each carries a `text` in three languages."""


class Incomplete(ValueError):
    """A form of the desk was sent with something missing; `text` says what."""

    def __init__(self, key: str):
        self.text = ui_text(key)
        super().__init__(self.text.en)


def text_of(request: Request, name: str, *, needed: str = "", most: int = MOST_TEXT) -> str:
    """A text that was typed, without control characters. Raises Incomplete with the words `needed` when it must not
    be empty, and Wrong when it has more than `most` characters: what is longer is kept nowhere."""
    text = clean(request.POST.get(name, ""))
    if needed and not text:
        raise Incomplete(needed)
    if len(text) > most:
        raise Wrong(ui_text("desk.too_long").format(max=f"{most:,}", length=f"{len(text):,}"))
    return text


def say(request: Request, kind: str, text: str, reasons: list[str] | None = None) -> None:
    """Have the next page say this. `kind`: ok; info or wrong: then what was typed is there again; or warn."""
    typed = request.POST.dict() if kind in ("info", "wrong") else {}
    typed.pop("csrfmiddlewaretoken", None)
    request.session[SAID] = {"kind": kind, "text": text, "reasons": reasons or [], "typed": typed}


def said(request: Request) -> dict[str, Any] | None:
    """What was said on the way here; said once."""
    return request.session.pop(SAID, None)


def warned(request: Request) -> dict[str, Any] | None:
    """A warning that was said on the way here; it stays until a page of the desk has said it."""
    told = request.session.get(SAID)
    return told if told and told["kind"] == "warn" else None


def act(request: Request, do: Callable[[], str | None], back: str) -> HttpResponse:
    """Do it and go to the address that it returns, or `back`; what it refuses is said there and nothing was done."""
    goal = None
    try:
        goal = do()
        if SAID not in request.session:
            say(request, "ok", ui_text("desk.done").get(request.language))
    except (*REFUSALS, Incomplete) as refused:
        say(request, "wrong", refused.text.get(request.language))
    return redirect(goal or back)
