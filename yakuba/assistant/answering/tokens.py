"""What a text is made of for a search: words by their dictionary form, by their sound, and pairs of characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import jaconv
from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

from yakuba.assistant.answering.synonyms import groups_of

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
ASKING = frozenset({"教える", "知る", "欲しい", "宜しい"})
"""Words that only say that something is asked."""
SAYING = frozenset({"名詞", "動詞", "形容詞", "形状詞", "接頭辞", "接尾辞"})
"""Parts of speech that stay in the gist of a question."""
PICTURES = re.compile(r"[\U0001F000-\U0001FAFF☀-➿️‍]+")
KANJI = re.compile(r"[\u4e00-\u9fff]")
SHORTEST, LONGEST_WORD = 4, 16
"""Kana of a word that is known by its sound: シタイ would be 死体 in 登録したい."""
NOT_KANA = re.compile(r"[^ァ-ヶー]+")
MARKS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Full and half width as one, small letters, without pictures, cut to `LONGEST` characters."""
    return unicodedata.normalize("NFKC", PICTURES.sub(" ", text[:LONGEST])).lower()


@cache
def tokenizer() -> Tokenizer:
    """SudachiPy with its core dictionary, read at the first word (about half a second)."""
    return Dictionary(dict="core").tokenizer()


@dataclass(frozen=True, slots=True)
class Cut:
    """A text cut in all the ways that are searched.

    `words`: dictionary forms of its short words. `compounds`: these, then its compounds that are not among them: 国民健康保険 is
    found by 保険 and, better, by itself. `concepts`: the compounds, then the groups of synonyms they stand in. `sounds`:
    three kana in a row of how it is read: what is written in kana is found by what others write in kanji. `pairs`: pairs of
    neighbouring characters: a misspelt or unknown word still shares some. `gist`: what it is about, without how it is asked.
    """

    text: str
    words: list[str]
    compounds: list[str]
    concepts: list[str]
    sounds: list[str]
    pairs: list[str]
    gist: str
    spellings: dict[str, str]
    """How its words with kanji are written, by how they are read."""

    @classmethod
    def of(cls, text: str) -> Cut:
        """Cut a text."""
        text = plain(text)
        every = list(tokenizer().tokenize(text, SplitMode.A))
        short = [word for word in every if _says(word)]
        whole = list(tokenizer().tokenize(text, SplitMode.C))
        words = [word.normalized_form() for word in short]
        known = set(words)
        compounds = words + [
            form for word in whole if _says(word) and (form := word.normalized_form()) not in known
        ]
        groups = dict.fromkeys(
            group for word in dict.fromkeys(compounds) for group in sorted(groups_of(word))
        )
        return cls(
            text,
            words,
            compounds,
            [*compounds, *groups],
            _in_a_row(NOT_KANA.sub("", "".join(word.reading_form() for word in every)), 3),
            _in_a_row(MARKS.sub("", text), 2),
            _gist(whole) or text,
            {
                word.reading_form(): word.surface()
                for word in (*short, *whole)
                if KANJI.search(word.surface())
            },
        )


def respelled(text: str, spellings: Mapping[str, str]) -> str:
    """A question in kana only, with the words of `spellings` (reading to spelling) as they are written, longest first; any other
    question as it is."""
    if KANJI.search(text):
        return text
    text = plain(text)
    kana = jaconv.hira2kata(text)
    parts, at = [], 0
    while at < len(text):
        ends = range(min(len(text), at + LONGEST_WORD), at + SHORTEST - 1, -1)
        end = next((end for end in ends if kana[at:end] in spellings), None)
        parts.append(spellings[kana[at:end]] if end else text[at])
        at = end or at + 1
    return "".join(parts)


def _in_a_row(letters: str, many: int) -> list[str]:
    return [letters[at : at + many] for at in range(len(letters) - many + 1)]


def _says(word: Morpheme) -> bool:
    """Whether a word says anything of what the text is about."""
    return word.part_of_speech()[0] not in SILENT and word.normalized_form() not in EMPTY


def _gist(words: list[Morpheme]) -> str:
    return " ".join(
        word.surface()
        for word in words
        if word.part_of_speech()[0] in SAYING and word.normalized_form() not in EMPTY | ASKING
    )
