"""Paper in: from the pictures of a file to the answers on it, or to why it is held for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np

from yakuba.assistant.reading import align, pictures, thresholds
from yakuba.assistant.reading.align import Code
from yakuba.assistant.reading.engine import Engine, Line
from yakuba.assistant.reading.fields import DATES, Field, FieldReader
from yakuba.assistant.reading.layout import Place
from yakuba.assistant.reading.pictures import Picture, Plane
from yakuba.assistant.reading.prior import Prior
from yakuba.assistant.reading.sheet import Sheet


class Outcome(StrEnum):
    """What became of a page. All but the first two are held for a person."""

    FORM = "form"
    FOREIGN = "foreign"
    BLANK = "blank"
    NO_TEXT = "no_text"
    NOT_ALIGNED = "not_aligned"
    OTHER_TOWN = "other_town"
    UNKNOWN_FORM = "unknown_form"
    EARLIER_FORM = "earlier_form"


@dataclass(frozen=True, slots=True)
class Known:
    """A page of a form that this installation prints. `places`: its answers; `empty`: the flat page with nothing written on
    it, dark where ink is."""

    service: str
    version: str
    page: int
    pages: int
    places: Sequence[Place]
    empty: Plane


class NotKnown(LookupError):
    """A form that cannot be read. `outcome`: why."""

    def __init__(self, outcome: Outcome):
        self.outcome = outcome
        super().__init__(str(outcome))


Forms = Callable[[str], Known | None]
"""The page of a form by what its QR picture says; None for a code of something else. Raises NotKnown."""


@dataclass(frozen=True, slots=True)
class Page:
    """What became of one page of a file. `number`: in the file, from 1; `code`: of the QR picture; `lines`: of a paper of
    somebody else; `flat`: the page laid flat, grey, to cut the pictures of answers from."""

    number: int
    outcome: Outcome
    code: str = ""
    known: Known | None = None
    fields: Sequence[Field] = ()
    lines: Sequence[Line] = ()
    flat: Plane | None = None

    def picture_of(self, one: Field) -> bytes:
        """The part of the page where an answer stands, as PNG; empty where the page was not laid flat."""
        if self.flat is None:
            return b""
        left, top = (round((place - SHOWN_AROUND) * align.SCALE) for place in (one.box.x, one.box.y))
        right = round((one.box.x + one.box.width + SHOWN_AROUND) * align.SCALE)
        bottom = round((one.box.y + one.box.height + SHOWN_AROUND) * align.SCALE)
        _, packed = cv2.imencode(".png", self.flat[max(top, 0) : bottom, max(left, 0) : right])
        return packed.tobytes()


SHOWN_AROUND = 3.0
"""What a person is shown around an answer, mm."""


def read(
    content: bytes,
    forms: Forms,
    engine: Engine,
    prior: Prior | None = None,
    limits: Mapping[str, float] | None = None,
    *,
    foreign: bool = True,
) -> list[Page]:
    """All pages of a file (PDF, JPEG, PNG). `limits`: from which confidence on a kind of answer is sure; by default those that
    were learnt. `foreign`: read papers of others, too. Raises pictures.NotAPicture."""
    pages = [
        _page(number, picture, forms, engine, prior or Prior(), foreign)
        for number, picture in enumerate(pictures.pictures(content), start=1)
    ]
    limits = thresholds.kept() if limits is None else limits
    return [replace(page, fields=judged(page.fields, prior or Prior(), limits)) for page in pages]


def _page(number: int, picture: Picture, forms: Forms, engine: Engine, prior: Prior, foreign: bool) -> Page:
    grey = pictures.without_red(picture)
    for code in align.codes(grey):
        try:
            known = forms(code.text)
        except NotKnown as error:
            return Page(number, error.outcome, code.text)
        if known is not None:
            return _form(number, grey, code, known, engine, prior)
    if is_blank(grey):
        return Page(number, Outcome.BLANK)
    if not foreign:
        return Page(number, Outcome.NO_TEXT)
    lines = engine.lines(picture)
    return Page(number, Outcome.FOREIGN if len(lines) >= FEWEST_LINES else Outcome.NO_TEXT, lines=lines)


FEWEST_LINES = 4
"""Lines of text below which a picture is no paper: a photo of a cat may have a collar with a name on it."""


def _form(number: int, grey: Plane, code: Code, known: Known, engine: Engine, prior: Prior) -> Page:
    try:
        flat = align.flat(grey, code)
    except align.NotAligned:
        return Page(number, Outcome.NOT_ALIGNED, code.text, known)
    reader = FieldReader(Sheet(pictures.darkness(flat), known.empty, known.places), engine, prior)
    fields = [reader.read(place) for place in known.places]
    return Page(number, Outcome.FORM, code.text, known, fields, flat=flat)


def is_blank(grey: Plane) -> bool:
    """Is there next to nothing on it?"""
    smaller = cv2.resize(grey, (600, 848), interpolation=cv2.INTER_AREA)
    edges = cv2.morphologyEx(smaller, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))[20:-20, 20:-20]
    return float((edges > 40).mean()) < 0.0006


def judged(fields: Sequence[Field], prior: Prior, limits: Mapping[str, float]) -> list[Field]:
    """The answers of a page side by side: who the register knows by two of them is likely to have written the others, too."""
    known = {prefix: prior.who(said) for prefix, said in _said(fields)}
    return [_sure(_confirmed(one, known.get(_prefix(one.name))), limits) for one in fields]


def _prefix(name: str) -> str:
    return name.rpartition(".")[0]


def _key(name: str) -> str:
    return name.rpartition(".")[2]


def _said(fields: Sequence[Field]) -> Iterator[tuple[str, dict[str, str]]]:
    for prefix in dict.fromkeys(_prefix(one.name) for one in fields):
        yield (
            prefix,
            {_key(one.name): one.value for one in fields if _prefix(one.name) == prefix and one.value},
        )


def _confirmed(one: Field, person: Mapping[str, str] | None) -> Field:
    """What the register says of the same person stands where it was among the readings; the form of a sign of a name is
    not decided by it: who writes 髙 where the register has 高 may want it mended."""
    known = (person or {}).get(_key(one.name), "")
    if not known or not one.written or one.kind in DATES:
        return one
    if known == one.value:
        confidence = one.confidence if one.trouble == "forms_of_a_sign" else 1 - (1 - one.confidence) * 0.2
        return replace(one, confidence=confidence)
    if known in one.others:
        others = tuple(dict.fromkeys([one.value, *(other for other in one.others if other != known)]))
        return replace(one, value=known, others=others, confidence=min(one.confidence, 0.6))
    return one


def _sure(one: Field, limits: Mapping[str, float]) -> Field:
    sure = one.confidence >= limits.get(one.kind, thresholds.NEVER) and one.trouble != "impossible"
    return replace(one, sure=sure)
