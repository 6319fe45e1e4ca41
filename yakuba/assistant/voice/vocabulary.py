"""The words of a town hall, taken from its own texts, and found again by sound. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sudachipy import Morpheme, SplitMode

from yakuba.assistant.voice import japanese
from yakuba.assistant.voice.sound import Sound, pairs, sounds

MOST_PARTS = 6
"""Morphemes of the longest word taken from a text."""
PLACE_COUNT = 20
"""How often a place or an office counts as written, though it may stand in no text: somebody will say it."""
_NOT_TEXT = re.compile(r"\{[^{}]*\}|[（(][^（）()]*[）)]")
_INSIDE = {"名詞", "接頭辞", "接尾辞", "形状詞"}
_ALONE = {"名詞", "形状詞", "動詞", "形容詞", "副詞"}


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written and as it is read (katakana), and how often the town's texts have it."""

    written: str
    reading: str
    count: int = 1

    @property
    def sounds(self) -> tuple[Sound, ...]:
        return sounds(self.reading)


@dataclass(frozen=True)
class Vocabulary:
    """The words of a town. `words` by how they are written."""

    words: Mapping[str, Word]

    def __contains__(self, written: str) -> bool:
        return written in self.words

    @cached_property
    def total(self) -> int:
        return sum(word.count for word in self.words.values())

    def surprise(self, written: str) -> float | None:
        """How unexpected a word is in a text of the town, in nats; None for a word that it has not."""
        word = self.words.get(written)
        return None if word is None else math.log(self.total / word.count)

    @cached_property
    def _by_pair(self) -> Mapping[tuple[Sound, Sound], Sequence[Word]]:
        found: dict[tuple[Sound, Sound], list[Word]] = {}
        for word in self.words.values():
            for pair in set(pairs(word.sounds)):
                found.setdefault(pair, []).append(word)
        return found

    def near(self, heard: Sequence[Sound], most: int) -> list[Word]:
        """Words that share sounds with what was heard, at most `most`, those that share most first."""
        shared: Counter[str] = Counter()
        for pair in set(pairs(heard)):
            shared.update(word.written for word in self._by_pair.get(pair, ()))
        ranked = sorted(
            ((2 * n / (len(self.words[one].sounds) + len(heard) + 2), one) for one, n in shared.items()),
            reverse=True,
        )
        return [self.words[one] for _, one in ranked[:most]]


def vocabulary(
    texts: Iterable[str], readings: Mapping[str, str], places: Mapping[str, str]
) -> Vocabulary:
    """The words of `texts` (Japanese sentences of the town: its services, its pages), `readings` (words whose reading the
    dictionary does not know, with it in kana) and `places` (places and offices of the town, with their readings)."""
    counts: Counter[str] = Counter()
    read: dict[str, str] = {}
    for text in texts:
        for written, reading in _words_of(text):
            counts[written] += 1
            read.setdefault(written, reading)
    for words, least in ((readings, 1), (places, PLACE_COUNT)):
        for written, reading in words.items():
            counts[written] = max(counts[written], least)
            read[written] = reading
    return Vocabulary({one: Word(one, read[one], n) for one, n in counts.items() if len(sounds(read[one])) > 1})


def _words_of(text: str) -> Iterable[tuple[str, str]]:
    """Every word of a text and every compound of neighbouring nouns, with their readings."""
    parts = japanese.parts(_NOT_TEXT.sub("、", text), SplitMode.A)
    for begin, first in enumerate(parts):
        kind = first.part_of_speech()[0]
        if kind in _ALONE and not japanese.is_number(first) and len(first.surface()) > 1:
            yield first.surface(), first.reading_form()
        if kind not in _INSIDE:
            continue
        for end in range(begin + 2, min(begin + MOST_PARTS, len(parts)) + 1):
            if not _inside(parts[end - 1]):
                break
            if _inside(first):
                run = parts[begin:end]
                yield "".join(m.surface() for m in run), "".join(m.reading_form() for m in run)


def _inside(part: Morpheme) -> bool:
    return part.part_of_speech()[0] in _INSIDE and not japanese.is_number(part)
