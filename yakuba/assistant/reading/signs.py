"""One sign in a box: digits and kana, told apart by a small network of our own (`data/reading/train_signs.py` made it).

It sees where strokes run in which direction, and how large the sign stands in its box, which tells ッ from ツ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from yakuba.assistant.reading.pictures import Plane

WEIGHTS = Path(__file__).parent / "signs.npz"
DIGITS = "0123456789"
KANA = "".join(map(chr, range(ord("ァ"), ord("ヴ") + 1))) + "ー・"
OTHER = "\ufffd"
"""What is neither: a scribble, a kanji, a letter."""
SIGNS = DIGITS + KANA + OTHER
SIDE = 32
"""Points of the side of a sign that was brought to one size."""
INK = 90
"""From this darkness on a point is ink."""
LEAST = 10
"""Points of ink in a box of 56 points below which it is empty."""
BOX = 56
"""Points of the side of a box as it is looked at."""
DIRECTIONS, PARTS = 8, 7

Floats = NDArray[np.float32]


def features(box: Plane) -> Floats | None:
    """What the network sees of the inside of a box (dark is high); None where nothing is written."""
    if box.shape != (BOX, BOX):
        box = cv2.resize(box, (BOX, BOX), interpolation=cv2.INTER_AREA)
    ink = _cleaned(box)
    ys, xs = np.nonzero(ink)
    if len(xs) < LEAST:
        return None
    x0, x1, y0, y1 = xs.min(), xs.max() + 1, ys.min(), ys.max() + 1
    sign = cv2.GaussianBlur(
        np.where(cv2.dilate(ink, np.ones((3, 3), np.uint8)) > 0, box, 0).astype(np.uint8), (0, 0), 0.6
    )
    placed = _one_size(sign[y0:y1, x0:x1])
    where = np.array([(x1 - x0) / BOX, (y1 - y0) / BOX, (x0 + x1) / 2 / BOX, (y0 + y1) / 2 / BOX], np.float32)
    small = cv2.resize(placed, (16, 16), interpolation=cv2.INTER_AREA).ravel() / 255.0
    return np.concatenate([_directions(placed), small, where * 2]).astype(np.float32)


def _cleaned(box: Plane) -> Plane:
    """The ink, without specks and without what only touches the border: a rest of the printed box."""
    ink = (box > INK).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    for n in range(1, count):
        x, y, width, height, area = stats[n]
        thin = (width <= 3 and (x == 0 or x + width == BOX)) or (
            height <= 3 and (y == 0 or y + height == BOX)
        )
        if area < 4 or thin:
            ink[labels == n] = 0
    return ink


def _one_size(sign: Plane) -> Floats:
    height, width = sign.shape
    scale = (SIDE - 4) / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(sign, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    placed = np.zeros((SIDE, SIDE), np.float32)
    x, y = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    placed[y : y + size[1], x : x + size[0]] = small
    return placed * (255.0 / max(60.0, float(placed.max())))


def _directions(placed: Floats) -> Floats:
    """How strongly edges run in each of eight directions, in each of 7 × 7 overlapping parts."""
    gx, gy = cv2.Sobel(placed, cv2.CV_32F, 1, 0), cv2.Sobel(placed, cv2.CV_32F, 0, 1)
    strength, angle = cv2.cartToPolar(gx, gy)
    turn = angle * (DIRECTIONS / (2 * np.pi))
    low = np.floor(turn)
    share, low = turn - low, low.astype(np.int32) % DIRECTIONS
    planes = []
    for direction in range(DIRECTIONS):
        plane = np.where(low == direction, strength * (1 - share), 0)
        plane += np.where((low + 1) % DIRECTIONS == direction, strength * share, 0)
        planes.append(
            cv2.resize(cv2.GaussianBlur(plane, (0, 0), 2.2), (PARTS, PARTS), interpolation=cv2.INTER_AREA)
        )
    found = np.sqrt(np.maximum(np.stack(planes), 0)).ravel()
    return np.asarray(found / (np.linalg.norm(found) + 1e-6) * 8, np.float32)


@dataclass(frozen=True, slots=True)
class Network:
    """Layers of weights and biases; `temperature` makes what it says as sure as it is right."""

    layers: tuple[tuple[Floats, Floats], ...]
    middle: Floats
    spread: Floats
    temperature: float

    def logits(self, seen: Floats) -> Floats:
        """Rows of features in, rows of logits of `SIGNS` out."""
        out = (seen - self.middle) / self.spread
        for weights, bias in self.layers[:-1]:
            out = np.maximum(out @ weights + bias, 0)
        weights, bias = self.layers[-1]
        return np.asarray((out @ weights + bias) / self.temperature, np.float32)


@cache
def network() -> Network:
    """The network that comes with the project."""
    with np.load(WEIGHTS) as kept:
        count = sum(1 for name in kept.files if name.startswith("weights"))
        layers = tuple(
            (kept[f"weights{n}"].astype(np.float32), kept[f"bias{n}"].astype(np.float32))
            for n in range(count)
        )
        return Network(layers, kept["middle"], kept["spread"], float(kept["temperature"]))


def told(boxes: list[Plane], alphabet: str) -> list[Floats | None]:
    """Log-probabilities of the signs of an alphabet and of `OTHER`, in this order, for each box; None for an empty one."""
    seen = [features(box) for box in boxes]
    written = [one for one in seen if one is not None]
    if not written:
        return [None] * len(boxes)
    columns = [SIGNS.index(sign) for sign in alphabet + OTHER]
    logits = network().logits(np.stack(written))[:, columns]
    logits -= logits.max(axis=1, keepdims=True)
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    rows = iter(logs)
    return [None if one is None else next(rows) for one in seen]
