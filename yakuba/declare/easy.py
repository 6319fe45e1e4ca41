"""Every text in やさしい日本語 of a checkout, where it is written, how readable it is, and which words have no reading.

Declared services, the words of the screens, what the assistant knows, the reasons of the policies, and what the program
itself says. Nothing is stored.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import yaml
from yaml import MappingNode, ScalarNode, SequenceNode

from yakuba.declare.faults import Fault
from yakuba.declare.written import Places
from yakuba.words.easy import FLOOR, Readable, readability

PROJECT = Path(__file__).resolve().parents[2]
_REASON = re.compile(r'^@easy\("(?P<text>.+)"\)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Easy:
    """A text in やさしい日本語: where it is written, and what it is called there (`summary`, `apply.start`)."""

    file: str
    line: int
    name: str
    text: str

    @property
    def readable(self) -> Readable:
        """How readable it is."""
        return readability(self.text)


@dataclass(frozen=True)
class Report:
    """What `yakuba check --easy` says."""

    texts: list[Easy]

    @cached_property
    def low(self) -> list[Easy]:
        """Those below the floor, the hardest first."""
        return sorted((one for one in self.texts if one.readable.low), key=lambda one: one.readable.points)

    @cached_property
    def unread(self) -> list[tuple[Easy, str]]:
        """The words without ruby, with the text that each stands in."""
        return [(one, word) for one in self.texts for word in one.readable.unread]

    def as_json(self) -> dict[str, Any]:
        """All of it; `points` are of 100."""
        return {
            "floor": FLOOR,
            "counted": len(self.texts),
            "below_floor": len(self.low),
            "without_ruby": sorted({word for _, word in self.unread}),
            "texts": [
                {
                    "file": one.file,
                    "line": one.line,
                    "name": one.name,
                    "text": one.text,
                    "points": one.readable.points,
                    "hard_words": list(one.readable.hard),
                    "because": list(one.readable.because),
                    "without_ruby": list(one.readable.unread),
                }
                for one in self.texts
            ],
        }

    def in_words(self) -> Iterator[str]:
        """A line for each text, the most readable first, so that what is to be mended stands last."""
        for one in sorted(self.texts, key=lambda one: -one.readable.points):
            yield in_words(one)
        for one, word in self.unread:
            yield f"{one.file}:{one.line} — no ruby over “{word}”: write {{{word}|よみ}}, or add it to readings.yaml."


def in_words(one: Easy) -> str:
    """`services/x/service.yaml:7 summary 85 — お金を… (hard: 児童手当; 41 beats long)`."""
    found = one.readable
    why = [f"hard: {'、'.join(found.hard)}"] if found.hard else []
    said = "; ".join([*why, *found.because])
    text = " ".join(one.text.split())
    shown = text if len(text) <= 60 else f"{text[:60]}…"
    return f"{found.points:3} {one.file}:{one.line} {one.name} — {shown}{f' ({said})' if said else ''}"


def report(services: Path, only: Iterable[str] = ()) -> Report:
    """Every easy text of the services (or of those named alone) and, where none is named, of the whole project."""
    chosen = list(only)
    folders = [services / name for name in chosen] or [services]
    texts = [_of_yaml(folder, services.parent) for folder in folders]
    if not chosen:
        package = PROJECT / "yakuba"
        texts += [_of_yaml(package, PROJECT), _of_policies(PROJECT / "policies"), _of_python(package)]
    return Report(list(chain.from_iterable(texts)))


def too_hard(part: Mapping[str, Any], places: Places, at: tuple[str | int, ...] = ()) -> Iterator[Fault]:
    """The easy texts of a declared part, as plain data, that are below the floor or have no reading."""
    easy = part.get("easy")
    if isinstance(easy, str):
        found = readability(easy)
        if found.low:
            why = "; ".join([*(f"hard: {word}" for word in found.hard), *found.because])
            what = f'"{_named(at)}" is not easy ({found.points} of 100 points, {FLOOR} are needed; {why}).'
            yield places.fault((*at, "easy"), what, "Say it shorter and with plainer words (docs/words.md).")
        for word in found.unread:
            yield places.fault(
                (*at, "easy"), f'"{_named(at)}" has no reading for “{word}”.', f"Write {{{word}|よみ}}."
            )
        return
    for key, value in part.items():
        yield from _too_hard_in(value, places, (*at, key))


def _named(at: tuple[str | int, ...]) -> str:
    return ".".join(map(str, at))


def _too_hard_in(value: Any, places: Places, at: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(value, Mapping):
        yield from too_hard(value, places, at)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _too_hard_in(one, places, (*at, number))


# -- where they are written -----------------------------------------------------------------------------
def _of_yaml(folder: Path, root: Path) -> Iterator[Easy]:
    for path in sorted(folder.rglob("*.yaml")):
        text = path.read_text("utf-8")
        if "easy:" not in text:
            continue
        try:
            node = yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            continue  # `yakuba check` says what is wrong with it
        yield from _of_node(node, str(path.relative_to(root)), ())


def _of_node(node: Any, file: str, at: tuple[str, ...]) -> Iterator[Easy]:
    if isinstance(node, SequenceNode):
        for number, one in enumerate(node.value):
            yield from _of_node(one, file, (*at, str(number)))
    if not isinstance(node, MappingNode):
        return
    for key, value in node.value:
        if key.value == "easy" and isinstance(value, ScalarNode):
            line = value.start_mark.line + 1
            yield Easy(file, line, ".".join(at), value.value)
        else:
            yield from _of_node(value, file, (*at, str(key.value)))


def _of_policies(folder: Path) -> Iterator[Easy]:
    for path in sorted(folder.glob("*.cedar")):
        text = path.read_text("utf-8")
        for found in _REASON.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield Easy(f"policies/{path.name}", line, "because", found["text"])


def _of_python(package: Path) -> Iterator[Easy]:
    """Constant texts given as `easy=…`."""
    for path in sorted(package.rglob("*.py")):
        text = path.read_text("utf-8")
        if "easy=" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.keyword) and node.arg == "easy" and isinstance(node.value, ast.Constant):
                yield Easy(
                    str(path.relative_to(package.parent)), node.value.lineno, "", str(node.value.value)
                )
