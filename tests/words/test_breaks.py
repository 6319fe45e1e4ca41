"""Where short lines of Japanese may break."""

import doctest
from html import unescape

import pytest
from django.template import Context, Template

import yakuba.words.breaks
from yakuba.words import breaks_html, phrases, ui_words


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(yakuba.words.breaks).failed == 0


def test_the_words_of_the_screens_lose_and_gain_nothing():
    for text in ui_words().values():
        assert "".join(phrases(text.ja)) == text.ja
        assert unescape(breaks_html(text.ja).replace("<wbr>", "")) == text.ja


def test_what_is_escaped_stays_escaped():
    assert "<b>" not in breaks_html("児童手当の<b>認定</b>請求")


def test_paragraphs_and_short_words_fill_their_lines_as_ever():
    paragraph = "児童手当の認定請求は、生まれた日の翌日から15日以内にしてください。遅れると、遅れた月の分が支給されません。"
    assert phrases(paragraph) == (paragraph,)
    assert phrases("申請する") == ("申請する",)


@pytest.mark.parametrize(("language", "breaks"), [("ja", True), ("easy", False), ("en", False)])
def test_pages_say_the_breaks_in_japanese_only(language, breaks):
    page = type("Page", (), {"lang": language})
    html = Template("{% load yakuba %}{% word 'apply.status_card' %}").render(Context({"page": page}))
    assert ("<wbr>" in html) == breaks
    assert ("<ruby>" in html) == (language == "easy")


def test_attributes_and_titles_have_no_markup():
    page = type("Page", (), {"lang": "ja"})
    html = Template("{% load yakuba %}{% plain_word 'apply.status_card' %}").render(Context({"page": page}))
    assert html == ui_words()["apply.status_card"].ja
