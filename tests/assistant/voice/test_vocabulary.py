"""The words of a town come from its texts, and are found by sound."""

from __future__ import annotations

from yakuba.assistant.voice.sound import sounds
from yakuba.assistant.voice.vocabulary import TownWords, vocabulary


def test_compounds_of_the_texts_are_words(words):
    assert "固定資産税" in words
    assert "限度額認定証" in words


def test_numbers_are_no_words(words):
    assert not any(any(one.isdigit() for one in word) for word in words.words)


def test_a_reading_that_was_given_goes_before_the_dictionary(words):
    assert words.words["桑ノ川"].reading == "くわのかわ"


def test_placeholders_and_remarks_are_not_words():
    made = vocabulary(TownWords(("{town.name}の窓口（午前）です。",)))
    assert "窓口" in made
    assert "午前" not in made


def test_a_word_is_found_by_how_it_sounds(words):
    assert "児童手当" in [word.written for word in words.near(sounds("じどうてあて"), 3)]


def test_a_sentence_of_the_town_surprises_less_than_a_strange_one(words):
    assert words.surprise("児童手当の申請") < words.surprise("真正の自動手当て")


def test_a_town_without_words_is_surprised_by_everything_and_finds_nothing():
    nothing = vocabulary(TownWords())
    assert nothing.near(sounds("じどう"), 5) == []
    assert nothing.surprise("児童手当") > 0
