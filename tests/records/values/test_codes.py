import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.records.values.codes import (
    to_corporate_number,
    to_digits,
    to_municipality,
    to_my_number,
    to_phone,
    to_postal_code,
)
from yakuba.register import codes

EVERY = (to_my_number, to_corporate_number, to_municipality, to_postal_code, to_phone)


def my_number(eleven: str) -> str:
    """By the ordinance: Q from the lowest digit is n+1 up to the sixth, n-5 from the seventh; 11 less the remainder by 11,
    0 where the remainder is 0 or 1."""
    weights = [n + 1 if n <= 6 else n - 5 for n in range(1, 12)]
    rest = sum(int(digit) * weight for digit, weight in zip(reversed(eleven), weights, strict=True)) % 11
    return eleven + str(0 if rest <= 1 else 11 - rest)


def corporate_number(twelve: str) -> str:
    """By the ordinance: 9 less the remainder by 9 of the sum with 1 for odd and 2 for even places from the lowest."""
    total = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(twelve)))
    return str(9 - total % 9) + twelve


@given(st.text("0123456789", min_size=11, max_size=11), st.integers(0, 9))
def test_only_the_check_digit_of_the_ordinance_makes_a_my_number(eleven: str, last: int) -> None:
    assert (to_my_number(f"{eleven}{last}").value is not None) == (my_number(eleven) == f"{eleven}{last}")


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 9))
def test_only_the_check_digit_of_the_ordinance_makes_a_corporate_number(twelve: str, first: int) -> None:
    found = to_corporate_number(f"{first}{twelve}").value is not None
    assert found == (corporate_number(twelve) == f"{first}{twelve}")


@pytest.mark.parametrize("text", ["123456789012", "1234-5678-9012", "12345", "1234567890189"])
def test_a_my_number_is_never_repeated_in_a_text(text: str) -> None:
    held = to_my_number(text).held
    assert held is not None
    assert not any(part in said for said in (held.ja, held.easy, held.en) for part in ("1234", "9012"))


def test_a_repaired_my_number_is_not_repeated_either() -> None:
    found = to_my_number("１２３４-5678-9018")
    assert found.value == "123456789018"
    assert "5678" not in found.repairs[0].text.ja


def test_every_municipality_in_the_list_is_one_and_five_digits_get_the_sixth() -> None:
    known = [code for code in codes.official() if int(code[:2]) <= 47]
    assert [to_municipality(code).value for code in known] == known
    assert [to_municipality(code[:5]).value for code in known] == known


def test_a_code_of_no_prefecture_is_held() -> None:
    held = to_municipality("99999" + codes.check_digit("99999")).held
    assert held is not None
    assert "都道府県" in held.ja


@pytest.mark.parametrize(
    ("text", "number"),
    [("０８８０－２２－１２３４", "0880221234"), ("03(1234)5678", "0312345678"), ("090ー1234ー5678", "09012345678"), ("+81-90-1234-5678", "09012345678"), ("0120-123-456", "0120123456"), ("0800-123-4567", "08001234567")],
)  # fmt: skip
def test_telephone_numbers_become_digits(text: str, number: str) -> None:
    assert to_phone(text).value == number


@pytest.mark.parametrize("text", ["22-1234", "0090-1234-5678", "自宅", "031234567", "+1 212 555 0100"])
def test_what_is_no_telephone_number_in_japan_is_held(text: str) -> None:
    assert to_phone(text).value is None


def test_a_postal_code_has_seven_digits() -> None:
    assert (to_postal_code("〒789-9901").value, to_postal_code("789-990").value) == ("7899901", None)


def test_zeros_that_a_spreadsheet_took_come_back_only_where_declared_and_are_told() -> None:
    found = to_digits("123", 5, lost_zeros=True)
    assert found.value == "00123"
    assert "0" in found.repairs[0].text.ja
    assert to_digits("123", 5).value is None


@given(st.one_of(st.text(), st.text("0123456789-+ 〒()٣", max_size=16)))
def test_whatever_is_written_is_a_value_or_held_and_a_value_stays(text: str) -> None:
    for change in (*EVERY, lambda text: to_digits(text, 5, lost_zeros=True)):
        found = change(text)
        assert (found.value is None) == (found.held is not None)
        if found.value is not None:
            assert change(found.value).value == found.value
