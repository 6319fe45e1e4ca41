"""What is likely to stand on a form of this town: plain data from the register and the tables of post and banks."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from yakuba.words import other_forms

Person = Mapping[str, str]
"""What the register knows of somebody: `name`, `kana`, `birth_date`, `postal_code`, `address`, by the key of the fact."""


@dataclass(frozen=True)
class Prior:
    """`people`: who may have written it. `postal_codes`: all that there are. `banks`: code and name; `branches`: codes by
    bank. `words`: by kind of field other texts that are likely, places of the town for `address`."""

    people: Sequence[Person] = ()
    postal_codes: Collection[str] = frozenset()
    banks: Mapping[str, str] = field(default_factory=dict)
    branches: Mapping[str, Collection[str]] = field(default_factory=dict)
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def _values(self) -> dict[str, dict[str, str]]:
        """By kind: what is written, folded, and how the register writes it."""
        values: dict[str, dict[str, str]] = {"bank": {folded(name): name for name in self.banks.values()}}
        for kind in ("name", "kana", "address", "postal_code"):
            known = chain((one[kind] for one in self.people if one.get(kind)), self.words.get(kind, ()))
            values[kind] = {folded(one): one for one in known}
        return values

    def near(self, kind: str, text: str, most: int = 12) -> list[str]:
        """Likely values of a kind that share signs in a row with what was read, the nearest first."""
        pairs = _pairs(folded(text))
        if not pairs or kind not in self._values:
            return []
        shared: dict[str, float] = {}
        for pair in pairs:
            for value in self._index.get((kind, pair), ()):
                shared[value] = shared.get(value, 0) + 1
        best = sorted(
            shared, key=lambda value: (-2 * shared[value] / (len(pairs) + len(_pairs(value))), value)
        )
        return [self._values[kind][value] for value in best[:most]]

    @cached_property
    def _index(self) -> dict[tuple[str, str], list[str]]:
        index: dict[tuple[str, str], list[str]] = {}
        for kind, values in self._values.items():
            for value in values:
                for pair in _pairs(value):
                    index.setdefault((kind, pair), []).append(value)
        return index

    def who(self, said: Mapping[str, str]) -> Person | None:
        """The one person of whom at least two of the things that were read are known; None where nobody or several are."""
        counts: dict[int, int] = {}
        for key, value in said.items():
            for number in self._by_value.get((key, folded(value)), ()):
                counts[number] = counts.get(number, 0) + 1
        best = max(counts.values(), default=0)
        found = [number for number, count in counts.items() if count == best]
        return self.people[found[0]] if best >= 2 and len(found) == 1 else None

    @cached_property
    def _by_value(self) -> dict[tuple[str, str], list[int]]:
        index: dict[tuple[str, str], list[int]] = {}
        for number, one in enumerate(self.people):
            for key, value in one.items():
                index.setdefault((key, folded(value)), []).append(number)
        return index


def folded(text: str) -> str:
    """A text as it is compared: width, blanks and kinds of dashes do not count; 髙 and 高 are two.

    >>> folded("高知県　山あい町１－２") == folded("高知県山あい町1-2"), folded("髙橋") == folded("高橋")
    (True, False)
    """
    kept = "".join(_plain(sign) for sign in text if not sign.isspace())
    return kept.translate(_DASHES)


def _plain(sign: str) -> str:
    """In its usual width. Ideographs stay: for Unicode some forms of a name's sign are one."""
    return sign if "\u3400" <= sign <= "\ufaff" else unicodedata.normalize("NFKC", sign)


_DASHES = dict.fromkeys(map(ord, "‐‑–—―−ｰー"), "-") | dict.fromkeys(map(ord, "·•･"), "・")


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(max(1, len(text) - 1))] if text else []


def in_other_forms(text: str) -> Iterator[str]:
    """The same name with one sign in another of its forms: 高橋 for 髙橋."""
    for at, sign in enumerate(text):
        for other in other_forms(sign):
            yield text[:at] + other + text[at + 1 :]
