"""What was heard, put right by sound: a run of morphemes that reads nearly as a word of the town is taken for that word where
the town's texts make it more likely. Pure.

Left as they are: numbers, whatever stands in the vocabulary itself, and what is likely enough as it was heard. Every exchange
is kept with what stood there, so that a person can take it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import inf

from sudachipy import Morpheme

from yakuba.assistant.voice import japanese
from yakuba.assistant.voice.sound import distance, sounds
from yakuba.assistant.voice.vocabulary import Vocabulary, Word
from yakuba.words import hiragana

MOST_PARTS = 9
"""Morphemes that one word may have been misheard as."""
LONGEST = 20
"""Sounds of the longest run that is looked up."""
NEAREST = 12
"""Words looked at closely for a run."""
AS_FAR = 0.36
"""How far apart a run and a word may be, for each sound of the longer one."""
WEIGHTS: Mapping[str, float] = {
    "fixed": -1.89,
    "surprise": 0.118,
    "unusual": 0.026,
    "distance": -1.31,
    "sounds": 0.248,
}
"""What speaks for an exchange, as log odds: learnt by logistic regression on what was heard of the 40 sentences to tune on.
`surprise`: nats by which the town's texts expect the new sentence more; `unusual`: thousands by which the dictionary finds it
more usual; `distance`: how far apart the two sound; `sounds`: how long the longer of the two is, at most 10."""
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]*")


@dataclass(frozen=True, slots=True)
class Change:
    """A word put in place of what was heard. `at`: where it stands in the text put right, in characters; `read_before` and
    `read_after`: how both are read; `weight`: the log odds that it is right."""

    before: str
    after: str
    at: int
    read_before: str
    read_after: str
    weight: float

    def json(self) -> dict[str, object]:
        """As plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text put right, and what was changed in it, from its beginning to its end."""

    text: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A word that a run of morphemes (`begin` to `end`) may have been. `sentence`: how the sentence would then read."""

    begin: int
    end: int
    heard: str
    read: str
    word: Word
    sentence: str
    far: float
    weight: float


def repaired(text: str, words: Vocabulary) -> Repaired:
    """The text with the words of the town put right by sound."""
    new, changes = "", []
    for sentence in filter(None, _SENTENCE.findall(text)):
        parts = japanese.parts(sentence)
        best = _best(len(parts), [one for one in exchanges(sentence, words) if one.weight > 0])
        done = 0
        for one in best:
            new += japanese.written(parts[done : one.begin])
            changes.append(
                Change(
                    one.heard,
                    one.word.written,
                    len(new),
                    hiragana(one.read),
                    hiragana(one.word.reading),
                    round(one.weight, 2),
                )
            )
            new += one.word.written
            done = one.end
        new += japanese.written(parts[done:])
    return Repaired(new, tuple(changes))


def likely(text: str, words: Vocabulary, most: int, least: float = -2.5) -> list[str]:
    """Words that may have been said in a text, the likeliest first: what is told before listening a second time."""
    found = sorted(
        (
            one
            for sentence in filter(None, _SENTENCE.findall(text))
            for one in exchanges(sentence, words)
            if one.weight > least
        ),
        key=lambda one: -one.weight,
    )
    likeliest: list[str] = []
    for one in found:
        if len(likeliest) < most and not any(one.word.written in longer for longer in likeliest):
            likeliest.append(one.word.written)
    return likeliest


def exchanges(sentence: str, words: Vocabulary) -> Iterator[Exchange]:
    """Every word that some run of the sentence may have been, with what speaks for it."""
    parts = japanese.parts(sentence)
    surprise, cost = words.surprise(sentence), japanese.cost(sentence)
    for begin, end in _runs(parts):
        heard, read = japanese.written(parts[begin:end]), japanese.read(parts[begin:end])
        made = sounds(read)
        if heard in words or not 1 < len(made) <= LONGEST:
            continue
        for word in words.near(made, NEAREST):
            longer = max(len(made), len(word.sounds))
            far = distance(made, word.sounds, AS_FAR * longer)
            if far == inf:
                continue
            new = japanese.written(parts[:begin]) + word.written + japanese.written(parts[end:])
            weight = (
                WEIGHTS["fixed"]
                + WEIGHTS["surprise"] * (surprise - words.surprise(new))
                + WEIGHTS["unusual"] * (cost - japanese.cost(new)) / 1000
                + WEIGHTS["distance"] * far
                + WEIGHTS["sounds"] * min(longer, 10)
            )
            yield Exchange(begin, end, heard, read, word, new, far, weight)


def _runs(parts: Sequence[Morpheme]) -> Iterator[tuple[int, int]]:
    """Runs of morphemes that may be a word misheard: no number and no mark in them, no particle around them."""
    for begin, first in enumerate(parts):
        if japanese.is_particle(first):
            continue
        for end in range(begin + 1, min(begin + MOST_PARTS, len(parts)) + 1):
            last = parts[end - 1]
            if japanese.is_number(last) or japanese.is_mark(last):
                break
            if end == begin + 1 or not _after_a_noun(last):
                yield begin, end


def _after_a_noun(part: Morpheme) -> bool:
    return part.part_of_speech()[1] in ("格助詞", "係助詞")


def _best(length: int, found: Sequence[Exchange]) -> list[Exchange]:
    """Exchanges that do not overlap and weigh most together, in the order of the text."""
    best: list[tuple[float, list[Exchange]]] = [(0.0, [])]
    for end in range(1, length + 1):
        best.append(best[-1])
        for one in (one for one in found if one.end == end):
            weight, before = best[one.begin]
            if weight + one.weight > best[end][0]:
                best[end] = weight + one.weight, [*before, one]
    return best[length][1]
