"""What happens in a life (ライフイベント: 転入, 出生, 死亡 …) and the procedures that it brings: `shared/life-events.yaml`.

A life event is asked and judged like a service: its few first questions are a page, and when a procedure belongs to it
is a condition. So there is one form engine, one condition language and one linter for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from pydantic import Field, RootModel, model_validator

from yakuba import conditions
from yakuba.declare.faults import Fault
from yakuba.declare.model import Fact, Id, Model, Names, ServiceFile
from yakuba.declare.service import Service, fact_type
from yakuba.declare.sharing import move
from yakuba.declare.written import Places
from yakuba.words import Text

FIRST = "first"
"""The page of a life event's own questions."""


class Included(Model):
    """A procedure that belongs to a life event: always, or where `if_` holds, which then has a `because`.

    `known`: answers that the event itself gives (転入 is the reason why somebody joins the insurance). `same`: a fact of
    this procedure that is the same as another of the event's questions or of a procedure before it. `own`: facts and
    lists that it shares with others by name and means differently: they are asked again.
    """

    service: Id
    if_: str | None = Field(None, alias="if")
    because: Text | None = None
    law: str | None = None
    known: Mapping[str, bool | int | float | str] = {}
    same: Mapping[str, str] = {}
    own: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_reason(self) -> Included:
        if (self.if_ is None) != (self.because is None):
            raise ValueError("if: and because: belong together")
        return self

    @property
    def condition(self) -> str:
        """What its condition is called in the language of conditions."""
        return self.service.replace("-", "_")


class LifeEvent(Model):
    """One life event: what it is called, what is asked first, and what belongs to it in the order of asking."""

    name: Text
    lead: Text
    law: Names
    facts: Mapping[str, Fact] = {}
    services: list[Included]

    @model_validator(mode="after")
    def _has_some(self) -> LifeEvent:
        names = [one.service for one in self.services]
        if not names or len(set(names)) < len(names):
            raise ValueError("services: names at least one, and each of them once")
        return self

    def included(self, service: str) -> Included | None:
        """How a procedure belongs to it, where it does."""
        return next((one for one in self.services if one.service == service), None)

    @cached_property
    def interview(self) -> Service:
        """Its own questions and conditions as a service: asked by the form engine, judged by the condition language."""
        document = self.document()
        file = ServiceFile.model_validate(document)
        bundle = {"service": document, "facts": document["facts"], "lists": {}, "letters": {}}
        return Service(file, self.facts, {}, {}, bundle)

    def document(self) -> dict[str, Any]:
        """The same as a service file says it."""
        questions = [{"fact": name} for name in self.facts]
        title, lead = self.name.model_dump(), self.lead.model_dump()
        facts = {
            n: f.model_dump(mode="json", by_alias=True, exclude_unset=True) for n, f in self.facts.items()
        }
        return {
            "service": "life-event",
            "name": title,
            "summary": lead,
            "audience": "town",
            "law": self.law,
            "versions": {"from": "2000-01-01"},
            "facts": facts,
            "conditions": {
                one.condition: {
                    "if": one.if_,
                    "because": one.because.model_dump(),
                    "law": one.law or "、".join(self.law),
                }
                for one in self.services
                if one.if_ and one.because
            },
            "decide": {"grant": [one.condition for one in self.services if one.if_]},
            "ask": [{"page": FIRST, "title": title, "intro": lead, "questions": questions}]
            if questions
            else [],
            "steps": [{"id": "ask", "name": title, "by": "staff", "do": "work", "role": "clerk"}],
            "keep": {"closed": "1 year", "abandoned": "30 days"},
        }


class LifeEvents(RootModel[Mapping[Id, LifeEvent]]):
    """The whole of the file."""

    root: Mapping[Id, LifeEvent] = {}


def places_of(event: str, file: LifeEvent, written: Places) -> Places:
    """Where the parts of its `interview` were written. `written`: the places of the whole file."""
    stands = Places(written.file, {(): written.find((event,))})
    move(written, (event, "facts"), stands.at, ("facts",))
    for number, one in enumerate(file.services):
        move(written, (event, "services", number), stands.at, ("conditions", one.condition))
    return stands


def wrong_with(
    event: str, file: LifeEvent, written: Places, services: Mapping[str, Service]
) -> Iterator[Fault]:
    """Procedures that are not there or that nobody can apply for, and answers that do not fit them. What is wrong with
    its questions and conditions the linter of services says."""
    before: dict[str, Fact] = dict(file.facts)
    for number, one in enumerate(file.services):
        place = (event, "services", number)
        service = services.get(one.service)
        if service is None or not service.offered:
            near = get_close_matches(one.service, [n for n, s in services.items() if s.offered], n=3)
            what = f'names the service "{one.service}", which nobody can apply for.'
            mend = f"Nearest: {', '.join(near)}." if near else "Take it out, or declare the service."
            yield written.fault((*place, "service"), what, mend)
            continue
        for name, value in one.known.items():
            if wrong := _misfits(service.facts.get(name), name, value):
                yield written.fault((*place, "known", name), *wrong)
        for name, other in one.same.items():
            yield from _same(written, (*place, "same", name), service.facts.get(name), name, before, other)
        known = {*service.facts, *service.lists, *(fact.split(".")[0] for fact in service.facts)}
        for name in set(one.own) - known:
            what = f'asks its own "{name}", which {one.service} does not have.'
            yield written.fault((*place, "own"), what, "Take it out.")
        before |= {name: fact for name, fact in service.facts.items() if name not in before}


def _same(
    written: Places,
    place: tuple[str | int, ...],
    fact: Fact | None,
    name: str,
    before: Mapping[str, Fact],
    other: str,
) -> Iterator[Fault]:
    if fact is None:
        yield written.fault(place, f'has no fact "{name}".', "Name a fact that it asks.")
    elif other not in before:
        near = get_close_matches(other, before, n=3)
        what = f'takes "{name}" from "{other}", which nothing before it asks.'
        yield written.fault(place, what, f"Nearest: {', '.join(near) or 'none'}.")
    elif (before[other].type, set(before[other].choices)) != (fact.type, set(fact.choices)):
        what = f'takes "{name}" ({fact.type}) from "{other}" ({before[other].type}).'
        yield written.fault(place, what, "They must have the same type, and the same choices.")


def _misfits(fact: Fact | None, name: str, value: Any) -> tuple[str, str] | None:
    """What is wrong with an answer that the event gives, and how to mend it; None when it fits."""
    if fact is None:
        return f'answers "{name}" with {value!r}, which it does not ask.', "Name a fact that it asks."
    try:
        conditions.typed(value, fact_type(fact), name)
    except conditions.WrongFact as wrong:
        return f"answers by itself: {wrong.what}", wrong.mend
    return None
