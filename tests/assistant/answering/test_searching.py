from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assistant.answering.town import ASKED, ByLetters, entries, entry
from yakuba.assistant.answering.searching import Searcher
from yakuba.assistant.knowledge.entry import Audience


@pytest.fixture(scope="module")
def by_words() -> Searcher:
    return Searcher(entries())


@pytest.fixture
def by_meaning() -> Searcher:
    searcher = Searcher(entries(), ByLetters())
    searcher.embed()
    return searcher


def first(searcher: Searcher, question: str, audience: Audience = "public") -> str | None:
    found = searcher.search(question, audience=audience).candidates
    return found[0].entry.id if found else None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("粗大ごみを捨てたい", "bulky"),
        ("そだいごみのだしかた", "bulky"),
        ("図書館って何時まで開いてる？📚", "library"),
        ("ﾄｼｮｶﾝの開館時間", "library"),
        ("結婚届を出す場所", "marriage"),
        ("転居してきました。手続きは", "move-in"),
        ("保育園に入れたい", "nursery"),
        ("偶数月に支給される手当", "child"),
    ],
)
def test_by_words_alone_it_finds_what_is_asked_in_other_words(
    by_words: Searcher, question: str, expected: str
) -> None:
    assert first(by_words, question) == expected
    assert not by_words.search(question).dense


def test_by_meaning_it_finds_each_question_by_itself(by_meaning: Searcher) -> None:
    for id, (question, _) in ASKED.items():
        assert first(by_meaning, question) == id
    assert by_meaning.search("ごみ").dense


def test_candidates_come_best_first_with_the_words_they_share(by_words: Searcher) -> None:
    found = by_words.search("印鑑登録の手数料", most=3).candidates
    assert len(found) == 3
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(0 <= one.score <= 1 for one in found)
    assert {"印鑑", "手数料"} <= set(found[0].why)


def test_an_edited_answer_is_found_at_once_and_its_old_words_no_longer(by_meaning: Searcher) -> None:
    by_meaning.put(entry("library", "図書館に駐輪場はありますか。", "北側に30台分あります。"))
    found = by_meaning.search("駐輪場")
    assert found.dense
    assert found.candidates[0].entry.answer["ja"] == "北側に30台分あります。"
    assert "開館" not in by_meaning.search("開館時間").candidates[0].why


def test_what_was_dropped_is_not_found(by_meaning: Searcher) -> None:
    by_meaning.drop("library")
    by_meaning.drop("library")
    assert "library" not in {
        one.entry.id for one in by_meaning.search("図書館の開館時間", most=60).candidates
    }
    by_meaning.put(entry("shop", "売店はありますか。", "1階にあります。"))
    assert first(by_meaning, "売店") == "shop"


def test_another_way_of_asking_leads_to_the_same_answer(by_meaning: Searcher) -> None:
    [bulky] = [one for one in entries() if one.id == "bulky"]
    by_meaning.put(
        replace(bulky, others=("ソファーを処分したい",), question={**bulky.question, "en": "bulky waste"})
    )
    assert first(by_meaning, "ソファー") == "bulky"
    assert first(by_meaning, "bulky waste") == "bulky"


@settings(max_examples=15)
@given(
    st.sets(st.sampled_from(sorted(ASKED))),
    st.sampled_from([*(asked for asked, _ in ASKED.values()), "職員"]),
)
def test_what_is_for_the_staff_is_never_shown_to_the_public(secret: set[str], question: str) -> None:
    searcher = Searcher(replace(one, audience="staff") if one.id in secret else one for one in entries())
    shown = {one.entry.id for one in searcher.search(question, most=60).candidates}
    assert shown == set(ASKED) - secret
    assert {one.entry.id for one in searcher.search(question, audience="staff", most=60).candidates} == set(
        ASKED
    )


def test_nothing_is_found_where_nothing_is_known() -> None:
    searcher = Searcher([], ByLetters())
    found = searcher.search("ごみ")
    assert (found.candidates, found.in_scope, found.sure) == ((), False, False)
    searcher.put(entry("one", "ごみの日はいつですか。", "月曜日です。"))
    assert first(searcher, "ごみ") == "one"


@pytest.mark.parametrize("question", ["", "   ", "？", "🗑️", "あ" * 5_000, "\x00"])
def test_any_question_gets_some_reply(by_meaning: Searcher, question: str) -> None:
    found = by_meaning.search(question)
    assert not found.sure
    assert len(found.candidates) <= 5


def test_until_all_have_their_vectors_words_alone_are_searched() -> None:
    searcher = Searcher(entries(), ByLetters())
    assert not searcher.search("ごみ").dense
    searcher.embed()
    assert searcher.search("ごみ").dense


def test_when_the_model_is_away_words_alone_are_searched() -> None:
    encoder = ByLetters()
    searcher = Searcher(entries(), encoder)
    searcher.embed()
    encoder.away = True
    found = searcher.search("粗大ごみの出し方")
    assert not found.dense
    assert found.candidates[0].entry.id == "bulky"
    searcher.put(entry("late", "夜間の窓口はありますか。", "ありません。"))
    assert first(searcher, "夜間の窓口") == "late"
    encoder.away = False
    assert searcher.search("夜間の窓口").dense
