"""What is replied to a text (SMS): how a request stands, a form question by question, a yes to what the town filled in, a call back.

A form is the one of every channel (`channels.forms`): here it is asked one question a text, what may be left out is left out, and
all is shown before it is sent. Accounts, My Number and papers are never asked for by text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from yakuba import access, clock, words
from yakuba.access import PUBLIC, limits, towns
from yakuba.access import actions as accounts
from yakuba.access.worker import knows
from yakuba.booking import queries as booking
from yakuba.cases import actions as case_actions
from yakuba.cases import catalogue
from yakuba.cases import events as e
from yakuba.cases import queries as cases
from yakuba.cases.errors import CaseError
from yakuba.cases.log import case_resource
from yakuba.cases.state import CASE_CLOSED, CASE_RETURNED
from yakuba.channels import actions, answers, push, search, status
from yakuba.channels.disaster import mode
from yakuba.channels.forms import MOST_ITEMS, Field, Form, Screen
from yakuba.channels.models import Draft, Texter
from yakuba.declare import Service
from yakuba.messages.sms import LONGEST, Incoming, units
from yakuba.words import LANGUAGES, Text, ui

if TYPE_CHECKING:
    from yakuba.cases.models import Case

WORDS: dict[str, tuple[str, ...]] = {
    "help": ("ヘルプ", "へるぷ", "使い方", "つかいかた", "help", "?"),
    "status": ("状況", "じょうきょう", "進み具合", "status"),
    "call": ("電話", "でんわ", "call"),
    "book": ("予約", "よやく", "book"),
    "apply": ("申請", "申込", "申し込み", "もうしこみ", "apply"),
    "clerk": ("職員", "しょくいん", "相談", "clerk"),
    "stop": ("やめる", "中止", "stop"),
    "yes": ("はい", "yes", "ok"),
    "no": ("いいえ", "no"),
    "decline": ("断る", "ことわる", "辞退", "decline"),
    "wrong": ("違う", "ちがう", "wrong"),
    "ja": ("日本語",),
    "easy": ("やさしい", "やさしい日本語"),
    "en": ("english", "英語"),
}
"""What a text may begin with, in half width and small letters."""
ALWAYS = ("help", "status", "stop", *LANGUAGES)
"""What is understood in the middle of a form, too, where everything else is an answer."""
REFERENCE = re.compile(r"(?<!\d)(\d{4})[-ー－‐ ]?(\d{4})[-ー－‐ ]?(\d{4})(?!\d)")
NEVER = frozenset({"bank", "my_number"})
"""Classes of facts that are never asked for by text: it goes through other companies unencrypted."""
TRIES = 10
"""Reference numbers that one telephone may try in ten minutes."""
MOST_SHOWN = 9
"""Services or places that one text offers to choose from."""


def parts(text: str) -> Iterator[str]:
    """A text in pieces that carriers take, cut between lines where that can be.

    >>> [len(one) for one in parts("あ" * 300 + chr(10) + "い" * 400)]
    [300, 400]
    >>> [len(one) for one in parts("😀" * 400)]
    [330, 70]
    """
    piece = ""
    for line in text.split("\n"):
        for some in _cut(line):
            longer = f"{piece}\n{some}" if piece else some
            if units(longer) > LONGEST:
                yield piece
                longer = some
            piece = longer
    if piece:
        yield piece


def _cut(line: str) -> Iterator[str]:
    """A line in pieces of LONGEST units at most; no character is cut in two."""
    while units(line) > LONGEST:
        piece = line.encode("utf-16-le")[: 2 * LONGEST].decode("utf-16-le", "ignore")
        yield piece
        line = line[len(piece) :]
    yield line


@dataclass(frozen=True, slots=True)
class Said:
    """A text as it is understood: its first word as one of WORDS, and what comes after it."""

    command: str
    rest: str
    plain: str


def understood(text: str) -> Said:
    """What a text says.

    >>> [understood(one).command for one in ("状況 １２３４-5678-9012 S25.1.1", "はい", "1234 5678 9012 1950/1/1", "こんにちは")]
    ['status', 'yes', 'status', '']
    >>> understood("電話 国保のこと").rest
    '国保のこと'
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    low = plain.casefold()
    for command, some in WORDS.items():
        for word in some:
            if low == word or re.match(rf"{re.escape(word)}[ 0-9、,。:：]", low):
                return Said(command, plain[len(word) :].strip(" 、,。:："), plain)
    return Said("status" if REFERENCE.match(plain) else "", plain, plain)


def reply(texter: Texter, heard: Incoming, *, as_of: datetime) -> str:
    """Do what a text asks for, and say what is replied to it. Changes `texter`, which the caller saves."""
    return _Talk(texter, heard, as_of).reply()


class _Talk:
    """One text of one telephone."""

    def __init__(self, texter: Texter, heard: Incoming, as_of: datetime):
        self.texter, self.heard, self.now = texter, heard, as_of
        self.town = towns.current_town()

    def say(self, key: str, **values: Any) -> str:
        return words.plain(ui(f"reach.sms_{key}", self.texter.language, **values))

    def words(self, text: Text) -> str:
        return words.plain(text.get(self.texter.language))

    def reply(self) -> str:
        said = understood(self.heard.text)
        asking = self.texter.asking
        in_form = self.texter.draft is not None and said.command not in ALWAYS
        if in_form:
            return self._go_on(said)
        if "menu" in asking and said.plain.isdecimal():
            return self._chosen(int(said.plain))
        acts = {
            "status": lambda: self._status(said),
            "call": lambda: self._begin(actions.CALL_BACK, about=said.rest),
            "book": lambda: self._menu([one for one in self._possible() if self._has_places(one)], "book"),
            "apply": lambda: self._apply(said.rest),
            "clerk": self._clerk,
            "stop": self._stop,
            "yes": lambda: self._confirm(said, e.CONFIRMED),
            "decline": lambda: self._confirm(said, e.DECLINED),
            "wrong": lambda: self._confirm(said, e.WRONG),
            "no": lambda: self.say("which_no"),
        }
        if said.command in LANGUAGES:
            self.texter.language = said.command
        return acts.get(said.command, self._help)()

    def _help(self) -> str:
        return self.say("help") if self.texter.draft is None else f"{self.say('help_form')}\n{self._ask_on()}"

    def _clerk(self) -> str:
        self.texter.asking = {"clerk": True}
        return self.say("clerk")

    def _stop(self) -> str:
        self.texter.draft, self.texter.asking = None, {}
        return self.say("stopped")

    # -- how a request stands ------------------------------------------------------------------------
    def _known(self, said: Said) -> tuple[str, str]:
        """The reference number that a text names with the birth date of its applicant, or what is wrong with it."""
        found = REFERENCE.search(said.plain)
        if found is None:
            return "", self.say("status_how")
        rest = said.plain[found.end() :].strip(" 、,。")
        try:
            born = clock.parse_date(rest) if rest else None
        except clock.NotADate as wrong:
            return "", self.words(wrong.text)
        if born is None:
            return "", self.say("status_how")
        try:
            reference = accounts.check_reference(
                found[0], born, town=self.town, address=self.heard.number, as_of=self.now, most=TRIES
            )
        except accounts.WrongCredentials:
            return "", self.say("no_match")
        except limits.TooMany:
            return "", self.say("too_many")
        return reference, ""

    def _status(self, said: Said) -> str:
        reference, wrong = self._known(said)
        if not reference:
            return wrong
        case = cases.by_reference(reference)
        assert case is not None
        state = cases.state(case)
        access.require(knows(reference, self.town), "status.read", case_resource(case.id, state, self.town))
        if case.state in (CASE_RETURNED, CASE_CLOSED):
            return self.say(f"is_{case.state}", reference=reference)
        rows = status.steps(cases.service_of(case), state)
        now = next((self.words(one["name"]) for one in rows if one["state"] == "now"), "")
        return self.say("is_open", reference=reference, step=now, due=self._due(case))

    def _due(self, case: Case) -> str:
        if case.norm_due is None:
            return ""
        day = clock.in_tokyo(case.norm_due).date()
        return self.say("due", due=clock.say_date(day, self.texter.language))

    # -- yes to what the town filled in -----------------------------------------------------------------
    def _confirm(self, said: Said, outcome: str) -> str:
        reference, wrong = self._known(said)
        if not reference:
            return wrong if REFERENCE.search(said.plain) else self.say("confirm_how")
        case = cases.by_reference(reference)
        assert case is not None
        service, state = cases.service_of(case), cases.state(case)
        if service.push is None or case.channel != "push":
            return self.say("nothing_to_confirm", reference=reference)
        if not push.waits(service, state):
            return self.say("confirmed_before", reference=reference)
        if push.is_over(service, case, self.now):
            return self.say("confirm_over", reference=reference)
        if outcome == e.CONFIRMED and service.asked_with_confirmation:
            return self.say("confirm_elsewhere", reference=reference)
        note = self.say("wrong_note") if outcome == e.WRONG else ""
        try:
            case_actions.confirm(
                case.id, outcome, by=knows(reference, self.town), as_of=self.now, how="sms", note=note
            )
        except CaseError as refused:
            return self.words(refused.text)
        return self.say(f"said_{outcome}", reference=reference)

    # -- which service ------------------------------------------------------------------------------------
    def _possible(self) -> list[Service]:
        """The services that can be asked for by text now."""
        return [one for one in catalogue.offered().values() if by_text(one) and not self._why_not(one)]

    def _why_not(self, service: Service) -> str:
        """Why a service cannot be asked for now, by whatever way; empty where it can."""
        why = catalogue.stopped().get(service.id) or mode.not_now(service, self.now)
        return self.words(why) if why else ""

    def _has_places(self, service: Service) -> bool:
        return service.book is not None and any(o.free for o in booking.offers(service.id, as_of=self.now))

    def _apply(self, query: str) -> str:
        if not query:
            return self.say("apply_how")
        found = search.find(query, catalogue.offered())
        possible = {one.id for one in self._possible()}
        some = [one for one in found if one.id in possible]
        others = [one for one in found if one.id not in possible]
        not_so = self._not_so(others[0]) if others else ""
        if others and not some:
            return not_so
        return "\n".join(filter(None, [self._menu(some, "apply"), not_so]))

    def _not_so(self, service: Service) -> str:
        """Why a service is not asked for by text."""
        return self._why_not(service) or self.say("not_by_text", service=self.words(service.name))

    def _menu(self, services: Iterable[Service], what: str) -> str:
        some = list(services)[:MOST_SHOWN]
        if not some:
            return self.say(f"nothing_to_{what}")
        self.texter.asking = {"menu": [one.id for one in some]}
        lines = [f"{n} {self.words(one.name)}" for n, one in enumerate(some, start=1)]
        return "\n".join([self.say("choose"), *lines])

    def _chosen(self, number: int) -> str:
        menu = self.texter.asking["menu"]
        if not 1 <= number <= len(menu):
            return self.say("choose_number", most=len(menu))
        return self._begin(menu[number - 1])

    # -- a form, question by question ----------------------------------------------------------------------
    def _begin(self, service: str, about: str = "") -> str:
        declared = catalogue.offered().get(service)
        if declared is None:
            return self.say("help")
        if why := self._why_not(declared):
            return why
        said: dict[str, Any] = {"applicant": {"phone": f"0{self.heard.number[3:]}", "contact": "sms"}}
        if about:
            said["callback"] = {"about": about}
        draft = actions.begin(
            declared, channel="sms", language=self.texter.language, as_of=self.now, said=said
        )
        self.texter.draft = draft.id
        return f"{self.say('begun', service=self.words(declared.name))}\n{self._ask_on()}"

    def _form(self) -> tuple[Draft | None, Form | None]:
        if self.texter.draft is None:
            return None, None
        draft = Draft.objects.filter(id=self.texter.draft, case=None).first()
        if draft is None or draft.service not in catalogue.offered():
            return None, None
        return draft, Form(catalogue.service(draft.service), draft.facts, as_of=self.now.date(), at=self.now)

    def _go_on(self, said: Said) -> str:
        draft, form = self._form()
        if draft is None or form is None:
            return f"{self._stop()}\n{self.say('help')}"
        asking = self.texter.asking
        if asking.get("check"):
            return self._checked(draft, form, said)
        screen = form.screen(asking.get("screen", ""))
        if screen is None:
            return self._ask_on()
        wrong = self._count(form, screen, said) if screen.overview else self._answer(form, screen, said)
        actions.keep(draft, form.facts, as_of=self.now)
        return f"{wrong}\n{self._ask_on()}" if wrong else self._ask_on()

    def _count(self, form: Form, screen: Screen, said: Said) -> str:
        """How many children or members there are, of whom those said before stay; what is wrong with the number."""
        if not said.plain.isdecimal() or int(said.plain) > MOST_ITEMS:
            return self.say("how_many", most=MOST_ITEMS)
        kept = list(form.facts.get(screen.list) or [])[: int(said.plain)]
        form.put_items(screen.list, [*kept, *({} for _ in range(int(said.plain) - len(kept)))])
        return ""

    def _answer(self, form: Form, screen: Screen, said: Said) -> str:
        """Put an answer where it belongs; what is wrong with it."""
        asked = next((one for one in screen.fields if one.name == self.texter.asking.get("name")), None)
        if asked is None or asked.fact is None:
            return ""
        try:
            asked.value = answers.read(asked.fact, {"": self._typed(asked, said)}, asked.label)
        except answers.Wrong as wrong:
            return self.words(wrong.text)
        form.put(asked.name, asked.value, screen.list, screen.position)
        form.check(screen)
        if asked.error:
            form.put(asked.name, None, screen.list, screen.position)
            return self.words(asked.error)
        return ""

    def _typed(self, asked: Field, said: Said) -> str:
        """An answer as a page would send it: what was chosen by its number or its words."""
        choices = asked.choices
        if not choices:
            return self.heard.text
        if said.plain.isdecimal() and 1 <= int(said.plain) <= len(choices):
            return choices[int(said.plain) - 1][0]
        if asked.kind == "yes_no" and said.command in ("yes", "no"):
            return said.command
        named = [
            key for key, label in choices if said.plain in {words.plain(label.get(one)) for one in LANGUAGES}
        ]
        return named[0] if named else said.plain

    def _ask_on(self) -> str:
        """The next question; once everything is answered, all of it."""
        draft, form = self._form()
        if draft is None or form is None:
            return self._stop()
        for screen in form.screens:
            if not form.is_open(screen):
                continue
            if screen.overview:
                self.texter.asking = {"screen": screen.key}
                return self.say("count", what=self.words(screen.title))
            form.check(screen)
            asked = next(
                (one for one in screen.fields if one.error or (one.required and one.value is None)), None
            )
            if asked is None or asked.fact is None or asked.fact.class_ in NEVER:
                self.texter.draft, self.texter.asking = None, {}
                return self.say("not_by_text", service=self.words(form.service.name))
            self.texter.asking = {"screen": screen.key, "name": asked.name}
            return self._question(form, screen, asked)
        self.texter.asking = {"check": True}
        return self._all(form)

    def _question(self, form: Form, screen: Screen, asked: Field) -> str:
        number, of = form.step_of(screen.key)
        about = f"（{form.item_of(screen, self.texter.language)}）" if screen.position is not None else ""
        lines = [f"[{number}/{of}]{about}{self.words(asked.asks)}"]
        if asked.kind == "yes_no":
            lines.append(self.say("yes_or_no"))
        else:
            lines += [f"{n} {self.words(label)}" for n, (_, label) in enumerate(asked.choices, start=1)]
        if asked.fact is not None and asked.fact.type == "date":
            lines.append(self.say("date_example"))
        return "\n".join(lines)

    def _all(self, form: Form) -> str:
        rows = [one for one in form.summary(self.texter.language) if one["said"]]
        lines = [
            f"{n} {self.words(one['label'])}：{words.plain(one['said'])}"
            for n, one in enumerate(rows, start=1)
        ]
        return "\n".join([self.say("check"), *lines, self.say("send_or_change")])

    def _checked(self, draft: Draft, form: Form, said: Said) -> str:
        """All was shown: it is sent, or one answer is asked for again."""
        if said.command == "yes":
            return self._sent(draft)
        rows = [one for one in form.summary(self.texter.language) if one["said"]]
        if not said.plain.isdecimal() or not 1 <= int(said.plain) <= len(rows):
            return self._all(form)
        row = rows[int(said.plain) - 1]
        screen = form.screen(row["key"])
        assert screen is not None
        if screen.overview:
            self.texter.asking = {"screen": screen.key}
            return self.say("count", what=self.words(screen.title))
        asked = next(one for one in screen.fields if one.label == row["label"])
        self.texter.asking = {"screen": screen.key, "name": asked.name}
        return self._question(form, screen, asked)

    def _sent(self, draft: Draft) -> str:
        if why := self._why_not(catalogue.service(draft.service)):
            return why
        try:
            case = actions.submit(draft, by=PUBLIC(self.town), as_of=self.now)
        except actions.Incomplete:
            return self._ask_on()
        except actions.Gone:
            return self._stop()
        self.texter.draft, self.texter.asking = None, {}
        return self.say("sent", reference=case.reference)


def by_text(service: Service) -> bool:
    """Can a service be asked for by text: without a sign-in, without papers, and without what is never asked so?"""
    if service.sign_in == "required":
        return False
    for page in service.pages:
        for question in page.questions:
            fact = service.fact_asked(page, question)
            if question.required and (fact is None or fact.class_ in NEVER):
                return False
    return True
