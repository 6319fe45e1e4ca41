"""A vendor's codes and the standard's: which text of a column stands for which value of a list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from yakuba.records.importing.proposing.contents import Content
from yakuba.records.standards import CodeList

_ALIKE = 0.6
_SHORT = 24
"""A code has fewer characters."""


@dataclass(frozen=True)
class Table:
    """`codes`: text to value; `open`: texts for which no value was found; `share`: how much of the column has one."""

    codes: Mapping[str, str]
    open: tuple[str, ...]
    share: float

    @property
    def is_plain(self) -> bool:
        """The column has the standard's values already."""
        return not self.open and all(old == new for old, new in self.codes.items())


def table_for(content: Content, listed: CodeList) -> Table | None:
    """What the texts of a column are likely to stand for; None where they are no codes."""
    often = content.often
    if not often or not content.is_few or max(map(len, often)) > _SHORT:
        return None
    found = {
        text: value
        for text in sorted(content.counts)
        if (value := _value(text, listed.values, least=_ALIKE if text in often else 1))
    }
    known = sum(content.counts[text] for text in found)
    return Table(found, tuple(sorted(set(often) - set(found))), known / len(content.texts))


def _value(text: str, values: Mapping[str, str], least: float) -> str | None:
    """By the value itself, with or without its zeros, or by what the list says that it stands for; `least`: how alike that
    has to be, which for a text that may be a slip is all."""
    plain = _plain(text)
    for value in values:
        if plain == value or (plain.isdigit() and value.isdigit() and int(plain) == int(value)):
            return value
    scored = sorted(
        ((_likeness(plain, _plain(label)), value) for value, label in values.items()), reverse=True
    )
    if scored and scored[0][0] >= least and (len(scored) == 1 or scored[0][0] > scored[1][0]):
        return scored[0][1]
    return None


def _likeness(text: str, label: str) -> float:
    if text == label:
        return 1
    if len(text) > 1 and (text in label or label in text):
        return 0.8 + 0.1 * min(len(text), len(label)) / max(len(text), len(label))
    return SequenceMatcher(None, text, label, autojunk=False).ratio()


def _plain(text: str) -> str:
    return re.sub(r"[\s・()]", "", unicodedata.normalize("NFKC", text))
