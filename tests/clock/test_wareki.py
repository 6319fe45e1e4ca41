"""Dates as people write them, and as they are written back."""

import doctest
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import yakuba.clock.wareki
from yakuba.clock import ERAS, NotADate, parse_date, say_date, to_wareki
from yakuba.words import Text

days = st.dates(date(1873, 1, 1), date(2100, 12, 31))
FULL_WIDTH = str.maketrans("0123456789./-RSH", "０１２３４５６７８９．／－ＲＳＨ")


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(yakuba.clock.wareki).failed == 0


@pytest.mark.parametrize(
    "written",
    [
        "令和8年11月24日",
        "令和８年１１月２４日",
        "令和 8年 11月 24日",
        "R8.11.24",
        "r8-11-24",
        "R08/11/24",
        "令8.11.24",
        "Ｒ８．１１．２４",
        "R081124",
        "2026年11月24日",
        "２０２６年１１月２４日",
        "2026-11-24",
        "2026/11/24",
        "2026.11.24",
        "20261124",
        " 2026/11/24 ",
        "令和8年11月24日（火）",
        "2026年11月24日（火曜日）",
        "㋿8年11月24日",
    ],
)
def test_the_usual_ways_to_write_one_day_are_understood(written):
    assert parse_date(written) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("令和元年5月1日", date(2019, 5, 1)),
        ("令和1年5月1日", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("昭和元年12月25日", date(1926, 12, 25)),
        ("大正15年12月24日", date(1926, 12, 24)),
        ("大正元年7月30日", date(1912, 7, 30)),
        ("明治45年7月29日", date(1912, 7, 29)),
        ("S63.2.29", date(1988, 2, 29)),
    ],
)
def test_the_first_and_last_days_of_each_era(written, day):
    assert parse_date(written) == day
    assert parse_date(to_wareki(day)) == day


@given(days)
def test_what_is_written_in_an_era_is_read_back(day):
    assert parse_date(to_wareki(day)) == day
    assert parse_date(to_wareki(day, first_year="1")) == day


@given(days, st.sampled_from(["ja", "easy"]))
def test_what_is_shown_to_people_can_be_typed_in_again(day, language):
    assert parse_date(say_date(day, language)) == day


@given(days, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"]))
def test_western_dates_are_read_in_full_and_half_width(day, form):
    assert parse_date(day.strftime(form)) == day
    assert parse_date(day.strftime(form).translate(FULL_WIDTH)) == day


@given(st.text(max_size=20))
def test_whatever_is_typed_is_a_date_or_a_clear_error(text):
    try:
        day = parse_date(text)
    except NotADate as error:
        day = error.text
    assert isinstance(day, date | Text)


def test_showa_65_does_not_exist_and_the_reader_is_told_what_it_would_be():
    with pytest.raises(NotADate) as caught:
        parse_date("昭和65年4月1日")
    assert caught.value.text.ja == "昭和は64年1月7日までです。平成2年4月1日のことですか？"


def test_the_day_after_showa_ended_is_not_showa():
    with pytest.raises(NotADate) as caught:
        parse_date("昭和64年1月8日")
    assert "平成元年1月8日" in caught.value.text.easy


def test_an_era_that_had_not_begun_is_told():
    with pytest.raises(NotADate) as caught:
        parse_date("令和元年4月30日")
    assert caught.value.text.ja == "令和は2019年5月1日からです。平成31年4月30日のことですか？"


def test_30_february_does_not_exist():
    with pytest.raises(NotADate) as caught:
        parse_date("令和2年2月30日")
    assert (
        caught.value.text.ja == "2020年2月30日はありません。2020年2月は29日までです。日を確かめてください。"
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("99999999", "99月はありません"),
        ("2026-13-01", "13月はありません"),
        ("2026-00-01", "0月はありません"),
        ("8年11月24日", "元号がありません"),
        ("あした", "日付として読めません"),
        ("", "日付として読めません"),
        ("令和8年", "日付として読めません"),
        ("2026-11/24", "日付として読めません"),
        ("0000-01-01", "日付として読めません"),
        ("令和0年5月1日", "令和は2019年5月1日からです"),
        ("明治5年1月1日", "明治6年"),
        ("令和9999年1月1日", "日付として読めません"),
    ],
)
def test_what_is_no_date_is_refused_with_the_way_to_mend_it(written, said):
    with pytest.raises(NotADate) as caught:
        parse_date(written)
    assert said in caught.value.text.ja


def test_eras_follow_each_other_without_a_gap():
    for older, newer in pairwise(ERAS):
        assert (newer.first - older.last).days == 1
    assert [era.english for era in ERAS] == ["Meiji", "Taisho", "Showa", "Heisei", "Reiwa"]
