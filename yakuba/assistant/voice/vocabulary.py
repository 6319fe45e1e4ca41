"""The words of a town hall, taken from its own texts: found again by sound, and how they follow each other. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from sudachipy import Morpheme

from yakuba.assistant.voice import japanese
from yakuba.assistant.voice.sound import Sound, pairs, sounds

MOST_PARTS = 6
"""Morphemes of the longest word taken from a text."""
PLACE_COUNT = 20
"""How often a place or an office counts as written, though it may stand in no text: somebody will say it."""
SEEN_WORDS = 100_000
"""Words that might be said; what no text has gets a share of one of them."""
_NOT_TEXT = re.compile(r"\{[^{}]*\}|[（(][^（）()]*[）)]")
_SENTENCE_ENDS = re.compile(r"[。！？\n]+")
_INSIDE = {"名詞", "接頭辞", "接尾辞", "形状詞"}
_ALONE = {"名詞", "形状詞", "動詞", "形容詞", "副詞"}
_BEGIN, _END, _NUMBER = "^", "$", "0"


@dataclass(frozen=True, slots=True)
class TownWords:
    """What the words of a town are taken from, as plain data. `texts`: Japanese sentences of its services, answers and pages;
    `readings`: words whose reading the dictionary does not know; `places`: places, offices and facilities of the town, by
    how they are written, with their readings in kana."""

    texts: Sequence[str] = ()
    readings: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written and as it is read, in kana, and how often the town's texts have it."""

    written: str
    reading: str
    count: int = 1

    @property
    def sounds(self) -> tuple[Sound, ...]:
        return sounds(self.reading)


@dataclass(frozen=True)
class Vocabulary:
    """The words of a town by how they are written, and how often a morpheme (`_alone`) or two in a row (`_together`) stand in
    its texts."""

    words: Mapping[str, Word]
    _alone: Counter[str]
    _together: Counter[tuple[str, str]]

    def __contains__(self, written: str) -> bool:
        return written in self.words

    def surprise(self, text: str) -> float:
        """How unexpected a text is to who knows the town's texts, in nats (a bigram model, Witten and Bell's smoothing)."""
        tokens = _tokens(text)
        return -sum(math.log(self._chance(before, token)) for before, token in pairwise(tokens))

    def _chance(self, before: str, token: str) -> float:
        alone = (self._alone[token] + 0.02) / (self._total + 0.02 * SEEN_WORDS)
        if not (seen := self._alone[before]):
            return alone
        trust = seen / (seen + 4 * self._followers[before] + 1)
        return trust * self._together[before, token] / seen + (1 - trust) * alone

    @cached_property
    def _total(self) -> int:
        return sum(self._alone.values())

    @cached_property
    def _followers(self) -> Counter[str]:
        return Counter(before for before, _ in self._together)

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


def vocabulary(of: TownWords) -> Vocabulary:
    """The words of a town."""
    counts: Counter[str] = Counter()
    read: dict[str, str] = {}
    alone: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    for text in of.texts:
        for sentence in filter(None, _SENTENCE_ENDS.split(_NOT_TEXT.sub("、", text))):
            parts = japanese.parts(sentence)
            for written, reading in _words(parts):
                counts[written] += 1
                read.setdefault(written, reading)
            tokens = _tokens_of(parts)
            alone.update(tokens)
            together.update(pairwise(tokens))
    for given, least in ((of.readings, 1), (of.places, PLACE_COUNT)):
        for written, reading in given.items():
            counts[written] = max(counts[written], least)
            read[written] = reading
    words = {one: Word(one, read[one], n) for one, n in counts.items() if len(sounds(read[one])) > 1}
    return Vocabulary(words, alone, together)


def _words(parts: Sequence[Morpheme]) -> Iterator[tuple[str, str]]:
    """Every word and every compound of neighbouring nouns, with their readings."""
    for begin, first in enumerate(parts):
        if first.part_of_speech()[0] in _ALONE and not japanese.is_number(first) and len(first.surface()) > 1:
            yield first.surface(), first.reading_form()
        if not _inside(first):
            continue
        for end in range(begin + 2, min(begin + MOST_PARTS, len(parts)) + 1):
            if not _inside(parts[end - 1]):
                break
            run = parts[begin:end]
            yield japanese.written(run), japanese.read(run)


def _inside(part: Morpheme) -> bool:
    return part.part_of_speech()[0] in _INSIDE and not japanese.is_number(part)


def _tokens(text: str) -> list[str]:
    return _tokens_of(japanese.parts(text))


def _tokens_of(parts: Sequence[Morpheme]) -> list[str]:
    """The morphemes of a sentence without its marks, between its begin and its end; all numbers are one."""
    inner = [
        _NUMBER if japanese.is_number(one) else one.surface() for one in parts if not japanese.is_mark(one)
    ]
    return [_BEGIN, *inner, _END]
