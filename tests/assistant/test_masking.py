"""What says who somebody is does not stay in a text; what an answer needs does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.jp import in_

from yakuba.assistant.masking import MARKS, has_my_number, masked

KANJI = str.maketrans("0123456789", "〇一二三四五六七八九")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
CIRCLED = str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")
SCRIPTS = st.sampled_from([{}, KANJI, WIDE, CIRCLED])
BETWEEN = st.sampled_from(["", "", "", " ", "　", "-", "－", "ー", "・", "\u200b", "の", "\n", ". ", " - "])


@st.composite
def my_numbers(draw: st.DrawFn) -> str:
    digits = draw(st.text("0123456789", min_size=11, max_size=11))
    return digits + in_.calc_check_digit(digits)


@st.composite
def typed(draw: st.DrawFn) -> str:
    """A My Number as somebody may type it: in any width, in kanji, with anything between the digits."""
    first, *others = (one.translate(draw(SCRIPTS)) for one in draw(my_numbers()))
    return first + "".join(draw(BETWEEN) + one for one in others)


@given(
    typed(),
    st.sampled_from(["", "私のは", "番号 ", "お願いします：", "abc"]),
    st.sampled_from(["", "です", "。", " 円"]),
)
def test_no_my_number_survives_in_any_width_or_spacing(number: str, before: str, after: str) -> None:
    found = masked(before + number + after)
    assert found.kinds == {"my_number"}
    assert found.text == before + MARKS["my_number"] + after


@given(my_numbers(), st.text("0123456789", min_size=1, max_size=4))
def test_a_my_number_with_more_digits_typed_on_to_it_is_masked(number: str, more: str) -> None:
    if len(more) != 1:  # thirteen digits may be a corporate number
        assert number not in masked(more + number).text
        assert number not in masked(number + more).text


@given(my_numbers())
def test_a_my_number_is_masked_whatever_is_to_be_kept(number: str) -> None:
    assert masked(number, keep=list(MARKS)).text == MARKS["my_number"]
    assert has_my_number(f"番号は{number}")


def test_a_my_number_with_a_wrong_check_digit_is_masked_where_it_is_called_one() -> None:
    assert masked("マイナンバーは123456789012").text == "マイナンバーは［マイナンバー］"
    assert masked("1234 5678 9012 がわたしの個人番号です").kinds == {"my_number"}
    assert masked("整理番号は123456789012").kinds == frozenset()


ORDINARY = [
    "手数料は1,000円、郵送なら300円です。",
    "合計 1,000 2,000 3,000 円",
    "令和8年11月29日（日）17時15分まで、2026-11-29 10:15",
    "3番窓口、18歳未満のお子さん1人につき月15,000円",
    "法人番号は7000012050002です。",
    "国民健康保険法第116条の2第1項第3号",
    "緊急のときは119番、消費者ホットラインは188へ。",
    "私は外国人です。私はひとり親です。お子さんの学校に通います。",
    "申請者は世帯主です。皆様、お客様、担当者さん",
    "障害者手帳をお持ちの方はがんばってください。",
    "名前の変更はどこでできますか。私は町に引っ越します。",
    "乳がん検診は無料ですか。不妊治療の助成、認知症カフェ、国道43号線の工事、市貝町3番窓口",
    "委任状（委任者氏名、代理人氏名、続柄）。名前は大切です。出生・転入などで平成25年4月2日以降に申請した方",
    "10月1日から10月31日まで、35.6-36.1度、100人に1人",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_what_an_answer_needs_stays(text: str) -> None:
    assert masked(text).text == text


PERSONAL = [
    ("口座番号は1234567です", "bank"),
    ("普通預金　１２３４５６７", "bank"),
    ("ゆうちょ 記号12345 番号1234567", "bank"),
    ("電話は０９０－１２３４－５６７８です", "phone"),
    ("連絡先 0285681111", "phone"),
    ("call me at +81 90-1234-5678", "phone"),
    ("hanako.yamada@example.jp に送って", "mail"),
    ("〒321-3423", "postal_code"),
    ("栃木県芳賀郡市貝町大字市塙1280番地に住んでいます", "address"),
    ("東京都新宿区西新宿二丁目8-1", "address"),
    ("昭和55年3月4日生まれです", "birth_date"),
    ("生年月日：1980/3/4", "birth_date"),
    ("I was born on 1980-03-04", "birth_date"),
    ("私は山田太郎です", "name"),
    ("佐藤花子様のことで", "name"),
    ("わたしは田中と申します", "name"),
    ("名前は鈴木一郎です", "name"),
    ("氏名：グエン　アン", "name"),
    ("母は田中良子です", "name"),
    ("My name is John Smith", "name"),
    ("夫がうつ病で休んでいます", "health"),
]


@pytest.mark.parametrize(("text", "kind"), PERSONAL)
def test_what_says_who_somebody_is_is_masked(text: str, kind: str) -> None:
    found = masked(text)
    assert found.kinds == {kind}
    assert MARKS[kind] in found.text  # type: ignore[index]


def test_a_name_of_the_case_is_masked_in_every_form_of_its_characters() -> None:
    text = "髙橋真理さん、高橋　真理、タカハシ マリ、真理さん"
    assert masked(text, names=["高橋　真理", "タカハシ　マリ"]).text == (
        "［氏名］さん、［氏名］、［氏名］、［氏名］さん"
    )


def test_what_is_allowed_stays_in_any_width_and_the_rest_goes() -> None:
    text = "役場は０２８５（６８）１１１１、わたしは090-1234-5678"
    assert (
        masked(text, allowed=["0285-68-1111"]).text == "役場は０２８５（６８）１１１１、わたしは［電話番号］"
    )


def test_a_reference_number_that_looks_like_a_my_number_stays_where_it_is_known() -> None:
    assert masked("受付番号 1234-5678-9018", allowed=["1234-5678-9018"]).text == "受付番号 1234-5678-9018"
    assert masked("受付番号 1234-5678-9018").kinds == {"my_number"}


def test_kinds_that_are_to_be_kept_stay() -> None:
    assert masked("うつ病です。090-1234-5678", keep=["health"]).text == "うつ病です。［電話番号］"


@given(st.text(max_size=200))
def test_any_text_can_be_masked_and_masking_twice_changes_nothing_more(text: str) -> None:
    once = masked(text)
    assert masked(once.text).text == once.text
    if not once.kinds:
        assert once.text == text
