"""How near words are to each other: the same, synonyms, or of like meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from yakuba.assistant.answering.dense import SIZE, Vector
from yakuba.assistant.answering.synonyms import groups_of

CENTRE = Path(__file__).with_name("centre.npy")
"""The mean vector of single Japanese words in the model, from 3,000 words of the synonym dictionary
(`data/answers/vectors.py`): less it, words that have nothing to do with each other are near 0."""
SAME, SYNONYM, LIKE_FROM = 1.2, 0.8, 0.3
"""What the same word counts beside one of like meaning; what a synonym counts beside the same word; how near a word of like
meaning must be to count at all."""


class Words:
    """All words of an index, each with a number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._in_group: dict[str, list[int]] = defaultdict(list)
        self._vectors = np.zeros((0, SIZE), np.float32)
        self._centre = np.load(CENTRE)

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def number(self, word: str) -> int:
        """The number of a word, a new one where it has none."""
        found = self._numbers.get(word)
        if found is None:
            found = self._numbers[word] = len(self._numbers)
            for group in groups_of(word):
                self._in_group[group].append(found)
        return found

    def unseen(self, words: Iterable[str]) -> list[str]:
        """Those of `words` that the index does not have."""
        return [word for word in dict.fromkeys(words) if word not in self._numbers]

    def without_vector(self) -> list[str]:
        """The words whose vectors are not there yet, in the order of their numbers."""
        return list(self._numbers)[len(self._vectors) :]

    def give_vectors(self, vectors: Vector) -> None:
        """The vectors of the words that have none, in the order of their numbers."""
        self._vectors = np.concatenate([self._vectors, self._centred(vectors)])

    def same(self, words: Sequence[str]) -> np.ndarray:
        """A row for each of `words`: 1 where it is that word of the index, else 0."""
        near = np.zeros((len(words), len(self)), np.float32)
        for at, word in enumerate(words):
            if word in self._numbers:
                near[at, self._numbers[word]] = 1
        return near

    def synonyms(self, words: Sequence[str], same: np.ndarray) -> np.ndarray:
        """As `same`, and `SYNONYM` where they share a group of synonyms."""
        near = same.copy()
        for at, word in enumerate(words):
            for group in groups_of(word):
                numbers = self._in_group.get(group, [])
                near[at, numbers] = np.maximum(near[at, numbers], SYNONYM)
        return near

    def like(self, words: Sequence[str], same: np.ndarray, others: dict[str, Vector]) -> np.ndarray:
        """How like in meaning; `others`: the vectors of those of `words` that the index does not have."""
        rows = [
            self._vectors[self._numbers[word]]
            if word in self._numbers
            else self._centred(others[word][None])[0]
            for word in words
        ]
        near = np.array(rows, np.float32).reshape(len(words), SIZE) @ self._vectors.T
        near[near < LIKE_FROM] = 0
        return np.where(same > 0, SAME, near)

    def _centred(self, vectors: Vector) -> Vector:
        moved = vectors - self._centre
        return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
