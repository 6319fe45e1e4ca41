"""How near two readings are by ear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.assistant.voice.sound import LONG, distance, sounds

KANA = st.text(
    "あいうえおかきくけこがぎぐげごさしすせそじちつてとなにぬねのはひふへほばぱまみむめもやゆよらりるれろわんっー",
    max_size=12,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ジドウ", "じどう"),
        ("ｼﾞﾄﾞｳ", "じどお"),
        ("えいが", "ええが"),
        ("コーザ", "こうざ"),
        ("つづき", "つずき"),
        ("はなぢ", "はなじ"),
    ],
)
def test_what_sounds_the_same_is_no_distance_apart(one, other):
    assert distance(sounds(one), sounds(other)) == 0


@pytest.mark.parametrize(
    ("heard", "nearer", "farther"),
    [
        ("ほけん", "ほげん", "せけん"),
        ("しんせい", "しんせえ", "しんぶん"),
        ("ぎょうかいごにんせい", "ようかいごにんてい", "こうかいしんせい"),
        ("とどけ", "とっとけ", "たとえ"),
        ("りさい", "にさい", "こさい"),
    ],
)
def test_what_a_recogniser_mixes_up_is_nearer_than_what_it_does_not(heard, nearer, farther):
    assert distance(sounds(heard), sounds(nearer)) < distance(sounds(heard), sounds(farther))


def test_a_small_kana_belongs_to_the_one_before():
    assert sounds("きょう") == (("ky", "o"), LONG)
    assert sounds("しゃ") == (("sh", "a"),)


@given(KANA)
def test_a_reading_is_no_distance_from_itself(kana):
    assert distance(sounds(kana), sounds(kana)) == 0


@given(KANA, KANA)
def test_the_distance_is_the_same_both_ways(one, other):
    assert distance(sounds(one), sounds(other)) == pytest.approx(distance(sounds(other), sounds(one)))


@given(KANA, KANA)
def test_the_distance_is_at_most_that_of_saying_something_else(one, other):
    assert distance(sounds(one), sounds(other)) <= len(sounds(one)) + len(sounds(other))


@given(KANA, KANA, st.floats(0, 10))
def test_what_is_farther_than_asked_for_is_infinitely_far(one, other, most):
    exact = distance(sounds(one), sounds(other))
    assert distance(sounds(one), sounds(other), most) == (exact if exact <= most else float("inf"))


@given(st.text(max_size=20))
def test_any_text_has_sounds_and_only_kana_is_heard(text):
    assert len(sounds(text)) <= len(text) * 2
