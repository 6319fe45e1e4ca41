"""A declared service as a form to be written on by hand, empty or with what the register knows."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

import orjson
import typst

from yakuba import words
from yakuba.assistant.reading import layout
from yakuba.assistant.reading.layout import Layout
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
    "phone": (11,),
    "branch": (3,),
    "account_number": (7,),
    "yen": (9,),
    "count": (3,),
}
"""Kinds of answers that are written into boxes, one sign each: how many stand together."""
KANA = {False: (12, 12), True: (16, 8)}
"""Boxes for a name in kana, row by row: in usual and in large type."""
DATE = {"year": 4, "month": 2, "day": 2}
MOST_ITEMS, MOST_LAYOUTS = 60, 500
"""Items of lists on one form; layouts that a process keeps ready."""
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
        """By it a form is known: of which town, service, version and language."""
        return f"yakuba:{self.town}:{self.service.id}:{self.service.version[:VERSION]}:{self.language}"

    @property
    def look(self) -> str:
        """What else its layout hangs on: large type or not, and how many items of each list have room.

        >>> Form.look_of(large=True, items={"children": 3})
        'L3'
        """
        items = {name: max(OF_A_LIST, len(self.facts.get(name) or [])) for name in self.service.lists}
        return Form.look_of(large=self.large, items=items)

    @staticmethod
    def look_of(*, large: bool, items: Mapping[str, int]) -> str:
        return ("L" if large else "N") + ".".join(str(count) for count in items.values())

    def codes(self) -> list[str]:
        """What stands in the QR picture of each page, in capitals: so it has fewer and larger modules."""
        placed = layout_of(self)
        return [
            f"{self.code}:{page}:{self.look}:{placed.design}".upper() for page in range(1, placed.pages + 1)
        ]


def empty(service: Service, town: str, language: str, look: str) -> Form:
    """The empty form whose layout is the same. Raises ValueError for a look that no form has."""
    counts = [int(count) for count in look[1:].split(".")] if look[1:] else []
    if look[:1] not in ("L", "N") or len(counts) != len(service.lists) or sum(counts) > MOST_ITEMS:
        raise ValueError(f"no form looks like {look!r}")
    facts: dict[str, Any] = {name: [{}] * count for name, count in zip(service.lists, counts, strict=True)}
    return Form(service, town, "", language, look[0] == "L", facts)


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(FOLDER / "form.typ", root=FOLDER, font_paths=[FONTS], ignore_system_fonts=True)


_one_at_a_time = RLock()
"""The typesetter keeps what it set last, and is asked about it."""


def pdf(form: Form) -> bytes:
    """The form as a PDF."""
    with _one_at_a_time:
        made = _compiler().compile(format="pdf", sys_inputs=_inputs(form, form.codes()))
    assert isinstance(made, bytes)
    return made


def together(forms: Sequence[Form]) -> bytes:
    """Several forms as one PDF, one after the other; each page keeps its own code, by which a scan of it is known."""
    from pypdf import PdfWriter  # a tenth of the start of every command, and few print

    whole, made = PdfWriter(), io.BytesIO()
    for form in forms:
        whole.append(io.BytesIO(pdf(form)))
    whole.write(made)
    return made.getvalue()


def pictures(form: Form, dots: float) -> list[bytes]:
    """The pages of the form as PNG, `dots` to an inch."""
    with _one_at_a_time:
        made = _compiler().compile(format="png", ppi=dots, sys_inputs=_inputs(form, form.codes()))
    return [made] if isinstance(made, bytes) else list(made or ())


def layout_of(form: Form) -> Layout:
    """Where the answers stand on it: the same for all forms of a service, version, language and look."""
    key = (form.service.id, form.service.version, form.language, form.look)
    with _one_at_a_time:
        if key not in _layouts:
            if len(_layouts) >= MOST_LAYOUTS:
                _layouts.clear()
            _layouts[key] = _placed(form)
        return _layouts[key]


_layouts: dict[tuple[str, str, str, str], Layout] = {}


def _placed(form: Form) -> Layout:
    writer = _Writer(
        replace(form, facts={name: [{}] * len(form.facts.get(name) or []) for name in form.service.lists})
    )
    _compiler().compile(format="pdf", sys_inputs={"form": orjson.dumps(writer.data([])).decode()})
    (pages,) = orjson.loads(_compiler().query("<pages>", field="value"))
    return layout.placed(pages, writer.asked, orjson.loads(_compiler().query("<cell>", field="value")))


def _inputs(form: Form, codes: Sequence[str]) -> dict[str, str]:
    return {"form": orjson.dumps(_Writer(form).data(codes)).decode()}


class _Writer:
    """The words and boxes of one form. `asked`: name, kind and choices of each question, in order."""

    def __init__(self, form: Form):
        self.form, self.service, self.language = form, form.service, form.language
        self.asked: list[dict[str, Any]] = []

    def data(self, codes: Sequence[str]) -> dict[str, Any]:
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
            "qrs": [letters.qr(code) for code in codes],
            "marks": layout.MARKS,
            "mark": layout.MARK,
            "qr_at": layout.QR,
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
            rows = [self.row(page, q, self.known(q.fact)) for q in page.questions if q.fact]
            return [self.section(page.title, page, rows)] if rows else []
        kind = self.service.lists[page.each]
        items = list(self.form.facts.get(page.each) or [])
        sections = []
        for number in range(max(OF_A_LIST, len(items))):
            item = items[number] if number < len(items) else {}
            rows = [
                self.row(page, q, item.get(q.fact.split(".", 1)[1]), number) for q in page.questions if q.fact
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

    def row(self, page: Page, question: Question, value: Any, item: int | None = None) -> dict[str, Any]:
        """One question with room for its answer. Whether it is asked may hang on another: then it says so. `item`: of
        which item of a list, counted from 0."""
        name = question.fact or ""
        fact = self.service.fact_asked(page, question)
        assert fact is not None
        asks = question.label or fact.question or fact.label
        depends = ui_text("paper.if_it_applies") if question.if_ or page.if_ else None
        if depends is None and not question.required:
            depends = ui_text("paper.may_be_left")
        help_ = question.help or fact.help
        number = len(self.asked)
        full = name if item is None else name.replace(".", f".{item}.", 1)
        self.asked.append({"name": full, "kind": answers.kind_of(fact), "choices": self.means(fact)})
        return {
            "number": number,
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
        if kind == "kana":
            return {
                "kind": "boxes",
                "rows": [[size] for size in KANA[self.form.large]],
                "value": value or "",
                "unit": [],
            }
        said = "" if value is None else str(value)
        if kind in BOXES:
            unit = ui_text("paper.yen") if kind == "yen" else None
            shown = said.rjust(sum(BOXES[kind])) if kind in ("yen", "count") else said
            return {
                "kind": "boxes",
                "rows": [list(BOXES[kind])],
                "value": shown,
                "unit": self.say(unit) if unit else [],
            }
        return {"kind": "long" if kind == "long_text" else "line", "value": said}

    def choices(self, fact: Fact, value: Any) -> list[list[Any]]:
        if fact.type == "bool":
            return [[self.say(ui_text("yes")), value is True], [self.say(ui_text("no")), value is False]]
        return [[self.say(label), value == name] for name, label in answers.choices_of(fact).items()]

    def means(self, fact: Fact) -> list[str]:
        """What each tick box of an answer means, in the order in which they stand."""
        if fact.type == "date":
            return list(answers.ERAS)
        if fact.type == "bool":
            return ["yes", "no"]
        return list(answers.choices_of(fact)) if fact.type == "choice" else []

    def date(self, value: Any) -> dict[str, Any]:
        """Era and year, month, day; a known date in western years, which every era's box leaves empty."""
        day = value if isinstance(value, date) or value is None else date.fromisoformat(str(value))
        parts = answers.parts_of(day) if day else {}
        eras = [[self.say(ui_text(f"apply.era_{era}")), parts.get("era") == era] for era in answers.ERAS]
        said = [
            [self.say(ui_text(part)), size, parts.get(part, "").rjust(size)] for part, size in DATE.items()
        ]
        return {"kind": "date", "eras": eras, "parts": said}
