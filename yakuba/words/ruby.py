"""Furigana (ふりがな, ruby): how the kanji of a text are read.

Words come from SudachiPy's core dictionary; `readings.yaml` beside this file goes before it for words of the
town hall. An author goes before both: `{大歩危|おおぼけ}` anywhere, or `請求（せいきゅう）` behind a run of kanji.
What stands in full-width brackets behind kanji and is nothing but hiragana is taken for a reading; an
explanation there needs a blank or a kanji: `補正（なおす こと）`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from html import escape
from pathlib import Path

import jaconv
from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

from yakuba.words import tables

Segment = tuple[str, str | None]
"""A piece of text and its reading in hiragana; None where no reading is needed or known."""

_KANJI = r"[々〆㐀-鿿豈-﫿\U00020000-\U0003ffff][々ヶ㐀-鿿豈-﫿\U00020000-\U0003ffff\U000e0100-\U000e01ef]*"
_HAS_KANJI = re.compile(_KANJI)
_BETWEEN_PHRASES = re.compile("([^\\w\ufe00-\ufe0f\U000e0100-\U000e01ef]+)")
_KANA = re.compile(r"[ぁ-ゖァ-ヶー]+")
_AUTHORED = re.compile(
    r"\{(?P<base>[^{}|]+)\|(?P<reading>[ぁ-ゖー]+)\}|(?P<run>" + _KANJI + r")（(?P<run_reading>[ぁ-ゖー]+)）"
)
_BRACES = re.compile(r"\{([^{}|]+)\|[ぁ-ゖー]+\}")
_WEEKDAY = {"月": "げつ", "火": "か", "水": "すい", "木": "もく", "金": "きん", "土": "ど", "日": "にち"}


class Html(str):
    """Escaped HTML; template engines that honour `__html__` (Django, Jinja) do not escape it again."""

    def __html__(self) -> str:
        return str(self)


@lru_cache(maxsize=8192)
def ruby_html(text: str) -> Html:
    """The text as safe HTML with furigana above its kanji; everything else is escaped.

    >>> ruby_html("お金 <口座>")
    'お<ruby>金<rt aria-hidden="true">かね</rt></ruby> &lt;<ruby>口座<rt aria-hidden="true">こうざ</rt></ruby>&gt;'
    """
    return Html("".join(_html(base, reading) for base, reading in ruby_segments(text)))


def _html(base: str, reading: str | None) -> str:
    if reading is None:
        return escape(base)
    # for the eye only: a screen reader would say every word twice
    return f'<ruby>{escape(base)}<rt aria-hidden="true">{escape(reading)}</rt></ruby>'


@lru_cache(maxsize=8192)
def ruby_segments(text: str) -> tuple[Segment, ...]:
    """The text cut into pieces with their readings, for whatever sets type (HTML, Typst).

    Okurigana stay outside the reading. The bases put together are the text without its authored readings.

    >>> ruby_segments("認定を{請|こ}う")
    (('認定', 'にんてい'), ('を', None), ('請', 'こ'), ('う', None))
    """
    return tuple(_joined(_segments(text)))


def ruby_pairs(text: str, language: str) -> list[list[str | None]]:
    """The same as plain lists for a template of Typst: readings in easy Japanese, the text as it is in other languages.

    >>> ruby_pairs("{請|こ}う", "easy"), ruby_pairs("請う", "ja")
    ([['請', 'こ'], ['う', None]], [['請う', None]])
    """
    return [list(pair) for pair in ruby_segments(text)] if language == "easy" else [[text, None]]


def plain(text: str) -> str:
    """The text without `{base|reading}` marks, for carriers that know no furigana.

    >>> plain("{大歩危|おおぼけ}の請求（せいきゅう）")
    '大歩危の請求（せいきゅう）'
    """
    return _BRACES.sub(r"\1", text)


def known_readings() -> Mapping[str, str]:
    """The words of the town hall whose reading we give ourselves, with it in hiragana (`readings.yaml`).

    >>> known_readings()["児童手当"]
    'じどうてあて'
    """
    return _readings()["words"]


def _segments(text: str) -> Iterator[Segment]:
    done = 0
    for mark in _AUTHORED.finditer(text):
        yield from _numbered(text[done : mark.start()])
        if mark["base"]:
            yield from _aligned(mark["base"], mark["reading"])
        else:
            yield from _last_word_read(mark["run"], mark["run_reading"])
        done = mark.end()
    yield from _numbered(text[done:])


def _last_word_read(run: str, reading: str) -> Iterator[Segment]:
    """In 認定請求（せいきゅう） the reading belongs to the last word, in 請求（せいきゅう） to all of it."""
    words = [(part.surface(), part.reading_form()) for part in tokenizer().tokenize(run, SplitMode.A)]
    for n in range(1, len(words)):
        if jaconv.kata2hira("".join(read for _, read in words[n:])) == reading:
            yield from _dictionary("".join(surface for surface, _ in words[:n]))
            yield "".join(surface for surface, _ in words[n:]), reading
            return
    yield run, reading


def _numbered(text: str) -> Iterator[Segment]:
    """Numbers with what they count: 24日, 3人, （火）; the rest goes to the dictionary."""
    done = 0
    for found in _number_pattern().finditer(text):
        yield from _dictionary(text[done : found.start()])
        yield from _number(found, text)
        done = found.end()
    yield from _dictionary(text[done:])


def _number(found: re.Match[str], text: str) -> Iterator[Segment]:
    if found["weekday"]:
        yield found[0], _WEEKDAY[found["weekday"]]
        return
    together = _readings()["together"].get(
        jaconv.z2h(found["number"], kana=False, digit=True) + found["counter"]
    )
    if found[0] in ("1日", "１日") and text[: found.start()].endswith("月"):
        together = "ついたち"
    if together:
        yield found[0], together
    else:
        yield found["number"], None
        yield from _aligned(found["counter"], _readings()["counters"].get(found["counter"], "ふん"))


@cache
def _number_pattern() -> re.Pattern[str]:
    counters = sorted({*_readings()["counters"], "分"}, key=len, reverse=True)
    return re.compile(
        r"(?<![\d０-９,.])(?P<number>[\d０-９][\d０-９,.]*)(?P<counter>" + "|".join(counters) + ")"
        r"|(?<=[（(])(?P<weekday>[月火水木金土日])(?=[）)])"
    )


def _dictionary(text: str) -> Iterator[Segment]:
    """Readings from the dictionary, phrase by phrase: it knows titles with brackets, 名前（カタカナ）, as one word."""
    for phrase in _BETWEEN_PHRASES.split(text):
        for surface, reading in _words(phrase):
            yield from _aligned(surface, reading)


def _words(text: str) -> Iterator[tuple[str, str]]:
    """The words of a text with their readings in hiragana, our own readings before the dictionary's."""
    if not _HAS_KANJI.search(text):
        if text:
            yield text, ""
        return
    morphemes = list(tokenizer().tokenize(text, SplitMode.C))
    starts = {morpheme.begin(): n for n, morpheme in enumerate(morphemes)}
    ends = {morpheme.end(): n + 1 for n, morpheme in enumerate(morphemes)}
    n = 0
    while n < len(morphemes):
        own = _own_word(text, morphemes[n].begin(), ends)
        if own:
            yield own, _readings()["words"][own]
            n = starts.get(morphemes[n].begin() + len(own), len(morphemes))
        else:
            yield from _split(morphemes[n])
            n += 1


def _own_word(text: str, begin: int, ends: dict[int, int]) -> str | None:
    """The longest word of `readings.yaml` that begins here and ends where a word of the dictionary ends."""
    own = _readings()["words"]
    longest = min(len(text), begin + _longest_own_word())
    return next(
        (text[begin:end] for end in range(longest, begin, -1) if end in ends and text[begin:end] in own), None
    )


def _split(morpheme: Morpheme) -> Iterator[tuple[str, str]]:
    """A long word in short units, where their readings together are its own: 児童 手当 can break a line."""
    reading = morpheme.reading_form()
    parts = list(morpheme.split(SplitMode.A))
    if "".join(part.reading_form() for part in parts) != reading:
        yield morpheme.surface(), jaconv.kata2hira(reading)
        return
    for part in parts:
        yield part.surface(), jaconv.kata2hira(part.reading_form())


def _aligned(surface: str, reading: str) -> Iterator[Segment]:
    """A word with its reading over the kanji only: 受け取る うけとる → 受(う)け取(と)る."""
    if not _HAS_KANJI.search(surface) or not _KANA.fullmatch(reading):
        yield surface, None
        return
    pieces = [piece for piece in re.split(f"({_KANJI})", surface) if piece]
    pattern = "".join(
        "(.+?)" if _HAS_KANJI.match(piece) else f"({re.escape(jaconv.kata2hira(piece))})" for piece in pieces
    )
    match = re.fullmatch(pattern, reading)
    if match is None:
        yield surface, reading
        return
    for piece, read in zip(pieces, match.groups(), strict=True):
        yield piece, read if _HAS_KANJI.match(piece) else None


def _joined(segments: Iterator[Segment]) -> Iterator[Segment]:
    """Neighbouring pieces without a reading become one."""
    bare = ""
    for base, reading in segments:
        if reading is None:
            bare += base
            continue
        if bare:
            yield bare, None
            bare = ""
        yield base, reading
    if bare:
        yield bare, None


@cache
def _readings() -> dict[str, dict[str, str]]:
    return tables.read(Path(__file__).with_name("readings.yaml"))


@cache
def _longest_own_word() -> int:
    return max(len(word) for word in _readings()["words"])


@cache
def _sudachi() -> Dictionary:
    return Dictionary(dict="core")


_of_thread = threading.local()


def tokenizer() -> Tokenizer:
    """Sudachi with its core dictionary; two threads may not use one at once, so each thread has its own."""
    if not hasattr(_of_thread, "tokenizer"):
        _of_thread.tokenizer = _sudachi().tokenizer()
    own: Tokenizer = _of_thread.tokenizer
    return own
