"""BM25 over one field of what can be answered, changed one entry at a time."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

SATURATION = 1.2
"""BM25's k1: how soon a word that comes again stops to count."""


class Field:
    """One field of all entries, as the question or the answer. An entry may have several texts in it (more ways of asking);
    its score is that of its best one.

    `length` is BM25's b: 1 makes a word in a long text count less, 0 leaves length alone.
    """

    def __init__(self, *, length: float) -> None:
        self.length = length
        self._counts: dict[int, Counter[str]] = {}
        self._owners: list[int] = []
        self._free: list[int] = []
        self._texts_of: dict[int, list[int]] = {}
        self._holders: dict[str, dict[int, int]] = defaultdict(dict)
        self._arrays: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._lengths = np.zeros(0)

    def put(self, row: int, texts: Sequence[Sequence[str]]) -> None:
        """The texts of an entry, each as its words, in place of those it had."""
        self.drop(row)
        self._texts_of[row] = [self._add(row, text) for text in texts]

    def drop(self, row: int) -> None:
        """Forget the texts of an entry."""
        for place in self._texts_of.pop(row, []):
            for word in self._counts.pop(place):
                del self._holders[word][place]
                self._arrays.pop(word, None)
            self._lengths[place] = 0
            self._free.append(place)

    def has(self, row: int, word: str) -> bool:
        """Whether a word stands in this field of an entry."""
        return any(word in self._counts[place] for place in self._texts_of.get(row, ()))

    def rarity(self, word: str) -> float:
        """BM25's inverse document frequency: high for a word of few texts; that of a word in none is the highest."""
        holders = len(self._holders[word]) if word in self._holders else 0
        return math.log(1 + (len(self._counts) - holders + 0.5) / (holders + 0.5))

    def scores(self, words: Sequence[str], rows: int) -> np.ndarray:
        """The score of each of `rows` entries for these words."""
        by_text = np.zeros(len(self._owners))
        mean = self._lengths.sum() / max(len(self._counts), 1) or 1.0
        for word, times in Counter(words).items():
            if word in self._holders:
                places, counts = self._array(word)
                damping = SATURATION * (1 - self.length + self.length * self._lengths[places] / mean)
                by_text[places] += times * self.rarity(word) * counts * (SATURATION + 1) / (counts + damping)
        best = np.zeros(rows)
        np.maximum.at(best, self._owners, by_text)
        return best

    def _add(self, row: int, text: Sequence[str]) -> int:
        counts = Counter(text)
        if self._free:
            place = self._free.pop()
            self._owners[place] = row
        else:
            place = len(self._owners)
            self._owners.append(row)
            self._lengths = np.append(self._lengths, 0.0) if place >= len(self._lengths) else self._lengths
        self._counts[place] = counts
        self._lengths[place] = counts.total()
        for word, count in counts.items():
            self._holders[word][place] = count
            self._arrays.pop(word, None)
        return place

    def _array(self, word: str) -> tuple[np.ndarray, np.ndarray]:
        if word not in self._arrays:
            holders = self._holders[word]
            self._arrays[word] = (
                np.fromiter(holders, int, len(holders)),
                np.fromiter(holders.values(), float, len(holders)),
            )
        return self._arrays[word]
