import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.money.kana import NotBankKana, TooLong, bank_kana


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("ヤマダ　ハナコ", "ﾔﾏﾀﾞ ﾊﾅｺ"),
        ("やまだ はなこ", "ﾔﾏﾀﾞ ﾊﾅｺ"),
        ("ﾔﾏﾀﾞ ﾊﾅｺ", "ﾔﾏﾀﾞ ﾊﾅｺ"),
        ("リョウ　キャッシュ", "ﾘﾖｳ ｷﾔﾂｼﾕ"),
        ("ヵヶヮ", "ｶｹﾜ"),
        ("シーボルト", "ｼ-ﾎﾞﾙﾄ"),
        ("ｼｰﾎﾞﾙﾄ", "ｼ-ﾎﾞﾙﾄ"),
        ("ヲダ　チヱ", "ｵﾀﾞ ﾁｴ"),
        ("ヴァン　パヂ", "ｳﾞｱﾝ ﾊﾟﾁﾞ"),
        ("ジョン・ｓｍｉｔｈ", "ｼﾞﾖﾝ SMITH"),
        ("  ヤマダ   タロウ ", "ﾔﾏﾀﾞ ﾀﾛｳ"),
    ],
)
def test_a_name_is_written_as_banks_write_it(name, written):
    assert bank_kana(name) == written


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("カブシキガイシャ　ヤマダ", "ｶ)ﾔﾏﾀﾞ"),
        ("ヤマダ（株）", "ﾔﾏﾀﾞ(ｶ"),
        ("株式会社ヤマダ", "ｶ)ﾔﾏﾀﾞ"),
        ("シャカイフクシホウジンアオゾラカイ", "ﾌｸ)ｱｵｿﾞﾗｶｲ"),
        ("チホウドクリツギョウセイホウジン　アオゾラ", "ﾁﾄﾞｸ)ｱｵｿﾞﾗ"),
        ("ヤマダ　カブシキガイシャ　チバ", "ﾔﾏﾀﾞ(ｶ)ﾁﾊﾞ"),
    ],
)
def test_a_corporation_is_abbreviated_by_its_place_in_the_name(name, written):
    assert bank_kana(name) == written


@pytest.mark.parametrize(
    ("name", "character", "place"),
    [
        ("ヤマダ花子", "花", 4),
        ("ヤマダ＠", "＠", 4),
        ("ア゛", "゛", 2),
        ("ヤマダ、タロウ", "、", 4),
        ("ﾏﾟ", "ﾟ", 2),
        ("😀", "😀", 1),
    ],
)
def test_a_character_that_no_rule_maps_is_refused_and_named(name, character, place):
    with pytest.raises(NotBankKana) as refused:
        bank_kana(name)
    assert (refused.value.character, refused.value.place) == (character, place)
    assert character in refused.value.text.ja


def test_voiced_marks_count_as_characters_and_a_long_name_is_not_cut():
    assert len(bank_kana("ガ" * 15)) == 30
    with pytest.raises(TooLong) as refused:
        bank_kana("ガ" * 16)
    assert "32文字" in refused.value.text.ja


@given(st.text(max_size=12))
def test_whatever_is_typed_becomes_permitted_bytes_or_is_refused(name):
    try:
        written = bank_kana(name)
    except (NotBankKana, TooLong):
        return
    assert len(written.encode("cp932")) == len(written)
    assert bank_kana(written) == written
