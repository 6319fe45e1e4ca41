"""What was heard is put right by sound; numbers, and what is right, stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assistant.voice.conftest import TEXTS, WORDS
from yakuba.assistant.voice.repair import likely, repaired
from yakuba.assistant.voice.vocabulary import vocabulary

KNOWN = vocabulary(WORDS)


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("自動手当ての申請をしたいのですが。", "児童手当の申請をしたいのですが。"),
        ("固定し産税の納付書が届きました。", "固定資産税の納付書が届きました。"),
        ("国民健康保健に加入します。", "国民健康保険に加入します。"),
        ("ケージ同社税は4月1日です。", "軽自動車税は4月1日です。"),
        ("会後保健の認定を受けたい。", "介護保険の認定を受けたい。"),
        ("講座振替で払います。", "口座振替で払います。"),
    ],
)
def test_words_of_the_town_that_were_misheard_are_put_right(heard, meant):
    assert repaired(heard, KNOWN).text == meant


@pytest.mark.parametrize(
    "text", [*TEXTS, "自動車を買いました。", "明日は映画を見に行きます。", "こんにちは。"]
)
def test_what_is_right_stays_as_it_is(text):
    assert repaired(text, KNOWN).text == text


@pytest.mark.parametrize("heard", ["自動手当ては月に15,000円です。", "会後保健は2人、固定し産税は３件です。"])
def test_a_number_stays_where_words_beside_it_are_put_right(heard):
    made = repaired(heard, KNOWN)
    assert made.changes
    assert re.findall(r"[\d０-９,]+", made.text) == re.findall(r"[\d０-９,]+", heard)


def test_every_exchange_says_what_stood_there_and_where_it_is_now():
    made = repaired("固定し産税と自動手当ての話です。", KNOWN)
    assert [(one.before, one.after) for one in made.changes] == [
        ("固定し産税", "固定資産税"),
        ("自動手当て", "児童手当"),
    ]
    assert all(made.text[one.at :].startswith(one.after) for one in made.changes)


def test_taking_every_exchange_back_gives_what_was_heard():
    heard = "会後保健の、固定し産税の、自動手当ての話です。"
    made = repaired(heard, KNOWN)
    text = made.text
    for one in reversed(made.changes):
        text = text[: one.at] + one.before + text[one.at + len(one.after) :]
    assert text == heard


@settings(max_examples=60, deadline=None)
@given(st.text("0123456789０１２３,.円月日人枚自動手当ての保健会後講座、。", max_size=24))
def test_no_digit_is_ever_changed(text):
    assert re.findall(r"\d", repaired(text, KNOWN).text) == re.findall(r"\d", text)


@settings(max_examples=40, deadline=None)
@given(st.text("ABCxyz !?-（）、。\n", max_size=20))
def test_a_text_without_sounds_of_the_town_never_changes(text):
    assert repaired(text, KNOWN).text == text


def test_the_likeliest_words_are_told_before_the_second_listening_and_none_twice():
    told = likely("固定し産税の脳付所が届いていないようです", KNOWN, 5)
    assert told[0] == "固定資産税"
    assert "納付書" in told
    assert "固定資産" not in told
