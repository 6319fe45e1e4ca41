"""A map of places, drawn by the server: points, a grid of whole distances and a scale. No tiles from elsewhere, no script. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, EDGE, FOOT = 480.0, 30.0, 44.0
"""The map, what is left free at its edges, and the strip below it in which the scale stands."""
TALLEST, FLATTEST = 1.25, 0.5
"""Height of the map by its width, at most and at least."""
DEGREE = 111.32
"""Kilometres of a degree of latitude, near enough for a map of a town (40,075 km by 360)."""
LEAST = 1.0
"""Kilometres that a map shows at least: a single place has surroundings, too."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the map, with its number in the table."""

    x: float
    y: float
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a template draws. `across`, `down`: where grid lines are, `step` kilometres apart; `bar`: their distance in the map."""

    width: float
    height: float
    marks: Sequence[Mark]
    across: Sequence[float]
    down: Sequence[float]
    step: float
    bar: float

    @property
    def box(self) -> str:
        """The viewBox: the map and the strip below it."""
        return f"0 0 {self.width:g} {self.height + FOOT:g}"

    @property
    def foot(self) -> float:
        """Where the scale stands."""
        return self.height + FOOT / 2

    @property
    def east(self) -> float:
        """Where the sign of north stands."""
        return self.width - 40

    @property
    def distance(self) -> str:
        """The length of the scale in words.

        >>> Drawn(1, 1, (), (), (), 0.5, 1).distance, Drawn(1, 1, (), (), (), 2, 1).distance
        ('500 m', '2 km')
        """
        return f"{self.step * 1000:g} m" if self.step < 1 else f"{self.step:g} km"


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the table has it."""

    number: int
    name: str
    latitude: float
    longitude: float


def draw(places: Sequence[Place]) -> Drawn | None:
    """The map; None where no place is known. North is up; distances are right at the middle of the map."""
    if not places:
        return None
    middle = (_half([one.latitude for one in places]), _half([one.longitude for one in places]))
    narrow = math.cos(math.radians(middle[0]))
    east = [(one.longitude - middle[1]) * DEGREE * narrow for one in places]
    north = [(one.latitude - middle[0]) * DEGREE for one in places]
    wide, tall = max(LEAST, 2 * max(map(abs, east))), max(LEAST * FLATTEST, 2 * max(map(abs, north)))
    pixels = min((WIDTH - 2 * EDGE) / wide, (WIDTH * TALLEST - 2 * EDGE) / tall)
    height = max(WIDTH * FLATTEST, tall * pixels + 2 * EDGE)
    marks = [
        Mark(round(WIDTH / 2 + x * pixels, 1), round(height / 2 - y * pixels, 1), one.number, one.name)
        for one, x, y in zip(places, east, north, strict=True)
    ]
    step = _round(WIDTH / pixels / 5)
    bar = step * pixels
    return Drawn(WIDTH, round(height, 1), marks, _lines(WIDTH, bar), _lines(height, bar), step, round(bar, 1))


def _half(values: Sequence[float]) -> float:
    return (min(values) + max(values)) / 2


def _lines(length: float, apart: float) -> list[float]:
    """Lines to both sides of the middle."""
    most = int(length / 2 / apart)
    return [round(length / 2 + at * apart, 1) for at in range(-most, most + 1)]


def _round(length: float) -> float:
    """The largest of 1, 2, 5, 10, 20, … that is not longer.

    >>> _round(0.7), _round(3), _round(42)
    (0.5, 2.0, 20.0)
    """
    power = 10.0 ** math.floor(math.log10(length))
    return float(round(max(one for one in (1, 2, 5) if one * power <= length * 1.000001) * power, 6))
