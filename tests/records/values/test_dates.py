from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba import clock
from yakuba.records.values.dates import Form, to_date, to_month, to_time, to_year

DAYS = st.dates(date(1873, 1, 1), date(2100, 12, 31))
OPEN = Form(zeros="start", nines="end")


@pytest.mark.parametrize(
    "written",
    [
        "令和元年5月1日",
        "令和１年０５月０１日",
        "令和元年五月一日",
        "R1.5.1",
        "R01/05/01",
        "Ｒ１．５．１",
        "R 1. 5. 1",
        "r1-5-1",
        "R1・5・1",
        "令1.5.1",
        "㋿元年5月1日",
        "R010501",
        "5010501",
        "20190501",
        "2019/5/1",
        "2019.05.01",
        "2019年5月1日（水）",
        "2019-05-01T00:00:00",
        "2019/05/01 0:00",
        "20190501000000",
        "二〇一九年五月一日",
        "2019‐05−01",
    ],
)
def test_one_day_in_every_usual_form_is_the_same_day(written: str) -> None:
    assert to_date(written).value == "2019-05-01"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("3550102", "1980-01-02"),
        ("S55.1.2", "1980-01-02"),
        ("昭和五十五年一月二日", "1980-01-02"),
        ("昭和55年1月2日生", "1980-01-02"),
        ("1450729", "1912-07-29"),
        ("2010730", "1912-07-30"),
        ("3640107", "1989-01-07"),
        ("4010108", "1989-01-08"),
        ("昭和三十年十二月二十九日", "1955-12-29"),
    ],
)
def test_days_of_other_eras_are_read(written: str, day: str) -> None:
    assert to_date(written).value == day


def test_a_day_that_stands_as_the_standard_writes_it_needs_no_repair() -> None:
    assert to_date("2019-05-01").repairs == ()


def test_a_repair_says_what_became_of_what_and_why() -> None:
    [repair] = to_date("S55.1.2").repairs
    assert "S55.1.2" in repair.text.ja
    assert "1980-01-02" in repair.text.ja
    assert "標準の書き方" in repair.text.ja


def test_a_time_of_day_is_left_out_and_told() -> None:
    found = to_date("2024-05-01T13:45:00")
    assert found.value == "2024-05-01"
    assert "時刻" in found.repairs[0].text.ja


def test_a_moment_of_another_time_zone_is_the_day_that_it_was_in_japan() -> None:
    assert to_date("2024-04-30T15:00:00Z").value == "2024-05-01"
    assert to_date("2024-05-01T00:00:00+09:00").value == "2024-05-01"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("令和元年2月30日", "ありません"),
        ("令和6年2月30日", "29日まで"),
        ("昭和70年1月1日", "平成7年"),
        ("3700101", "平成7年"),
        ("令和元年4月30日", "平成31年4月30日"),
        ("平成元年1月7日", "昭和64年1月7日"),
        ("430102", "元号"),
        ("45413", "Excel"),
        ("9010501", "符号"),
        ("20241301", "13月"),
        ("明治5年1月1日", "明治6年"),
        ("山田太郎", "読めません"),
        ("令和二十十年一月一日", "読めません"),
        ("令和二十三四年一月一日", "読めません"),
    ],
)
def test_what_is_no_day_is_held_with_the_reason(written: str, says: str) -> None:
    found = to_date(written)
    assert found.value is None
    assert found.held is not None
    assert says in found.held.ja


@pytest.mark.parametrize(
    "nothing", ["0", "00000000", "0000-01-01", "99999999", "9999999", "9999-12-31", "99991231"]
)
def test_no_limit_is_held_where_the_declaration_does_not_speak_of_it(nothing: str) -> None:
    assert to_date(nothing).value is None


@pytest.mark.parametrize("start", ["0", "0000000", "00000000", "0000-01-01"])
def test_zeros_are_no_first_day_where_declared(start: str) -> None:
    assert to_date(start, OPEN).value == "0000-01-01"


@pytest.mark.parametrize("end", ["9999999", "99999999", "9999-12-31", "9999/12/31"])
def test_nines_are_no_last_day_where_declared(end: str) -> None:
    assert to_date(end, OPEN).value == "9999-12-31"


def test_zeros_and_nines_are_nothing_where_declared_so() -> None:
    form = Form(zeros="empty", nines="empty")
    assert [to_date(text, form).value for text in ("00000000", "99999999", "")] == ["", "", ""]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("令和元年5月", "2019-05-00"),
        ("令和元年", "2019-00-00"),
        ("昭和55年1月不詳", "1980-01-00"),
        ("20190500", "2019-05-00"),
        ("20190000", "2019-00-00"),
        ("5010500", "2019-05-00"),
        ("3550000", "1980-00-00"),
        ("S55.1.0", "1980-01-00"),
        ("2019-05-00", "2019-05-00"),
        ("大正元年7月", "1912-07-00"),
        ("昭和64年", "1989-00-00"),
    ],
)
def test_an_unknown_day_is_allowed_only_where_the_item_says_so(written: str, day: str) -> None:
    assert to_date(written, Form(unknown_day=True)).value == day
    assert to_date(written).value is None


def test_an_unknown_day_of_a_year_that_the_era_never_had_is_held() -> None:
    assert to_date("昭和70年", Form(unknown_day=True)).value is None


def test_excels_numbers_are_days_only_where_told() -> None:
    told = Form(serial=True)
    assert to_date("45413", told).value == "2024-05-01"
    assert to_date("45413.5", told).value == "2024-05-01"
    assert to_date("61", told).value == "1900-03-01"
    assert to_date("60", told).value is None
    assert to_date("45413").value is None


def test_a_vendor_may_count_eras_in_its_own_way() -> None:
    assert to_date("0010501", Form(era_codes={"0": "令和"})).value == "2019-05-01"


@pytest.mark.parametrize(
    ("written", "year"),
    [("2024", "2024"), ("令和6年", "2024"), ("R6", "2024"), ("R06", "2024"), ("506", "2024"), ("令和６年度", "2024"), ("昭和元年", "1926"), ("二〇二四年", "2024")],
)  # fmt: skip
def test_years_are_read_in_every_usual_form(written: str, year: str) -> None:
    assert to_year(written).value == year


@pytest.mark.parametrize("written", ["24", "昭和70年", "0000", "9999", "来年", "906"])
def test_what_is_no_year_is_held(written: str) -> None:
    assert to_year(written).value is None


def test_no_first_and_no_last_year_are_written_where_declared() -> None:
    assert (to_year("0", OPEN).value, to_year("9999", OPEN).value) == ("0000", "9999")


@pytest.mark.parametrize(
    ("written", "time"),
    [("9:05", "09:05"), ("09:05:30", "09:05:30"), ("0905", "09:05"), ("090530", "09:05:30"), ("午後2時5分", "14:05"), ("１４時", "14:00"), ("午後0時", "12:00")],
)  # fmt: skip
def test_times_of_day_are_read_in_every_usual_form(written: str, time: str) -> None:
    assert to_time(written).value == time


@pytest.mark.parametrize("written", ["24:00", "12:60", "午後12時", "午前12時30分", "昼", "905"])
def test_what_is_no_time_of_day_is_held(written: str) -> None:
    assert to_time(written).value is None


@given(DAYS)
def test_every_day_comes_back_from_its_era(day: date) -> None:
    era, year = clock.era_of(day), clock.era_year(day)
    code = "MTSHR".index(era.letter) + 1
    forms = [
        clock.to_wareki(day),
        clock.to_wareki(day, first_year="1"),
        f"{era.letter}{year}.{day.month}.{day.day}",
        f"{era.letter}{year:02}/{day.month:02}/{day.day:02}",
        f"{code}{year:02}{day:%m%d}",
        f"{day:%Y%m%d}",
        f"{day.year}/{day.month}/{day.day}",
    ]
    assert {to_date(form).value for form in forms} == {day.isoformat()}


@given(st.integers(61, 73_000).filter(lambda serial: set(str(serial)) != {"9"}))
def test_excel_counts_days_one_by_one(serial: int) -> None:
    day = date(1900, 3, 1) + timedelta(days=serial - 61)
    assert to_date(str(serial), Form(serial=True)).value == day.isoformat()


LIKE_A_DATE = st.text(st.sampled_from("0123456789元年月日昭和令SR./-:TZ 〇十二不詳頃"), max_size=14)


@given(st.one_of(st.text(), LIKE_A_DATE), st.booleans())
def test_whatever_is_written_gives_a_value_or_a_reason(text: str, told: bool) -> None:
    form = Form(zeros="start", nines="end", unknown_day=True, serial=True) if told else Form()
    for found in (to_date(text, form), to_year(text, form), to_time(text)):
        assert (found.value is None) == (found.held is not None)


@given(LIKE_A_DATE)
def test_a_value_that_was_made_is_taken_as_it_is(text: str) -> None:
    form = Form(zeros="start", nines="end", unknown_day=True)
    value = to_date(text, form).value
    if value:
        assert to_date(value, form) == type(to_date(""))(value)


@pytest.mark.parametrize(
    "written", ["2026-10", "202610", "2026/10", "R8.10", "令和8年10月", "50810", "Ｒ０８．１０"]
)
def test_a_month_in_any_usual_form(written: str) -> None:
    assert to_month(written).value == "2026-10"


@pytest.mark.parametrize("written", ["8年10月", "令和8年13月", "昭和70年1月", "10月", "81026"])
def test_a_month_that_nobody_can_be_sure_of_is_held(written: str) -> None:
    found = to_month(written)
    assert found.value is None
    assert found.held is not None
