"""What a person wrote: a YAML file as plain data, and the line on which each part of it stands.

Only plain YAML is read. Aliases, of which ten lines can stand for a thousand million, and tags are refused, and
what looks like a number or a date without being one stays the text that was written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import yaml as libyaml
from ruamel.yaml import YAML, events
from ruamel.yaml.composer import Composer
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from yakuba.declare.faults import Fault, Faults

Path_ = tuple[str | int, ...]
DEEPEST = 30
"""Parts inside parts; a service file has about eight."""
_LARGEST_INT = 2**63 - 1
KEPT = 32
"""Texts that stay read: finding where a text's parts begin and end takes a tenth of a second, and whoever changes a service
has its few files read again with every page. More would hold tens of MB."""
Node = Any
"""A node of ruamel's, which says where it begins and ends; its types do not say what it has."""


@dataclass
class Places:
    """Where each part of an expanded document was written: path → (file, line)."""

    file: str
    at: dict[Path_, tuple[str, int]] = field(default_factory=dict)

    def find(self, path: Path_) -> tuple[str, int]:
        """File and line of a part, or of the nearest part around it."""
        while path and path not in self.at:
            path = path[:-1]
        return self.at.get(path, (self.file, 1))

    def fault(self, path: Path_, what: str, mend: str) -> Fault:
        """A fault at that part."""
        file, line = self.find(path)
        return Fault(file, line, what, mend)


def read(path: Path, name: str) -> tuple[Any, Places]:
    """A file as plain data (dates as text: `2024-04-01`), and the places of its parts. Raises Faults.

    `name`: what people call the file, for the faults.
    """
    return parsed(text_of(path, name), name)


def parsed(text: str, name: str) -> tuple[Any, Places]:
    """The text of such a file as plain data, and the places of its parts. Raises Faults."""
    try:
        known = _kept(text)
    except Faults as slips:
        raise Faults([replace(slip, file=name) for slip in slips.faults]) from slips
    return orjson.loads(known.data), Places(name, {at: (name, line) for at, line in known.lines})


@lru_cache(KEPT)
def root_of(text: str) -> Node:
    """The node of the whole text, which others are in: to be looked at, not to be changed. Raises Faults.

    Always ruamel's own: libyaml says otherwise where a part ends after which nothing comes.
    """
    _kept(text)
    return _parsed(text, None)[1]


def value_of(text: str) -> Any:
    """What a text means that nobody asks for again. Raises Faults."""
    return orjson.loads(_read(text).data)


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a text: what it says as JSON, and the line of each part."""

    data: bytes
    lines: tuple[tuple[Path_, int], ...]


def _read(text: str) -> _Read:
    written, _ = _parsed(text, _Scanned.of(text))
    if written is None:
        raise _wrong("", 1, "is empty.", "Write it, or take the file away.")
    twice = list(_twice(written))
    if twice:
        line, key = twice[0]
        raise _wrong("", line, f'has "{key}" twice.', "Keep one of the two.")
    # as JSON, so that a file read today and a stored version are the same thing
    return _Read(orjson.dumps(_json(written)), tuple(_walk(written, (), 1)))


_kept = lru_cache(KEPT)(_read)


def _wrong(name: str, line: int, what: str, mend: str) -> Faults:
    return Faults([Fault(name, line, what, mend)])


def text_of(path: Path, name: str) -> str:
    """The text of a file without a byte order mark. Raises Faults for what is not there or not UTF-8."""
    try:
        written = path.read_bytes()
    except FileNotFoundError as error:
        raise _wrong(name, 1, "is not there.", "Write it, or take its name out.") from error
    except OSError as error:
        raise _wrong(
            name, 1, f"cannot be read: {error.strerror}.", "Is it a file that you may read?"
        ) from error
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        raise _wrong(
            name, line, "is not written in UTF-8.", "Save it as UTF-8, not as Shift_JIS (ANSI)."
        ) from error


def _parsed(text: str, scanned: _Scanned | None) -> tuple[Any, Node]:
    yaml = YAML(typ="rt")
    yaml.Composer, yaml.Constructor = _PlainComposer, _PlainConstructor
    try:
        if scanned is not None:
            yaml._parser = scanned  # type: ignore[attr-defined]
            return yaml.constructor.get_single_data(), yaml.constructor.root
        return yaml.load(text), yaml.constructor.root
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _wrong("", line, "has a character that no text needs.", "Type this line again.") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _wrong("", line, *_said(error)) from error


def _said(error: MarkedYAMLError) -> tuple[str, str]:
    """What is wrong, and how to mend it."""
    if isinstance(error, _NotPlain):
        return error.problem, error.note
    if isinstance(error, DuplicateKeyError):
        key = re.search(r'duplicate key "(.*?)" with', error.problem or "")
        return f'has "{key[1] if key else "a key"}" twice.', "Keep one of the two."
    if "\\t" in (error.problem or ""):
        return "is indented with a tab.", "Indent with spaces."
    return f"is not YAML: {error.problem}.", "Check colons, quotes and indents here."


class _Scanned:
    """A text as libyaml scans it, in C, for ruamel's composer: scanning is nine tenths of the work. What libyaml cannot read,
    ruamel reads once more, and says in its own words what is wrong."""

    unlike = re.compile("[\t\x85\u2028\u2029\ufeff]")
    """Blanks and ends of lines that the two take differently (YAML 1.1 and 1.2, chapter 5.4): these are ruamel's."""

    def __init__(self, found: list[Any]):
        self._found, self._at = found, 0

    @classmethod
    def of(cls, text: str) -> _Scanned | None:
        """None for what is left to ruamel."""
        if cls.unlike.search(text):
            return None
        try:
            return cls([_event(one) for one in libyaml.parse(text, Loader=libyaml.CSafeLoader)])
        except libyaml.YAMLError:
            return None

    def check_event(self, *kinds: type) -> bool:
        """Is the next one of these kinds?"""
        return isinstance(self._found[self._at], kinds)

    def peek_event(self) -> Any:
        """The next one, which stays the next."""
        return self._found[self._at]

    def get_event(self) -> Any:
        """The next one, and on."""
        self._at += 1
        return self._found[self._at - 1]


def _event(one: Any) -> Any:
    """An event of libyaml as ruamel has it; they are called alike."""
    kind, begin, end = getattr(events, type(one).__name__), one.start_mark, one.end_mark
    if isinstance(one, libyaml.ScalarEvent):
        return kind(one.anchor, one.tag, one.implicit, one.value, begin, end, style=one.style)
    if isinstance(one, libyaml.CollectionStartEvent):
        return kind(one.anchor, one.tag, one.implicit, begin, end, flow_style=one.flow_style)
    return kind(one.anchor, begin, end) if isinstance(one, libyaml.AliasEvent) else kind(begin, end)


class _NotPlain(MarkedYAMLError):
    """YAML, but a part of it that declared files do without."""


class _PlainComposer(Composer):
    """Refuses aliases, tags and what is nested too deep before anything is made of them."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        if event.anchor is not None:
            self._refuse("repeats a part with & and *.", "Write it out where it is needed.", event)
        if getattr(event, "tag", None) is not None:
            self._refuse(f"has the tag {event.tag}.", "Take it out, or put the text in quotes.", event)
        if self.depth >= DEEPEST:
            self._refuse(
                f"is nested more than {DEEPEST} deep.", "Look for brackets that are not closed.", event
            )
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def _refuse(self, what: str, mend: str, event: Any) -> None:
        raise _NotPlain(problem=what, problem_mark=event.start_mark, note=mend)


class _PlainConstructor(RoundTripConstructor):
    """What is no number or no date after all, and codes that begin with 0, stay text. The root is remembered."""

    root: Node = None

    def construct_document(self, node: Node) -> Any:
        self.root = node
        return super().construct_document(node)


def _or_text(construct: Callable[..., Any]) -> Callable[..., Any]:
    def constructed(self: Any, node: Any) -> Any:
        try:
            return node.value if re.match(r"0\d", node.value) else construct(self, node)
        except ValueError:
            return node.value

    return constructed


for _kind in ("int", "float", "timestamp"):
    _tag = f"tag:yaml.org,2002:{_kind}"
    _PlainConstructor.add_constructor(_tag, _or_text(RoundTripConstructor.yaml_constructors[_tag]))


def _json(node: Any) -> Any:
    if isinstance(node, dict):
        return {_key(key): _json(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_json(value) for value in node]
    if node is None or isinstance(node, bool):
        return node
    if isinstance(node, int):
        return int(node) if abs(node) <= _LARGEST_INT else str(node)
    if isinstance(node, float):
        return float(node) if math.isfinite(node) else str(node)
    return node.isoformat() if isinstance(node, date) else str(node)


def _key(key: Any) -> str:
    return key if type(key) is str else str(key)


def _twice(node: Any, line: int = 1) -> Iterator[tuple[int, str]]:
    """Keys that are one and the same once they are text: 2024-04-01 and '2024-04-01'."""
    if isinstance(node, dict):
        seen: set[str] = set()
        for key, value in node.items():
            if _key(key) in seen:
                yield _line(node, key, line), _key(key)
            seen.add(_key(key))
            yield from _twice(value, _line(node, key, line))
    elif isinstance(node, list):
        for value in node:
            yield from _twice(value, line)


def _line(node: Any, key: Any, around: int) -> int:
    """The line of a key of a mapping or of a place in a list; the line of what is around it where nobody knows."""
    if not hasattr(node, "lc") or node.lc.data is None or key not in node.lc.data:
        return around
    return int(node.lc.data[key][0]) + 1


def _walk(node: Any, path: Path_, line: int) -> Iterator[tuple[Path_, int]]:
    yield path, line
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _walk(value, (*path, _key(key)), _line(node, key, line))
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from _walk(value, (*path, position), _line(node, position, line))
