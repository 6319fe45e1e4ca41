"""A sheet that was laid flat, beside the empty form: what is written in each cell of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from yakuba.assistant.reading import align
from yakuba.assistant.reading.align import SCALE
from yakuba.assistant.reading.layout import Cell, Place
from yakuba.assistant.reading.pictures import Plane
from yakuba.assistant.reading.signs import BOX

AROUND = 2.0
"""What is looked at around an answer to find where it lies on this sheet, mm."""
FITS = 0.45
"""How well that must fit to be believed."""
BORDER = 0.55
"""What is left out at the border of a box, mm."""
Shift = tuple[int, int]


@dataclass(frozen=True)
class Sheet:
    """`seen`: the flat sheet, `empty`: the same page of the form with nothing written on it; both dark where ink is."""

    seen: Plane
    empty: Plane
    places: Sequence[Place]

    @cached_property
    def shifts(self) -> dict[str, Shift]:
        """How far (dots, right and down) each answer lies from where it should: paper bends."""
        found = {one.name: align.shift(self.seen, self.empty, self._around(one)) for one in self.places}
        good = [(x, y) for x, y, fit in found.values() if fit >= FITS]
        usual = tuple(int(np.median([one[n] for one in good])) if good else 0 for n in (0, 1))
        return {
            name: (x, y)
            if fit >= FITS and abs(x - usual[0]) < 8 and abs(y - usual[1]) < 8
            else (usual[0], usual[1])
            for name, (x, y, fit) in found.items()
        }

    @staticmethod
    def _around(place: Place) -> tuple[int, int, int, int]:
        cells = place.cells
        left, top = min(one.x for one in cells) - AROUND, min(one.y for one in cells) - AROUND
        right = max(one.x + one.width for one in cells) + AROUND
        bottom = max(one.y + one.height for one in cells) + AROUND
        return (
            round(left * SCALE),
            round(top * SCALE),
            round((right - left) * SCALE),
            round((bottom - top) * SCALE),
        )

    def cut(self, cell: Cell, shift: Shift, more: float) -> Plane:
        """The sheet where a cell lies, and so many mm around it."""
        return self._cut(self.seen, cell, shift, more)

    def printed(self, cell: Cell, more: float) -> Plane:
        """What is printed where a cell lies, and so many mm around it."""
        return self._cut(self.empty, cell, (0, 0), more)

    def box(self, place: Place, cell: Cell) -> Plane:
        """The inside of a box, at the size at which signs are looked at."""
        inside = self.cut(cell, self.shifts[place.name], -BORDER)
        return cv2.resize(inside, (BOX, BOX), interpolation=cv2.INTER_AREA)

    def ink(self, place: Place, cell: Cell, more: float) -> Plane:
        """What was added to the empty form in a cell and so many mm around it."""
        seen = self.cut(cell, self.shifts[place.name], more)
        empty = self._cut(self._thick, cell, (0, 0), more)
        height, width = min(seen.shape[0], empty.shape[0]), min(seen.shape[1], empty.shape[1])
        return cv2.subtract(seen[:height, :width], empty[:height, :width])

    @cached_property
    def _thick(self) -> Plane:
        """The empty form, its lines a little thicker: nothing of them is left where they lie a little elsewhere."""
        return cv2.dilate(self.empty, np.ones((5, 5), np.uint8))

    @staticmethod
    def _cut(plane: Plane, cell: Cell, shift: Shift, more: float) -> Plane:
        x0 = round((cell.x - more) * SCALE) + shift[0]
        y0 = round((cell.y - more) * SCALE) + shift[1]
        x1, y1 = x0 + round((cell.width + 2 * more) * SCALE), y0 + round((cell.height + 2 * more) * SCALE)
        return plane[max(y0, 0) : max(y1, 1), max(x0, 0) : max(x1, 1)]

    def line(self, place: Place, cell: Cell) -> Plane | None:
        """What is written on a line, black on white, cut out closely; None where nothing is."""
        x, y = self.shifts[place.name]
        top = round((cell.y - 1.0) * SCALE) + y
        bottom = round((cell.y + cell.height + 1.2) * SCALE) + y
        left, right = round((cell.x - 0.5) * SCALE) + x, round((cell.x + cell.width + 0.5) * SCALE) + x
        cut = self.seen[max(top, 0) : bottom, max(left, 0) : right]
        printed = self._thick[max(top - y, 0) : bottom - y, max(left - x, 0) : right - x]
        cut = without_rule(cut, printed)
        ink = (cut > 110).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
        for n in range(1, count):
            if stats[n][4] < 5:
                ink[labels == n] = 0
        ys, xs = np.nonzero(ink)
        if len(xs) < 40:
            return None
        y0, y1, x0, x1 = max(ys.min() - 5, 0), ys.max() + 6, max(xs.min() - 10, 0), xs.max() + 11
        return 255 - cut[y0:y1, x0:x1]


def without_rule(cut: Plane, printed: Plane) -> Plane:
    """Without what is printed there; strokes that cross the rule keep what is above and below it."""
    gone = np.where(printed > 60, 0, cut).astype(np.uint8)
    # where a stroke stands right above the rule and right below it, it goes on through it
    rule = (printed > 60).astype(np.uint8)
    reach = np.ones((7, 1), np.uint8)
    above = cv2.dilate(gone, reach, anchor=(0, 6))
    below = cv2.dilate(gone, reach, anchor=(0, 0))
    return np.where(rule > 0, np.minimum(above, below), gone).astype(np.uint8)
