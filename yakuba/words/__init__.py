"""Texts for people: three languages, furigana, numbers and the words of the screens. Pure."""

from yakuba.words.text import (
    HTML_LANG,
    LANGUAGE_LABELS,
    LANGUAGES,
    MissingValue,
    Text,
    fill,
    placeholders,
)

__all__ = [
    "HTML_LANG",
    "LANGUAGES",
    "LANGUAGE_LABELS",
    "MissingValue",
    "Text",
    "fill",
    "placeholders",
]
