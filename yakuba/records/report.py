"""How rows stood the test, whichever engine held them to it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from yakuba.records.standards import Definition, Item
from yakuba.words import Text, ui_text

GUARDED = frozenset({"kojinbango", "kozabango"})
"""Items whose values no report shows: My Number and account numbers, by what is in their romaji name."""
Found = tuple[int, str, str, "str | None"]
"""A fault as an engine finds it: the row, counted through all parts; the item's romaji name; the kind; the value."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a row. `row`: in its file, from 1, the headings not counted; `value` None where it is guarded or empty."""

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
    the one that is refused."""

    group: str
    file: str
    parts: list[Part] = field(default_factory=list)
    held: int = 0
    refused: Text | None = None
    kinds: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

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

    def fill(
        self, definition: Definition, *, held: int, kinds: Mapping[str, int], found: Iterable[Found]
    ) -> None:
        """Put into words what an engine found; `kinds` are those of the plan."""
        items = {one.romaji: one for one in definition.groups()[self.group]}
        texts: dict[tuple[str, str], Text] = {}
        ends = list(accumulate(part.rows for part in self.parts))
        self.held, self.kinds, self.findings = held, dict(kinds), []
        for row, name, kind, value in found:
            item, at = items[name], bisect_left(ends, row)
            if (name, kind) not in texts:
                texts[name, kind] = _text(definition, item, kind)
            before = ends[at - 1] if at else 0
            self.findings.append(
                Finding(
                    self.parts[at].file, row - before, item, kind.partition(":")[0], shown(item, value),
                    texts[name, kind],
                )
            )  # fmt: skip


@dataclass(slots=True)
class Conformance:
    """How the files of an operation stood the test, by group."""

    definition: Definition
    reports: Mapping[str, Report]

    @property
    def conforms(self) -> bool:
        """Every group has a file, and nothing was found in any."""
        return all(one.conforms for one in self.reports.values())


def called(paths: Sequence[Path]) -> str:
    """What a group is read from, in one word."""
    return paths[0].name if len(paths) == 1 else f"{paths[0].name} + {len(paths) - 1}"


def shown(item: Item, value: str | None) -> str | None:
    """The value as a report may show it: None where it is guarded."""
    return None if any(one in item.romaji for one in GUARDED) else value


def _text(definition: Definition, item: Item, kind: str) -> Text:
    said, _, group = kind.partition(":")
    needed = definition.requirements.get(item.id)
    return ui_text(f"standard.{said}").format(
        digits=_digits(item),
        code=item.code or "",
        group=group,
        when=(needed.when or "") if needed else "",
    )


def _digits(item: Item) -> str:
    if item.digits is None:
        return ""
    return f"{item.digits.whole}.{item.digits.fraction}" if item.digits.fraction else str(item.digits.whole)
