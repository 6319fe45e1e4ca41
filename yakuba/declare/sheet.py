"""A declared file that is changed part by part: whatever is not touched stays as it was written, byte for byte.

A YAML writer lays the whole file out anew, and comments go astray when a part is moved or taken out. So the file is
only read as YAML, for where each of its parts begins and ends, and the change is made in the text, at that place. A
comment belongs to the part below it. What comes out is read again, and must say what was meant.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from yakuba.declare import written
from yakuba.declare.faults import Faults
from yakuba.declare.written import Node, Path_
from yakuba.words import LANGUAGES

WIDE = 110
"""Characters up to which the parts of a part are written in one line."""
WIDE_ITEM = 300
"""The same for a step or a question, which stand in one line each."""


class NotHere(LookupError):
    """The file has no such part; somebody may have taken it out."""


class CannotChange(ValueError):
    """The part is written in a way that cannot be changed by itself: change it in the text."""


class Sheet:
    """The text of one file, and what is changed in it. Raises declare.Faults for what is no plain YAML."""

    def __init__(self, text: str, name: str = "file"):
        self.name = name
        self.text = text if not text or text.endswith("\n") else f"{text}\n"
        self._read()

    def _read(self) -> None:
        blank = not re.sub(r"(?m)^\s*(#.*)?$", "", self.text).strip()
        self.data: Any = {} if blank else written.parsed(self.text, self.name)[0]
        self._read_from = "" if blank else self.text

    def get(self, path: Path_, otherwise: Any = None) -> Any:
        """The part as plain data, `otherwise` where there is none."""
        found = self.data
        for key in path:
            try:
                found = found[key]
            except (KeyError, IndexError, TypeError):
                return otherwise
        return found

    def lines(self, path: Path_) -> tuple[int, int]:
        """The first and the last line of a part, counted from one; (0, 0) where there is none."""
        node = self._node(path)
        if node is None:
            return 0, 0
        start, around = node.start_mark.index, self._node(path[:-1]) if path else None
        if isinstance(around, MappingNode):
            start = self._key_node(path).start_mark.index
        return self.text.count("\n", 0, start) + 1, self.text.count("\n", 0, self._end(node)) + 1

    # -- changes -----------------------------------------------------------------------------------
    def put(self, path: Path_, value: Any, order: Sequence[str] = ()) -> None:
        """Write a part anew, or add it to the part around it. `order`: of the keys there, for where a new one goes.

        Raises NotHere, CannotChange.
        """
        value = plain(value)
        known = self.get(path, _NONE)
        if type(known) is type(value) and known == value:
            return
        meant = _with(self.data, path, value)
        if self._node(path) is not None:
            self._replace(path, value)
        elif not path:
            self._say(f"{self.text}{_whole(value)}\n")
        elif isinstance(self._node(path[:-1]), MappingNode) and self.get(path[:-1]):
            self._add(path, value, order)
        elif len(path) == 1:
            self._say(f"{self.text}{_key(path[0])}:{_block(value, 2)}\n")
        else:
            self.put(path[:-1], {path[-1]: value}, order)
            return
        self._settle(meant)

    def remove(self, path: Path_) -> None:
        """Take a part out, with the comment above it. Raises NotHere, CannotChange."""
        self._needed(path)
        meant = copy.deepcopy(self.data)
        around = _at(meant, path[:-1])
        del around[path[-1]]
        if not around:
            self._replace(path[:-1], around) if path[:-1] else self._say("")
        else:
            start, end = self._piece(path)
            self._say(self.text[:start] + self.text[end:])
        self._settle(meant)

    def insert(self, path: Path_, position: int, value: Any) -> None:
        """Put something into the list at `path`, before what stands at that position. Raises CannotChange."""
        value = plain(value)
        items = self.get(path) or []
        if not isinstance(items, list):
            raise CannotChange(f"{self.name}: {_said(path)} is no list")
        if not items:
            self.put(path, [value])
            return
        meant = copy.deepcopy(self.data)
        _at(meant, path).insert(position, value)
        node = self._needed(path)
        if node.flow_style:
            texts = [self._text_of(one) for one in node.value]
            texts.insert(position, _flow(value))
            self._span(node, f"[{', '.join(texts)}]")
        else:
            column = self._dash(node.value[0])[1]
            self._put_lines(path, position, f"{' ' * column}- {_item(value, column + 2)}\n")
        self._settle(meant)

    def move(self, path: Path_, to: int) -> None:
        """Bring an item of a list to another position of it, with the comment above it. Raises NotHere."""
        node, (around, position) = self._needed(path[:-1]), (path[:-1], path[-1])
        items = self.get(around)
        if not isinstance(position, int) or not 0 <= position < len(items):
            raise NotHere(_said(path))
        to = max(0, min(to, len(items) - 1))
        if to == position:
            return
        meant = copy.deepcopy(self.data)
        moved = _at(meant, around)
        moved.insert(to, moved.pop(position))
        if node.flow_style:
            texts = [self._text_of(one) for one in node.value]
            texts.insert(to, texts.pop(position))
            self._span(node, f"[{', '.join(texts)}]")
        else:
            start, end = self._piece(path)
            lines = self.text[start:end]
            self._say(self.text[:start] + self.text[end:])
            self._read()
            self._put_lines(around, to, lines)
        self._settle(meant)

    # -- how ---------------------------------------------------------------------------------------
    def _settle(self, meant: Any) -> None:
        """What was written must say what was meant."""
        before = self._before
        try:
            self._read()
            right = self.data == meant
        except Faults:
            right = False
        if not right:
            self.text = before
            self._read()
            raise CannotChange(f"{self.name}: this part cannot be changed by itself. Change it in the text.")
        self.__dict__.pop("_kept", None)

    @property
    def _before(self) -> str:
        return str(self.__dict__.get("_kept", self.text))

    def _say(self, text: str) -> None:
        self.__dict__.setdefault("_kept", self.text)
        self.text = text

    def _span(self, node: Node, said: str) -> None:
        self._say(self.text[: node.start_mark.index] + said + self.text[self._end(node) :])

    def _text_of(self, node: Node) -> str:
        return self.text[node.start_mark.index : self._end(node)]

    def _node(self, path: Path_) -> Node | None:
        # read a second time, slowly, and only here: most sheets are looked at and not changed
        node: Node | None = written.root_of(self._read_from) if self._read_from else None
        for key in path:
            if isinstance(node, MappingNode):
                node = next((v for k, v in node.value if k.value == str(key)), None)
            elif isinstance(node, SequenceNode) and isinstance(key, int) and 0 <= key < len(node.value):
                node = node.value[key]
            else:
                return None
        return node

    def _needed(self, path: Path_) -> Node:
        node = self._node(path)
        if node is None:
            raise NotHere(_said(path))
        return node

    def _key_node(self, path: Path_) -> Node:
        around = self._needed(path[:-1])
        return next(k for k, _ in around.value if k.value == str(path[-1]))

    def _end(self, node: Node) -> int:
        """Where the part ends; blank lines and comments that follow are not of it."""
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, ScalarNode):
            return self._block_scalar_end(node) if node.style in ("|", ">") else end
        if node.flow_style or not node.value:
            return end
        last = node.value[-1]
        if isinstance(node, SequenceNode):
            return max(
                self._end(last), self.text.rindex("-", 0, last.start_mark.index) + 1 if _void(last) else start
            )
        key, value = last
        return self._end(value) if not _void(value) else self.text.index(":", key.end_mark.index) + 1

    def _block_scalar_end(self, node: Node) -> int:
        """The last line of `|` or `>` that is not blank and as far in as its first."""
        head = self.text.index("\n", node.start_mark.index) + 1
        end, inner = head - 1, None
        for line in re.finditer(r"[^\n]*\n?", self.text[head:]):
            said = line[0].strip("\n")
            if not said.strip():
                if not line[0]:
                    break
                continue
            indent = len(said) - len(said.lstrip(" "))
            inner = indent if inner is None else inner
            if indent < inner or head + line.start() >= node.end_mark.index:
                break
            end = head + line.start() + len(said)
        return end

    def _line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _line_end(self, index: int) -> int:
        """After the line break of the line, whose rest may be a comment."""
        found = self.text.find("\n", index)
        return len(self.text) if found < 0 else found + 1

    def _dash(self, node: Node) -> tuple[int, int]:
        """Where the dash of an item is, and in which column."""
        before = self.text[: node.start_mark.index]
        bare = re.sub(r"(?:\s|#[^\n]*\n)*$", "", before)
        if not bare.endswith("-"):
            raise CannotChange(f"{self.name}: this list is written in a way that only the text can change.")
        at = len(bare) - 1
        return at, at - self._line_start(at)

    def _piece(self, path: Path_) -> tuple[int, int]:
        """From where to where a part stands with its key or dash, with the comment above it, or with its comma."""
        around = self._needed(path[:-1])
        if around.flow_style:
            return self._flow_piece(around, path)
        node = self._needed(path)
        if isinstance(around, SequenceNode):
            start = self._dash(node)[0]
            end = start + 1 if _void(node) else self._end(node)
        else:
            key = self._key_node(path)
            start = key.start_mark.index
            end = self.text.index(":", key.end_mark.index) + 1 if _void(node) else self._end(node)
        line = self._line_start(start)
        if self.text[line:start].strip():  # the first key of an item, on the line of its dash
            following = [k.start_mark.index for k, _ in around.value if k.start_mark.index > start]
            return start, min(following)
        return self._comment_above(line, start - line), self._line_end(end)

    def _comment_above(self, line: int, column: int) -> int:
        """The beginning of the comment right above a line, as far in as it."""
        while line:
            above = self._line_start(line - 1)
            said = self.text[above : line - 1]
            if not re.fullmatch(rf" {{{column}}}#.*", said) or (above == 0 and column == 0):
                break
            line = above
        return line

    def _flow_piece(self, around: Node, path: Path_) -> tuple[int, int]:
        spans = [
            (one.start_mark.index, self._end(one))
            if isinstance(around, SequenceNode)
            else (one[0].start_mark.index, self._end(one[1]))
            for one in around.value
        ]
        names = [k.value for k, _ in around.value] if isinstance(around, MappingNode) else []
        number = names.index(str(path[-1])) if names else int(path[-1])
        if number + 1 < len(spans):
            return spans[number][0], spans[number + 1][0]
        return spans[number - 1][1], spans[number][1]

    def _replace(self, path: Path_, value: Any) -> None:
        node = self._needed(path)
        around = self._node(path[:-1]) if path else None
        if path and self._in_flow(path[:-1]):
            said = _flow(value)
            if _void(node) and isinstance(around, MappingNode):
                key = self._key_node(path)
                colon = self.text.find(":", key.end_mark.index)
                self._say(f"{self.text[: colon + 1]} {said}{self.text[colon + 1 :]}")
                return
            self._span(node, said)
            return
        if not path:
            self._span(node, _whole(value))
            return
        if isinstance(around, SequenceNode):
            at, column = self._dash(node)
            end = at + 1 if _void(node) else self._end(node)
            said = self._before_comment(end, value) or _item(value, column + 2)
            self._say(f"{self.text[:at]}- {said}{self.text[end:]}")
            return
        key = self._key_node(path)
        colon = self.text.index(":", key.end_mark.index) + 1
        end = colon if _void(node) else self._end(node)
        in_line = self._before_comment(end, value)
        said = f" {in_line}" if in_line else _block(value, key.start_mark.column + 2)
        self._say(self.text[:colon] + said + self.text[end:])

    def _before_comment(self, end: int, value: Any) -> str:
        """The value in one line where a comment stands behind it: lines of a text would take that for one of them. Empty where
        none does."""
        if not self.text[end:].lstrip(" ").startswith("#"):
            return ""
        return _scalar(value, flow=False) if isinstance(value, str) else _flow(value)

    def _in_flow(self, path: Path_) -> bool:
        return any(getattr(self._node(path[:n]), "flow_style", False) for n in range(len(path) + 1))

    def _add(self, path: Path_, value: Any, order: Sequence[str]) -> None:
        """A new key of a mapping that is there."""
        around = self._needed(path[:-1])
        names = [k.value for k, _ in around.value]
        number = _place(str(path[-1]), names, order)
        if around.flow_style or self._in_flow(path[:-1]):
            said = f"{_key(path[-1])}: {_flow(value)}"
            if number == 0:
                at = around.value[0][0].start_mark.index
                self._say(f"{self.text[:at]}{said}, {self.text[at:]}")
                return
            at = self._end(around.value[number - 1][1])
            self._say(f"{self.text[:at]}, {said}{self.text[at:]}")
            return
        column = around.value[0][0].start_mark.column
        said = f"{' ' * column}{_key(path[-1])}:{_block(value, column + 2)}\n"
        if number == 0:
            raise CannotChange(f"{self.name}: nothing stands before “{names[0]}”.")
        key, last = around.value[number - 1]
        end = self.text.index(":", key.end_mark.index) + 1 if _void(last) else self._end(last)
        at = self._line_end(end)
        apart = "\n" if column == 0 and "\n" in said[:-1] else ""
        self._say(self.text[:at] + apart + said + self.text[at:])

    def _put_lines(self, path: Path_, position: int, lines: str) -> None:
        """Lines of an item into a list written item by item."""
        items = self._needed(path).value
        if position < len(items):
            at = self._piece((*path, position))[0]
        else:
            at = self._piece((*path, len(items) - 1))[1]
        self._say(self.text[:at] + lines + self.text[at:])


_NONE: Any = object()


def _void(node: Node) -> bool:
    """Is nothing written there?"""
    return isinstance(node, ScalarNode) and node.start_mark.index == node.end_mark.index


def _said(path: Path_) -> str:
    return ".".join(str(part) for part in path)


def _at(data: Any, path: Path_) -> Any:
    for key in path:
        data = data[key]
    return data


def _with(data: Any, path: Path_, value: Any) -> Any:
    """A copy of the data with the value at the path."""
    if not path:
        return value
    copied: Any = copy.deepcopy(data)
    around: Any = copied
    for key in path[:-1]:
        if isinstance(around, dict) and around.get(key) is None:
            around[key] = {}
        try:
            around = around[key]
        except (KeyError, IndexError, TypeError) as error:
            raise NotHere(_said(path)) from error
    if isinstance(around, list) and not (isinstance(path[-1], int) and 0 <= path[-1] < len(around)):
        raise NotHere(_said(path))
    around[path[-1]] = value
    return copied


def _place(name: str, names: Sequence[str], order: Sequence[str]) -> int:
    """After which of the keys a new one goes: after the last that comes before it in the order, else at the end."""
    if name not in order:
        return len(names)
    earlier = set(order[: list(order).index(name)])
    before = [number for number, one in enumerate(names, start=1) if one in earlier]
    return before[-1] if before else len(names)


def plain(value: Any) -> Any:
    """As a file that is read gives it back: dates as text, line breaks of one kind."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    return value.isoformat() if isinstance(value, date) else value


# -- writing -------------------------------------------------------------------------------------------
def _key(key: Any) -> str:
    return _scalar(str(key), flow=True)


def _scalar(value: Any, *, flow: bool) -> str:
    """A text, number, yes or no as it is written; bare where it reads back as itself."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if _ISO_DAY.fullmatch(value):  # reads back as a day, which is the same text again
        return str(value)
    if _bare(value, flow):
        return str(value)
    if value.isprintable() or all(c.isprintable() or c == "\u3000" for c in value):
        return "'" + value.replace("'", "''") + "'"
    return re.sub(r"[^\x20-\x7e]", _escaped, json.dumps(value, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if character.isprintable() or character == "\u3000":
        return character
    return f"\\U{ord(character):08x}"


_ISO_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d)")
_RISKY = re.compile(r"[\n\t\x85\u2028\u2029\ufeff]|^[\s\-?:,\[\]{}#&*!|>'\"%@`=<]|\s$|^$|: | #|:$")


@lru_cache(4096)
def _bare(value: str, flow: bool) -> bool:
    if _RISKY.search(value) or (flow and re.search(r"[,\[\]{}]", value)):
        return False
    try:
        read = written.value_of(f"[{value}]" if flow else f"k: {value}")
    except Faults:
        return False
    return bool(read == ([value] if flow else {"k": value}))


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(_flow(one) for one in value)}]"
    return _scalar(value, flow=True)


def _in_one_line(value: Any) -> bool:
    """Words in three languages, and what is short, stand in one line; not a text of several lines."""
    if any("\n" in text for text in _texts(value)):
        return False
    if isinstance(value, Mapping):
        return not value or set(value) <= set(LANGUAGES) or len(_flow(value)) <= WIDE
    return all(not isinstance(one, Mapping | list) for one in value) or not value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _block(value: Any, indent: int) -> str:
    """What stands after a key; parts of it as far in as `indent`."""
    if not isinstance(value, Mapping | list):
        return f" {_lines(value, indent)}"
    if _in_one_line(value):
        return f" {_flow(value)}"
    pad = " " * indent
    if isinstance(value, Mapping):
        return "".join(f"\n{pad}{_key(key)}:{_block(one, indent + 2)}" for key, one in value.items())
    return "".join(f"\n{pad}- {_item(one, indent + 2)}" for one in value)


def _whole(value: Any) -> str:
    """A whole file, part by part."""
    if isinstance(value, Mapping) and value:
        return "\n".join(f"{_key(key)}:{_block(one, 2)}" for key, one in value.items())
    if isinstance(value, list) and value:
        return "\n".join(f"- {_item(one, 2)}" for one in value)
    return _block(value, 0).strip("\n ")


def _item(value: Any, indent: int) -> str:
    """What stands after a dash."""
    if not isinstance(value, Mapping | list):
        return _lines(value, indent)
    wide = WIDE if indent == 2 else WIDE_ITEM  # what stands in a list of its own file has lines of its own
    if _in_one_line(value) or (isinstance(value, Mapping) and len(_flow(value)) <= wide and _simple(value)):
        return _flow(value)
    if isinstance(value, list):
        return _flow(value)
    return _block(value, indent).lstrip("\n ")


def _simple(value: Mapping[str, Any]) -> bool:
    return not any("\n" in text for text in _texts(value))


def _lines(value: Any, indent: int) -> str:
    """A text of several lines stands line by line."""
    if not isinstance(value, str) or "\n" not in value or not _can_stand(value):
        return _scalar(value, flow=False)
    pad = " " * indent
    body = "\n".join(f"{pad}{line}" if line else "" for line in value.removesuffix("\n").split("\n"))
    return f"{'|' if value.endswith(chr(10)) else '|-'}\n{body}"


def _can_stand(value: str) -> bool:
    lines = value.removesuffix("\n").split("\n")
    odd = any(not (c.isprintable() or c in "\n\u3000") for c in value)
    return (
        not odd
        and bool(lines[0])
        and lines[0][0] not in " \t"
        and bool(lines[-1].strip())
        and all(line == "" or line.strip() for line in lines)
    )
