"""Papers that go with devices, as PDF by Typst: what is in the box, and what was delivered. No account, no secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import orjson
import typst

from yakuba.clock import say_date
from yakuba.field.kitting.labels import FONT

TEMPLATE = Path(__file__).parent / "papers.typ"
TITLES = {"packing": "梱包明細書", "delivery": "納品書 兼 受領書"}
Paper = Literal["packing", "delivery"]


@dataclass(frozen=True, slots=True)
class Row:
    """One device on a paper. `tracking` is empty until it was shipped."""

    position: int
    hostname: str
    serial: str
    accessories: str
    tracking: str = ""


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=[FONT.parent], ignore_system_fonts=True)


def made(
    paper: Paper, number: str, to: str, sender: str, rows: Sequence[Row], on: date, *, synthetic: bool = False
) -> bytes:
    """A packing list or delivery note of an order. `synthetic`: says at its foot that nothing of it is real."""
    said = {
        "title": TITLES[paper],
        "number": number,
        "to": to,
        "from": sender,
        "date": say_date(on, "ja"),
        "rows": [[f"{r.position}", r.hostname, r.serial, r.accessories, r.tracking or "–"] for r in rows],
        "signature": paper == "delivery",
        "note": "これは見本です。実在の注文ではありません。" if synthetic else "",
    }
    document = _compiler().compile(format="pdf", sys_inputs={"paper": orjson.dumps(said).decode()})
    assert isinstance(document, bytes)
    return document
