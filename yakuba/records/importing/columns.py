"""The columns of a block become the items of a group; what was repaired or cannot be taken is told by text, once for all rows
that have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yakuba.records.importing.mapping import Made
from yakuba.records.importing.ways import Way
from yakuba.records.standards import Item
from yakuba.records.values.outcome import Outcome
from yakuba.words import LANGUAGES, Text, ui_text

KEPT = 200_000
"""Texts of a column whose outcome is remembered; days, codes and towns come again and again, numbers never do."""
REPEATED = 4
"""So often a text of a column has to stand there on average for it to be worth finding the different ones first."""
NOTHING = -1
_Numbers = npt.NDArray[np.int64]
_TYPES = {
    "_told": pa.int64(), "item": pa.string(), "kind": pa.string(), "given": pa.string(), "value": pa.string(),
    "say": pa.string(), "held": pa.bool_(),
}  # fmt: skip
_MEMBERS = tuple(_TYPES)


@dataclass(slots=True)
class Told:
    """What there is to tell of texts, numbered; `flushed` gives what is new since the last time."""

    language: str
    _rows: list[tuple[int, str, str, str | None, str | None, str, bool]] = field(default_factory=list)
    _next: int = 0

    def add(
        self, item: str, kind: str, given: str | None, value: str | None, say: Text, *, held: bool
    ) -> int:
        """Its number."""
        self._rows.append((self._next, item, kind, given, value, say.get(self.language), held))
        self._next += 1
        return self._next - 1

    def flushed(self) -> pa.Table:
        """As a table; the numbers go on."""
        columns = zip(*self._rows, strict=True) if self._rows else ((),) * len(_MEMBERS)
        made = {name: pa.array(column, _TYPES[name]) for name, column in zip(_MEMBERS, columns, strict=True)}
        self._rows.clear()
        return pa.table(made)


@dataclass(slots=True)
class Column:
    """One item and how it is made. `guarded`: no report shows its texts."""

    item: Item
    guarded: bool
    made: Made
    way: Way
    told: Told
    _known: dict[str, tuple[str | None, int]] = field(default_factory=dict)
    _repeats: bool = True

    def values(self, block: pa.Table) -> tuple[pa.Array, _Numbers]:
        """The values of all rows, null where nothing is or could be there, and for each the number of what there is to tell
        (NOTHING where all is well)."""
        if self.made.constant is not None:
            return pa.array([self.made.constant] * block.num_rows, pa.string()), _nothing(block.num_rows)
        texts = _joined([block.column(name).combine_chunks() for name in self.made.columns], self.made.join)
        if not pc.any(pc.greater(pc.binary_length(texts), 0)).as_py():
            return pa.nulls(len(texts), pa.string()), _nothing(len(texts))
        if self._repeats:
            coded = texts.dictionary_encode()
            self._repeats = len(coded.dictionary) * REPEATED <= len(texts)
            if self._repeats:
                values, told = self._made(coded.dictionary)
                return values.take(coded.indices), told[coded.indices.to_numpy()]
        return self._made(texts)

    def _made(self, texts: pa.Array) -> tuple[pa.Array, _Numbers]:
        """Texts that are plain stay, those of the usual form are made at once, the others are read."""
        told = _nothing(len(texts))
        there = pc.not_equal(pc.utf8_trim_whitespace(texts), "")
        values = pc.if_else(there, texts, pa.scalar(None, pa.string()))
        to_read = _without(there, texts, self.way.plain.pattern if self.way.plain else None)
        if self.way.quick and self.way.usual:
            pattern, quickly = self.way.quick
            quick = pc.and_(_fits(texts, pattern), pc.and_(_fits(texts, self.way.usual.pattern), to_read))
            values = _with(values, quick, quickly(texts.filter(quick)))
            to_read = pc.and_not(to_read, quick)
        rest = texts.filter(to_read)
        if len(rest):
            made, numbers = self._read(rest)
            values = _with(values, to_read, made)
            told[to_read.to_numpy(zero_copy_only=False)] = numbers
        return values, told

    def _read(self, texts: pa.Array) -> tuple[pa.Array, _Numbers]:
        """Each different text once."""
        different = texts.dictionary_encode()
        known = self._known
        found = [known.get(text) or self._one(text) for text in different.dictionary.to_pylist()]
        values = pa.array([value or None for value, _ in found], pa.string())
        numbers = np.array([number for _, number in found], np.int64)
        return values.take(different.indices), numbers[different.indices.to_numpy()]

    def _one(self, text: str) -> tuple[str | None, int]:
        outcome = self.way.one(text)
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[text] = outcome.value, self._tell(text, outcome)
        return self._known[text]

    def _tell(self, text: str, outcome: Outcome) -> int:
        if outcome.held is None and not (outcome.repairs and not self._usual(text)):
            return NOTHING
        given = None if self.guarded else text
        if outcome.held is not None:
            say = outcome.held if given or text not in outcome.held.ja else ui_text("importing.not_shown")
            return self.told.add(self.item.romaji, "value", given, None, say, held=True)
        why, value = outcome.repairs[0].why, None if self.guarded else outcome.value
        say = _said(outcome) if given else ui_text(f"records.why.{why}")
        return self.told.add(self.item.romaji, why, given, value, say, held=False)

    def _usual(self, text: str) -> bool:
        return self.way.usual is not None and self.way.usual.fullmatch(text) is not None


def _nothing(rows: int) -> _Numbers:
    return np.full(rows, NOTHING, np.int64)


def _said(outcome: Outcome) -> Text:
    """All repairs in one text."""
    said = [one.text for one in outcome.repairs]
    return Text(**{language: " ".join(one.get(language) for one in said) for language in LANGUAGES})


def _joined(columns: Sequence[pa.Array], between: str) -> pa.Array:
    """Texts beside each other in one; empty ones leave nothing between."""
    joined = columns[0]
    for one in columns[1:]:
        both = pc.binary_join_element_wise(joined, one, between)
        joined = pc.case_when(pc.make_struct(pc.equal(one, ""), pc.equal(joined, "")), joined, one, both)
    return joined


def _with(values: pa.Array, where: pa.Array, others: pa.Array) -> pa.Array:
    """The values, in some places others."""
    places = np.arange(len(values))
    places[where.to_numpy(zero_copy_only=False)] = len(values) + np.arange(len(others))
    return pa.concat_arrays([values, others]).take(pa.array(places))


def _without(there: pa.Array, texts: pa.Array, pattern: str | None) -> pa.Array:
    return pc.and_not(there, _fits(texts, pattern)) if pattern else there


def _fits(texts: pa.Array, pattern: str) -> pa.Array:
    return pc.match_substring_regex(texts, f"^(?:{pattern})$")
