"""Forms filled in by a made-up hand and spoiled as paper is on its way: what the reader is measured and taught with.

Everything follows from the `Random` that is given: the same seed, the same picture.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from yakuba.assistant.reading.layout import Cell, Place
from yakuba.assistant.reading.pictures import Picture

INKS = ((25, 25, 30), (20, 30, 95), (50, 50, 55), (15, 15, 20))
"""Black and blue pens, and a pencil."""
RED = (205, 45, 50)
"""The ink of stamps."""
LINE_SIZE, BOX_SIZE = (3.6, 5.4), (0.62, 0.8)
"""Height of signs on a line, mm, and in a box, as a share of it."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody's writing: a font, and how uneven it is (0 for print)."""

    font: Path
    number: int = 0
    uneven: float = 1.0

    def covers(self, text: str) -> bool:
        """Has the font a picture of every sign?"""
        return all(sign.isspace() or ord(sign) in _signs(self.font, self.number) for sign in text)


@lru_cache(maxsize=64)
def _signs(font: Path, number: int) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    return frozenset(TTFont(font, fontNumber=number, lazy=True).getBestCmap())


@lru_cache(maxsize=512)
def _font(font: Path, number: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font), size, index=number)


class Writer:
    """Writes answers onto the picture of an empty page. `scale`: dots to a millimetre."""

    def __init__(self, page: Picture, scale: float, hand: Hand, random: Random):
        self.sheet, self.scale, self.hand, self.random = Image.fromarray(page), scale, hand, random
        self.ink = random.choice(INKS)

    @property
    def page(self) -> Picture:
        return np.asarray(self.sheet)

    def fill(self, place: Place, written: Sequence[str], chosen: int | None = None) -> None:
        """Write into the boxes or lines of a place, one text each, and tick the box of a choice."""
        for cell, text in zip(place.boxes, written, strict=False):
            if place.kind in LINES:
                self.line(cell, text)
            elif text.strip():
                self.sign(cell, text)
        if chosen is not None:
            self.tick(place.ticks[chosen])
            if self.random.random() < 0.02 and len(place.ticks) > 1:
                self.cross_out(place.ticks[(chosen + 1) % len(place.ticks)])

    def sign(self, cell: Cell, text: str) -> None:
        """One sign in the middle of a box, more or less."""
        size = cell.height * self.random.uniform(*BOX_SIZE)
        away = 0.07 * self.hand.uneven
        x = cell.x + cell.width * (0.5 + self.random.uniform(-away, away))
        y = cell.y + cell.height * (0.5 + self.random.uniform(-away, away))
        self._put(text, x, y, size)

    def line(self, cell: Cell, text: str) -> None:
        """A line of writing; it gets smaller where it would not fit."""
        size = self.random.uniform(*LINE_SIZE)
        font = self._sized(size)
        room = (cell.width - 3) * self.scale
        size = min(size, size * room / max(font.getlength(text) * 1.06, 1))
        font = self._sized(size)
        x, uneven = cell.x + 1 + self.random.uniform(0, 1.5), self.hand.uneven
        y = cell.y + cell.height - 0.9 - size / 2 - self.random.uniform(0, 0.6)
        for sign in text:
            wide = font.getlength(sign) / self.scale
            lift = self.random.uniform(-0.25, 0.25) * uneven
            self._put(
                sign,
                x + wide / 2,
                y + lift,
                size * self.random.uniform(1 - 0.06 * uneven, 1 + 0.04 * uneven),
                whole=True,
            )
            x += wide * (1 + self.random.uniform(0, 0.06) * uneven)

    def _sized(self, size: float) -> ImageFont.FreeTypeFont:
        return _font(self.hand.font, self.hand.number, max(8, round(size * self.scale)))

    def _put(self, text: str, x: float, y: float, size: float, *, whole: bool = False) -> None:
        """A sign with its middle at (x, y) mm, a little turned. `whole`: the middle of its em box, so that signs of a line
        keep to the line."""
        if text.isspace():
            return
        font = self._sized(size)
        room = round(size * self.scale * 2)
        drawn = Image.new("L", (room, room), 0)
        ImageDraw.Draw(drawn).text((room / 2, room / 2), text, font=font, fill=255, anchor="mm")
        if self.hand.uneven:
            drawn = drawn.rotate(
                self.random.gauss(0, 2.2) * self.hand.uneven, resample=Image.Resampling.BICUBIC
            )
        self.sheet.paste(
            self.ink, (round(x * self.scale - room / 2), round(y * self.scale - room / 2)), drawn
        )

    # -- ticks ------------------------------------------------------------------------------------
    def tick(self, cell: Cell) -> None:
        """A tick in one of the ways people make it."""
        way = self.random.choices(("tick", "cross", "ring", "fill"), (70, 12, 10, 8))[0]
        x, y, side = cell.x, cell.y, cell.width
        jitter = lambda: self.random.uniform(-0.12, 0.12) * side  # noqa: E731
        if way == "tick":
            self._stroke(
                [
                    (x + 0.1 * side + jitter(), y + 0.5 * side + jitter()),
                    (x + 0.42 * side + jitter(), y + 0.88 * side + jitter()),
                    (x + 1.05 * side + jitter(), y - 0.05 * side + jitter()),
                ]
            )
        elif way == "cross":
            self._stroke(
                [
                    (x + 0.1 * side + jitter(), y + 0.1 * side + jitter()),
                    (x + 0.9 * side + jitter(), y + 0.9 * side + jitter()),
                ]
            )
            self._stroke(
                [
                    (x + 0.9 * side + jitter(), y + 0.1 * side + jitter()),
                    (x + 0.1 * side + jitter(), y + 0.9 * side + jitter()),
                ]
            )
        elif way == "ring":
            middle, size = (
                (x + side / 2 + jitter() / 2, y + side / 2 + jitter() / 2),
                side * self.random.uniform(0.3, 0.55),
            )
            self._stroke(
                [
                    (middle[0] + size * np.cos(a), middle[1] + size * np.sin(a))
                    for a in np.linspace(0, 6.5, 24)
                ]
            )
        else:
            self._stroke(
                [(x + side * (0.15 + 0.7 * (n % 2)), y + side * (0.12 + 0.76 * n / 9)) for n in range(10)]
            )

    def cross_out(self, cell: Cell) -> None:
        """A tick that was set by mistake, and struck through."""
        self.tick(cell)
        for lift in (0.35, 0.65):
            y = cell.y + lift * cell.height
            self._stroke(
                [
                    (cell.x - 0.5 * cell.width, y),
                    (cell.x + 1.6 * cell.width, y + self.random.uniform(-0.3, 0.3)),
                ]
            )

    def _stroke(self, points: Sequence[tuple[float, float]]) -> None:
        width = round(self.random.uniform(0.35, 0.6) * self.scale)
        ImageDraw.Draw(self.sheet).line(
            [(x * self.scale, y * self.scale) for x, y in points], fill=self.ink, width=width, joint="curve"
        )

    def stamp(self, text: str) -> None:
        """A round red stamp of receipt, somewhere on the page, written over or not."""
        side = round(self.random.uniform(22, 30) * self.scale)
        drawn = Image.new("L", (side, side), 0)
        brush, line = ImageDraw.Draw(drawn), max(2, round(0.7 * self.scale))
        brush.ellipse((line, line, side - line, side - line), outline=225, width=line)
        brush.text(
            (side / 2, side / 2),
            text,
            font=_font(self.hand.font, self.hand.number, side // (len(text) + 1)),
            fill=225,
            anchor="mm",
        )
        drawn = drawn.rotate(self.random.uniform(-25, 25), resample=Image.Resampling.BICUBIC)
        x = self.random.uniform(0.2, 0.75) * self.sheet.width
        y = self.random.uniform(0.1, 0.75) * self.sheet.height
        self.sheet.paste(RED, (round(x), round(y)), drawn)


LINES = frozenset({"name", "address", "text", "email", "bank", "decimal", "long_text", "place"})
"""Kinds that are written on lines; the others into boxes, one sign each."""


# -- what happens to paper on its way ------------------------------------------------------------------
def scanned(page: Picture, random: Random) -> Picture:
    """As a scanner or a fax makes it: up to 5° askew, a little unsharp, grainy."""
    turned = _turned(page, random.uniform(-5, 5), (250, 250, 248))
    return _grain(_blurred(turned, random.uniform(0, 0.9)), random, random.uniform(1, 5))


def photographed(page: Picture, random: Random) -> Picture:
    """As a phone takes it: on a desk, aslant, bent, with a shadow, unsharp, grainy."""
    height, width = page.shape[:2]
    bent = _bent(page, random)
    room = 0.09
    out = (round(width * (1 + 2 * room)), round(height * (1 + 2 * room)))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + np.array([width * room, height * room], np.float32)
    moved += np.array(
        [[random.uniform(-0.055, 0.055) * width, random.uniform(-0.055, 0.055) * height] for _ in range(4)],
        np.float32,
    )
    turn = cv2.getRotationMatrix2D((out[0] / 2, out[1] / 2), random.uniform(-4, 4), 1.0)
    moved = cv2.transform(moved[None], turn)[0].astype(np.float32)
    desk = _desk(out, random)
    aslant = cv2.getPerspectiveTransform(corners, moved)
    sheet = cv2.warpPerspective(bent, aslant, out, flags=cv2.INTER_AREA)
    where = cv2.warpPerspective(np.full((height, width), 255, np.uint8), aslant, out)[..., None] / 255.0
    both = (sheet * where + desk * (1 - where)).astype(np.float32) * _light(out, random)[..., None]
    warm = np.array([1.0, random.uniform(0.93, 1.0), random.uniform(0.84, 0.97)], np.float32)
    taken = np.clip(both * warm, 0, 255).astype(np.uint8)
    return _grain(_blurred(taken, random.uniform(0.4, 1.4)), random, random.uniform(2, 7))


def _turned(page: Picture, degrees: float, paper: tuple[int, int, int]) -> Picture:
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    out = np.abs(turn[:, :2]) @ np.array([width, height])
    turn[:, 2] += out / 2 - np.array([width, height]) / 2
    return cv2.warpAffine(page, turn, (int(out[0]), int(out[1])), flags=cv2.INTER_LINEAR, borderValue=paper)


def _bent(page: Picture, random: Random) -> Picture:
    """The sheet does not lie quite flat: waves of up to a millimetre."""
    height, width = page.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    reach = random.uniform(0, 0.004) * width
    x += reach * np.sin(y / height * random.uniform(2, 5) + random.uniform(0, 6))
    y += reach * np.sin(x / width * random.uniform(2, 5) + random.uniform(0, 6))
    return cv2.remap(page, x, y, cv2.INTER_LINEAR, borderValue=(250, 250, 248))


def _desk(size: tuple[int, int], random: Random) -> Picture:
    width, height = size
    colour = np.array(random.choice(((120, 85, 55), (70, 70, 75), (165, 140, 110), (40, 45, 50))), np.float32)
    grain = np.random.default_rng(random.getrandbits(32)).normal(0, 14, (height // 8 + 1, 1))
    lines = cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    return np.clip(colour + lines, 0, 255)


def _light(size: tuple[int, int], random: Random) -> np.ndarray:
    """Brighter on one side, and the soft shadow of a hand or phone."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width, y / height
    light = 0.86 + 0.14 * (x * random.uniform(-1, 1) + y * random.uniform(-1, 1))
    away = random.uniform(0.3, 1.2) * x + random.uniform(-0.8, 0.8) * y - random.uniform(0.2, 0.9)
    return (light * (1 - random.uniform(0.0, 0.32) / (1 + np.exp(-away * 18)))).astype(np.float32)


def _blurred(page: Picture, sigma: float) -> Picture:
    return cv2.GaussianBlur(page, (0, 0), sigma) if sigma > 0.15 else page


def _grain(page: Picture, random: Random, sigma: float) -> Picture:
    noise = np.random.default_rng(random.getrandbits(32)).normal(0, sigma, page.shape[:2])
    return np.clip(page + noise[..., None], 0, 255).astype(np.uint8)


def jpeg(page: Picture, random: Random) -> bytes:
    """The picture as a file, packed as phones and scanners do."""
    made = io.BytesIO()
    Image.fromarray(page).save(made, "JPEG", quality=random.randint(60, 90))
    return made.getvalue()


WAYS: Mapping[str, Callable[[Picture, Random], Picture]] = {"scan": scanned, "photo": photographed}
