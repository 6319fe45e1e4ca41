"""How far results agree with parts that somebody else gave: counted by part and by how they differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from yakuba.records.addresses.folding import key_of
from yakuba.records.addresses.normalise import Address

COLUMNS = ("住所", "都道府県", "市区町村", "町字", "番地号", "その他")
"""The columns that a file with given parts has."""
How = Literal["same", "spelling", "only_here", "only_there", "differs"]
_NUMBERS = re.compile(r"[0-9]+(-[0-9]+)*")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One part of one address, as given and as found here."""

    part: str
    how: How
    written: str
    given: str
    found: str


@dataclass
class Agreement:
    """Counts of `How` by part. `same` and `spelling` (one name in two spellings, with or without 大字 or 字) agree."""

    counts: dict[str, Counter[How]] = field(default_factory=dict)

    def add(self, given: Mapping[str, str], found: Address) -> list[Disagreement]:
        """Count an address and say where it does not agree.

        The town is compared with its 丁目; the block is the numbers that the given 番地号 begins with, or その他 where
        that is empty, against block and number here.
        """
        chome = "" if found.chome is None else f"{found.chome}丁目"
        pairs = {
            "prefecture": (given["都道府県"], found.prefecture),
            "municipality": (given["市区町村"], found.municipality),
            "town": (given["町字"], found.town + chome),
            "block": (
                _numbers(given["番地号"] or given["その他"]),
                "-".join(filter(None, (found.block, found.number))),
            ),
        }
        disagreements = []
        for part, (theirs, ours) in pairs.items():
            how = _how(theirs, ours)
            self.counts.setdefault(part, Counter())[how] += 1
            if how not in ("same", "spelling"):
                disagreements.append(Disagreement(part, how, found.written, theirs, ours))
        return disagreements

    def share(self, part: str) -> float:
        """The share of addresses whose part agrees, from 0 to 1."""
        counts = self.counts[part]
        return (counts["same"] + counts["spelling"]) / counts.total()

    def as_json(self) -> dict[str, dict[str, float | int]]:
        """By part: the share that agrees and all counts."""
        shown: dict[str, dict[str, float | int]] = {}
        for part, counts in self.counts.items():
            shown[part] = {"agrees": round(self.share(part), 5)}
            shown[part].update(dict(counts.items()))
        return shown

    def as_text(self) -> str:
        """A line for each part."""
        return "\n".join(
            f"{part:13}{self.share(part):8.2%} of {counts.total():,}: "
            + ", ".join(f"{how} {count:,}" for how, count in counts.most_common())
            for part, counts in self.counts.items()
        )


def _numbers(text: str) -> str:
    found = _NUMBERS.match(text)
    return found[0] if found else ""


def _how(theirs: str, ours: str) -> How:
    if theirs == ours:
        return "same"
    if not theirs:
        return "only_here"
    if not ours:
        return "only_there"
    return "spelling" if _key(theirs) == _key(ours) else "differs"


def _key(name: str) -> str:
    # 堺市 has 丁 where others have 丁目.
    return key_of(name).removesuffix("目")
