"""From what is written in the cells of an answer to its value, with how sure that is and what else it could be."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np

from yakuba.assistant.reading import checks, engine, signs
from yakuba.assistant.reading.engine import Engine, Steps
from yakuba.assistant.reading.layout import Cell, Place
from yakuba.assistant.reading.pictures import Plane
from yakuba.assistant.reading.prior import Prior, folded, in_other_forms
from yakuba.assistant.reading.sheet import Sheet

LENGTHS = {"postal_code": (7,), "phone": (10, 11), "branch": (3,), "account_number": (7,)}
"""How many digits an answer has; as many as were written where nothing is said."""
DIGITS = ("postal_code", "phone", "branch", "account_number", "yen", "count")
DATES = ("date", "past_date")
MOST_CANDIDATES = 24
ENGINE = 0.6
"""What the engine's word counts beside that of the network for single signs."""
IMPOSSIBLE = -6.0
"""What an answer that cannot be loses, in logarithms: it stands only where nothing else could."""
TICKED, UNTICKED = 0.10, 0.05
"""Share of ink in a tick box from which on it is ticked, and up to which it is not; what lies between is unsure."""
ASCII = "".join(map(chr, range(33, 127)))


@dataclass(frozen=True, slots=True)
class Box:
    """Where an answer stands on the flat sheet, mm: what a person is shown."""

    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Field:
    """An answer as it was read. `value`: empty where nothing is written; `written`: something is. `confidence`: 0 to 1;
    `sure`: so high that it may stand unseen; `others`: what else it could be, likelier first; `trouble`: why it is unsure."""

    name: str
    kind: str
    value: str
    confidence: float
    written: bool
    box: Box
    sure: bool = False
    others: tuple[str, ...] = ()
    trouble: str = ""


class Candidate(NamedTuple):
    score: float
    value: str


@dataclass
class FieldReader:
    """Reads the answers of one flat sheet."""

    sheet: Sheet
    engine: Engine
    prior: Prior = field(default_factory=Prior)

    def read(self, place: Place) -> Field:
        """One answer, whatever its kind."""
        if place.kind in DATES:
            return self._date(place)
        if place.choices:
            return self._choice(place)
        if place.kind == "kana":
            return self._boxes(place, signs.KANA)
        if place.kind in DIGITS:
            return self._boxes(place, signs.DIGITS)
        return self._lines(place)

    # -- ticks -------------------------------------------------------------------------------------
    def _ticks(self, place: Place) -> tuple[int | None, float, str]:
        """Which tick box is ticked (None: none), how sure that is, and what is odd."""
        inks = self._inks(place)
        ticked = [n for n, ink in enumerate(inks) if ink > TICKED]
        between = [n for n, ink in enumerate(inks) if UNTICKED < ink <= TICKED]
        if not ticked and not between:
            return None, 0.995, ""
        if not ticked:
            return max(between, key=lambda n: inks[n]), 0.5, "faint"
        if len(ticked) > 1:
            kept = [n for n in ticked if not self._is_crossed_out(place, place.ticks[n])]
            return (kept or ticked)[0], 0.4, "several"
        if self._is_crossed_out(place, place.ticks[ticked[0]]):
            return ticked[0], 0.3, "crossed_out"
        sure = min(1.0, 0.9 + (inks[ticked[0]] - TICKED))
        return ticked[0], 0.6 if between else max(sure, 0.97), "faint" if between else ""

    def _inks(self, place: Place) -> list[float]:
        """How much ink was put into each tick box: within it, or along its sides, where a ring goes. Of the latter so much is
        printed as the emptiest of the boxes has."""
        cut, shift = self.sheet.cut, self.sheet.shifts[place.name]
        inside = [float((cut(cell, shift, -0.75) > 100).mean()) for cell in place.ticks]
        around = [float(cut(cell, shift, 0.8).mean()) / 255 for cell in place.ticks]
        printed = (
            min(around) if len(around) > 1 else float(self.sheet.printed(place.ticks[0], 0.8).mean()) / 255
        )
        return [max(within, 1.5 * (all_ - printed)) for within, all_ in zip(inside, around, strict=True)]

    def _is_crossed_out(self, place: Place, cell: Cell) -> bool:
        """Do strokes run far out of the box to its left, where no tick goes?"""
        left = Cell(cell.page, cell.x - 0.4 * cell.width, cell.y, 0.3 * cell.width, cell.height)
        ink = self.sheet.ink(place, left, 0)
        return bool(ink.size) and float((ink > 110).any(axis=0).mean()) > 0.8

    def _choice(self, place: Place) -> Field:
        chosen, confidence, trouble = self._ticks(place)
        value = "" if chosen is None else place.choices[chosen]
        return self._field(place, value, confidence, chosen is not None, trouble=trouble)

    # -- boxes -------------------------------------------------------------------------------------
    def _boxes(self, place: Place, alphabet: str) -> Field:
        cells = [self.sheet.box(place, cell) for cell in place.boxes]
        told = signs.told(cells, alphabet)
        filled = [n for n, one in enumerate(told) if one is not None]
        if not filled:
            return self._field(place, "", 0.995, False)
        gaps = [n for n in range(filled[0], filled[-1]) if told[n] is None]
        steps = self._steps([cells[n] for n in filled], alphabet)
        logs = [one for one in told if one is not None]
        is_kana = alphabet is signs.KANA

        def shown(text: str) -> str:
            return _spaced(text, filled) if is_kana else text

        judged = self._judged(
            place.kind,
            logs,
            steps,
            alphabet,
            lambda text: self._fits(place.kind, text),
            self._known(place.kind),
        )
        best, confidence, others, agree = judged
        trouble = "" if agree else "readers_differ"
        if gaps and (not is_kana or len(gaps) > 1):
            confidence, trouble = confidence * 0.3, "gap"
        if not self._fits(place.kind, best):
            confidence, trouble = confidence * 0.2, "impossible"
        return self._field(place, shown(best), confidence, True, tuple(map(shown, others)), trouble)

    def _known(self, kind: str) -> Callable[[str], Iterable[str]]:
        """Likely values near what was read."""
        if kind in ("kana", "postal_code"):
            return lambda text: (
                one.replace(" ", "").replace("　", "") for one in self.prior.near(kind, text)
            )
        return lambda text: ()

    def _fits(self, kind: str, text: str) -> bool:
        if kind == "phone":
            return checks.is_phone(text)
        if kind == "postal_code":
            return checks.is_postal_code(text, self.prior.postal_codes)
        if kind in LENGTHS:
            return len(text) in LENGTHS[kind]
        if kind in ("yen", "count"):
            return text == "0" or not text.startswith("0")
        return kind != "kana" or text[0] not in "ーッャュョァィゥェォヮンヵヶ"

    def _steps(self, cells: Sequence[Plane], alphabet: str) -> Steps:
        """What the engine says of the signs set side by side, without the boxes around them."""
        gap = np.zeros((signs.BOX, 4), np.uint8)
        row = np.hstack([gap, *(part for cell in cells for part in (_centred(cell), gap))])
        return engine.restricted(
            self.engine.steps(255 - cv2.copyMakeBorder(row, 3, 3, 6, 6, cv2.BORDER_CONSTANT, value=0)),
            alphabet,
        )

    def _judged(
        self,
        kind: str,
        logs: Sequence[signs.Floats],
        steps: Steps,
        alphabet: str,
        fits: Callable[[str], bool],
        known: Callable[[str], Iterable[str]],
    ) -> tuple[str, float, list[str], bool]:
        """The best text, how sure it is, the next ones, and whether both readers say the same."""
        of_engine, _ = engine.likeliest(steps)
        texts = dict.fromkeys(text for _, text in _beam(logs, alphabet))
        own = next(iter(texts))
        texts |= dict.fromkeys(
            one for one in (of_engine, *known(own)) if len(one) == len(logs) and set(one) <= set(alphabet)
        )
        near = set(known(own))
        scored = []
        for text in texts:
            score: float = sum(float(row[alphabet.index(sign)]) for row, sign in zip(logs, text, strict=True))
            score += ENGINE * max(engine.log_probability(steps, text), -40.0)
            score += 0.0 if fits(text) else IMPOSSIBLE
            score += 1.5 if text in near else 0.0
            scored.append(Candidate(score, text))
        scored.sort(reverse=True)
        best = scored[0].value
        shares = np.exp(np.array([one.score for one in scored]) - scored[0].score)
        confidence = float(shares[0] / shares.sum())
        # a sign that looks like none of the alphabet
        odd = max(math.exp(float(row[-1])) for row in logs)
        confidence *= 1 - odd
        agree = best == of_engine
        return best, confidence if agree else min(confidence, 0.5), [one.value for one in scored[1:4]], agree

    # -- dates -------------------------------------------------------------------------------------
    def _date(self, place: Place) -> Field:
        chosen, era_confidence, trouble = self._ticks(place)
        cells = [self.sheet.box(place, cell) for cell in place.boxes]
        told = signs.told(cells, signs.DIGITS)
        filled = [n for n, one in enumerate(told) if one is not None]
        if not filled:
            return self._field(place, "", min(era_confidence, 0.995), chosen is not None, trouble=trouble)
        parts = [sum(1 for n in filled if low <= n < high) for low, high in ((0, 4), (4, 6), (6, 8))]
        steps = self._steps([cells[n] for n in filled], signs.DIGITS)
        era = place.choices[chosen] if chosen is not None else ""

        def day(text: str) -> str:
            year, month = text[: parts[0]], text[parts[0] : parts[0] + parts[1]]
            found = checks.day(era, year, month, text[parts[0] + parts[1] :])
            return found.isoformat() if found else ""

        judged = self._judged(
            place.kind,
            [one for one in told if one is not None],
            steps,
            signs.DIGITS,
            lambda text: bool(day(text)),
            lambda text: (),
        )
        text, confidence, others, agree = judged
        value = day(text)
        if not value:
            return self._field(place, text, 0.1, True, tuple(map(day, others)), "no_such_day")
        if len(value) and parts[0] == 4 and era not in ("", "western"):
            era_confidence, trouble = 0.5, "era"
        if era == "" and parts[0] == 4:
            era_confidence, trouble = 0.97, ""
        troubles = trouble or ("" if agree else "readers_differ")
        return self._field(
            place, value, confidence * era_confidence, True, tuple(filter(None, map(day, others))), troubles
        )

    # -- lines -------------------------------------------------------------------------------------
    def _lines(self, place: Place) -> Field:
        read = [self._line(place, cell) for cell in place.boxes]
        written = [one for one in read if one is not None]
        if not written:
            return self._field(place, "", 0.99, False)
        if len(place.boxes) > 1:
            value = "".join(one[0] for one in written)
            return self._field(place, value, min(one[1] for one in written), True)
        value, confidence, others, trouble = written[0]
        return self._field(place, value, confidence, True, tuple(others), trouble)

    def _line(self, place: Place, cell: Cell) -> tuple[str, float, list[str], str] | None:
        picture = self.sheet.line(place, cell)
        if picture is None:
            return None
        steps = self.engine.steps(picture)
        if place.kind in ("email", "decimal"):
            steps = engine.restricted(steps, ASCII if place.kind == "email" else "0123456789.")
        text, least = engine.likeliest(steps)
        if place.kind == "bank":
            return self._bank(text, steps)
        if place.kind not in ("name", "address"):
            return text.strip(), least, [], ""
        return self._likely(place.kind, text, least, steps)

    def _likely(self, kind: str, text: str, least: float, steps: Steps) -> tuple[str, float, list[str], str]:
        """What the register knows is likelier than what it does not know; a form of a sign that has others is unsure."""
        bare = folded(text)
        known = {folded(one): one for one in self.prior.near(kind, text)}
        scored = [Candidate(engine.log_probability(steps, bare), text)]
        scored += [
            Candidate(engine.log_probability(steps, fold) + 2.5, one)
            for fold, one in known.items()
            if fold != bare
        ]
        if bare in known:
            scored[0] = Candidate(scored[0].score + 2.5, known[bare])
        scored.sort(reverse=True)
        best = scored[0]
        shares = np.exp(np.array([max(one.score - best.score, -60) for one in scored]))
        confidence = float(shares[0] / shares.sum()) * (least if folded(best.value) == bare else 0.6)
        if folded(best.value) not in known:
            confidence *= 0.9
        if kind == "name" and any(True for _ in in_other_forms(best.value)):
            return best.value, min(confidence, 0.5), [*in_other_forms(best.value)][:3], "forms_of_a_sign"
        return best.value, confidence, [one.value for one in scored[1:4]], ""

    def _bank(self, text: str, steps: Steps) -> tuple[str, float, list[str], str]:
        """A bank by its name or code: its code."""
        codes = {folded(name): code for code, name in self.prior.banks.items()}
        bare = folded(text)
        if bare in self.prior.banks:
            return bare, 0.5, [], ""
        names = {bare, bare.removesuffix("銀行"), bare + "銀行"}
        found = {codes[name] for name in names if name in codes}
        if len(found) == 1:
            _, least = engine.likeliest(steps)
            return found.pop(), least, [], ""
        near = [codes[folded(name)] for name in self.prior.near("bank", text.removesuffix("銀行"))]
        return (near[0] if near else text, 0.3, near[1:4], "no_such_bank")

    # ----------------------------------------------------------------------------------------------
    def _field(
        self,
        place: Place,
        value: str,
        confidence: float,
        written: bool,
        others: tuple[str, ...] = (),
        trouble: str = "",
    ) -> Field:
        cells = place.cells
        x, y = min(one.x for one in cells), min(one.y for one in cells)
        box = Box(
            place.page,
            x,
            y,
            max(one.x + one.width for one in cells) - x,
            max(one.y + one.height for one in cells) - y,
        )
        return Field(
            place.name, place.kind, value, round(confidence, 5), written, box, False, others, trouble
        )


def _beam(logs: Sequence[signs.Floats], alphabet: str) -> list[tuple[float, str]]:
    """The likeliest texts by the signs alone."""
    beam = [(0.0, "")]
    for row in logs:
        top = np.argsort(row[:-1])[::-1][:4]
        grown = [(score + float(row[n]), text + alphabet[n]) for score, text in beam for n in top]
        beam = heapq.nlargest(MOST_CANDIDATES, grown)
    return beam


def _centred(cell: Plane) -> Plane:
    """A box without what is left of its border, as narrow as what is written in it, and a little room."""
    inside = cell.copy()
    inside[:2], inside[-2:], inside[:, :2], inside[:, -2:] = 0, 0, 0, 0
    xs = np.nonzero((inside > signs.INK).any(axis=0))[0]
    if not len(xs):
        return inside
    return inside[:, max(xs[0] - 5, 0) : xs[-1] + 6]


def _spaced(text: str, filled: Sequence[int]) -> str:
    """A blank where a box between two signs was left empty."""
    said = ""
    for n, sign in enumerate(text):
        if n and filled[n] - filled[n - 1] > 1:
            said += " "
        said += sign
    return said
