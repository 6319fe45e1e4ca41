"""The words of the screens: complete, in use as written, and easy where they must be."""

import re
from pathlib import Path
from typing import get_args

import pytest

import yakuba
from yakuba.declare.model import Verb
from yakuba.words import (
    LANGUAGES,
    FaultyWords,
    MissingValue,
    UnknownWords,
    ui,
    ui_text,
    ui_words,
)
from yakuba.words.catalogue import FOLDER, load
from yakuba.words.easy import readability

SOURCES = sorted(Path(yakuba.__file__).parent.rglob("*.py")) + sorted(
    Path(yakuba.__file__).parent.rglob("*.html")
)
ASKED_FOR = re.compile(
    r"""\bui(?:_text)?\(\s*["']([\w.]+)["']"""  # ui("next", …) in Python
    r"""|\{%\s*(?:plain_)?word\s+["']([\w.]+)["'](?!\|)"""  # {% word "next" %} in templates
)
WRITTEN = re.compile(r"""["']([a-z][\w.-]*)["'](?!\|add)""")
BEGUN = re.compile(
    r"""\bf["']([a-z][\w.-]*[._])\{"""  # f"steps.{step}" in Python
    r"""|["']([a-z][\w.-]*[._])["']\|add"""  # "state."|add:case.state in templates
)
# Long sentences are hard; counted without blanks, furigana and placeholders.
LONGEST_EASY_SENTENCE = 40


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.name)
def test_each_file_has_three_languages_with_the_same_placeholders(file):
    assert load(file)


def test_every_word_that_a_page_asks_for_is_there():
    asked = {
        key: source.name
        for source in SOURCES
        for found in ASKED_FOR.findall(source.read_text())
        for key in found
        if key
    }
    missing = {key: source for key, source in asked.items() if key not in ui_words()}
    assert not missing


def test_every_verb_has_words_for_the_steps_that_nobody_named():
    assert [verb for verb in get_args(Verb) if f"steps.{verb}" not in ui_words()] == []


def test_every_word_is_asked_for_by_something():
    text = "\n".join(source.read_text() for source in SOURCES)
    written = set(WRITTEN.findall(text))
    begun = tuple({found for pair in BEGUN.findall(text) for found in pair if found})
    assert not [key for key in ui_words() if key not in written and not key.startswith(begun)]


@pytest.mark.parametrize("key", sorted(ui_words()))
def test_easy_words_are_short_and_can_be_read(key):
    easy = ui_text(key).easy
    for sentence in re.split(r"[。？！\n]", re.sub(r"\{[^{}]*\}|\s", "", easy)):
        assert len(sentence) <= LONGEST_EASY_SENTENCE, sentence
    found = readability(easy)
    assert not found.low, (found.points, found.hard, found.because)
    assert not found.unread


def test_words_are_given_in_the_language_with_their_values():
    assert ui("access.used_on", "ja", day="令和8年11月24日") == "最後に使った日：令和8年11月24日"
    assert [ui("yes", language) for language in LANGUAGES] == ["はい", "はい", "Yes"]


def test_an_unknown_word_is_told_with_the_nearest():
    with pytest.raises(UnknownWords, match="Nearest: sign_in"):
        ui("sing_in", "ja")


def test_a_value_that_is_missing_is_told():
    with pytest.raises(MissingValue, match=r"\{day\}"):
        ui("access.used_on", "en")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("apply.go: {ja: 行く, easy: 行く}", "none of them empty"),
        ("apply.go: {ja: 行く, easy: '', en: Go}", "none of them empty"),
        ("apply.go: 行く", "write ja, easy and en"),
        ("go: {ja: 行く, easy: 行く, en: Go}", "must begin with “apply.”"),
        ("apply.go: {ja: '{a}へ', easy: '{b}へ', en: 'to {a}'}", "the same {placeholders}"),
    ],
)
def test_faulty_words_are_refused_with_file_key_and_mend(tmp_path, words, fault):
    file = tmp_path / "apply.yaml"
    file.write_text(words)
    with pytest.raises(FaultyWords, match=r"apply\.yaml") as caught:
        load(file)
    assert fault in str(caught.value)


def test_a_key_written_twice_is_refused(tmp_path):
    file = tmp_path / "apply.yaml"
    file.write_text("apply.go: {ja: 行く, easy: 行く, en: Go}\n" * 2)
    with pytest.raises(Exception, match="duplicate key"):
        load(file)
