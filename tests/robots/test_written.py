"""What is typed survives the old system's encoding, or is not typed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.robots.conftest import SYSTEM_FILE
from yakuba.declare import Shown, SystemFile
from yakuba.robots.errors import CannotBeWritten, NotKnown
from yakuba.robots.written import write
from yakuba.words import Text

PLAIN = SYSTEM_FILE.model_copy(update={"fallback": {}})


def typed(value: object, form: str = "text", system: SystemFile = SYSTEM_FILE, **more) -> str:
    return write(Text.same("x"), value, Shown(**{"is": "x", "as": form, **more}), system).text


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("half_kana", "ヤマダ　タロウ", "ﾔﾏﾀﾞ ﾀﾛｳ"),
        ("half_kana", "やまだ パーク", "ﾔﾏﾀﾞ ﾊﾟｰｸ"),
        ("full_width", "ABC 12", "ＡＢＣ　１２"),
        ("date", "2024-04-01", "2024/04/01"),
        ("date_digits", date(2024, 4, 1), "20240401"),
        ("era_date", "1950-01-01", "S250101"),
        ("era_date", date(2019, 5, 1), "R010501"),
        ("era_month", "2026-05-01", "R0805"),
        ("month", "2026-05-01", "202605"),
        ("text", 15000, "15000"),
        ("text", True, "1"),
    ],
)
def test_a_value_is_written_as_the_system_wants_it(form, value, text):
    assert typed(value, form) == text


@pytest.mark.parametrize("char", ["𠮷", "葛\U000e0100", "〜", "−", "—", "é", "한", "①\ufe0f"])
def test_a_character_that_the_encoding_lacks_is_not_typed(char):
    with pytest.raises(CannotBeWritten, match=char.replace("\ufe0f", "")):
        typed(f"山{char}田", system=PLAIN)


@pytest.mark.parametrize("char", ["～", "－", "髙", "﨑", "①", "㈱", "ｱ"])
def test_what_windows_added_to_shift_jis_is_typed_as_it_is(char):
    assert typed(f"山{char}田", system=PLAIN) == f"山{char}田"


def test_a_declared_fallback_is_typed_and_said():
    found = write(Text.same("name"), "𠮷田", Shown(**{"is": "x"}), SYSTEM_FILE)
    assert (found.text, found.replaced) == ("吉田", (("𠮷", "吉"),))


def test_a_fallback_that_the_system_lacks_too_is_no_help():
    system = SYSTEM_FILE.model_copy(update={"fallback": {"𠮷": "𠮷"}})
    with pytest.raises(CannotBeWritten):
        typed("𠮷", system=system)


def test_room_is_counted_in_bytes_after_the_voiced_marks_are_apart():
    assert typed("ガ" * 15, "half_kana", max=30) == "ｶﾞ" * 15
    with pytest.raises(CannotBeWritten, match="31 bytes"):
        typed("ガ" * 15 + "ア", "half_kana", max=30)


def test_what_is_not_known_is_not_typed_as_empty():
    with pytest.raises(NotKnown):
        typed(None)


@given(st.text(max_size=20))
def test_whatever_is_typed_comes_back_from_the_encoding_as_it_was(text):
    try:
        found = typed(text, system=PLAIN)
    except CannotBeWritten:
        return
    assert found.encode("cp932").decode("cp932") == found
