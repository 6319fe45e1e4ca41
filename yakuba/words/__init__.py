"""Texts for people: three languages, furigana, numbers, kana and the words of the screens. Pure."""

from yakuba.words.breaks import breaks_html, phrases
from yakuba.words.catalogue import FaultyWords, UnknownWords, ui, ui_text, ui_words
from yakuba.words.kana import (
    fold_variants,
    halfwidth,
    hiragana,
    is_kana,
    kana_name,
    katakana,
    normalise_name,
    other_forms,
    search_key,
)
from yakuba.words.numbers import count_of, number_of, yen
from yakuba.words.ruby import Html, known_readings, plain, ruby_html, ruby_pairs, ruby_segments
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
    "FaultyWords",
    "Html",
    "MissingValue",
    "Text",
    "UnknownWords",
    "breaks_html",
    "count_of",
    "fill",
    "fold_variants",
    "halfwidth",
    "hiragana",
    "is_kana",
    "kana_name",
    "katakana",
    "known_readings",
    "normalise_name",
    "number_of",
    "other_forms",
    "phrases",
    "placeholders",
    "plain",
    "ruby_html",
    "ruby_pairs",
    "ruby_segments",
    "search_key",
    "ui",
    "ui_text",
    "ui_words",
    "yen",
]
