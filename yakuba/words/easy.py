"""Readability of やさしい日本語, sentence by sentence, and the kanji that have no reading. Pure.

A text is as readable as its hardest sentence. A sentence begins with 100 points and loses some for what makes it hard to
learners, after 「在留支援のためのやさしい日本語ガイドライン」 (出入国在留管理庁・文化庁, August 2020) and the writing rules of
弘前大学 社会言語学研究室 (short sentences, plain words, blanks between phrases, few kanji, です・ます, no double negation).
Why not a measure for whole texts: docs/decisions/easy-words-are-measured-by-the-sentence.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from sudachipy import Morpheme, SplitMode

from yakuba.words import tables
from yakuba.words.kana import hiragana
from yakuba.words.ruby import ruby_segments, tokenizer

FLOOR = 70
"""Points below which a text is not easy: `yakuba check` fails."""

MORAE, MORAE_COST = 34, 1.5
"""Beats of a sentence that cost nothing, and points for each beyond. 弘前大学: about 24 in a warning, 30 letters in a notice."""
RUN, RUN_COST = 13, 2.0
"""Beats without a blank that cost nothing, and points for each beyond: one long word with its particle."""
KANJI, KANJI_COST = 13, 2.0
"""Kanji of a sentence that cost nothing (弘前大学, category II), and points for each beyond."""
LATE_COST, RARE_COST = 1.5, 4.0
"""Points for a kanji taught in the fifth or sixth year of school, and for one that school leaves to later; half of it in a
name that brackets give."""
WORD_COST, SAID_COST = 9.0, 4.0
"""Points for a word beyond the plain list, and for one that brackets say in other words or name as it is called."""
GRAMMAR_COST = 8.0
"""Points for each form of the written language."""
DOUBTFUL_COST = 40.0
"""Points for brackets that would be set as a reading and are none: 住民課（ごみ）."""
VERBS, VERBS_COST = 4, 4.0
"""Verbs and adjectives of a sentence that cost nothing, and points for each beyond."""

_SENTENCE = re.compile(r"(?<=[。？！])|\n+|(?<=[。？！]」)")
_MARKS = re.compile(r"\{[^{}|]*\|(?P<read>[^{}]*)\}")
_VALUE = re.compile(r"\{[A-Za-z_][\w.-]*\}", re.ASCII)
_SAID = re.compile(r"（[^（）]*）|「[^「」]*」")
"""Where a word is said in other words, or quoted as it stands on a paper."""
_ASIDE = re.compile(r"（[^（）]*）")
"""What is said beside the sentence: its beats count half."""
_RUN = re.compile(r"[\w・ー]+")
_READING = re.compile(r"（[ぁ-ゖー]+）")
_READ_BY_BRACKETS = re.compile(r"(?P<run>[々一-鿿]+)（(?P<kana>[ぁ-ゖー]+)）")
_ONE_KANJI = r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]"
_KANJI, _KANJI_RUN = re.compile(_ONE_KANJI), re.compile(f"{_ONE_KANJI}+")
_BEAT = re.compile(r"[ァ-ヴー](?<![ァィゥェォャュョヮ])")
_LETTERS = re.compile(r"[ぁ-ゖァ-ヴ㐀-鿿]")
_NO_WORD = re.compile(r"[\d０-９A-Za-zＡ-Ｚａ-ｚ.,:/@_＝=+%％-]+")
_CONTENT = {"名詞", "動詞", "形容詞", "形状詞", "副詞", "代名詞", "連体詞"}
_WRITTEN = {
    "による": r"によ(?:る|り|って)(?!ます)",
    "において": r"にお(?:いて|ける)",
    "に関する": r"に(?:関|かん)(?:する|して)|に係る|に(?:基|もと)づ",
    "および": r"および|及び|ならびに|並びに|または|又は|もしくは|若しくは",
    "べき": r"べき|ざる|ねば",
    "お…ください": r"[おご][^\s、。]{1,8}(?:ください|になる|になり|いたし|申し上げ)|(?<!ありがとう)ございま|いただ|頂",
    "ないことはない": r"な(?:い|く)[^\s、。]{0,4}\s?は\s?(?:ない|ありません)|なくも\s?ない",
    "である": r"である|ではない。|なければならない",
}
"""Forms of the written or the very polite language, by what they are called."""
_GRAMMAR = {name: re.compile(form) for name, form in _WRITTEN.items()}


@dataclass(frozen=True, slots=True)
class Readable:
    """How readable a text is: `points` of 100, those of its hardest sentence; what took them; which words have no reading.

    `hard`: words beyond the plain list; `because`: what else costs points, in English, for whoever mends it.
    """

    points: int
    hard: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def low(self) -> bool:
        """Is it below the floor?"""
        return self.points < FLOOR


@lru_cache(maxsize=16_384)
def readability(text: str) -> Readable:
    """How readable a text in やさしい日本語 is.

    >>> readability("お金を もらう 人の 名前を 書いて ください。").points
    100
    >>> readability("受給資格の認定に係る請求書および添付書類を窓口に提出しなければならない。").low
    True
    >>> readability("罹災を 見ます。").hard
    ('罹災',)
    """
    sentences = [_sentence(one) for one in _SENTENCE.split(_plain(text)) if _LETTERS.search(one)]
    lowest = min(sentences, key=lambda one: one.points, default=Readable(100))
    if doubtful := _doubtful(text):
        why = f"“{doubtful}” is set as a reading: put a blank into the brackets, or write {{kanji|よみ}}"
        points = max(0, round(lowest.points - DOUBTFUL_COST))
        lowest = Readable(points, because=(why, *lowest.because))
    hard = tuple(dict.fromkeys(word for one in sentences for word in one.hard))
    return Readable(lowest.points, hard, lowest.because, unread(text))


def unread(text: str) -> tuple[str, ...]:
    """The kanji of a text that have no reading, run by run."""
    bare = (base for base, reading in ruby_segments(text) if reading is None)
    return tuple(run for base in bare for run in _KANJI_RUN.findall(base))


def _doubtful(text: str) -> str:
    """Kanji with kana in brackets behind them that the dictionary does not read so; empty where there are none."""
    for found in _READ_BY_BRACKETS.finditer(text):
        words = tokenizer().tokenize(found["run"], SplitMode.A)
        read = [hiragana(word.reading_form()) for word in words]
        if found["kana"] not in {"".join(read[begin:]) for begin in range(len(read))}:
            return found[0]
    return ""


def _plain(text: str) -> str:
    """As it is read: values as one short word, no authored readings."""
    text = _MARKS.sub(lambda mark: mark["read"], text)
    return _READING.sub("", _VALUE.sub("A", text))


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a phrase: its beats, whether it is on the plain list (or says nothing one must know), whether it is a verb
    or an adjective of its own."""

    surface: str
    beats: int
    plain: bool
    verb: bool


def _sentence(text: str) -> Readable:
    runs = [(run.span(), _words(run[0])) for run in _RUN.finditer(text)]
    named = [span.span() for span in _SAID.finditer(text)]
    hard: dict[str, float] = {}
    for (begin, end), words in runs:
        beside = any(first <= begin <= last or first == end for first, last in named)
        for word in words:
            if not word.plain:
                hard.setdefault(word.surface, SAID_COST if beside else WORD_COST)
    lost = [*_length(text, runs), *_kanji(text, _SAID.sub("", text)), *_grammar(text, runs)]
    cost = sum(hard.values()) + sum(points for points, _ in lost)
    because = tuple(why for _, why in sorted(lost, reverse=True))
    return Readable(max(0, round(100 - cost)), tuple(hard), because)


_Runs = list[tuple[tuple[int, int], tuple[_Word, ...]]]


@lru_cache(maxsize=32_768)
def _words(run: str) -> tuple[_Word, ...]:
    """The words of a run between blanks and marks. Kept: easy texts say most things again and again."""
    if not _LETTERS.search(run):
        return ()
    return tuple(
        _Word(
            word.surface(),
            len(_BEAT.findall(word.reading_form())),
            _is_plain(word) or _made_of_plain_words(word),
            word.part_of_speech()[:2] in (("動詞", "一般"), ("形容詞", "一般")),
        )
        for word in tokenizer().tokenize(run, SplitMode.C)
    )


def _is_plain(word: Morpheme) -> bool:
    """Is it on the list, or nothing that one must know: numbers, names, letters, particles?"""
    kind, sort, *_ = word.part_of_speech()
    if kind not in _CONTENT or sort in ("固有名詞", "数詞") or _NO_WORD.fullmatch(word.surface()):
        return True
    return not _plain_words().isdisjoint((word.surface(), word.dictionary_form(), word.normalized_form()))


def _made_of_plain_words(word: Morpheme) -> bool:
    parts = list(word.split(SplitMode.A))
    return len(parts) > 1 and all(map(_is_plain, parts))


def _length(text: str, runs: _Runs) -> Iterator[tuple[float, str]]:
    aside = [span.span() for span in _ASIDE.finditer(text)]
    beats = 0.0
    for (begin, end), words in runs:
        within = any(first < begin and end < last for first, last in aside)
        beats += sum(word.beats for word in words) / (2 if within else 1)
    if beats > MORAE:
        yield (beats - MORAE) * MORAE_COST, f"{beats:g} beats long: make two sentences"
    for (begin, end), words in runs:
        if (long := sum(word.beats for word in words)) > RUN:
            yield (long - RUN) * RUN_COST, f"no blank in “{text[begin:end]}”"


def _kanji(text: str, bare: str) -> Iterator[tuple[float, str]]:
    """`bare`: the text without what brackets name, whose kanji cost half."""
    found = _KANJI.findall(text)
    if len(found) > KANJI:
        yield (len(found) - KANJI) * KANJI_COST, f"{len(found)} kanji"
    year = _years()
    once = dict.fromkeys(found)
    late = [one for one in once if year.get(one) in (5, 6)]
    rare = [one for one in once if one not in year]
    for which, cost, called in ((late, LATE_COST, "late"), (rare, RARE_COST, "rare")):
        if which:
            points = sum(cost if one in bare else cost / 2 for one in which)
            yield points, f"{called} kanji {''.join(which)}"


def _grammar(text: str, runs: _Runs) -> Iterator[tuple[float, str]]:
    for name, form in _GRAMMAR.items():
        if form.search(text):
            yield GRAMMAR_COST, f"written language: {name}"
    verbs = sum(word.verb for _, words in runs for word in words)
    if verbs > VERBS:
        yield (verbs - VERBS) * VERBS_COST, f"{verbs} verbs and adjectives"


@cache
def _years() -> dict[str, int]:
    table = tables.read(Path(__file__).with_name("kanji.yaml"))
    return {kanji: int(year) for year, line in table.items() for kanji in line}


@cache
def _plain_words() -> frozenset[str]:
    """The plain list, each word as it is written there and as the dictionary spells it."""
    lines = Path(__file__).with_name("plain_words.txt").read_text("utf-8").splitlines()
    words = {word for line in lines if not line.startswith("#") for word in line.split()}
    spelt = set()
    for word in words:
        found = list(tokenizer().tokenize(word, SplitMode.C))
        if len(found) == 1:
            spelt |= {found[0].dictionary_form(), found[0].normalized_form()}
    return frozenset(words | spelt)
