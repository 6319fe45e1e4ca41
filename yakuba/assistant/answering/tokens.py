"""What a text is made of for a search: words by their dictionary form, by their sound, and pairs of characters."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

LONGEST = 2_000
"""Characters of a text that are looked at: what a longer one says further down does not help to find it."""
SILENT = frozenset({"助詞", "助動詞", "補助記号", "空白", "記号", "感動詞", "接続詞"})
"""Parts of speech that say how words belong together and nothing of what they are about."""
EMPTY = frozenset(
    [
        "為る",
        "有る",
        "居る",
        "成る",
        "出来る",
        "下さる",
        "遣る",
        "貰う",
        "呉れる",
        "頂く",
        "行く",
        "来る",
        "言う",
        "因る",
        "於く",
        "事",
        "時",
        "場合",
        "為",
        "物",
        "所",
        "何",
        "方",
        "方法",
        "様",
    ]
)
"""Words that stand in any question and any answer, as SudachiPy normalises them."""
PICTURES = re.compile(r"[\U0001F000-\U0001FAFF☀-➿️‍]+")
MARKS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Full and half width as one, small letters, without pictures, cut to `LONGEST` characters."""
    return unicodedata.normalize("NFKC", PICTURES.sub(" ", text[:LONGEST])).lower()


@cache
def tokenizer() -> Tokenizer:
    """SudachiPy with its core dictionary, read at the first word (about half a second)."""
    return Dictionary(dict="core").create()


def words(text: str) -> list[str]:
    """Dictionary forms of the short words of a text, in order."""
    return [word.normalized_form() for word in _content(text, SplitMode.A)]


def words_and_compounds(text: str) -> list[str]:
    """Dictionary forms of the short words of a text, then of its compounds that are not among them: 国民健康保険 is found
    by 保険 and, better, by itself."""
    short = words(text)
    known = set(short)
    return short + [
        form for word in _content(text, SplitMode.C) if (form := word.normalized_form()) not in known
    ]


def sounds(text: str) -> list[str]:
    """Readings of the short words: what is written in kana only is found by what others write in kanji."""
    return [word.reading_form() for word in _content(text, SplitMode.A)]


def pairs(text: str) -> list[str]:
    """Pairs of neighbouring characters, marks left out: a misspelt or unknown word still shares some."""
    letters = MARKS.sub("", plain(text))
    return [letters[at : at + 2] for at in range(len(letters) - 1)]


def _content(text: str, mode: SplitMode) -> list[Morpheme]:
    return [
        word
        for word in tokenizer().tokenize(plain(text), mode)
        if word.part_of_speech()[0] not in SILENT and word.normalized_form() not in EMPTY
    ]
