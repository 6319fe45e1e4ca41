"""Texts cut into morphemes by Sudachi. Pure."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

_here = threading.local()


def parts(text: str) -> list[Morpheme]:
    """The shortest morphemes of a text (mode A)."""
    return list(_tokenizer().tokenize(text, SplitMode.A))


def cost(text: str) -> int:
    """How unusual a sentence is to the dictionary (Sudachi's cost of its best path); lower is more usual."""
    return int(_tokenizer().tokenize(text, SplitMode.C).get_internal_cost())


def written(run: Sequence[Morpheme]) -> str:
    """Morphemes as they are written."""
    return "".join(part.surface() for part in run)


def read(run: Sequence[Morpheme]) -> str:
    """Morphemes as they are read, in katakana."""
    return "".join(part.reading_form() for part in run)


def is_number(part: Morpheme) -> bool:
    """Whether a morpheme is a number, in digits or in kanji, or has a digit in it."""
    return part.part_of_speech()[1] == "数詞" or any(one.isdecimal() for one in part.surface())


def is_mark(part: Morpheme) -> bool:
    """Whether a morpheme is punctuation or a blank."""
    return part.part_of_speech()[0] in ("補助記号", "空白")


def is_particle(part: Morpheme) -> bool:
    """Whether a morpheme is a particle or an auxiliary (助詞, 助動詞)."""
    return part.part_of_speech()[0] in ("助詞", "助動詞")


def _tokenizer() -> Tokenizer:
    """A tokenizer is not safe between threads: each has its own."""
    if not hasattr(_here, "tokenizer"):
        _here.tokenizer = Dictionary().tokenizer()
    return _here.tokenizer
