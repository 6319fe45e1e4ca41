"""Maps of the country and of a prefecture as paths for SVG, drawn by the server: no tiles, no script. Pure.

The outlines are made by `data/japan/build_municipalities.py`: 「国土数値情報（行政区域データ）」（国土交通省）を加工して作成.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("areas")
STEPS = (0.2, 0.4, 0.6, 0.8)
"""Where the next darker class of a ratio begins."""
CLASSES = ("0", "1", "2", "3", "4")
UNKNOWN = "x"


def class_of(value: float | None) -> str:
    """The class in which a value is drawn: 0 (light) to 4 (dark), or x, unknown.

    >>> class_of(0), class_of(0.2), class_of(1), class_of(None)
    ('0', '1', '4', 'x')
    """
    return UNKNOWN if value is None else CLASSES[sum(value >= step for step in STEPS)]


@dataclass(frozen=True, slots=True)
class Area:
    """A path that has a name of its own: a prefecture, or a municipality."""

    code: str
    path: str
    shade: str = ""


@dataclass(frozen=True, slots=True)
class Map:
    """What a template draws. `box`: the viewBox; `shades`: all municipalities of a class in one path; `areas`: what is named;
    `line`: what parts off islands that are drawn nearer; `mine`: the outline of the town that is looked at."""

    box: str
    shades: Sequence[tuple[str, str]]
    areas: Sequence[Area]
    line: str = ""
    mine: str = ""


@cache
def _areas(name: str) -> Mapping[str, Any]:
    return dict(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


def country(values: Mapping[str, float | None], mine: str = "") -> Map:
    """All municipalities by the class of their value, and the prefectures; who has no value is unknown."""
    drawn = _areas("country")
    shades: dict[str, list[str]] = defaultdict(list)
    for code, path in drawn["areas"].items():
        shades[class_of(values.get(code))].append(path)
    return Map(
        box=drawn["box"],
        shades=[(name, "".join(paths)) for name, paths in sorted(shades.items())],
        areas=[Area(number, path) for number, path in sorted(drawn["prefectures"].items())],
        line=drawn["line"],
        mine=drawn["areas"].get(mine, ""),
    )


def prefecture(number: str, values: Mapping[str, float | None]) -> Map | None:
    """The municipalities of a prefecture (01 to 47), each by itself; None where there is no such prefecture."""
    if not (FOLDER / f"{number}.json").exists():
        return None
    drawn = _areas(number)
    areas = [Area(code, path, class_of(values.get(code))) for code, path in sorted(drawn["areas"].items())]
    return Map(drawn["box"], (), areas)
