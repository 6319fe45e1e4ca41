"""Papers with a table, as PDF: the list of who looked at somebody's data, and the certificate of what was removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

import orjson
import typst

from yakuba.clock import say_date
from yakuba.messages import letters
from yakuba.messages.sender import Sender
from yakuba.words import ui

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: what stands above the table, the table, and what stands below. `widths`: parts of the width, 0: as needed."""

    language: str
    title: str
    on: date
    name: str = ""
    lead: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    heads: Sequence[str] = ()
    widths: Sequence[int] = ()
    rows: Sequence[Sequence[str]] = ()
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
    data = asdict(paper) | {
        "lang": "en" if paper.language == "en" else "ja",
        "date": say_date(paper.on, paper.language),
        "on": None,
        "sender": sender.mayor,
        "contact": sender.contact,
        "foot": ui("messages.synthetic", paper.language) if sender.synthetic else "",
    }
    made = _compiler().compile(format="pdf", sys_inputs={"paper": orjson.dumps(data).decode()})
    assert isinstance(made, bytes)
    return made
