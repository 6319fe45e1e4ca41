"""What a column holds, by the functions that would have to read it; and in which shape most of it is written."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from yakuba.records.values import characters, codes, dates
from yakuba.records.values.numbers import to_number
from yakuba.records.values.outcome import Outcome

Sort = Literal[
    "date",
    "month",
    "year",
    "time",
    "my-number",
    "municipality",
    "kana",
    "number",
    "digits",
    "address",
    "name",
]
"""What can be seen of a text without knowing its item."""
LOOKED_AT = 400
"""Texts of a column that are read; more say nothing new."""
MOST = 0.9
"""So many of the texts must be in one shape for it to be the usual one."""
MANY, RARE = 40, 0.002
"""More different texts are no codes; neither is one that is rarer than this."""
_FORM = dates.Form(zeros="empty", nines="end", unknown_day=True)
_ADDRESS = re.compile(r"(?:..[都道府県]|...県)?.{1,6}?[市区町村郡].*[0-9０-９].*")
_PART = r"[^\x00-\x7f０-９\u3000]{1,10}"
_NAME = re.compile(rf"(?![ァ-ヺー\u3000 ｦ-ﾟ]+$){_PART}(?:[\u3000 ]{_PART}){{1,3}}")
"""Surname and given name apart, and not in kana alone."""


def _fits(pattern: str | re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: bool(re.fullmatch(pattern, text))


def _reads(one: Callable[[str], Outcome]) -> Callable[[str], bool]:
    return lambda text: one(text).value is not None


_SORTS: Mapping[Sort, Callable[[str], bool]] = {
    "date": _reads(lambda text: dates.to_date(text, _FORM)),
    "month": _reads(lambda text: dates.to_month(text, _FORM)),
    "year": _reads(lambda text: dates.to_year(text, _FORM)),
    "time": _reads(dates.to_time),
    "my-number": _reads(codes.to_my_number),
    "municipality": _reads(codes.to_municipality),
    "kana": _reads(characters.to_kana),
    "number": _reads(to_number),
    "digits": _fits("[0-9０-９]+"),
    "address": _fits(_ADDRESS),
    "name": _fits(_NAME),
}


@dataclass(frozen=True)
class Content:
    """The texts of a column, empty ones left out; `rows`: with them."""

    texts: Sequence[str]
    rows: int

    @classmethod
    def of(cls, texts: Sequence[str]) -> Content:
        """Of all texts of a column."""
        return cls([text for text in texts if text.strip()], len(texts))

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each text is there."""
        return Counter(self.texts)

    @cached_property
    def sample(self) -> Sequence[str]:
        """What is read."""
        return self.texts[:: max(1, len(self.texts) // LOOKED_AT)]

    @cached_property
    def _sampled(self) -> Counter[str]:
        return Counter(self.sample)

    @cached_property
    def often(self) -> Mapping[str, int]:
        """The texts that are there more than now and then, with how often: a rarer one is a slip, and no code of its own."""
        return {text: count for text, count in self.counts.items() if count >= RARE * len(self.texts)}

    @cached_property
    def is_few(self) -> bool:
        """Few different texts stand there again and again, as codes do."""
        return len(self.often) <= (MANY if len(self.texts) <= MANY else min(MANY, len(self.texts) // 2))

    @cached_property
    def is_distinct(self) -> bool:
        """Hardly any text stands there twice, as in a key."""
        return bool(self.texts) and len(self.counts) > 0.99 * len(self.texts)

    @cached_property
    def longest(self) -> int:
        """Of nearly all texts, in characters."""
        lengths = sorted(map(len, self.sample))
        return lengths[int(0.98 * (len(lengths) - 1))] if lengths else 0

    @cached_property
    def shares(self) -> Mapping[Sort, float]:
        """How much of it can be read as each sort."""
        return {sort: self._share(reads) for sort, reads in _SORTS.items()}

    def _share(self, reads: Callable[[str], bool]) -> float:
        # each text is read once: many stand there often
        read = sum(count for text, count in self._sampled.items() if reads(text))
        return read / len(self.sample) if self.sample else 0.0

    def share(self, good: Callable[[str], bool]) -> float:
        """How much of it is good."""
        return self._share(good)

    @cached_property
    def usual(self) -> str:
        """A regular expression of the shape of nearly all texts; empty where there is no such one.

        >>> Content.of(["S55.01.02", "R06.12.31"]).usual, Content.of(["1980/1/2", "2026/10/11"]).usual
        ('[MTSHR]\\\\d{2}\\\\.\\\\d{2}\\\\.\\\\d{2}', '\\\\d{4}/\\\\d{1,2}/\\\\d{1,2}')
        """
        read = [_runs(text) for text in self.sample]
        shapes = Counter(map(_shape, read))
        if not shapes:
            return ""
        shape, count = shapes.most_common(1)[0]
        if count < MOST * len(self.sample):
            return ""
        fitting = [runs for runs in read if _shape(runs) == shape]
        lengths = zip(*([length for _, length in runs] for runs in fitting), strict=True)
        return "".join(_part(sort, _common(some)) for sort, some in zip(shape, lengths, strict=True))


# -- shapes ----------------------------------------------------------------------------------------
_CLASSES = {r"\d": "[0-9]", "[０-９]": "[０-９]", "[MTSHR]": "[MTSHR]", "[A-Z]": "[A-Z]", "[ｦ-ﾟ ]": "[ｦ-ﾟ ]"}
_TEXT = "."


def _runs(text: str) -> list[tuple[str, int]]:
    """The text as runs of one class of characters, each with its length; a mark stands for itself."""
    found: list[tuple[str, int]] = []
    for char in text:
        sort = _class(char)
        if found and found[-1][0] == sort and sort in (*_CLASSES, _TEXT):
            found[-1] = (sort, found[-1][1] + 1)
        else:
            found.append((sort, 1))
    return found


def _shape(runs: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    return tuple(sort for sort, _ in runs)


def _class(char: str) -> str:
    for sort, pattern in _CLASSES.items():
        if re.fullmatch(pattern, char):
            return sort
    return _TEXT if unicodedata.category(char)[0] in "LM" else re.escape(char)


def _common(lengths: Sequence[int]) -> tuple[int, int]:
    """From the least to the most, without the few that are out of the way."""
    counted = Counter(lengths)
    often = [length for length, count in counted.items() if count >= 0.005 * len(lengths)]
    return min(often), max(often)


def _part(sort: str, lengths: tuple[int, int]) -> str:
    least, most = lengths
    if sort not in (*_CLASSES, _TEXT) or (least, most) == (1, 1):
        return sort
    if sort not in (r"\d", "[０-９]"):
        return f"{sort}+"
    return f"{sort}{{{least}}}" if least == most else f"{sort}{{{least},{most}}}"
