"""How near two readings are by ear. Pure.

A reading is cut into sounds (モーラ): a consonant and a vowel, ん, っ, or the length of the vowel before. What a microphone and a
recogniser mix up costs little: か and が, し and ち, おう and お; what nobody mixes up costs 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import jaconv

Sound = tuple[str, str]
"""A consonant and a vowel, as ("k", "a"); ん is ("N", ""), っ ("Q", ""), a long vowel ("-", "")."""

NASAL, STOP, LONG = ("N", ""), ("Q", ""), ("-", "")
_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サ スセソ", "z": "ザ ズゼゾ", "t": "タ  テト", "d": "ダ  デド",
    "n": "ナニヌネノ", "h": "ハヒ ヘホ", "b": "バビブベボ", "p": "パピプペポ", "m": "マミムメモ", "y": "ヤ ユ ヨ", "r": "ラリルレロ",
    "w": "ワ    ",
}  # fmt: skip
_SOUNDS: dict[str, Sound] = {
    kana: (row, vowel)
    for row, line in _ROWS.items()
    for kana, vowel in zip(line, "aiueo", strict=True)
    if kana != " "
} | {
    "シ": ("sh", "i"), "ジ": ("j", "i"), "ヂ": ("j", "i"), "ヅ": ("z", "u"), "チ": ("ch", "i"), "ツ": ("ts", "u"), "フ": ("f", "u"),
    "ヴ": ("b", "u"), "ヲ": ("", "o"), "ヰ": ("", "i"), "ヱ": ("", "e"), "ン": NASAL, "ッ": STOP, "ー": LONG,
}  # fmt: skip
_SMALL = {"ャ": "a", "ュ": "u", "ョ": "o", "ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o", "ヮ": "a"}
_PALATAL = {"k": "ky", "g": "gy", "n": "ny", "h": "hy", "b": "by", "p": "py", "m": "my", "r": "ry"}
_LENGTHENS = {("a", "a"), ("i", "i"), ("u", "u"), ("e", "e"), ("o", "o"), ("o", "u"), ("e", "i")}
_NEAR = (
    # consonants that differ in voice or in the tongue only, and how far apart they are
    (0.25, "k g", "s z", "s sh", "sh j", "sh ch", "t d", "ch j", "ts z", "h b", "h p", "b p", "ky gy", "hy by", "hy py", "by py",
     "k ky", "g gy", "n ny", "m my", "r ry", "h hy", "b by", "p py", "h f", "ts s", "ts ch", "m n", "my ny"),
    (0.4, "r d", "r n", "n d", "g n", "b m", "b w", "w ", "y ", "h ", "f p", "f b", "k t", "t p", "k p", "g d", "g b", "d b", "t ts",
     "hy sh", "ky ch", "gy j", "ry y", "ny y", "gy y", "j y", "ky y", "k h", "t ch", "z j", "d z", "r y", "m w", "b d", "s t"),
)  # fmt: skip
_CONSONANTS = {frozenset(pair.split(" ")): cost for cost, *pairs in _NEAR for pair in pairs}
_FAR = 0.7
_VOWELS = {
    frozenset("ao"): 0.4, frozenset("ie"): 0.4, frozenset("uo"): 0.4, frozenset("iu"): 0.4, frozenset("ae"): 0.5, frozenset("eu"): 0.5,
}  # fmt: skip
_LEFT_OUT = {NASAL: 0.5, STOP: 0.35, LONG: 0.25}


@lru_cache(maxsize=65536)
def sounds(reading: str) -> tuple[Sound, ...]:
    """The sounds of a reading in kana of any kind; what is no kana is passed over.

    >>> sounds("がっこう")
    (('g', 'a'), ('Q', ''), ('k', 'o'), ('-', ''))
    >>> sounds("ｼﾞｭｳ") == sounds("じゅー")
    True
    """
    made: list[Sound] = []
    for kana in jaconv.hira2kata(jaconv.h2z(reading)):
        if kana in _SMALL and made and made[-1][1]:
            consonant = made[-1][0]
            made[-1] = (_PALATAL.get(consonant, consonant), _SMALL[kana])
        elif sound := _SOUNDS.get(kana):
            longer = made and not sound[0] and (_vowel_before(made), sound[1]) in _LENGTHENS
            made.append(LONG if longer else sound)
    return tuple(made)


def _vowel_before(made: list[Sound]) -> str:
    return made[-1][1] if made[-1] != LONG or len(made) < 2 else made[-2][1]


@lru_cache(maxsize=65536)
def apart(one: Sound, other: Sound) -> float:
    """How far apart two sounds are: 0 for the same, at most 1."""
    if one == other:
        return 0.0
    if not one[1] or not other[1]:
        return 0.5 if one[1] == other[1] else 0.8
    consonant = 0.0 if one[0] == other[0] else _CONSONANTS.get(frozenset((one[0], other[0])), _FAR)
    vowel = 0.0 if one[1] == other[1] else _VOWELS.get(frozenset((one[1], other[1])), 0.6)
    return min(1.0, consonant + vowel)


def distance(one: Sequence[Sound], other: Sequence[Sound], most: float = float("inf")) -> float:
    """The cheapest way to make one reading of another: sounds exchanged, left out, put in. Infinite where it is over `most`.

    >>> distance(sounds("じどうてあて"), sounds("じどうてあて"))
    0.0
    >>> distance(sounds("かいご"), sounds("かいこ")) < distance(sounds("かいご"), sounds("さいふ"))
    True
    """
    row = [0.0]
    for sound in other:
        row.append(row[-1] + _LEFT_OUT.get(sound, 1.0))
    for sound in one:
        out = _LEFT_OUT.get(sound, 1.0)
        new = [row[0] + out]
        for n, heard in enumerate(other):
            new.append(
                min(row[n] + apart(sound, heard), row[n + 1] + out, new[-1] + _LEFT_OUT.get(heard, 1.0))
            )
        if min(new) > most:
            return float("inf")
        row = new
    return row[-1] if row[-1] <= most else float("inf")


def pairs(made: Sequence[Sound]) -> list[tuple[Sound, Sound]]:
    """Sounds with their neighbours; by these, words that may be near are found."""
    return list(pairwise((("^", ""), *made, ("$", ""))))
