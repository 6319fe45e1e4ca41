"""Kana and old characters in names."""

import doctest
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

import yakuba.words.kana
from yakuba.words import halfwidth, hiragana, is_kana, kana_name, katakana, normalise_name, search_key

VARIANTS = YAML(typ="safe").load(Path(yakuba.words.kana.__file__).with_name("variants.yaml"))
katakana_text = st.text(alphabet="アイウカガキパピャュョッンーヴヤマダ", min_size=1, max_size=12)


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(yakuba.words.kana).failed == 0


@given(katakana_text)
def test_kana_come_back_from_every_form(name):
    assert katakana(hiragana(name)) == name
    assert katakana(halfwidth(name)) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("𠮷野", "吉野"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡邊"),
        ("齋藤", "斉藤"),
        ("斎藤", "齊藤"),
        ("長澤", "長沢"),
        ("濵田", "浜田"),
        ("葛\U000e0100城", "葛城"),
        ("\ufa19田", "神田"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "やまだたろう"),
        ("キョウコ", "キヨウコ"),
        ("Smith", "ＳＭＩＴＨ"),
    ],
)
def test_two_spellings_of_one_name_are_found_together(one, other):
    assert search_key(one) == search_key(other)


def test_different_names_stay_apart():
    assert len({search_key(name) for name in ("山田", "山多", "ヤマタ", "ヤマダ", "大坂", "大阪")}) == 6


@given(st.text(max_size=20))
def test_a_key_of_a_key_is_the_key(text):
    assert search_key(search_key(text)) == search_key(text)


@pytest.mark.parametrize("name", ["葛\U000e0100城　一", "\ufa19田　髙", "𠮷野　﨑"])
def test_the_characters_of_a_kept_name_are_the_persons_own(name):
    assert normalise_name(name) == name


def test_a_kana_name_is_full_width_with_one_blank():
    assert kana_name("　やまだ   ﾊﾅｺ") == "ヤマダ ハナコ"
    assert is_kana("ﾔﾏﾀﾞ はなこ")
    assert is_kana("マリー・アン")
    assert not is_kana("山田 ハナコ")
    assert not is_kana("")


def test_no_variant_stands_for_two_characters_or_for_one_that_is_common():
    variants = [variant for forms in VARIANTS.values() for variant in forms]
    assert len(variants) == len(set(variants))
    assert not set(variants) & set(VARIANTS)
    assert all(unicodedata.normalize("NFKC", variant) == variant for variant in variants)
