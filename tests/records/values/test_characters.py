import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.records.values.characters import (
    Change,
    FaultyTable,
    NotTheText,
    code_of,
    read_map,
    resolve,
    restore,
    shrink,
    tidy,
    to_kana,
    to_narrow,
    to_wide,
)

ANY = st.text()
NAMES = st.text(
    st.sampled_from("山田髙高𠮷吉﨑邉葛\U000e0100\U000e0101神神か゛が\u3099〜～−①㈱\ue000 　"), max_size=12
)
TARGETS = st.sampled_from(["cp932", "shift_jis", "euc_jp", "iso2022_jp", "utf-8"])


def test_cp932_gets_the_common_form_of_what_it_cannot_hold() -> None:
    small = shrink("𠮷野家の髙橋", "cp932")
    assert small.text == "吉野家の髙橋"
    assert small.changes == (Change(0, "𠮷", "吉"),)


def test_strict_shift_jis_cannot_hold_the_ladder_taka() -> None:
    assert shrink("髙﨑", "shift_jis").text == "高崎"


def test_a_variation_selector_is_left_out_and_comes_back() -> None:
    small = shrink("葛\U000e0100城", "cp932")
    assert small.text == "葛城"
    assert restore(small.text, small.changes) == "葛\U000e0100城"


def test_the_town_s_own_table_goes_before_ours() -> None:
    assert shrink("𠮷", "cp932", {"𠮷": "善"}).text == "善"


def test_what_nobody_knows_a_form_of_is_a_geta_and_told() -> None:
    small = shrink("a𩸽b", "cp932")
    assert small.text == "a〓b"
    assert small.unknown == (Change(1, "𩸽", "〓"),)
    assert restore(small.text, small.changes) == "a𩸽b"


def test_a_wave_dash_becomes_the_one_that_the_encoding_has() -> None:
    assert shrink("1〜2", "cp932").text == "1～2"
    assert shrink("1～2", "euc_jp").text == "1〜2"


def test_a_text_that_was_changed_since_is_not_given_wrong_characters() -> None:
    small = shrink("𠮷田", "cp932")
    with pytest.raises(NotTheText):
        restore("山田", small.changes)


def test_an_encoding_that_is_none_is_the_caller_s_mistake() -> None:
    with pytest.raises(LookupError):
        shrink("山", "klingon")


@given(st.one_of(ANY, NAMES), TARGETS)
def test_what_was_shrunk_can_be_written_and_comes_back_exactly(text: str, encoding: str) -> None:
    small = shrink(text, encoding)
    small.text.encode(encoding)
    assert restore(small.text, small.changes) == text


@given(st.one_of(ANY, NAMES))
def test_a_vendor_s_characters_come_back_exactly(text: str) -> None:
    found = resolve(text, {"\ue000": "𠮷", "\ue001": "葛\U000e0100"})
    assert restore(found.text, found.changes) == text


def test_a_vendor_s_characters_go_through_its_table_and_unknown_ones_stay() -> None:
    table = read_map(["# 外字", "F040,U+20BB7", "U+E001,U+845B U+E0100"])
    found = resolve("\ue000田\ue001\ue002", table)
    assert found.text == "𠮷田葛\U000e0100\ue002"
    assert [(change.position, code_of(change.old)) for change in found.unknown] == [(4, "U+E002 (F042)")]


def test_codes_of_the_user_area_are_those_of_cp932() -> None:
    codes = [
        f"{lead:02X}{trail:02X}" for lead in range(0xF0, 0xFA) for trail in range(0x40, 0xFD) if trail != 0x7F
    ]
    table = read_map(f"{code},山" for code in codes)
    assert list(table) == [bytes.fromhex(code).decode("cp932") for code in codes]
    assert [code_of(char).split("(")[1].rstrip(")") for char in table] == codes


@pytest.mark.parametrize("line", ["F07F,山", "F040", "F040,", "山田,山", "U+110000,山", "F0FD,山"])
def test_a_faulty_table_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(FaultyTable, match="line 2"):
        read_map(["F041,川", line])


def test_a_code_that_stands_twice_is_refused() -> None:
    with pytest.raises(FaultyTable, match="twice"):
        read_map(["F040,山", "F040,川"])


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("か\u3099", "が"),
        ("山\u200b田", "山田"),
        ("山\x00田", "山田"),
        ("\ufeff山", "山"),
        (" 山\u00a0\u2003田 ", "山 田"),
        ("山 　田", "山　田"),
        ("山\n田", "山 田"),
        ("e\u0301", "é"),
        ("神\ufa19", "神\ufa19"),
        ("葛\U000e0100", "葛\U000e0100"),
    ],
)
def test_a_text_is_tidied_and_keeps_its_ideographs(text: str, tidied: str) -> None:
    assert tidy(text).value == tidied


def test_half_width_kana_with_marks_become_full_width() -> None:
    found = to_wide("ｶﾞｯｺｳ ﾊﾟﾝ-1")
    assert found.value == "ガッコウ　パン－１"
    assert "全角" in found.repairs[0].text.ja


def test_full_width_letters_become_half_width_and_ideographs_are_held() -> None:
    assert to_narrow("Ａ１　ガ").value == "A1 ｶﾞ"
    held = to_narrow("1山").held
    assert held is not None
    assert "「山」" in held.ja


@pytest.mark.parametrize(
    ("text", "kana"),
    [("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ　タロウ"), ("やまだ－", "ヤマダー"), ("いすゞ", "イスヾ"), ("ショ-コ", "ショーコ")],
)
def test_kana_of_any_kind_becomes_katakana(text: str, kana: str) -> None:
    assert to_kana(text).value == kana


def test_small_kana_are_made_large_only_where_asked() -> None:
    assert (to_kana("きょうこ").value, to_kana("きょうこ", small=False).value) == ("キョウコ", "キヨウコ")


def test_what_is_no_kana_is_held_with_the_character() -> None:
    held = to_kana("ヤマ田").held
    assert held is not None
    assert "「田」" in held.ja


@given(st.one_of(ANY, NAMES))
def test_whatever_is_written_is_a_value_or_held_and_a_value_stays(text: str) -> None:
    for change in (tidy, to_wide, to_narrow, to_kana):
        found = change(text)
        assert (found.value is None) == (found.held is not None)
        if found.value is not None:
            assert change(found.value).value == found.value
