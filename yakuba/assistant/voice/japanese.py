"""Texts cut into morphemes by Sudachi. Pure."""

from __future__ import annotations

import threading

from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

_here = threading.local()


def parts(text: str, mode: SplitMode = SplitMode.A) -> list[Morpheme]:
    """The morphemes of a text."""
    return list(_tokenizer().tokenize(text, mode))


def cost(text: str) -> int:
    """How unusual a sentence is to the dictionary (Sudachi's cost of its best path); lower is more usual."""
    return int(_tokenizer().tokenize(text, SplitMode.C).get_internal_cost())


def is_number(part: Morpheme) -> bool:
    """Whether a morpheme is a number, in digits or in kanji."""
    return part.part_of_speech()[1] == "数詞" or part.surface().isdecimal()


def _tokenizer() -> Tokenizer:
    """A tokenizer is not safe between threads: each has its own."""
    if not hasattr(_here, "tokenizer"):
        _here.tokenizer = Dictionary().tokenizer()
    return _here.tokenizer  # type: ignore[no-any-return]
