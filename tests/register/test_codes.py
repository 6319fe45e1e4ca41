"""Municipality codes are held to the official check digit and the official list."""

import pytest

from yakuba.register import codes
from yakuba.register.actions import NAMES


def test_every_official_code_has_the_check_digit_that_the_rule_gives() -> None:
    assert len(codes.official()) > 1900
    assert [code for code in codes.official() if code[:5] + codes.check_digit(code) != code] == []


def test_a_wrong_check_digit_is_refused_with_the_right_code() -> None:
    with pytest.raises(codes.BadCode, match="394261 has a wrong check digit"):
        codes.checked("394261")


@pytest.mark.parametrize("text", ["", "39426", "3942622", "39426a", "３９４２６２", "39426²"])
def test_what_is_not_six_digits_is_refused(text: str) -> None:
    with pytest.raises(codes.BadCode, match="six digits"):
        codes.checked(text)


def test_a_code_of_no_prefecture_is_refused() -> None:
    with pytest.raises(codes.BadCode, match="01 to 47"):
        codes.prefecture_of("991112")


@pytest.mark.parametrize("code", NAMES)
def test_the_demo_towns_have_a_valid_code_and_a_name_that_no_municipality_has(code: str) -> None:
    assert codes.checked(code) not in codes.official()
    assert NAMES[code] not in {name for _, name in codes.official().values()}
