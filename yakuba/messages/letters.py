"""The letter as a carrier: PDF by Typst with its own fonts, nothing from the system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy
import orjson
import typst
import zxingcpp

from yakuba import words
from yakuba.clock import say_date
from yakuba.messages.sender import Sender
from yakuba.words import phrases, ruby_pairs

FOLDER = Path(__file__).parent / "letter"


Asked = tuple[str, tuple[str, ...]]
"""A question on paper: its words, and what can be ticked; nothing to tick where it is written."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, ready to be set; its QR picture leads to `page`. `large`: 14 pt instead of 11 pt for people who see
    little; `reply`: a form follows on a page of its own, to be filled in and sent back; `asks`: the questions on it, each
    with what can be ticked, in the place of an account."""

    language: str
    subject: str
    body: str
    name: str
    postal: str
    address: str
    number: str
    on: date
    page: str
    large: bool = False
    reply: bool = False
    asks: tuple[Asked, ...] = ()


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(
        FOLDER / "letter.typ", root=FOLDER, font_paths=[FOLDER / "fonts"], ignore_system_fonts=True
    )


def pdf(letters: Sequence[Letter], sender: Sender) -> bytes:
    """All letters as one PDF, each beginning on a page of its own (500 two-page letters in 0.6 s)."""
    data = orjson.dumps([_data(letter, sender) for letter in letters]).decode()
    made = _compiler().compile(format="pdf", sys_inputs={"letters": data})
    assert isinstance(made, bytes)
    return made


def set_file(letters: Sequence[Letter], sender: Sender, path: Path) -> Path:
    """Set letters into a file, which is there as a whole or not at all. Needs no database: another process may do it."""
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(pdf(letters, sender))
    return unfinished.replace(path)


def _data(letter: Letter, sender: Sender) -> dict[str, Any]:
    return {
        "lang": "en" if letter.language == "en" else "ja",
        "ruby": letter.language == "easy",
        "large": letter.large,
        "subject": _subject(letter),
        "body": [ruby_pairs(line, letter.language) for line in letter.body.splitlines() if line.strip()],
        "name": f"{letter.name} 様" if letter.language != "en" else letter.name,
        "postal": f"〒{letter.postal[:3]}-{letter.postal[3:]}" if letter.postal else "",
        "address": letter.address,
        "number": letter.number,
        "date": say_date(letter.on, letter.language),
        "sender": sender.mayor,
        "contact": sender.contact,
        "footer": words.ui("messages.synthetic", letter.language) if sender.synthetic else "",
        "qr": qr(letter.page),
        "qr_says": ruby_pairs(
            words.ui("messages.qr_confirm" if letter.reply else "messages.qr", letter.language),
            letter.language,
        ),
        "reply": _reply(letter.language, letter.asks) if letter.reply else None,
    }


def _subject(letter: Letter) -> list[list[str | None]]:
    """The subject in pairs of base and reading; in Japanese a piece for each phrase, which no line tears apart."""
    if letter.language == "ja":
        return [[phrase, None] for phrase in phrases(letter.subject)]
    return ruby_pairs(letter.subject, letter.language)


REPLY, REPORT = ("confirm", "change", "wrong", "decline"), ("report", "wrong")
"""What can be ticked on the form that is sent back: of a benefit, of a report."""
ACCOUNT = ("bank", "branch", "type", "number", "holder")


@cache
def _reply(language: str, asks: tuple[Asked, ...]) -> dict[str, Any]:
    """The words of the form."""

    def said(key: str) -> list[list[str | None]]:
        return ruby_pairs(words.ui(f"messages.reply_{key}", language), language)

    return {
        "title": said("title"),
        "lead": said("lead"),
        "choices": [said(one) for one in (REPORT if asks else REPLY)],
        "account": [] if asks else [said(one) for one in ACCOUNT],
        "asks": [
            {
                "question": ruby_pairs(question, language),
                "choices": [ruby_pairs(one, language) for one in choices],
            }
            for question, choices in asks
        ],
        "sign": [said("name"), said("date"), said("phone")],
        "back": said("back"),
    }


def qr(text: str) -> str:
    """A QR code as SVG, one path of dark runs (a hundred thousand are drawn in a minute, in pure Python in ten)."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    dark = numpy.pad(numpy.asarray(code.to_image(scale=1, add_quiet_zones=False)) == 0, 1)
    edges = numpy.diff(dark.astype(numpy.int8), axis=1)
    (rows, begins), ends = numpy.nonzero(edges == 1), numpy.nonzero(edges == -1)[1]
    runs = zip(rows.tolist(), (begins + 1).tolist(), (ends - begins).tolist(), strict=True)
    path = "".join(f"M{x} {y}h{width}v1h-{width}z" for y, x, width in runs)
    size = dark.shape[0]
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{path}"/></svg>'
