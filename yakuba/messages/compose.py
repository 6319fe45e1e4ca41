"""From a declared letter and a case to words for one person: one template, many carriers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from yakuba import words
from yakuba.cases.queries import Grounds
from yakuba.cases.state import CaseState
from yakuba.clock import say_date
from yakuba.declare import Service
from yakuba.messages.sender import Sender

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Composed:
    """A message in one language, before a carrier is chosen. `body` has one paragraph a line."""

    language: str
    subject: str
    body: str


class NoSuchLetter(LookupError):
    """The service has no such letter; `yakuba check` finds that before it happens."""


def compose(
    service: Service,
    letter: str,
    state: CaseState,
    grounds: Grounds,
    sender: Sender,
    more: Mapping[str, str] = NOTHING,
) -> Composed:
    """Fill the placeholders of a declared letter with the case and what its decision rests on; `more`: what only the
    sender of this letter knows.

    Raises NoSuchLetter.
    """
    if letter not in service.letters:
        raise NoSuchLetter(f"{service.id} has no letters/{letter}.yaml; it has {sorted(service.letters)}")
    template, language = service.letters[letter], state.language
    wanted = template.subject.placeholders() | template.body.placeholders()
    said = placeholders(service, state, grounds, sender, language, wanted=wanted) | dict(more)
    subject, body = (_fill(text, said, language) for text in (template.subject, template.body))
    return Composed(language, subject, body)


def _fill(text: words.Text, said: Mapping[str, str], language: str) -> str:
    """The text with its placeholders; one that is not known in this case is shown as a dash, but a paragraph that
    this service has no need of is left out."""
    filled = text.format({name: _filler(name, said) for name in text.placeholders()}).get(language).strip()
    return _GAP.sub("\n\n", filled)


PARAGRAPHS = frozenset({"case.next", "case.appeal", "case.message"})
_GAP = re.compile(r"\n(?:\s*\n){2,}")


def _filler(name: str, said: Mapping[str, str]) -> str:
    return said.get(name) or ("" if name in PARAGRAPHS else "－")


def placeholders(
    service: Service,
    state: CaseState,
    grounds: Grounds,
    sender: Sender,
    language: str,
    *,
    wanted: Collection[str] | None = None,
) -> dict[str, str]:
    """Everything a letter may name, as words in its language; what is not known is said to be not known. `wanted`: only
    these are needed: to judge the case anew for its reasons takes a hundred times as long as all the rest."""
    said = dict(_flat(service, state.facts, language))
    said |= {name: _word(value, language) for name, value in grounds.values.items()}
    said |= dict(_params(service, state, language))
    said |= {
        "service.name": service.name.get(language),
        "town.name": sender.name,
        "town.prefecture": sender.prefecture,
        "town.mayor_title": sender.mayor,
        "town.contact": sender.contact,
    }
    said |= {
        "case.reference": state.reference,
        "case.amount": f"{state.amount:,}" if state.amount is not None else "",
        "case.opened": _word(state.opened_at, language),
        "case.reasons": reasons(service, state, grounds.reason, language)
        if wanted is None or "case.reasons" in wanted
        else "",
        "case.due": _word(state.norm_due or state.legal_due, language),
        "case.asks": "、".join(service.label(name).get(language) for name in state.asks),
        "case.message": state.message,
        "case.next": _paragraph(service.file.next, said, language),
        "case.appeal": _paragraph(service.file.appeal, said, language),
    }
    return said


def _params(service: Service, state: CaseState, language: str) -> Iterator[tuple[str, str]]:
    """The parameters of the law, with the values of the day on which the request came in."""
    on = datetime.fromisoformat(state.opened_at or "").date()
    for name, param in service.dated_params.items():
        known = param.at(on)
        yield f"param.{name}", _word(known[1] if known else None, language)


def _paragraph(text: words.Text | str | None, said: Mapping[str, str], language: str) -> str:
    """What the service declares for a paragraph of its letters; nothing where it declares none."""
    return _fill(text, said, language) if isinstance(text, words.Text) else ""


def reasons(service: Service, state: CaseState, written: str, language: str) -> str:
    """Why it was refused: each condition that does not hold with its law and what can be done, and what the person
    who decided has `written`. Source: 行政手続法 第8条 (理由の提示)."""
    judged = service.judge(state.facts, as_of=datetime.fromisoformat(state.opened_at or "").date())
    lines: list[str] = []
    for one in [j for j in judged if j.value is False]:
        law = one.law or "、".join(service.law)
        lines.append("・" + words.ui("messages.unmet", language, because=one.because.get(language), law=law))
        lines += [one.hint.get(language)] if one.hint else []
    return "\n".join([*lines, f"・{written}"] if written else lines)


def _flat(
    service: Service, facts: Mapping[str, Any], language: str, prefix: str = ""
) -> list[tuple[str, str]]:
    """The facts by their dotted names, each in words: a choice as the service calls it."""
    pairs: list[tuple[str, str]] = []
    for key, value in facts.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            pairs += _flat(service, value, language, f"{name}.")
        elif not isinstance(value, list):
            fact = service.facts.get(name)
            chosen = fact.choices.get(str(value)) if fact else None
            pairs.append((name, chosen.get(language) if chosen else _word(value, language)))
    return pairs


def _word(value: Any, language: str) -> str:
    """A value as people write it; ISO dates become dates of the language."""
    if isinstance(value, bool):
        return words.ui("yes" if value else "no", language)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, str) and _DAY.fullmatch(value) and (day := _day(value[:10])):
        return say_date(day, language)
    return "" if value is None else str(value)


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?")


def _day(text: str) -> date | None:
    """The day; None for what only looks like one, such as a number that somebody typed."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
