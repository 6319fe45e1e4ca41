"""A declared service as a form to be written on by hand, empty or with what the register knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import typst

from yakuba import words
from yakuba.channels import answers
from yakuba.declare import Fact, Page, Question, Service
from yakuba.messages import letters
from yakuba.words import Text, ui_text

FOLDER = Path(__file__).parent
FONTS = letters.FOLDER / "fonts"
OF_A_LIST = 3
"""So many children, or members of a household, have room on a form; more go onto a second one."""
BOXES: Mapping[str, Sequence[int]] = {
    "postal_code": (3, 4),
    "branch": (3,),
    "account_number": (7,),
    "yen": (9,),
    "count": (3,),
}
"""Kinds of answers that are written into boxes, one sign each."""
VERSION = 16
"""Signs of a version that stand on a form: enough to tell it from all others."""


@dataclass(frozen=True, slots=True)
class Form:
    """Which form: of which service, in which language, in `large` type or not, with what is known (`facts`) filled in."""

    service: Service
    town: str
    town_name: str
    language: str = "ja"
    large: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    synthetic: bool = False

    @property
    def code(self) -> str:
        """What stands in its QR picture: by it a scan is known."""
        return f"yakuba:{self.town}:{self.service.id}:{self.service.version[:VERSION]}:{self.language}"


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(FOLDER / "form.typ", root=FOLDER, font_paths=[FONTS], ignore_system_fonts=True)


def pdf(form: Form) -> bytes:
    """The form as a PDF."""
    made = _compiler().compile(format="pdf", sys_inputs={"form": orjson.dumps(_Writer(form).data()).decode()})
    assert isinstance(made, bytes)
    return made


class _Writer:
    """The words and boxes of one form."""

    def __init__(self, form: Form):
        self.form, self.service, self.language = form, form.service, form.language

    def data(self) -> dict[str, Any]:
        version = self.service.version[:VERSION]
        foot = f"{self.service.id} {version} {self.language}"
        if self.form.synthetic:
            foot += f"　{words.ui('paper.synthetic', self.language)}"
        papers = [
            q.label or Text.same(q.file or "")
            for page in self.service.pages
            for q in page.questions
            if q.file
        ]
        return {
            "lang": "en" if self.language == "en" else "ja",
            "ruby": self.language == "easy",
            "large": self.form.large,
            "plain_title": self.service.name.get(self.language),
            "title": self.say(self.service.name),
            "summary": self.say(self.service.summary),
            "town": self.form.town_name,
            "how": self.say(ui_text("paper.how")),
            "qr": letters.qr(self.form.code),
            "qr_says": words.ui("paper.qr", self.language),
            "foot": foot,
            "sections": [section for page in self.service.pages for section in self.sections(page)],
            "papers_title": self.say(ui_text("paper.papers")),
            "papers": [self.say(label) for label in papers],
            "date_says": self.say(ui_text("paper.date")),
            "sign_says": self.say(ui_text("paper.sign")),
        }

    def say(self, text: Text) -> list[list[str | None]]:
        """A text as pairs of base and reading; readings only in easy Japanese."""
        return words.ruby_pairs(text.get(self.language), self.language)

    def sections(self, page: Page) -> list[dict[str, Any]]:
        """A page as it stands on paper; for a list as often as there is room, or as there are items."""
        if not page.each:
            rows = [self.row(page, q, self.known(q.fact or "")) for q in page.questions if q.fact]
            return [self.section(page.title, page, rows)] if rows else []
        kind = self.service.lists[page.each]
        items = list(self.form.facts.get(page.each) or [])
        sections = []
        for number in range(max(OF_A_LIST, len(items))):
            item = items[number] if number < len(items) else {}
            rows = [
                self.row(page, q, item.get((q.fact or "").split(".", 1)[1])) for q in page.questions if q.fact
            ]
            said = ui_text("paper.item").format(
                title=page.title, one=kind.one or kind.label, number=number + 1
            )
            sections.append(self.section(said, page, rows))
        return sections

    def section(self, title: Text, page: Page, rows: list[dict[str, Any]]) -> dict[str, Any]:
        return {"title": self.say(title), "intro": self.say(page.intro) if page.intro else [], "rows": rows}

    def known(self, name: str) -> Any:
        group, _, key = name.partition(".")
        return (self.form.facts.get(group) or {}).get(key)

    def row(self, page: Page, question: Question, value: Any) -> dict[str, Any]:
        """One question with room for its answer. Whether it is asked may hang on another: then it says so."""
        name = question.fact or ""
        fact = (
            self.service.lists[page.each].facts[name.split(".", 1)[1]]
            if page.each
            else self.service.facts[name]
        )
        asks = question.label or fact.question or fact.label
        depends = ui_text("paper.if_it_applies") if question.if_ or page.if_ else None
        if depends is None and not question.required:
            depends = ui_text("paper.may_be_left")
        help_ = question.help or fact.help
        return {
            "label": self.say(asks),
            "help": self.say(help_) if help_ else [],
            "depends": self.say(depends) if depends else [],
            **self.room(fact, value),
        }

    def room(self, fact: Fact, value: Any) -> dict[str, Any]:
        """What the answer is written into."""
        kind = answers.kind_of(fact)
        if kind in ("yes_no", "choice", "carrier"):
            return {"kind": "choice", "choices": self.choices(fact, value)}
        if fact.type == "date":
            return self.date(value)
        said = "" if value is None else str(value)
        if kind in BOXES:
            unit = ui_text("paper.yen") if kind == "yen" else None
            shown = said.rjust(sum(BOXES[kind])) if kind in ("yen", "count") else said
            return {
                "kind": "boxes",
                "groups": list(BOXES[kind]),
                "value": shown,
                "unit": self.say(unit) if unit else [],
            }
        return {"kind": "long" if kind == "long_text" else "line", "value": said}

    def choices(self, fact: Fact, value: Any) -> list[list[Any]]:
        if fact.type == "bool":
            return [[self.say(ui_text("yes")), value is True], [self.say(ui_text("no")), value is False]]
        return [[self.say(label), value == name] for name, label in answers.choices_of(fact).items()]

    def date(self, value: Any) -> dict[str, Any]:
        """Era and year, month, day; a known date in western years, which every era's box leaves empty."""
        day = value if isinstance(value, date) or value is None else date.fromisoformat(str(value))
        parts = answers.parts_of(day) if day else {}
        eras = [[self.say(ui_text(f"apply.era_{era}")), parts.get("era") == era] for era in answers.ERAS]
        said = [[self.say(ui_text(part)), parts.get(part, "")] for part in ("year", "month", "day")]
        return {"kind": "date", "eras": eras, "parts": said}
