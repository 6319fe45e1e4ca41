"""A text in three languages."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import yakuba.words.text
from yakuba.words import LANGUAGE_LABELS, LANGUAGES, MissingValue, Text


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(yakuba.words.text).failed == 0


@pytest.mark.parametrize(
    "row",
    [
        {"ja": "町", "easy": "まち"},
        {"ja": "町", "easy": "まち", "en": ""},
        {"ja": "町", "easy": "  ", "en": "town"},
        {"ja": "町", "easy": "まち", "en": "town", "fr": "commune"},
    ],
)
def test_a_text_with_a_language_missing_empty_or_unknown_is_refused(row):
    with pytest.raises(ValidationError):
        Text.model_validate(row)


def test_a_language_that_we_do_not_speak_falls_back_to_japanese():
    town = Text(ja="町", easy="まち", en="town")
    assert [town.get(tag) for tag in ("en-US", "ja-JP", "easy", "zh", "")] == [
        "town",
        "町",
        "まち",
        "町",
        "町",
    ]


def test_a_text_inside_a_text_speaks_the_same_language():
    town = Text(ja="町", easy="まち", en="the town")
    asks = Text(ja="{who}が尋ねます。", easy="{who}が 聞きます。", en="{who} asks.")
    assert asks.format(who=town) == Text(ja="町が尋ねます。", easy="まちが 聞きます。", en="the town asks.")


def test_placeholders_may_be_dotted_names_and_furigana_is_not_one():
    text = Text.same("{case.reference} {請求|せいきゅう} {count}")
    assert text.placeholders() == {"case.reference", "count"}
    assert text.format({"case.reference": "A-1"}, count=2).ja == "A-1 {請求|せいきゅう} 2"


def test_a_value_cannot_reach_into_an_object():
    assert Text.same("{name}").format(name="{name.__class__}").ja == "{name.__class__}"
    with pytest.raises(MissingValue):
        Text.same("{name.__class__}").format(name="x")


def test_a_missing_value_is_named_with_those_that_were_given():
    with pytest.raises(MissingValue, match=r"needs a value for \{nane\}. Values given: name"):
        Text.same("{nane}さん").format(name="花子")


@given(st.from_regex(r"[^{}]{1,20}", fullmatch=True))
def test_a_value_goes_in_as_it_is(value):
    assert Text.same("<{value}>").format(value=value).ja == f"<{value}>"


def test_each_language_has_a_label_in_its_own_words():
    assert tuple(LANGUAGE_LABELS) == LANGUAGES
