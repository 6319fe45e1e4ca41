"""What is searched: every entry by its words, its sounds, its characters and, where the model is there, its meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache, partial

import numpy as np

from yakuba.assistant.answering.dense import SIZE, Encoder, Unavailable, Vector, Vectors, encode_kept
from yakuba.assistant.answering.lexical import Field
from yakuba.assistant.answering.nearness import Words
from yakuba.assistant.answering.scope import Line, off_topic
from yakuba.assistant.answering.tokens import Cut, respelled
from yakuba.assistant.knowledge.entry import Audience, Entry

ELSEWHERE = re.compile(r"【(?:関連|お問い?合わ?せ|問い?合わ?せ|申請等お問)[^】]*】.*", re.DOTALL)
"""Where an answer stops to answer: from here on it names other questions, or an office and its hours."""
HEAD = 130
"""Characters of an answer whose meaning is looked at together with its question: twice as many take twice as long to be made
vectors of and find no more (docs/answers.md)."""
NEIGHBOURS = 5
"""Entries beside which an entry is crowded or alone."""
PART = 1_000
"""Texts that are compared with all others at a time, so that memory stays small."""
FEW = 8
"""Rows without vectors that a search makes itself, rather than to do without meaning."""
SHORT, LONG = 0.4, 0.75
"""How much length counts (BM25's b) in questions and in answers."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is searched for. Without vectors, words alone are looked at."""

    cut: Cut
    vector: Vector | None = None
    gist: Vector | None = None
    unseen: dict[str, Vector] = field(default_factory=dict)
    """The vectors of those words of it that the index does not have."""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry and the numbers of its words: in each way of asking, and in all of it."""

    entry: Entry
    asked: list[np.ndarray]
    answer: np.ndarray
    all: np.ndarray


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts to make vectors of: ways of asking and their gists with the rows that own them, heads with theirs, words."""

    owners: list[int]
    asked: list[str]
    gists: list[str]
    rows: list[int]
    heads: list[str]
    words: list[str]


class Meaning:
    """Vectors of texts, each belonging to a row; a row may have several."""

    def __init__(self) -> None:
        self.vectors = np.zeros((0, SIZE), np.float32)
        self.owners = np.zeros(0, int)

    def add(self, owners: list[int], vectors: Vector) -> None:
        self.vectors = np.concatenate([self.vectors, vectors])
        self.owners = np.concatenate([self.owners, owners]).astype(int)

    def drop(self, row: int) -> None:
        stays = self.owners != row
        if not stays.all():
            self.vectors, self.owners = self.vectors[stays], self.owners[stays]

    def best(self, vector: Vector, rows: int) -> np.ndarray:
        """For each of `rows` rows, how near its nearest text is."""
        nearest = np.zeros(rows)
        np.maximum.at(nearest, self.owners, self.vectors @ vector)
        return nearest


class Index:
    """All entries, each in a row of its own; a row that was dropped is used again."""

    def __init__(self, dense: Encoder | None, kept: Vectors) -> None:
        self.rows: list[Row | None] = []
        self.dense = dense
        self.waiting: set[int] = set()
        """Rows whose vectors have not been made."""
        self.words = Words()
        self.spellings: dict[str, str] = {}
        """How words of the entries are written, by how they are read."""
        self._kept = kept
        self._row_of: dict[str, int] = {}
        self._meaning = {"asked": Meaning(), "gist": Meaning(), "all": Meaning()}
        self._crowd: np.ndarray | None = None
        self._line: Line | None = None
        self._off_topic = off_topic()
        self._rare: np.ndarray | None = None
        self.fields = {
            "asked": Field(length=SHORT),
            "asked_concepts": Field(length=SHORT),
            "answer_concepts": Field(length=LONG),
            "all": Field(length=LONG),
            "all_concepts": Field(length=LONG),
            "all_sounds": Field(length=LONG),
            "all_pairs": Field(length=LONG),
        }

    def put(self, entry: Entry) -> None:
        """An entry, in place of the one of its id; its vectors wait for `embed`."""
        row = self._row_of.get(entry.id)
        if row is None:
            row = next((n for n, there in enumerate(self.rows) if there is None), len(self.rows))
            self._row_of[entry.id] = row
            self.rows[row : row + 1] = [None]
        asked = [_cut(text) for text in ways_of_asking(entry)]
        answers = [_cut(answering(text)) for text in entry.answer.values()]
        whole = _cut(f"{asked[0].text}\n{entry.answer['ja']}")
        for cut in (*answers, *asked):
            self.spellings |= cut.spellings
        self.fields["asked"].put(row, [cut.compounds for cut in asked])
        self.fields["asked_concepts"].put(row, [cut.concepts for cut in asked])
        self.fields["answer_concepts"].put(row, [cut.concepts for cut in answers])
        self.fields["all_concepts"].put(row, [asked[0].concepts + answers[0].concepts])
        self.fields["all"].put(row, [whole.words])
        self.fields["all_sounds"].put(row, [whole.sounds])
        self.fields["all_pairs"].put(row, [whole.pairs])
        said = self._numbers(word for cut in answers for word in cut.compounds)
        every = self._numbers(word for cut in (*asked, *answers) for word in cut.compounds)
        self.rows[row] = Row(entry, [self._numbers(cut.compounds) for cut in asked], said, every)
        self._forget_vectors(row)
        if self.dense:
            self.waiting.add(row)

    def drop(self, id: str) -> None:
        """Forget an entry; nothing happens where there is none."""
        row = self._row_of.pop(id, None)
        if row is not None:
            self.rows[row] = None
            self.waiting.discard(row)
            self._forget_vectors(row)
            for searched in self.fields.values():
                searched.drop(row)

    def texts_of(self, rows: Iterable[int]) -> Texts:
        """What must be made vectors of for these rows."""
        entries = [(number, row.entry) for number in rows if (row := self.rows[number])]
        asked = [(number, _cut(text)) for number, entry in entries for text in ways_of_asking(entry)]
        return Texts(
            owners=[number for number, _ in asked],
            asked=[cut.text for _, cut in asked],
            gists=[cut.gist for _, cut in asked],
            rows=[number for number, _ in entries],
            heads=[
                f"{ways_of_asking(entry)[0]} {answering(entry.answer['ja'])[:HEAD]}" for _, entry in entries
            ],
            words=self.words.without_vector(),
        )

    def make(self, texts: Texts) -> tuple[Vector, Vector, Vector, Vector]:
        """The vectors of ways of asking, gists, heads and words, taken from those kept where they are there.
        Raises Unavailable."""
        assert self.dense
        make = partial(encode_kept, self.dense, self._kept)
        return make(texts.asked), make(texts.gists), make(texts.heads, query=False), make(texts.words)

    def embed(self, rows: Iterable[int]) -> None:
        """Give those of `rows` that wait for them their vectors, and the words theirs. Raises Unavailable."""
        texts = self.texts_of(self.waiting.intersection(rows))
        asked, gists, heads, words = self.make(texts)
        self.words.give_vectors(words)
        self._meaning["asked"].add(texts.owners, asked)
        self._meaning["gist"].add(texts.owners, gists)
        self._meaning["all"].add(texts.rows, heads)
        self.waiting.difference_update(texts.rows)
        self._crowd = self._line = None

    def rows_for(self, audience: Audience) -> np.ndarray:
        """The rows that may be shown to this audience: what is for the staff is for nobody else."""
        return np.array(
            [
                row is not None and (audience == "staff" or row.entry.audience == "public")
                for row in self.rows
            ],
            bool,
        )

    def question(self, text: str) -> Question:
        """A question as this index looks for it; without vectors where the model is not there, or rows wait for theirs."""
        cut = Cut.of(respelled(text, self.spellings))
        try:
            if 0 < len(self.waiting) <= FEW:
                self.embed(list(self.waiting))
            if not self.dense or self.waiting:
                return Question(cut)
            unseen = self.words.unseen(cut.compounds)
            whole, gist, *others = self.dense.encode([cut.text, cut.gist, *unseen])
        except Unavailable:
            return Question(cut)
        return Question(cut, whole, gist, dict(zip(unseen, others, strict=True)))

    def evidence(self, question: Question) -> dict[str, np.ndarray]:
        """For each feature by its name, its value for every row."""
        cut, rows = question.cut, len(self.rows)
        asked_in = {
            "asked": cut.compounds,
            "asked_concepts": cut.concepts,
            "answer_concepts": cut.concepts,
            "all": cut.words,
            "all_concepts": cut.concepts,
            "all_sounds": cut.sounds,
            "all_pairs": cut.pairs,
        }
        found = {name: self.fields[name].scores(words, rows) for name, words in asked_in.items()}
        if question.vector is not None and question.gist is not None:
            found["meaning_asked"] = self._meaning["asked"].best(question.vector, rows)
            found["meaning_all"] = self._meaning["all"].best(question.vector, rows)
            found["meaning_of_gist"] = self._meaning["asked"].best(question.gist, rows)
            found["meaning_gist"] = self._meaning["gist"].best(question.vector, rows)
            found["crowd"] = self._crowding()
        return found

    def coverage(self, question: Question, rows: np.ndarray) -> dict[str, np.ndarray]:
        """How much of the question stands in each of `rows`, rare words counting more, and how much of what they are asked by
        stands in the question: by the same words, by synonyms, by words of like meaning."""
        words = list(dict.fromkeys(question.cut.compounds))
        same = self.words.same(words)
        kinds = {"same": same, "synonym": self.words.synonyms(words, same)}
        if question.vector is not None:
            kinds["like"] = self.words.like(words, same, question.unseen)
        weights = np.array([self.fields["all_concepts"].rarity(word) for word in words])
        found: dict[str, np.ndarray] = {}
        there = [row for number in rows if (row := self.rows[number])]
        for kind, near in kinds.items():
            best = near.max(axis=0, initial=0)
            found[f"asked_{kind}"] = np.array(
                [max(_covered(near, weights, numbers) for numbers in row.asked) for row in there]
            )
            found[f"all_{kind}"] = np.array([_covered(near, weights, row.all) for row in there])
            found[f"meant_{kind}"] = np.array(
                [max(self._meant(best, numbers) for numbers in row.asked) for row in there]
            )
        if "like" in kinds:
            found["answer_like"] = np.array([_covered(kinds["like"], weights, row.answer) for row in there])
        return found

    def scope(self, question: Question) -> float | None:
        """How far on the town's side a question lies; None without vectors."""
        asked = self._meaning["asked"].vectors
        if question.vector is None or not len(asked):
            return None
        if self._line is None:
            self._line = Line(asked, self._off_topic)
        return self._line.side(question.vector)

    def know_as_off_topic(self, vectors: Vector) -> None:
        """Draw the line of the scope against these questions."""
        self._off_topic, self._line = vectors, None

    def _meant(self, best: np.ndarray, numbers: np.ndarray) -> float:
        """How much of a way of asking stands in the question."""
        if not len(numbers):
            return 0.0
        rarity = self._rarities()[numbers]
        return float(best[numbers] @ rarity / rarity.sum())

    def _rarities(self) -> np.ndarray:
        """How rare each word of the index is."""
        if self._rare is None or len(self._rare) != len(self.words):
            self._rare = np.array([self.fields["all_concepts"].rarity(word) for word in self.words])
        return self._rare

    def _numbers(self, words: Iterable[str]) -> np.ndarray:
        return np.array([self.words.number(word) for word in dict.fromkeys(words)], int)

    def _crowding(self) -> np.ndarray:
        """How near the nearest other entries are to each row: one among many of its kind is less often the one that is asked for."""
        if self._crowd is None:
            asked = self._meaning["asked"]
            self._crowd = np.zeros(len(self.rows))
            for at in range(0, len(asked.owners), PART):
                owners = asked.owners[at : at + PART]
                near = asked.vectors[at : at + PART] @ asked.vectors.T
                near[owners[:, None] == asked.owners[None, :]] = 0
                nearest = np.partition(near, -min(NEIGHBOURS, near.shape[1]), axis=1)[:, -NEIGHBOURS:]
                np.maximum.at(self._crowd, owners, nearest.mean(axis=1))
        return self._crowd

    def _forget_vectors(self, row: int) -> None:
        self._rare = self._crowd = self._line = None
        for meaning in self._meaning.values():
            meaning.drop(row)


def _covered(near: np.ndarray, weights: np.ndarray, numbers: np.ndarray) -> float:
    """The share of a question's words, by weight, that stand among these words."""
    if not len(numbers) or not len(weights):
        return 0.0
    return float(near[:, numbers].max(axis=1) @ weights / weights.sum())


@lru_cache(maxsize=16_384)
def _cut(text: str) -> Cut:
    """A text of an entry, cut once for all the towns that share it; what people ask is kept nowhere."""
    return Cut.of(text)


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
