"""One interview, many procedures: the forms of all requests of a visit as one, in which each fact is asked once.

The requests are drafts like any other. A fact that an earlier form asks is not asked by a later one: its answer is put
there. Facts are the same when services share them (`shared/facts.yaml`), or when the life event says so (`same`); what
it calls a procedure's `own` is asked again. What does not hold in a later form is asked there all the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from django.db import transaction

from yakuba import declare
from yakuba.access import Worker
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases.actions import plain
from yakuba.channels import actions, finder
from yakuba.channels.forms import Field, Form, Screen
from yakuba.channels.models import Draft
from yakuba.channels.reception.errors import NotTaken
from yakuba.channels.reception.visits import SERVICE, Visit
from yakuba.declare import Included, LifeEvent, Service
from yakuba.register import queries as register
from yakuba.words import Text, ui_text

FIRST = "life-event"
"""What stands for the service of the event's own questions."""


def events() -> Mapping[str, LifeEvent]:
    """The life events of this town, with those of their procedures that it offers."""
    return _events(catalogue.offered())


@lru_cache(maxsize=64)
def _events(offered: catalogue.Offered) -> Mapping[str, LifeEvent]:
    """Made once for what is offered, so that each event's own questions are read once, too."""
    found = {}
    for name, event in catalogue.current().events.items():
        if some := [one for one in event.services if one.service in offered]:
            found[name] = event.model_copy(update={"services": some})
    return found


def event_name(event: str) -> Text:
    """What a visit is about, in words."""
    known = catalogue.current().events.get(event)
    return known.name if known else ui_text("reception.other")


@dataclass(frozen=True, slots=True)
class Applies:
    """A procedure that an event may bring. `applies`: whether it does, by what was said first; `found`: what its own
    conditions say to what is known; `chosen`: it is written at this visit."""

    service: Service
    applies: bool | None
    because: Text | None
    found: finder.Found
    chosen: bool
    sent: bool


@dataclass(slots=True)
class Part:
    """The form of one request. `included`: how its service belongs to the event; None for what was chosen beside it."""

    draft: Draft
    form: Form
    included: Included | None
    changed: bool = False

    @property
    def service(self) -> str:
        return FIRST if self.draft.service == SERVICE else self.draft.service


@dataclass(frozen=True, slots=True)
class Asked:
    """A screen of the interview: what of a form's screen is not asked by a form before it."""

    part: Part
    screen: Screen

    @property
    def is_open(self) -> bool:
        """Is something required missing, or an answer wrong?"""
        return self.part.form.is_open(self.screen)

    @property
    def is_blank(self) -> bool:
        """Is there a question that nobody has answered, required or not?"""
        if self.screen.overview:
            return self.part.form.facts.get(self.screen.list) is None
        return any(not one.answered for one in self.screen.fields)


@lru_cache(maxsize=512)
def _reworded(service: Service) -> frozenset[str]:
    """Facts that a service asks in words of its own: they mean something else there, and are asked there again."""
    asked = (question for page in service.pages for question in page.questions)
    return frozenset(one.fact for one in asked if one.fact and one.label is not None)


class Interview:
    """Everything that is asked at a visit. `at`: now, aware."""

    def __init__(self, visit: Visit, at: datetime):
        self.visit, self.at = visit, at
        self.event = events().get(visit.event)
        drafts = actions.of_visit(visit.id)
        self._files = actions.files_of_many([one.id for one in drafts])
        order = {one.service: n for n, one in enumerate(self.event.services)} if self.event else {}
        self.first = next((self._part(one) for one in drafts if one.service == SERVICE), None)
        offered = catalogue.offered()
        chosen = [one for one in drafts if one.service in offered and one.case is None]
        self.sent = [one for one in drafts if one.case is not None]
        chosen.sort(key=lambda one: order.get(one.service, len(order)))
        self.parts = [self._part(one) for one in chosen]

    def _part(self, draft: Draft) -> Part:
        if draft.service == SERVICE:
            own = self.event.interview if self.event else case_queries.service_of(self.visit.case)
            return Part(draft, Form(own, draft.facts, as_of=self.at.date(), at=self.at), None)
        service, files = catalogue.service(draft.service), self._files.get(draft.id, {})
        form = Form(service, draft.facts, as_of=self.at.date(), files=files, at=self.at)
        return Part(draft, form, self.event.included(draft.service) if self.event else None)

    @property
    def person(self) -> uuid.UUID | None:
        """Who it is, where the register knows them."""
        return self.first.draft.person if self.first else None

    def meet(self, person: uuid.UUID | None, evidence: str) -> None:
        """Who it is: somebody of the register, identified where `evidence` says what was looked at; or somebody whom it does not
        know, of whom the paper is noted all the same. Said again, nothing that was written for somebody else stays. Raises NotTaken once something was sent."""
        if self.sent:
            raise NotTaken("sent_already")
        with transaction.atomic():
            for part in [*self.parts, *([self.first] if self.first else [])]:
                actions.drop(part.draft)
            draft = actions.begin(
                case_queries.service_of(self.visit.case), channel="counter", language=self.visit.case.language,
                as_of=self.at, person=person, identified=bool(person and evidence), evidence=evidence,
                visit=self.visit.id,
            )  # fmt: skip
        self.parts, self.first = [], self._part(draft)
        self._forget()

    # -- which fact is which -------------------------------------------------------------------------
    @cached_property
    def _targets(self) -> set[str]:
        """Facts that are meant by a `same`."""
        return {other for one in (self.event.services if self.event else ()) for other in one.same.values()}

    def _key(self, part: Part, name: str) -> str:
        """By what a fact is the same in all forms."""
        included = part.included
        if included and name in included.same:
            return included.same[name]
        own = included.own if included else ()
        shared = name in catalogue.current().vocabulary.facts or name in self._targets
        if not shared or name in own or name.split(".")[0] in own or name in _reworded(part.form.service):
            return f"{part.service}:{name}"
        return name

    def _list_key(self, part: Part, name: str) -> str:
        """By what a list is the same in all forms."""
        own = part.included.own if part.included else ()
        shared = (
            part.form.service.file.lists.get(name, ...) is None
            and name in catalogue.current().vocabulary.lists
        )
        return f"[{name}]" if shared and name not in own else f"{part.service}:[{name}]"

    def _field_key(self, part: Part, screen: Screen, one: Field) -> str:
        if one.fact is None or (screen.list and one.name in _reworded(part.form.service)):
            return f"{part.service}:{screen.key}:{one.name}"
        if screen.list:
            return f"{self._list_key(part, screen.list)}{screen.position}.{one.name}"
        return self._key(part, one.name)

    # -- what is asked -------------------------------------------------------------------------------
    @cached_property
    def steps(self) -> list[Asked]:
        """All screens, in order."""
        return list(self._steps())

    def _steps(self) -> Iterator[Asked]:
        seen: dict[str, bool] = {}
        if self.first and self.event:
            seen |= {self._key(self.first, name): True for name in self.event.facts}
        for part in self.parts:
            mine: dict[str, bool] = {}
            for screen in part.form.screens:
                if (left := self._left(part, screen, seen, mine)) is not None:
                    yield Asked(part, left)
            seen |= mine

    def _left(
        self, part: Part, screen: Screen, seen: Mapping[str, bool], mine: dict[str, bool]
    ) -> Screen | None:
        """What of a screen is asked here; None where nothing is. `seen`: what the forms before ask, and whether it must be
        answered there; `mine`: the same of this form, noted down."""
        if screen.overview:
            key = self._list_key(part, screen.list)
            mine[key] = True
            return None if key in seen else screen
        part.form.check(screen)
        left = []
        for one in screen.fields:
            key = self._field_key(part, screen, one)
            if key in mine and part.included and one.name in part.included.same:
                continue  # this form itself has asked it under its other name
            mine[key] = mine.get(key, False) or one.required
            lacks = one.value is None and one.required and not seen.get(key, True)
            if key not in seen or one.error is not None or lacks:
                left.append(one)
        return replace(screen, fields=left) if left else None

    def step(self, service: str, key: str) -> Asked | None:
        """One screen, where it is asked now."""
        return next(
            (one for one in self.steps if one.part.service == service and one.screen.key == key), None
        )

    def after(self, service: str, key: str) -> Asked | None:
        """The next screen with a question that nobody has answered; where there is none, what is missing before it."""
        places = [(one.part.service, one.screen.key) for one in self.steps]
        at = places.index((service, key)) if (service, key) in places else -1
        return (
            next((one for one in self.steps[at + 1 :] if one.is_open or one.is_blank), None) or self.missing()
        )

    def missing(self) -> Asked | None:
        """The first screen on which something required is missing; None when everything can be taken in."""
        return next((one for one in self.steps if one.is_open), None)

    def count_of(self, asked: Asked) -> tuple[int, int]:
        """Which screen of how many this is, counted from one."""
        places = [(one.part.service, one.screen.key) for one in self.steps]
        where = (asked.part.service, asked.screen.key)
        return (places.index(where) + 1 if where in places else 1), len(places)

    # -- what is answered ----------------------------------------------------------------------------
    def spread(self, asked: Asked) -> None:
        """Put the answers of a screen into the other forms that ask the same."""
        part, screen = asked.part, asked.screen
        part.changed = True
        if screen.list:
            self._spread_list(part, screen.list)
        else:
            said = {self._field_key(part, screen, one): one.name for one in screen.fields if one.fact}
            self._put({key: part.form.value(name) for key, name in said.items()})
        self._forget()

    def _put(self, said: Mapping[str, Any]) -> None:
        for part in self.parts:
            for name in part.form.service.facts:
                key = self._key(part, name)
                if key in said and part.form.value(name) != said[key]:
                    part.form.put(name, said[key])
                    part.changed = True

    def _spread_list(self, part: Part, name: str) -> None:
        """Put the items of a list into the other forms that have the same, with what they want to know of each."""
        items = part.form.facts.get(name)
        key = self._list_key(part, name)
        for other in self.parts:
            if other is part or name not in other.form.service.lists or self._list_key(other, name) != key:
                continue
            wanted = self._common(name, part, other)
            before = other.form.facts.get(name) or []
            if items is not None:
                other.form.put_items(
                    name,
                    [
                        {
                            **(before[n] if n < len(before) else {}),
                            **{k: v for k, v in one.items() if k in wanted},
                        }
                        for n, one in enumerate(items)
                    ],
                )
                other.changed = True

    @staticmethod
    def _common(name: str, one: Part, other: Part) -> set[str]:
        """What both forms ask of an item of a list in the same words."""
        kind = other.form.service.lists[name]
        own = _reworded(one.form.service) | _reworded(other.form.service)
        return {key for key in kind.facts if f"{kind.item}.{key}" not in own}

    def take_away(self, asked: Asked, position: int) -> None:
        """Take an item of a list away, in every form that has the list."""
        name, key = asked.screen.list, self._list_key(asked.part, asked.screen.list)
        for other in self.parts:
            if name in other.form.service.lists and self._list_key(other, name) == key:
                other.form.remove_item(name, position)
                other.changed = True
        self._forget()

    def _forget(self) -> None:
        self.__dict__.pop("steps", None)

    def keep(self) -> None:
        """Keep what has changed."""
        for part in [*self.parts, *([self.first] if self.first else [])]:
            if part.changed:
                actions.keep(part.draft, part.form.facts, as_of=self.at)

    # -- which procedures ----------------------------------------------------------------------------
    def applying(self) -> list[Applies]:
        """The procedures of the event, each with whether it applies and what its conditions say to what is known."""
        if self.event is None:
            return []
        facts = self.first.form.facts if self.first else {}
        judged = {one.name: one for one in self.event.interview.judge(facts, as_of=self.at.date())}
        known = self._known()
        chosen = {part.draft.service for part in self.parts}
        sent = {one.service for one in self.sent}
        found = []
        for one in self.event.services:
            service, said = catalogue.service(one.service), judged.get(one.condition)
            if not service.in_force(self.at.date()):
                continue
            decision = declare.decide(service, known, as_of=self.at.date())
            found.append(
                Applies(
                    service, said.value if said else True, one.because, finder.Found(service, decision),
                    one.service in chosen, one.service in sent,
                )
            )  # fmt: skip
        return found

    def _known(self) -> dict[str, Any]:
        """What the register knows of who is there."""
        return plain(register.facts_of(self.person, as_of=self.at.date())) if self.person else {}

    def choose(self, services: Sequence[str]) -> Interview:
        """These are written at this visit; others that were not sent yet are dropped. The interview as it is then. Raises
        NotTaken for one that the town does not offer, or for none."""
        offered = catalogue.offered()
        if not services and not self.sent:
            raise NotTaken("nothing_chosen")
        if unknown := [name for name in services if name not in offered]:
            raise NotTaken("not_offered", services="、".join(unknown))
        assert self.first is not None
        first = self.first.draft
        there = {part.draft.service for part in self.parts}
        with transaction.atomic():
            for part in self.parts:
                if part.draft.service not in services:
                    actions.drop(part.draft)
            for name in services:
                if name not in there:
                    self._begin(name, first)
        chosen = Interview(self.visit, self.at)
        chosen._share()
        return chosen

    def _begin(self, service: str, first: Draft) -> None:
        included = self.event.included(service) if self.event else None
        said: dict[str, Any] = {}
        for name, value in (included.known if included else {}).items():
            group, _, key = name.partition(".")
            said.setdefault(group, {})[key] = value
        actions.begin(
            catalogue.service(service), channel="counter", language=first.language, as_of=self.at, said=said,
            person=first.person, identified=first.identified, evidence=first.evidence, visit=self.visit.id,
        )  # fmt: skip

    def _share(self) -> None:
        """Give the forms what the event and the forms before them know."""
        said: dict[str, Any] = {}
        if self.first and self.event:
            for name in self.event.facts:
                if (value := self.first.form.value(name)) is not None:
                    said[self._key(self.first, name)] = value
        for part in self.parts:
            for name in part.form.service.facts:
                value = part.form.value(name)
                if value is not None:
                    said.setdefault(self._key(part, name), value)
        self._put(said)
        for part in self.parts:
            for name in part.form.service.lists:
                self._spread_list(part, name)
        self._forget()
        self.keep()

    # -- at the end ----------------------------------------------------------------------------------
    def summary(self, language: str) -> list[tuple[Part, list[dict[str, Any]]]]:
        """All answers in words, form by form, each once."""
        rows: dict[str, list[dict[str, Any]]] = {part.service: [] for part in self.parts}
        for asked in self.steps:
            rows[asked.part.service] += asked.part.form.said(asked.screen, language)
        return [(part, rows[part.service]) for part in self.parts]

    def send(self, *, by: Worker) -> list[uuid.UUID]:
        """All requests become cases, all or none. Raises NotTaken, actions.Gone, access.Denied."""
        if not self.parts:
            raise NotTaken("nothing_chosen")
        sent = [actions.Sent(part.draft.id, by, self.at) for part in self.parts]
        with transaction.atomic():
            outcomes = actions.submit_many(sent)
            opened = [one for one in outcomes if isinstance(one, uuid.UUID)]
            if len(opened) < len(outcomes):
                raise NotTaken("something_missing")
        return opened
