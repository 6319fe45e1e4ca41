"""What is replied to a question: quotations, candidates to choose from, the way to the conditions, or that nothing is known.

Pure. Who searches, who masks and who knows what is urgent are given; nothing is made up here: a reply names entries, and
the channels show them word for word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from yakuba.assistant.knowledge import Audience, Entry
from yakuba.words import search_key

How = Literal["answered", "offered", "conditions", "unknown", "urgent", "person", "courtesy", "empty"]
"""In what way was replied: one answer alone, several to choose from, a quotation with the way to the conditions, nothing
known (with the nearest), what is said in danger, the ways to a person, a greeting returned, nothing was asked."""
MOST_OFFERED, NEAREST = 5, 3
"""Candidates that are offered to choose from, and those that are named where nothing is known."""
SHORT = 12
"""Characters of a question that may go on with what was talked about before: 「持ち物は？」"""
MOST_ASKED = 500
"""Characters of a question that are read: the answer to a longer one would be to its beginning only."""


class Candidate(Protocol):
    """One that may answer, and how sure that is, from 0 to 1."""

    @property
    def entry(self) -> Entry: ...
    @property
    def score(self) -> float: ...


class Found(Protocol):
    """What a search found: the likeliest first; whether the question is about a town hall at all; whether the first is
    sure enough to stand alone."""

    @property
    def candidates(self) -> Sequence[Candidate]: ...
    @property
    def in_scope(self) -> bool: ...
    @property
    def sure(self) -> bool: ...


class Searches(Protocol):
    """Who finds entries for a question."""

    def search(self, question: str, *, audience: Audience = "public", most: int = 5) -> Found: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What is replied. `entries`: to be quoted; `service`: whose conditions may be tried; `sureness`: from 0 to 1, None
    where nothing was searched."""

    how: How
    entries: tuple[Entry, ...] = ()
    service: str = ""
    sureness: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it may be searched and kept: masked, and what was talked about before (the question of the answer that
    was shown last)."""

    text: str
    about: str = ""
    audience: Audience = "public"
    language: str = "ja"


@dataclass(frozen=True, slots=True)
class Replier:
    """Replies to questions. `urgent`: the declared answer for somebody in danger, if the text sounds like it; `same`: the entry
    that somebody has written for this very question; `who_gets`: who gets the service that a question names; `can_be_tried`:
    whether a service has conditions that the finder can ask for."""

    searches: Searches
    urgent: Callable[[str], Entry | None]
    same: Callable[[str, Audience], Entry | None] = field(default=lambda text, audience: None)
    who_gets: Callable[[str], Entry | None] = field(default=lambda text: None)
    can_be_tried: Callable[[str], bool] = field(default=lambda service: False)

    def reply(self, asked: Asked) -> Reply:
        """The reply to one question. Danger goes before everything else."""
        text = asked.text.strip()[:MOST_ASKED]
        if not text or not search_key(text):
            return Reply("empty")
        if entry := self.urgent(text):
            return Reply("urgent", (entry,), sureness=1.0)
        if _is_courtesy(text):
            return Reply("courtesy")
        if _wants_a_person(text):
            return Reply("person")
        if entry := self.same(text, asked.audience):
            return self._alone(entry, text)
        if is_own_question(text) and (entry := self.who_gets(text)) and self._tried(entry):
            return Reply("conditions", (entry,), service=entry.service or "", sureness=1.0)
        return self._told(self._found(asked, text), text)

    def _alone(self, entry: Entry, text: str) -> Reply:
        if is_own_question(text) and self._tried(entry):
            return Reply("conditions", (entry,), service=entry.service or "", sureness=1.0)
        return Reply("answered", (entry,), sureness=1.0)

    def _found(self, asked: Asked, text: str) -> Found:
        """What is found; a short question is also tried together with what was talked about before."""
        alone = self.searches.search(text, audience=asked.audience, most=MOST_OFFERED)
        if not asked.about or not _goes_on(text):
            return alone
        together = self.searches.search(f"{asked.about} {text}", audience=asked.audience, most=MOST_OFFERED)
        return together if _sureness(together) >= _sureness(alone) or not alone.in_scope else alone

    def _told(self, found: Found, text: str) -> Reply:
        entries = tuple(one.entry for one in found.candidates)
        sureness = _sureness(found)
        if not found.in_scope or not entries:
            return Reply("unknown", entries[:NEAREST], sureness=sureness)
        if is_own_question(text) and (entry := next(filter(self._tried, entries[:NEAREST]), None)):
            return Reply("conditions", (entry,), service=entry.service or "", sureness=sureness)
        if found.sure:
            return Reply("answered", entries[:1], sureness=sureness)
        return Reply("offered", entries[:MOST_OFFERED], sureness=sureness)

    def _tried(self, entry: Entry) -> bool:
        return bool(entry.service) and self.can_be_tried(entry.service or "")


def _sureness(found: Found) -> float:
    return round(found.candidates[0].score, 3) if found.candidates else 0.0


_OWN = re.compile(
    r"(もらえ(る|ます|ない|ません|そう)|受け(られ|取れ)(る|ます|ない|ません)|うけられ(る|ます)|対象(です|になり|になる|に入|でしょう|か)|"
    r"該当し|資格(は|が)?あり|申請でき(る|ます)(か|でしょう)|"
    r"\b(am i|are we|do i|do we|may i|can i|can we)\b.*\b(get|receive|eligible|qualify|entitled|claim|apply)\b)",
    re.IGNORECASE,
)


def is_own_question(text: str) -> bool:
    """Whether somebody asks about their own case: that is decided by conditions, never by a text that looks alike.

    >>> is_own_question("児童手当はもらえますか？"), is_own_question("児童手当とは何ですか")
    (True, False)
    >>> is_own_question("Am I eligible for the child allowance?")
    True
    """
    return bool(_OWN.search(text))


_GOES_ON = re.compile(
    r"^(それ|その|これ|この|あれ|では|じゃ|なら|あと|and\b|what about|how about|then\b)", re.IGNORECASE
)


def _goes_on(text: str) -> bool:
    """Whether a question may go on with the one before: it is short, or points back."""
    return len(text) <= SHORT or bool(_GOES_ON.match(text))


_COURTESY = frozenset(
    map(
        search_key,
        [
            "ありがとう",
            "ありがとうございます",
            "ありがとうございました",
            "どうも",
            "助かりました",
            "わかりました",
            "分かりました",
            "了解",
            "了解です",
            "こんにちは",
            "おはよう",
            "おはようございます",
            "こんばんは",
            "はじめまして",
            "さようなら",
            "thanks",
            "thankyou",
            "hello",
            "hi",
            "goodbye",
            "ok",
        ],
    )
)


def _is_courtesy(text: str) -> bool:
    return search_key(re.sub(r"[\W_]+", "", text)) in _COURTESY


_PERSON = re.compile(
    r"(人間|職員|担当者?|オペレータ|人)(の人|の方|さん)?(と|に)(直接)?(話|はな|つな|代わ|かわ|相談)|"
    r"\b(talk|speak|connect)\b.*\b(person|human|someone|staff|clerk|agent)\b",
    re.IGNORECASE,
)


def _wants_a_person(text: str) -> bool:
    """Whether somebody asks for a person: they are shown the ways to one, and choose; nobody is handed over by a text."""
    return bool(_PERSON.search(text))
