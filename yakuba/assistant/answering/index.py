"""What is searched: every entry by its words, its sounds, its characters and, where the model is there, its meaning."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from yakuba.assistant.answering import tokens
from yakuba.assistant.answering.dense import SIZE, Encoder, Unavailable, Vector, Vectors, encode_kept
from yakuba.assistant.answering.lexical import Field
from yakuba.assistant.knowledge.entry import Audience, Entry

ELSEWHERE = re.compile(r"【(?:関連|お問い?合わ?せ|問い?合わ?せ|申請等お問)[^】]*】.*", re.DOTALL)
"""Where an answer stops to answer: from here on it names other questions, or an office and its hours."""
HEAD = 250
"""Characters of an answer whose meaning is looked at together with its question."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is searched for."""

    text: str
    words: list[str]
    compounds: list[str]
    sounds: list[str]
    pairs: list[str]
    vector: Vector | None

    @classmethod
    def of(cls, text: str, vector: Vector | None) -> Question:
        """A question cut in all the ways that the index knows."""
        return cls(
            text,
            tokens.words(text),
            tokens.words_and_compounds(text),
            tokens.sounds(text),
            tokens.pairs(text),
            vector,
        )


class Index:
    """All entries, each in a row of its own; a row that was dropped is used again."""

    def __init__(self, dense: Encoder | None, kept: Vectors) -> None:
        self.entries: list[Entry | None] = []
        self.dense = dense
        self.waiting: set[int] = set()
        """Rows whose vectors have not been made."""
        self._kept = kept
        self._row_of: dict[str, int] = {}
        self._asked = np.zeros((0, SIZE), np.float32)
        self._owners = np.zeros(0, int)
        self._whole = np.zeros((0, SIZE), np.float32)
        self.fields = {
            "asked": Field(tokens.words_and_compounds, length=0.4),
            "answer": Field(tokens.words_and_compounds, length=0.75),
            "all": Field(tokens.words, length=0.75),
            "sounds": Field(tokens.sounds, length=0.75),
            "asked_pairs": Field(tokens.pairs, length=0.4),
            "pairs": Field(tokens.pairs, length=0.75),
        }

    def put(self, entry: Entry) -> None:
        """An entry, in place of the one of its id; its vectors wait for `embed`."""
        row = self._row_of.get(entry.id)
        if row is None:
            row = next((n for n, there in enumerate(self.entries) if there is None), len(self.entries))
            self._row_of[entry.id] = row
            self.entries[row : row + 1] = [None]
        self.entries[row] = entry
        asked, answers = ways_of_asking(entry), [answering(text) for text in entry.answer.values()]
        whole = [f"{asked[0]}\n{entry.answer['ja']}"]
        self.fields["asked"].put(row, asked)
        self.fields["asked_pairs"].put(row, asked)
        self.fields["answer"].put(row, answers)
        for name in ("all", "sounds", "pairs"):
            self.fields[name].put(row, whole)
        self._forget_vectors(row)
        if self.dense:
            self.waiting.add(row)

    def drop(self, id: str) -> None:
        """Forget an entry; nothing happens where there is none."""
        row = self._row_of.pop(id, None)
        if row is not None:
            self.entries[row] = None
            self.waiting.discard(row)
            self._forget_vectors(row)
            for field in self.fields.values():
                field.drop(row)

    def embed(self, rows: Iterable[int]) -> None:
        """Make the vectors of rows that wait for them. Raises Unavailable."""
        todo = [(row, entry) for row in rows if row in self.waiting and (entry := self.entries[row])]
        if not self.dense or not todo:
            return
        asked = [(row, text) for row, entry in todo for text in ways_of_asking(entry)]
        whole = [f"{ways_of_asking(entry)[0]} {answering(entry.answer['ja'])[:HEAD]}" for _, entry in todo]
        vectors = encode_kept(self.dense, self._kept, [tokens.plain(text) for _, text in asked])
        heads = encode_kept(self.dense, self._kept, [tokens.plain(text) for text in whole], query=False)
        self._asked = np.concatenate([self._asked, vectors])
        self._owners = np.concatenate([self._owners, [row for row, _ in asked]])
        if len(self._whole) < len(self.entries):
            grown = np.zeros((len(self.entries), SIZE), np.float32)
            grown[: len(self._whole)] = self._whole
            self._whole = grown
        for (row, _), head in zip(todo, heads, strict=True):
            self._whole[row] = head
            self.waiting.discard(row)

    def rows_for(self, audience: Audience) -> np.ndarray:
        """The rows that may be shown to this audience: what is for the staff is for nobody else."""
        return np.array(
            [
                entry is not None and (audience == "staff" or entry.audience == "public")
                for entry in self.entries
            ],
            bool,
        )

    def question(self, text: str) -> Question:
        """A question as this index looks for it; without a vector where the model is not there, or not all rows have
        theirs."""
        vector = None
        if self.dense and not self.waiting:
            with contextlib.suppress(Unavailable):
                vector = self.dense.encode([tokens.plain(text)])[0]
        return Question.of(text, vector)

    def evidence(self, question: Question) -> dict[str, np.ndarray]:
        """For each feature by its name, its value for every row."""
        rows = len(self.entries)
        found = {
            name: self.fields[name].scores(cut, rows)
            for name, cut in {
                "asked": question.compounds,
                "answer": question.compounds,
                "all": question.words,
                "sounds": question.sounds,
                "asked_pairs": question.pairs,
                "pairs": question.pairs,
            }.items()
        }
        if question.vector is not None:
            by_asked = np.full(rows, -1.0)
            np.maximum.at(by_asked, self._owners, self._asked @ question.vector)
            found |= {"meaning_asked": by_asked, "meaning": self._whole @ question.vector}
        return found

    def _forget_vectors(self, row: int) -> None:
        stays = self._owners != row
        if not stays.all():
            self._asked, self._owners = self._asked[stays], self._owners[stays]


def ways_of_asking(entry: Entry) -> list[str]:
    """All that an entry may be asked by: its question in each language, Japanese first, and its other ways."""
    return [
        entry.question["ja"],
        *(text for lang, text in entry.question.items() if lang != "ja"),
        *entry.others,
    ]


def answering(answer: str) -> str:
    """An answer as far as it answers."""
    return ELSEWHERE.sub("", answer)
