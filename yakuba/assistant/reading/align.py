"""A form in a picture laid flat and straight: by its QR picture and the squares in its corners, then answer by answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from yakuba.assistant.reading.layout import MARK, MARKS, QR, SHEET
from yakuba.assistant.reading.pictures import Plane

DOTS = 200.0
"""Dots to an inch of a sheet that was laid flat."""
SCALE = DOTS / 25.4
"""The same to a millimetre."""
SIZE = (round(SHEET[0] * SCALE), round(SHEET[1] * SCALE))
"""Width and height of a sheet that was laid flat."""
LOOKED_AT = 2600
"""Pixels of the longer side of a picture in which the marks are looked for."""
QUIET = 1 / 35
"""How much of the side of the QR picture is its white border, at its usual size."""
FURTHEST = 80.0
"""How far from where the QR picture alone says a square may be: a photo taken aslant, mm."""
LARGEST_MISS = 2.0
"""How far the QR picture may be from where the squares say it is, mm."""
SHIFT = 2.2
"""How far an answer may lie from its place on the flat sheet: paper bends, lenses too; mm."""

Points = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Code:
    """A QR picture that was found. `corners`: upper left, upper right, lower right, lower left of itself, in pixels."""

    text: str
    corners: Points


class NotAligned(ValueError):
    """There is the QR picture of a form, but not enough of its corners to lay it flat."""


def codes(grey: Plane) -> list[Code]:
    """The QR pictures in a picture; where none is to be read at first, a sharper look is taken."""
    for seen, scale in _looks(grey):
        found = zxingcpp.read_barcodes(seen, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        if found:
            return [Code(one.text, _corners(one.position) / scale) for one in found]
    return []


def _looks(grey: Plane) -> Iterator[tuple[Plane, float]]:
    scale = min(1.0, LOOKED_AT / max(grey.shape))
    smaller = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    yield smaller, scale
    blurred = cv2.GaussianBlur(smaller, (0, 0), 3)
    yield cv2.addWeighted(smaller, 2.5, blurred, -1.5, 0), scale
    if max(grey.shape) < LOOKED_AT:
        yield cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), 2.0


def _corners(position: zxingcpp.Position) -> Points:
    four = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return np.array([[one.x, one.y] for one in four], np.float64)


def flat(grey: Plane, code: Code) -> Plane:
    """The sheet as a scanner would see it, at `DOTS`. Raises NotAligned."""
    there, here = _pairs(grey, code)
    # from the picture a little enlarged or reduced, so that no point is left out in between
    scale = min(1.0, 1.3 * SCALE * _millimetre(code) ** -1)
    smaller = (
        grey if scale > 0.95 else cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    )
    factor = 1.0 if smaller is grey else scale
    to_sheet, _ = cv2.findHomography(here * factor, there * SCALE)
    if to_sheet is None:
        raise NotAligned
    return cv2.warpPerspective(smaller, to_sheet, SIZE, flags=cv2.INTER_LINEAR, borderValue=255)


def _millimetre(code: Code) -> float:
    """How many pixels a millimetre has near the QR picture."""
    sides = np.linalg.norm(code.corners - np.roll(code.corners, 1, axis=0), axis=1)
    return float(sides.mean()) / (QR[2] * (1 - 2 * QUIET))


def _expected() -> Points:
    left, top, side = QR
    quiet = side * QUIET
    low, high = quiet, side - quiet
    return np.array([[left + x, top + y] for x, y in ((low, low), (high, low), (high, high), (low, high))])


def _pairs(grey: Plane, code: Code) -> tuple[Points, Points]:
    """Points of the sheet (mm) and of the picture (pixels) that belong together."""
    scale = min(1.0, LOOKED_AT / max(grey.shape))
    smaller = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    millimetre, corners = _millimetre(code) * scale, code.corners * scale
    guess, _ = cv2.estimateAffine2D(_expected(), corners)
    if guess is None:
        raise NotAligned
    squares = _squares(smaller, MARK * millimetre, corners)
    near = [
        _near(squares, cv2.transform(np.array([[mark]]), guess)[0, 0], FURTHEST * millimetre)
        for mark in MARKS
    ]
    best: tuple[float, Points, Points] | None = None
    or_none: list[list[Points | None]] = [list(one) or [None] for one in near]
    for choice in product(*or_none):
        known = [(mark, seen) for mark, seen in zip(MARKS, choice, strict=True) if seen is not None]
        if len(known) < 3:
            break
        there = np.array([mark for mark, _ in known])
        here = np.array([seen for _, seen in known])
        miss = _miss(there, here, corners)
        if best is None or miss < best[0]:
            best = (miss, there, here)
    if best is None or best[0] > LARGEST_MISS:
        raise NotAligned
    _, there, here = best
    if len(there) < 4:
        there, here = np.vstack([there, _expected()]), np.vstack([here, corners])
    return there, here / scale


def _squares(grey: Plane, side: float, code: Points) -> list[Points]:
    """Middles of black squares of about this size, but for those of the QR picture itself."""
    block = int(side * 4) | 1
    black = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 25)
    outlines, _ = cv2.findContours(black, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines:
        area = cv2.contourArea(outline)
        if not 0.35 * side**2 < area < 2.2 * side**2:
            continue
        (x, y), (width, height), _ = cv2.minAreaRect(outline)
        if min(width, height) < 0.65 * max(width, height) or area < 0.8 * width * height:
            continue
        if cv2.pointPolygonTest(code.astype(np.float32), (x, y), True) > -side:
            continue
        moments = cv2.moments(outline)
        middle = np.array([moments["m10"], moments["m01"]]) / moments["m00"]
        if black[int(middle[1]), int(middle[0])] and _is_full(black, outline):
            found.append(middle)
    return found


def _is_full(black: Plane, outline: NDArray[Any]) -> bool:
    x, y, width, height = cv2.boundingRect(outline)
    inside = np.zeros((height, width), np.uint8)
    cv2.drawContours(inside, [outline], -1, 1, cv2.FILLED, offset=(-x, -y))
    return float(black[y : y + height, x : x + width][inside > 0].mean()) > 215


def _near(squares: Sequence[Points], at: Points, radius: float) -> list[Points]:
    """The nearest few of the squares."""
    by_distance = sorted((float(np.linalg.norm(one - at)), n) for n, one in enumerate(squares))
    return [squares[n] for distance, n in by_distance[:4] if distance < radius]


def _miss(there: Points, here: Points, corners: Points) -> float:
    """How far (mm) the QR picture is from where these squares say that it is."""
    if len(there) == 3:
        to_sheet = np.vstack(
            [cv2.getAffineTransform(here.astype(np.float32), there.astype(np.float32)), [0, 0, 1]]
        )
    else:
        to_sheet, _ = cv2.findHomography(here, there)
    if to_sheet is None:
        return float("inf")
    seen = cv2.perspectiveTransform(corners[None], to_sheet)[0]
    return float(np.linalg.norm(seen - _expected(), axis=1).max())


def shift(sheet: Plane, empty: Plane, box: tuple[int, int, int, int]) -> tuple[int, int, float]:
    """How much further right and down a part of the flat sheet lies than on the empty form, and how well that fits (-1 to
    1). `box`: left, top, width, height in dots."""
    left, top, width, height = box
    reach = round(SHIFT * SCALE)
    x0, y0 = max(left - reach, 0), max(top - reach, 0)
    x1, y1 = min(left + width + reach, sheet.shape[1]), min(top + height + reach, sheet.shape[0])
    fits = cv2.matchTemplate(
        sheet[y0:y1, x0:x1], empty[top : top + height, left : left + width], cv2.TM_CCOEFF_NORMED
    )
    _, best, _, (x, y) = cv2.minMaxLoc(fits)
    return x0 + x - left, y0 + y - top, float(best)
