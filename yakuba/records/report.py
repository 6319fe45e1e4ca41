"""How rows stood the test, whichever engine held them to it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from yakuba.records.guarding import guard_of
from yakuba.records.rules import CrossRule
from yakuba.records.standards import Definition, Item
from yakuba.words import Text, ui_text

Found = tuple[int, str, str, "str | None"]
"""A fault as an engine finds it: the row, counted through all parts; the item's romaji name; the kind; the value."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a row. `row`: in its file, from 1, the headings not counted; `value` None where it is guarded or empty;
    `kind`: of a rule across rows `rule:ID`."""

    file: str
    row: int
    item: Item
    kind: str
    value: str | None
    text: Text


@dataclass(frozen=True, slots=True)
class Part:
    """A file that rows were read from. `absent`: names of items that have no column in it."""

    file: str
    sha256: str
    rows: int
    absent: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """How a group stood the test, in one file or in parts: rows = accepted + held. `file`: of several how many they are, or
    the one that is refused. `looks`: what rules across rows want somebody to look at, by rule in `looked`; it holds no row."""

    group: str
    file: str
    parts: list[Part] = field(default_factory=list)
    held: int = 0
    refused: Text | None = None
    kinds: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    looked: dict[str, int] = field(default_factory=dict)
    looks: list[Finding] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows that came in."""
        return sum(part.rows for part in self.parts)

    @property
    def accepted(self) -> int:
        """Rows without a fault."""
        return self.rows - self.held

    @property
    def conforms(self) -> bool:
        """Nothing was found."""
        return self.refused is None and not self.held

    @property
    def sha256(self) -> str:
        """Of the file; of several each part has its own."""
        return self.parts[0].sha256 if len(self.parts) == 1 else ""

    @property
    def absent(self) -> tuple[str, ...]:
        """Names of items that have no column in one of the files."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.absent))

    def refuse(self, file: str, why: Text) -> None:
        """Nothing is said of any row where one file cannot be read as a whole."""
        self.file, self.refused, self.parts = file, why, []

    def worded(
        self, definition: Definition, found: Iterable[Found], rules: Mapping[str, Text] | None = None
    ) -> list[Finding]:
        """What an engine found, in words; those of rules across rows are given, by kind."""
        items = {one.romaji: one for one in definition.groups()[self.group]}
        texts: dict[tuple[str, str], Text] = {}
        ends = list(accumulate(part.rows for part in self.parts))
        findings = []
        for row, name, kind, value in found:
            item, at = items[name], bisect_left(ends, row)
            of_rule = (rules or {}).get(kind)
            if (name, kind) not in texts:
                texts[name, kind] = of_rule or said(definition, item, kind)
            before, told = ends[at - 1] if at else 0, kind if of_rule else kind.partition(":")[0]
            part = self.parts[at].file
            findings.append(
                Finding(part, row - before, item, told, shown(definition, item, value), texts[name, kind])
            )
        return findings


@dataclass(slots=True)
class Conformance:
    """How the files of an operation stood the test, by group."""

    definition: Definition
    reports: Mapping[str, Report]
    rules: Sequence[CrossRule] = ()
    """Those across its rows that were asked."""

    @property
    def conforms(self) -> bool:
        """Every group has a file, and nothing was found in any."""
        return all(one.conforms for one in self.reports.values())


def called(paths: Sequence[Path]) -> str:
    """What a group is read from, in one word."""
    return paths[0].name if len(paths) == 1 else f"{paths[0].name} + {len(paths) - 1}"


def shown(definition: Definition, item: Item, value: str | None) -> str | None:
    """The value as a report may show it: None where it is guarded."""
    return None if guard_of(definition, item) else value


def said(definition: Definition, item: Item, kind: str) -> Text:
    """What a fault of a kind says of an item, and how to mend it."""
    what, _, group = kind.partition(":")
    needed = definition.requirements.get(item.id)
    return ui_text(f"standard.{what}").format(
        digits=_digits(item),
        code=item.code or "",
        group=group,
        when=_in_words(definition, item.group, needed.when) if needed and needed.when else "",
    )


def _in_words(definition: Definition, group: str, condition: str) -> str:
    """A condition with the names of its items as people know them."""
    names = {one.romaji: one.name for one in definition.groups()[group]}
    return re.sub(r"\brow\.(\w+)", lambda found: names.get(found[1], found[1]), condition)


def _digits(item: Item) -> str:
    if item.digits is None:
        return ""
    return f"{item.digits.whole}.{item.digits.fraction}" if item.digits.fraction else str(item.digits.whole)
