"""Furigana over the words of the town hall."""

import doctest
import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

import yakuba.words.ruby
from yakuba.words import hiragana, plain, ruby_html, ruby_segments

READINGS = YAML(typ="safe").load(Path(yakuba.words.ruby.__file__).with_name("readings.yaml"))
HIRAGANA = re.compile(r"[ぁ-ゖー]+")

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


def letters(reading: str) -> str:
    return hiragana(re.sub(r"[・（）]", "", reading))


def shown(text: str) -> str:
    return "".join(f"{base}[{reading}]" if reading else base for base, reading in ruby_segments(text))


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(yakuba.words.ruby).failed == 0


@pytest.mark.parametrize("word", sorted(READINGS["words"]))
def test_a_word_of_the_town_hall_is_read_as_the_list_says(word):
    read = "".join(reading or base for base, reading in ruby_segments(f"この{word}です"))
    assert read == f"この{READINGS['words'][word]}です"


def test_every_term_of_the_glossary_is_read_as_the_glossary_says():
    rows = [[cell.strip() for cell in line.split("|")] for line in GLOSSARY.read_text().splitlines()]
    terms = {row[1]: row[2] for row in rows if len(row) > 4 and re.search(r"[一-鿿]", row[1])}
    assert len(terms) > 100
    spoken = {term: "".join(reading or base for base, reading in ruby_segments(term)) for term in terms}
    assert {term: letters(reading) for term, reading in terms.items()} == {
        term: letters(reading) for term, reading in spoken.items()
    }


def test_every_reading_in_the_list_is_hiragana_over_a_kanji():
    for part in READINGS.values():
        for word, reading in part.items():
            assert HIRAGANA.fullmatch(reading), word
            assert re.search(r"[一-鿿]", word), word


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("受け取る口座", "受[う]け取[と]る口座[こうざ]"),
        ("お問い合わせ先", "お問[と]い合[あ]わせ先[さき]"),
        ("確かめてください", "確[たし]かめてください"),
        ("児童手当の額", "児童手当[じどうてあて]の額[がく]"),
        ("罹災証明書の申請", "罹災証明書[りさいしょうめいしょ]の申請[しんせい]"),
        ("カタカナ と ひらがな ABC", "カタカナ と ひらがな ABC"),
        ("名前（カタカナ）", "名前[なまえ]（カタカナ）"),
    ],
)
def test_okurigana_stay_outside_the_reading(text, read):
    assert shown(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("令和8年11月24日（火）", "令和[れいわ]8年[ねん]11月[がつ]24日[にじゅうよっか]（火[か]）"),
        ("3月1日", "3月[がつ]1日[ついたち]"),
        ("1日に2回", "1日[いちにち]に2回[かい]"),
        ("１２月１日", "１２月[がつ]１日[ついたち]"),
        ("1人、2人、3人", "1人[ひとり]、2人[ふたり]、3人[にん]"),
        ("2か月", "2か月[げつ]"),
        ("18歳と20歳", "18歳[さい]と20歳[はたち]"),
        ("15,000円", "15,000円[えん]"),
        ("午後2時30分", "午後[ごご]2時[じ]30分[さんじゅっぷん]"),
        ("第3子", "第[だい]3子[し]"),
        ("3.5日", "3.5日[にち]"),
        ("2026-11-24", "2026-11-24"),
    ],
)
def test_what_follows_a_number_is_read_as_a_counter(text, read):
    assert shown(text) == read


def test_an_author_gives_a_reading_in_braces_or_brackets():
    assert shown("{大歩危|おおぼけ}へ") == "大歩危[おおぼけ]へ"
    assert shown("請求（せいきゅう）します") == "請求[せいきゅう]します"
    assert shown("認定請求（せいきゅう）") == "認定[にんてい]請求[せいきゅう]"
    assert shown("{取り消し|とりけし}") == "取[と]り消[け]し"


def test_an_explanation_in_brackets_is_not_taken_for_a_reading():
    assert shown("補正（なおす こと）") == "補正[ほせい]（なおす こと）"


def test_plain_text_has_no_marks():
    assert plain("{大歩危|おおぼけ}と{name}") == "大歩危と{name}"


@given(st.text(max_size=40))
def test_no_character_of_a_text_is_lost(text):
    bare = yakuba.words.ruby._AUTHORED.sub(lambda mark: mark["base"] or mark["run"], text)
    assert "".join(base for base, _ in ruby_segments(text)) == bare


@given(st.text(alphabet="申請口座を受け取る日本語<>&\"'{}|（）かな123年月 ", max_size=40))
def test_no_character_of_a_japanese_text_is_lost_and_every_reading_is_hiragana(text):
    bare = yakuba.words.ruby._AUTHORED.sub(lambda mark: mark["base"] or mark["run"], text)
    segments = ruby_segments(text)
    assert "".join(base for base, _ in segments) == bare
    assert all(HIRAGANA.fullmatch(reading) for _, reading in segments if reading is not None)


class _Reader(HTMLParser):
    """Collects the tags and what a person sees without the furigana."""

    def __init__(self):
        super().__init__()
        self.tags, self.seen, self.skip = set(), "", False

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.skip = tag in ("rt", "rp")

    def handle_endtag(self, tag):
        self.skip = False

    def handle_data(self, data):
        self.seen += "" if self.skip else data


@given(st.text(alphabet="申請をする<script>alert(1)</script>&amp;\"'", max_size=60))
def test_html_in_a_text_stays_text(text):
    reader = _Reader()
    reader.feed(ruby_html(text))
    reader.close()
    assert reader.tags <= {"ruby", "rp", "rt"}
    assert reader.seen == text


def test_the_html_is_marked_as_safe_for_template_engines():
    assert ruby_html("<口座>").__html__().startswith("&lt;<ruby>")


def test_two_threads_may_read_at_once():
    texts = [f"{n}番目の申請者は児童手当の認定請求をします。" for n in range(400)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(ruby_segments.__wrapped__, texts))
    assert together == [ruby_segments.__wrapped__(text) for text in texts]
