"""The one form engine: from a service's declared pages to screens with fields, for the web, the counter and every
channel to come.

A screen is a page, or a page for one item of a list. A list is filled in item by item, all pages of the first and
then all of the second; after them comes a screen of its own on which items are added and taken away. What is asked
follows from the answers so far by the one condition language: a page or a question is left out only when its
condition is known to be false.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from itertools import groupby
from typing import Any

from yakuba import conditions, declare
from yakuba.booking import queries as booking
from yakuba.booking.queries import Offer
from yakuba.cases.actions import plain
from yakuba.channels import answers
from yakuba.clock import TOKYO
from yakuba.declare import Fact, Judged, Page, Question, Service
from yakuba.words import LANGUAGES, Text, ui_text

Facts = dict[str, Any]
MOST_ITEMS = 20
"""More children or household members than this go through a clerk."""


@dataclass(slots=True)
class Field:
    """One question on a screen, with what was answered and what is wrong with it."""

    name: str
    question: Question
    fact: Fact | None
    label: Text
    asks: Text
    value: Any = None
    raw: Mapping[str, str] = field(default_factory=dict)
    error: Text | None = None
    notice: Text | None = None
    files: Sequence[Any] = ()
    offers: Sequence[Offer] = ()
    twice: bool = False
    focused: bool = False

    @property
    def kind(self) -> str:
        """Which widget it needs."""
        return answers.kind_of(self.fact) if self.fact else "file"

    @property
    def required(self) -> bool:
        return self.question.required

    @property
    def answered(self) -> bool:
        """Is there an answer, or a paper?"""
        return bool(self.files) if self.fact is None else self.value is not None

    def said(self, language: str) -> str:
        """The answer in words; of papers their names."""
        if self.fact is None:
            return "、".join(file.name for file in self.files)
        return answers.say(self.fact, self.value, language)

    @property
    def help(self) -> Text | None:
        return self.question.help or (self.fact.help if self.fact else None)

    @property
    def unit(self) -> Text | None:
        """What a number counts."""
        unit = (self.fact.unit or "").split("/")[0] if self.fact else ""
        return ui_text(f"apply.unit_{unit.lower()}") if unit in ("JPY", "persons") else None

    @property
    def choices(self) -> list[tuple[str, Text]]:
        """Ids and labels to choose from."""
        if self.kind == "yes_no":
            return [("yes", ui_text("yes")), ("no", ui_text("no"))]
        if self.kind == "place":
            return [(one.place.code, offered(one)) for one in self.offers]
        return list(answers.choices_of(self.fact).items()) if self.fact else []

    @property
    def chosen(self) -> str:
        """The id that is chosen now."""
        if self.raw:
            return self.raw.get("", "")
        return {True: "yes", False: "no", None: ""}.get(self.value, str(self.value))

    @property
    def typed(self) -> str:
        """What stands in a field of text."""
        return self.raw.get("", "") if self.raw else "" if self.value is None else str(self.value)

    @property
    def parts(self) -> Mapping[str, str]:
        """What stands in the parts of a date."""
        if self.raw:
            return self.raw
        if not self.value:
            return {}
        return answers.parts_of(
            self.value if isinstance(self.value, date) else date.fromisoformat(self.value)
        )


def is_keyed_twice(fact: Fact) -> bool:
    """Amounts and what makes up an account: a slip in them sends money to somebody else."""
    if fact.type == "choice":
        return False
    return fact.class_ == "bank" or (fact.unit or "").startswith("JPY")


def offered(one: Offer) -> Text:
    """A place as people choose it: what, when, and how many may still have it."""
    said = {language: f"{one.name.get(language)} {one.when(language)}".strip() for language in LANGUAGES}
    return ui_text("booking.left" if one.free else "booking.full").format(name=Text(**said), free=one.free)


@dataclass(slots=True)
class Screen:
    """What is asked at one time."""

    key: str
    title: Text
    intro: Text | None
    fields: list[Field]
    list: str = ""
    position: int | None = None
    overview: bool = False

    @property
    def errors(self) -> Sequence[Field]:
        """The fields with something wrong."""
        return [one for one in self.fields if one.error]


class Form:
    """A service's questions as they stand after the answers so far. `files`: purpose → uploaded documents."""

    def __init__(
        self,
        service: Service,
        facts: Mapping[str, Any],
        *,
        as_of: date,
        files: Mapping[str, Sequence[Any]] | None = None,
        at: datetime | None = None,
        keyed: bool = False,
    ):
        """`at`: the moment at which places are offered, aware; by default the beginning of the day `as_of`. `keyed`:
        somebody keys in what stands on paper, amounts and accounts twice."""
        self.service, self.as_of = service, as_of
        self.at = at or datetime.combine(as_of, time(), TOKYO)
        self.keyed = keyed
        self.facts: Facts = answers.fitting(service, plain(facts))
        self.files = files or {}

    @classmethod
    def judged_together(cls, forms: Sequence[Form]) -> None:
        """Ask once what is asked in each of the forms, which must be of one service and one day."""
        together = forms[0].service.form.run_many([one.facts for one in forms], as_of=forms[0].as_of)
        for one, answer in zip(forms, together, strict=True):
            one.__dict__["_answer"] = answer

    @cached_property
    def _answer(self) -> conditions.Answer:
        return self.service.form.run(self.facts, as_of=self.as_of)

    # -- what is asked ---------------------------------------------------------------------------
    @cached_property
    def screens(self) -> list[Screen]:
        """All screens that are asked now, in order."""
        return list(self._screens())

    def _screens(self) -> Iterator[Screen]:
        closed: set[str] = set()
        for name, pages in groupby(self._asked_pages(), key=lambda page: page.each or ""):
            if not name:
                yield from self._pages(list(pages), None)
                continue
            block = list(pages)
            for position in range(len(self.facts.get(name) or [])):
                yield from self._pages(block, position)
            if name not in closed:
                closed.add(name)
                yield self._overview(name)

    def _asked_pages(self) -> list[Page]:
        values = self._answer.values
        return [page for page in self.service.pages if values.get(f"?page:{page.page}") is not False]

    def _pages(self, pages: list[Page], position: int | None) -> Iterator[Screen]:
        for page in pages:
            if fields := self._fields(page, position):
                key = page.page if position is None else f"{page.page}.{position + 1}"
                yield Screen(key, page.title, page.intro, fields, page.each or "", position)

    def _overview(self, name: str) -> Screen:
        return Screen(f"list.{name}", self.service.lists[name].label, None, [], name, None, overview=True)

    def _fields(self, page: Page, position: int | None) -> list[Field]:
        """The questions of a page. One that hangs on another of the same page comes up once that is answered."""
        guards = [self._guard(page, question, position) for question in page.questions]
        fields = [self._field(question, page, position) for question in page.questions]
        waiting = any(
            one.value is None and one.fact is not None
            for one, guard in zip(fields, guards, strict=True)
            if guard is True
        )
        return [
            one
            for one, guard in zip(fields, guards, strict=True)
            if guard is True or (guard is None and not waiting)
        ]

    def _guard(self, page: Page, question: Question, position: int | None) -> bool | None:
        """Is the question asked? None: not known yet."""
        if not question.if_:
            return True
        name = f"?question:{page.page}:{question.fact or question.file}"
        if page.each is None or position is None:
            return self._answer.values.get(name)
        items = self._answer.items.get(page.each) or []
        return items[position].get(name) if position < len(items) else None

    def _field(self, question: Question, page: Page, position: int | None) -> Field:
        name, fact = question.fact or question.file or "", self.service.fact_asked(page, question)
        if fact is None:
            label = question.label or Text.same(name)
            return Field(name, question, None, label, label, files=self.files.get(name, []))
        label = question.label or fact.label
        asks = question.label or fact.question or fact.label
        offers = self._offers if fact.answer == "place" else ()
        return Field(
            name, question, fact, label, asks, self.value(name, page.each, position), offers=offers,
            twice=self.keyed and is_keyed_twice(fact),
        )  # fmt: skip

    @cached_property
    def _offers(self) -> list[Offer]:
        """The places that can be wished for now; of the kind that the answers so far ask for, once it is known."""
        book = self.service.book
        if book is None or book.kind is None:
            return booking.offers(self.service.id, as_of=self.at)
        kind = declare.decide(self.service, self.facts, as_of=self.as_of).values.get(book.kind)
        return booking.offers(self.service.id, as_of=self.at, kind=kind or "")

    def value(self, name: str, each: str | None = None, position: int | None = None) -> Any:
        """The answer to a question so far."""
        group, _, key = name.partition(".")
        if each is not None and position is not None:
            items = self.facts.get(each) or []
            return items[position].get(key) if position < len(items) else None
        return (self.facts.get(group) or {}).get(key)

    def screen(self, key: str) -> Screen | None:
        """The screen with this key, if it is asked now."""
        return next((screen for screen in self.screens if screen.key == key), None)

    def after(self, key: str) -> str | None:
        """The key of the screen after this one; None at the end."""
        keys = [screen.key for screen in self.screens]
        if key not in keys:
            return keys[0] if keys else None
        following = keys[keys.index(key) + 1 :]
        return following[0] if following else None

    def before(self, key: str) -> str | None:
        """The key of the screen before this one."""
        keys = [screen.key for screen in self.screens]
        return keys[keys.index(key) - 1] if key in keys[1:] else None

    def first_open(self) -> str | None:
        """The first screen on which something required is missing; None when everything was answered."""
        return next((screen.key for screen in self.screens if self.is_open(screen)), None)

    def is_open(self, screen: Screen) -> bool:
        """Is something required still missing on this screen, or an answer on it wrong?"""
        if screen.overview:
            return self.facts.get(screen.list) is None
        missing = any(one.required and not one.answered for one in screen.fields)
        return missing or bool(self._faults(screen))

    def step_of(self, key: str) -> tuple[int, int]:
        """Which screen of how many this is, counted from one."""
        keys = [screen.key for screen in self.screens]
        return (keys.index(key) + 1 if key in keys else 1), len(keys)

    # -- what was answered --------------------------------------------------------------------------
    def read(self, screen: Screen, post: Mapping[str, str]) -> bool:
        """Take what was typed on a screen, or on a part of one: good answers into `facts`, errors onto the fields.

        Returns whether everything was in order. What is wrong stays on the field, so that nothing is typed twice,
        and not among the answers.
        """
        asked = {one.name for one in self._fields_of(screen)}
        for one in screen.fields:
            if one.fact is not None:
                self._read_field(one, screen, post)
        if not screen.errors:
            self.check(screen)
            for one in screen.errors:
                self.put(one.name, None, screen.list, screen.position)
        return not screen.errors and not self._asks_more(screen, asked)

    def check(self, screen: Screen) -> None:
        """Put onto the fields what is wrong with the answers that are there."""
        for one, text in self._faults(screen):
            one.error = text

    def _fields_of(self, screen: Screen) -> list[Field]:
        """What is asked on the whole screen now."""
        now = self.screen(screen.key)
        return now.fields if now else []

    def _asks_more(self, screen: Screen, before: Collection[str]) -> bool:
        """Did an answer bring up a further question on this screen, that was not there `before`? Then it is asked before going on."""
        now, mine = self._fields_of(screen), {one.name for one in screen.fields}
        if not any(one.name not in before for one in now):
            return False
        screen.fields = [one for one in now if one.name in mine or one.name not in before]
        return self.is_open(screen)

    def _read_field(self, one: Field, screen: Screen, post: Mapping[str, str]) -> None:
        assert one.fact is not None
        one.error = None
        one.raw = {"": post.get(one.name, "")} | {p: post.get(f"{one.name}.{p}", "") for p in answers.PARTS}
        try:
            one.value = answers.read(one.fact, one.raw, one.label)
        except answers.Wrong as wrong:
            one.error = wrong.text
            return
        if one.twice and not self._is_the_same(one, post.get(f"{one.name}.again", "")):
            one.error = ui_text("paper.differs")
            return
        if one.value is None and one.required:
            key = "error.choose_one" if one.choices else "error.required"
            one.error = _field_text(key, one.label)
            return
        self.put(one.name, one.value, screen.list, screen.position)

    @staticmethod
    def _is_the_same(one: Field, again: str) -> bool:
        """Is what was keyed in again the same answer?"""
        assert one.fact is not None
        try:
            return bool(answers.read(one.fact, {"": again}, one.label) == one.value)
        except answers.Wrong:
            return False

    def put(self, name: str, value: Any, each: str = "", position: int | None = None) -> None:
        """Keep an answer. `each`, `position`: of which item of which list."""
        value = value.isoformat() if isinstance(value, date) else value
        _put(self.facts, name, value, each, position)
        self._forget_guards()

    def put_files(self, files: Mapping[str, Sequence[Any]]) -> None:
        """These documents are there now, by purpose."""
        self.files = files
        self.__dict__.pop("screens", None)

    def _forget_guards(self) -> None:
        for kept in ("_answer", "screens", "_offers"):
            self.__dict__.pop(kept, None)

    def _faults(self, screen: Screen) -> list[tuple[Field, Text]]:
        """Answers that do not hold: by their neighbours, or by the check that their fact declares."""
        answered = [one for one in screen.fields if one.fact is not None and one.value is not None]
        found = ((one, self._together(one) or self._declared(one, screen)) for one in answered)
        return [(one, text) for one, text in found if text is not None]

    def _together(self, one: Field) -> Text | None:
        """What can only be checked with its neighbours: the branch with its bank, the holder as banks write names, whether the
        telephone takes texts."""
        account = self.facts.get("account") or {}
        try:
            if one.name == "account.branch" and account.get("bank"):
                answers.check_branch(account["bank"], one.value)
            elif one.name == "account.holder":
                answers.check_holder(one.value)
            elif one.kind == "carrier":
                answers.check_reached(one.value, str(self.value("applicant.phone") or ""))
            elif one.kind == "place" and one.value not in dict(one.choices):
                return ui_text("booking.gone")
        except answers.Wrong as wrong:
            return wrong.text
        return None

    def _declared(self, one: Field, screen: Screen) -> Text | None:
        """The check that the fact declares, by the one condition language."""
        assert one.fact is not None
        if one.fact.check is None:
            return None
        values: Mapping[str, Any] = self._answer.values
        if screen.list and screen.position is not None:
            items = self._answer.items.get(screen.list) or []
            values = items[screen.position] if screen.position < len(items) else {}
        return one.fact.check.say if values.get(f"?check:{one.name}") is False else None

    # -- lists -----------------------------------------------------------------------------------------
    def add_item(self, name: str) -> str | None:
        """One more item; the key of its first screen."""
        items = self.facts.get(name) or []
        if len(items) >= MOST_ITEMS:
            return None
        self.facts[name] = [*items, {}]
        self._forget_guards()
        position = len(items)
        return next((s.key for s in self.screens if s.list == name and s.position == position), None)

    def put_items(self, name: str, items: Sequence[Mapping[str, Any]]) -> None:
        """These are the items of a list."""
        self.facts[name] = [dict(item) for item in items]
        self._forget_guards()

    def remove_item(self, name: str, position: int) -> None:
        """Take an item away."""
        items = self.facts.get(name) or []
        self.facts[name] = [item for at, item in enumerate(items) if at != position]
        self._forget_guards()

    def close_list(self, name: str) -> None:
        """The person says that these are all; none is an answer, too."""
        self.facts[name] = self.facts.get(name) or []
        self._forget_guards()

    def item_of(self, screen: Screen, language: str) -> str:
        """Whom a screen is about; nobody in particular where it belongs to no item of a list."""
        return "" if screen.position is None else self.item_label(screen.list, screen.position, language)

    def items_of(self, screen: Screen, language: str) -> list[str]:
        """What the items are called that a screen adds to and takes from; nothing of any other screen."""
        items = self.facts.get(screen.list) or [] if screen.overview else []
        return [self.item_label(screen.list, at, language) for at in range(len(items))]

    def item_label(self, name: str, position: int, language: str) -> str:
        """What an item is called on the screen: its name, or its number."""
        item = (self.facts.get(name) or [])[position]
        kind = self.service.lists[name]
        return item.get("name") or f"{(kind.one or kind.label).get(language)} {position + 1}"

    # -- at the end ------------------------------------------------------------------------------------
    def summary(self, language: str) -> list[dict[str, Any]]:
        """All answers in words, screen by screen, with where to change them."""
        return [row for screen in self.screens for row in self.said(screen, language)]

    def said(self, screen: Screen, language: str) -> list[dict[str, Any]]:
        """The answers of one screen in words."""
        if screen.overview:
            count = self.facts.get(screen.list)
            said = "" if count is None else str(len(count))
            return [{"key": screen.key, "label": screen.title, "said": said, "item": ""}]
        item = self.item_of(screen, language)
        return [
            {"key": screen.key, "label": one.label, "said": one.said(language), "item": item}
            for one in screen.fields
        ]

    def judged(self) -> list[Judged]:
        """What the service's conditions say to the answers so far."""
        return self.service.judge(self.facts, as_of=self.as_of)

    def wanting(self) -> dict[str, Text]:
        """What keeps another system's request from being taken in, by name: what is needed and not there, and answers that
        do not hold by what their fact declares."""
        wrong: dict[str, Text] = {}
        for screen in self.screens:
            if screen.overview and self.facts.get(screen.list) is None:
                wrong[screen.list] = ui_text("api.needed").format(field=screen.title)
            self.check(screen)
            for one in screen.fields:
                name = one.name if screen.position is None else f"{screen.list}[{screen.position}].{one.name}"
                if one.error:
                    wrong[name] = one.error
                elif one.required and not one.answered:
                    wrong[name] = ui_text("api.needed").format(field=one.label)
        return wrong

    def answered(self) -> Facts:
        """The answers to what is asked now; an answer to a question that is no longer asked is left out."""
        kept: Facts = {}
        asked = {(one.name, s.list, s.position) for s in self.screens for one in s.fields if one.fact}
        for name in self.service.lists:
            if self.facts.get(name) is not None and any(s.list == name for s in self.screens):
                kept[name] = [{} for _ in self.facts[name]]
        for name, each, position in asked:
            value = self.value(name, each or None, position)
            if value is not None:
                _put(kept, name, value, each, position)
        return kept


def _put(facts: Facts, name: str, value: Any, each: str, position: int | None) -> None:
    group, _, key = name.partition(".")
    if each and position is not None:
        items = facts.setdefault(each, [])
        while len(items) <= position:
            items.append({})
        items[position][key] = value
    else:
        facts.setdefault(group, {})[key] = value


def _field_text(key: str, label: Text) -> Text:
    text = ui_text(key)
    return Text(**{lang: text.get(lang).replace("{field}", label.get(lang)) for lang in ("ja", "easy", "en")})
