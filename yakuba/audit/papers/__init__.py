"""Papers with a table, as PDF: the list of who looked at somebody's data, and the certificate of what was removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import orjson
import typst

from yakuba.clock import say_date
from yakuba.messages import letters
from yakuba.messages.sender import Sender
from yakuba.words import ruby_pairs, ui

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: what stands above the table, the table, and what stands below. `widths`: parts of the width, 0: as needed;
    `numbers`: columns of numbers."""

    language: str
    title: str
    on: date
    name: str = ""
    lead: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    heads: Sequence[str] = ()
    widths: Sequence[int] = ()
    rows: Sequence[Sequence[str]] = ()
    numbers: Sequence[int] = ()
    none: str = ""
    after: Sequence[str] = ()
    wide: bool = False


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(
        FOLDER / "paper.typ", root=FOLDER, font_paths=[letters.FOLDER / "fonts"], ignore_system_fonts=True
    )


def pdf(paper: Paper, sender: Sender) -> bytes:
    """The paper as a PDF, from the town."""
    data = {
        "lang": "en" if paper.language == "en" else "ja",
        "ruby": paper.language == "easy",
        "wide": paper.wide,
        "date": say_date(paper.on, paper.language),
        "plain_title": paper.title,
        "title": _said(paper.title, paper.language),
        "name": paper.name,
        "sender": sender.mayor,
        "contact": sender.contact,
        "lead": [_said(line, paper.language) for line in paper.lead],
        "facts": [[_said(cell, paper.language) for cell in fact] for fact in paper.facts],
        "heads": [_said(head, paper.language) for head in paper.heads],
        "widths": paper.widths,
        "numbers": paper.numbers,
        "rows": [[_said(cell, paper.language) for cell in row] for row in paper.rows],
        "none": _said(paper.none, paper.language),
        "after": [_said(line, paper.language) for line in paper.after],
        "foot": ui("messages.synthetic", paper.language) if sender.synthetic else "",
    }
    made = _compiler().compile(format="pdf", sys_inputs={"paper": orjson.dumps(data).decode()})
    assert isinstance(made, bytes)
    return made


def _said(text: str, language: str) -> list[list[str | None]]:
    """A text as parts, each with its reading where the language has one."""
    return ruby_pairs(text, language) if language == "easy" else [[text, None]]
