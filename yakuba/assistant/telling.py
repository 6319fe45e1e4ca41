"""A reply as plain text, for where there is no page: an app, a telephone, another system, the command line.

The answers stand in it word for word; what is ours are the words around them, in which no number stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yakuba.clock import say_date
from yakuba.words import ui

ONE_BY_ONE = ("offered", "unknown")
"""Replies whose answers are chosen from, and not yet told."""


@dataclass(frozen=True, slots=True)
class Told:
    """`text`: what is said; `choices`: id and words of what may be chosen."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()


def told(how: str, quotes: Sequence[Mapping[str, Any]], language: str) -> Told:
    """What is said for a reply that was made in that way, with these answers as they were shown (`talks.quoted`)."""
    lead = ui(f"chat.how_{how}", language)
    if how in ONE_BY_ONE:
        near = [ui("chat.how_unknown_near", language)] if how == "unknown" and quotes else []
        choices = tuple((quote["id"], in_language(quote["question"], language)) for quote in quotes)
        return Told("\n".join([lead, *near]), choices)
    return Told("\n\n".join([lead, *(_quote(quote, language) for quote in quotes)]))


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in that language, or in Japanese where it is in no other."""
    return texts.get(language) or texts["ja"]


def _quote(quote: Mapping[str, Any], language: str) -> str:
    answer = in_language(quote["answer"], language)
    return "\n".join([in_language(quote["question"], language), answer, " · ".join(_source(quote, language))])


def _source(quote: Mapping[str, Any], language: str) -> Iterable[str]:
    yield f"{ui('chat.source', language)}: {quote['title']}"
    if quote["as_of"]:
        yield ui("chat.of_day", language, day=say_date(date.fromisoformat(quote["as_of"]), language))
    if quote["office"]:
        yield ui("chat.answered_by", language, office=quote["office"])
    if quote["link"]:
        yield quote["link"]
