"""Finds the answers to a question, and says whether to trust them."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from yakuba.assistant.answering import features
from yakuba.assistant.answering.dense import BATCH, Encoder, Vector, Vectors
from yakuba.assistant.answering.index import Index, Question
from yakuba.assistant.answering.ranker import ranker
from yakuba.assistant.knowledge.entry import Audience, Entry


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may answer. `score`: 0 to 1, the estimated chance that it does. `why`: the words of the question that
    stand in it, the rarest first."""

    entry: Entry
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, best first.

    `in_scope`: the question is about what the town answers. `sure`: the first candidate may be shown alone. `dense`: meaning
    was looked at, not words alone.
    """

    candidates: tuple[Candidate, ...]
    in_scope: bool
    sure: bool
    dense: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """All candidates of a question before it is decided what to show: what the ranker learns from, too."""

    rows: np.ndarray
    order: np.ndarray
    looks: dict[str, float]


class Forgetful(dict[str, Vector]):
    """Vectors kept as long as the process lives."""

    def put(self, digest: str, vector: Vector) -> None:
        self[digest] = vector


class Searcher:
    """Search over entries that change one at a time; safe to use from several threads."""

    def __init__(
        self, entries: Iterable[Entry] = (), dense: Encoder | None = None, kept: Vectors | None = None
    ) -> None:
        """Words are indexed here (some milliseconds an entry). Vectors take some 100 ms an entry, so they are made by `embed`,
        which a site calls in the background; until all are there, and without `dense`, words alone are searched."""
        self._lock = threading.RLock()
        self._index = Index(dense, kept if kept is not None else Forgetful())
        for entry in entries:
            self._index.put(entry)

    def embed(self) -> None:
        """Make, or take from those kept, all vectors that are missing. Raises Unavailable."""
        while rows := sorted(self._index.waiting)[:BATCH]:
            with self._lock:
                texts = self._index.texts_of(rows)
            self._index.make(texts)  # takes seconds, so searches go on meanwhile
            with self._lock:
                self._index.embed(rows)

    def put(self, entry: Entry) -> None:
        """An entry, new or in place of the one of its id: found from now on. Its vectors are made by `embed`, or, where only
        few wait, by the next search."""
        with self._lock:
            self._index.put(entry)

    def drop(self, id: str) -> None:
        """Forget an entry."""
        with self._lock:
            self._index.drop(id)

    def search(self, question: str, *, audience: Audience = "public", most: int = 5) -> Found:
        """The best `most` answers to a question that this audience may see."""
        with self._lock:
            asked = self._index.question(question)
            ranked = self._ranked(asked, audience)
            return self._found(asked, ranked, most)

    def _found(self, asked: Question, ranked: Ranked, most: int) -> Found:
        dense = asked.vector is not None
        if not len(ranked.rows):
            return Found((), in_scope=False, sure=False, dense=dense)
        rules = ranker(dense)
        in_scope = float(rules.in_scope.chance(_in_line(ranked.looks, rules.in_scope.names)))
        sure = float(rules.sure.chance(_in_line(ranked.looks, rules.sure.names)))
        likelier = np.exp(ranked.order - ranked.order[0])
        candidates = tuple(
            Candidate(there.entry, round(sure * float(share), 4), self._why(asked, row))
            for row, share in zip(ranked.rows[:most], likelier, strict=False)
            if (there := self._index.rows[row])
        )
        may_be_ours = in_scope >= rules.in_scope_from
        return Found(
            candidates, in_scope=may_be_ours, sure=may_be_ours and sure >= rules.sure_from, dense=dense
        )

    def _ranked(self, asked: Question, audience: Audience) -> Ranked:
        visible = self._index.rows_for(audience)
        if not visible.any():
            return Ranked(np.zeros(0, int), np.zeros(0), {})
        evidence = self._index.evidence(asked)
        rows = features.pool(evidence, visible)
        rules = ranker(asked.vector is not None).order
        values = features.of_candidates(evidence, self._index.coverage(asked, rows), rows)
        order = rules.of(np.column_stack([values[name] for name in rules.names]))
        looks = features.of_ranking(evidence, values, rows, order, self._index.scope(asked))
        best = np.argsort(-order, kind="stable")
        return Ranked(rows[best], order[best], looks)

    def _why(self, asked: Question, row: int) -> tuple[str, ...]:
        asked_field, answer_field = self._index.fields["asked"], self._index.fields["answer_concepts"]
        shared = {
            word for word in asked.cut.compounds if asked_field.has(row, word) or answer_field.has(row, word)
        }
        return tuple(sorted(shared, key=lambda word: (-asked_field.rarity(word), word)))


def _in_line(looks: dict[str, float], names: tuple[str, ...]) -> np.ndarray:
    return np.array([looks[name] for name in names])
