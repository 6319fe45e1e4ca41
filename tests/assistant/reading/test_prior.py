"""What is likely in this town: who lives here, and which names come near what was read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yakuba.assistant.reading.prior import Prior, folded, in_other_forms

TARO = {
    "name": "髙橋　太郎",
    "kana": "タカハシ　タロウ",
    "birth_date": "1950-01-01",
    "address": "山あい町上山1番地",
}
JIRO = {
    "name": "高橋　次郎",
    "kana": "タカハシ　ジロウ",
    "birth_date": "1980-01-01",
    "address": "山あい町上山1番地",
}
TOWN = Prior([TARO, JIRO], banks={"0175": "四国"})


def test_two_things_that_were_read_tell_who_wrote_it_and_one_does_not():
    assert TOWN.who({"kana": "タカハシ タロウ", "birth_date": "1950-01-01"}) is TARO
    assert TOWN.who({"address": "山あい町上山１番地"}) is None
    assert TOWN.who({"kana": "タカハシ タロウ", "birth_date": "1980-01-01"}) is None


def test_names_near_what_was_read_come_nearest_first():
    assert TOWN.near("name", "髙橋大郎")[0] == "髙橋　太郎"
    assert TOWN.near("phone", "090") == []


def test_old_forms_of_a_sign_are_not_the_same_name_but_are_remembered():
    assert folded("髙橋") != folded("高橋")
    assert list(in_other_forms("髙橋")) == ["高橋"]
    assert list(in_other_forms("田中")) == []


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=8))
def test_blanks_and_width_never_count(text):
    assert folded(f" {text}　１") == folded(f"{text}1")
