"""The papers of a fee: the slip with which it is paid at a bank (納付書), and the receipt (領収書)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import orjson
import typst

from yakuba.clock import say_date
from yakuba.messages import letters
from yakuba.words import ruby_pairs, ui

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper. `what`: for which service; `on`: the last day of a slip, the day on which a receipt's money came in;
    `how`: the way in which it came; `again`: this receipt was made before."""

    kind: Literal["slip", "receipt"]
    language: str
    number: str
    reference: str
    name: str
    what: str
    amount: int
    on: date
    town: str
    sender: str
    contact: str
    how: str = ""
    again: bool = False
    synthetic: bool = False


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(
        FOLDER / "paper.typ", root=FOLDER, font_paths=[letters.FOLDER / "fonts"], ignore_system_fonts=True
    )


def pdf(paper: Paper) -> bytes:
    """The paper as a PDF. Its words stand in Japanese, which banks and books read, and in the person's language."""
    made = _compiler().compile(format="pdf", sys_inputs={"paper": orjson.dumps(_data(paper)).decode()})
    assert isinstance(made, bytes)
    return made


def _data(paper: Paper) -> dict[str, Any]:
    language = paper.language

    def said(key: str) -> list[list[list[str | None]]]:
        """The words of both languages; only one where they are the same."""
        own = ui(key, language)
        plain = [[ui(key, "ja"), None]]
        return [plain] if language == "ja" else [plain, ruby_pairs(own, language)]

    return {
        "kind": paper.kind,
        "lang": "en" if language == "en" else "ja",
        "title": said(f"fees.paper_{paper.kind}"),
        "again": ui("fees.paper_again", "ja") if paper.again else "",
        "number": paper.number,
        "name": paper.name,
        "amount": f"¥{paper.amount:,}－",
        "rows": [
            [said("fees.paper_number"), paper.number],
            [said("fees.paper_what"), paper.what],
            [said("reference_number"), paper.reference],
            [said(f"fees.paper_{paper.kind}_on"), say_date(paper.on, "ja")],
            *([[said("fees.paper_how"), paper.how]] if paper.how else []),
        ],
        "says": said(f"fees.paper_{paper.kind}_says"),
        "stub": [said(f"fees.paper_part_{part}") for part in ("town", "bank", "payer")]
        if paper.kind == "slip"
        else [],
        "stamp": ui("fees.paper_stamp", "ja"),
        "town": paper.town,
        "sender": paper.sender,
        "contact": paper.contact,
        "qr": letters.qr(paper.number) if paper.kind == "slip" else "",
        "foot": ui("messages.synthetic", language) if paper.synthetic else "",
    }
