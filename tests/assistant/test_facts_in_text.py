"""A text is shown only where every fact in it stands in its sources, in whatever way it is written."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from yakuba.assistant.facts_in_text import texts_of, unfounded, value_of, verified
from yakuba.assistant.knowledge.entry import Entry, Source
from yakuba.clock import to_wareki

WIDE = str.maketrans("0123456789,", "０１２３４５６７８９，")
FIGURES = "〇一二三四五六七八九"
NUMBERS = st.integers(min_value=0, max_value=99_999_999)
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))


def in_kanji(number: int) -> str:
    """A number as it is written in kanji: 一万二千三百四十五."""
    if not number:
        return "〇"
    large, small = divmod(number, 10_000)
    return (in_kanji(large) + "万" if large else "") + "".join(
        ("" if figure == "1" and unit else FIGURES[int(figure)]) + unit
        for figure, unit in zip(f"{small:04}", ("千", "百", "十", ""), strict=True)
        if figure != "0"
    )


def ways_of(number: int) -> list[str]:
    return [
        f"{number}円",
        f"{number:,}円",
        f"{number:,}円".translate(WIDE),
        f"¥{number:,}",
        f"{number:,} yen",
        f"{in_kanji(number)}円",
        f"{number // 10_000}万{number % 10_000}円",
        f"{number / 10_000:.4f}万円",
    ]


def ways_of_day(day: date) -> list[str]:
    return [
        day.isoformat(),
        f"{day:%Y/%m/%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}年{day.month}月{day.day}日".translate(WIDE),
        to_wareki(day),
        to_wareki(day, first_year="1"),
        f"{day.day} {day:%B %Y}",
        f"{day:%B} {day.day}, {day.year}",
    ]


@given(NUMBERS, st.data())
def test_an_amount_is_the_same_in_every_way_of_writing_it(number: int, data: st.DataObject) -> None:
    source, text = (data.draw(st.sampled_from(ways_of(number))) for _ in range(2))
    assert verified(f"手数料は{text}です。", [f"手数料は{source}です。"])


@given(NUMBERS, NUMBERS, st.data())
def test_an_amount_that_no_source_says_is_refused(number: int, other: int, data: st.DataObject) -> None:
    assume(number != other)
    source, text = data.draw(st.sampled_from(ways_of(number))), data.draw(st.sampled_from(ways_of(other)))
    assert not verified(f"手数料は{text}です。", [f"手数料は{source}です。"])


@given(DAYS, st.data())
def test_a_day_is_the_same_in_either_calendar(day: date, data: st.DataObject) -> None:
    source, text = (data.draw(st.sampled_from(ways_of_day(day))) for _ in range(2))
    assert verified(f"期限は{text}です。", [f"期限は{source}です。"])


@given(DAYS, DAYS, st.data())
def test_another_day_is_refused(day: date, other: date, data: st.DataObject) -> None:
    assume(day != other)
    source, text = (
        data.draw(st.sampled_from(ways_of_day(day))),
        data.draw(st.sampled_from(ways_of_day(other))),
    )
    assert not verified(f"期限は{text}です。", [f"期限は{source}です。"])


@given(st.text(max_size=300))
def test_whatever_a_source_says_may_be_quoted(text: str) -> None:
    assert verified(text, [text], longest=300)


@given(
    st.text(alphabet="0123456789０１２３〇一二三十百千万円日月年時分第条号-/:., 「」証明書。", max_size=40)
)
def test_every_figure_of_an_accepted_text_is_a_figure_of_the_source(text: str) -> None:
    source = "手数料は1,000円、14日以内。"
    if verified(text, [source]) and any(one.isdecimal() for one in text):
        assert not {one for one in text if one.isdecimal()} - set("1400０1１")


@given(NUMBERS.filter(lambda number: number > 0))
def test_kanji_numerals_are_read(number: int) -> None:
    assert value_of(in_kanji(number)) == number


SOURCE = [
    "転入届は14日以内に出してください。手数料は無料です。窓口は平日8時30分から17時15分まで、役場1階3番窓口です。",
    "必要なもの：本人確認書類、印鑑登録証明書、パスポート。18歳未満のお子さん1人につき月15,000円。所得の1割。",
    "電話 0285-68-1111、https://www.town.example.jp/tennyu?id=3、児童手当法（昭和46年法律第73号）第7条第1項第2号",
    "令和8年10月1日から10月31日まで。翌月から支給。定員は30。",
]

SAID = [
    "十四日以内", "within 14 days", "お金はかかりません", "free of charge", "午前8時半", "8:30", "午後5時15分", "5:15 p.m.",
    "1階", "「本人確認書類」", "印鑑登録証明書", "passport", "18歳未満", "under 18 years old", "10%", "TEL 0285(68)1111",
    "+81 285-68-1111", "www.town.example.jp/tennyu?id=3", "児童手当法 第7条", "児童手当法第七条第一項", "第7条第1項第2号", "2026年10月",
    "10月31日", "October 2026", "next month", "月曜日から金曜日", "定員30人", "ひとり 一万五千円", "いちまんごせんえん", "一般に十分です",
]  # fmt: skip


@pytest.mark.parametrize("text", SAID)
def test_what_the_source_says_in_other_words_is_accepted(text: str) -> None:
    assert unfounded(text, SOURCE) == []


INVENTED = [
    "14日以上", "14か月以内", "15日以内", "300円", "千円", "せんえん", "一万円", "half price", "9時から", "午前5時15分", "2階", "「申請書」",
    "住民票", "driving licence", "18歳以上", "over 18 years old", "20%", "2分の1", "0285-68-1112", "https://evil.example/", "www.town.example.jp",
    "[ここ](/pay)", "a@b.example", "児童手当法第8条", "第7条第2項", "児童福祉法", "2027年10月", "令和9年10月1日", "11月1日", "翌日", "日曜日",
    "土日も開いています", "fifteen days", "3人", "15,000円以内", "1​9円", "14日後", "1/3", "十一部", "二十分", "千万一円", "第一号", "9百百円", "５三円",
]  # fmt: skip


@pytest.mark.parametrize("text", INVENTED)
def test_what_no_source_says_is_refused(text: str) -> None:
    assert unfounded(text, SOURCE)


def test_nothing_to_pay_is_the_same_in_words_and_in_yen() -> None:
    assert verified("手数料は無料です。", ["手数料 0円"])
    assert verified("手数料は0円です。", ["手数料は無料"])
    assert not verified("手数料は無料です。", ["手数料 10円"])


def test_a_whole_date_says_its_day_of_the_week() -> None:
    assert verified("2026年4月1日（水曜日）から", ["令和8年4月1日から"])
    assert not verified("2026年4月1日（木曜日）から", ["令和8年4月1日から"])


def test_a_text_that_is_too_long_is_refused() -> None:
    assert not verified("はい。" * 200, ["はい。"])
    assert not verified("はい。", ["はい。"], longest=2)


def test_an_entry_is_a_source_in_all_its_languages_with_its_link_and_date() -> None:
    entry = Entry(
        id="tennyu",
        question={"ja": "転入届はいつまでですか"},
        answer={"ja": "14日以内です。", "en": "Within 14 days."},
        source=Source("faq", "転入", "/town/faq/tennyu", date(2026, 4, 1), "住民課"),
        aspects={"fee": "300円"},
    )
    text = "within 14 days, 300 yen, as of 1 April 2026, 「住民課」 /town/faq/tennyu"
    assert unfounded(text, texts_of(entry)) == []


@pytest.mark.parametrize("piece", ["一", "いちせん", "の法", "1", "1-", "第", "に関する", "漢字"])
def test_a_text_made_to_be_hard_to_read_is_read(piece: str) -> None:
    text = piece * 2000
    assert verified(text, [text])
