"""Addresses as people write them: what is found is the base's, what is not stays as it was written."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from yakuba.records.addresses import Address, Base, Gazetteer, Municipality, Town, normalise, postal_base
from yakuba.register import codes


@cache
def everywhere() -> Gazetteer:
    return Gazetteer(postal_base())


def read(written: str) -> Address:
    return normalise(written, everywhere())


def parts(written: str) -> tuple[str, str, int | None, str, str, str]:
    found = read(written)
    return found.municipality, found.town, found.chome, found.block, found.number, found.rest


@pytest.mark.parametrize(
    "written",
    [
        "東京都千代田区外神田一丁目２番３号　秋葉ビル３階",
        "東京都千代田区外神田１丁目2-3 秋葉ビル３階",
        "東京都千代田区外神田1-2-3 秋葉ビル３階",
        "千代田区外神田１ー２の３ 秋葉ビル３階",
        "〒101-0021 東京都 千代田区 外神田 1 - 2 - 3　秋葉ビル３階",
        "〒１０１００２１東京都千代田区外神田一丁目二番三号秋葉ビル３階",
        "101-0021東京都千代田区外神田1丁目2番地の3秋葉ビル３階",
    ],
)
def test_one_address_is_the_same_however_it_is_written(written: str) -> None:
    assert parts(written) == ("千代田区", "外神田", 1, "2", "3", "秋葉ビル３階")
    assert read(written).code == "131016"
    assert read(written).level == "block"


@pytest.mark.parametrize(
    ("written", "municipality", "town"),
    [
        ("東京都渋谷区千駄ケ谷4-5-10", "渋谷区", "千駄ヶ谷"),
        ("千葉県鎌ヶ谷市新鎌が谷2-6-1", "鎌ケ谷市", "新鎌ケ谷"),
        ("東京都千代田区丸ﾉ内1-1", "千代田区", "丸の内"),
        ("神奈川県横浜市青葉区ｱｻﾞﾐ野2-13", "横浜市青葉区", "あざみ野"),
        ("茨城県竜ヶ崎市藤ケ丘1-1", "龍ケ崎市", "藤ケ丘"),
        ("東京都世田谷区代澤1-1-1", "世田谷区", "代沢"),
        ("埼玉県さいたま市岩槻区岩槻123", "さいたま市岩槻区", "岩槻"),
        ("埼玉県さいたま市岩槻区大字岩槻123", "さいたま市岩槻区", "岩槻"),
        ("札幌市中央区北１条西2-1", "札幌市中央区", "北一条西"),
        ("札幌市中央区北十一条西2-1", "札幌市中央区", "北十一条西"),
    ],
)
def test_spellings_of_a_name_are_found_and_given_as_the_base_has_them(
    written: str, municipality: str, town: str
) -> None:
    found = read(written)
    assert found.municipality == municipality
    assert found.town.replace("ヶ", "ケ") == town.replace("ヶ", "ケ")


def test_what_was_left_out_is_added_and_said() -> None:
    found = read("南幌町栄町1-2-3")
    assert (found.prefecture, found.municipality) == ("北海道", "空知郡南幌町")
    assert [(one.part, one.written, one.official) for one in found.changed] == [
        ("prefecture", "", "北海道"),
        ("municipality", "南幌町", "空知郡南幌町"),
    ]


def test_a_ward_that_was_left_out_is_known_by_its_town() -> None:
    assert read("札幌市大通西10丁目").municipality == "札幌市中央区"
    assert read("青葉区荏田西1-2-3").municipality == "横浜市青葉区"


def test_a_ward_that_nothing_tells_is_not_made_up() -> None:
    found = read("札幌市役所")
    assert (found.municipality, found.code, found.level, found.rest) == (
        "札幌市",
        "011002",
        "municipality",
        "役所",
    )


def test_two_towns_of_one_name_are_told_apart_by_prefecture_town_or_postal_code_or_not_at_all() -> None:
    assert read("広島県府中市府川町315").prefecture == "広島県"
    assert read("府中市宮西町2-24").prefecture == "東京都"
    assert read("〒183-0055 府中市").prefecture == "東京都"
    found = read("府中市")
    assert (found.level, found.rest, found.unfound) == ("none", "府中市", "municipality")
    assert found.candidates == ("広島県府中市", "東京都府中市")


def test_a_town_that_two_wards_have_is_not_guessed() -> None:
    found = read("中央区本町1-2")
    assert found.municipality == ""
    assert len(found.candidates) > 1


def test_a_prefecture_without_its_ending_is_known_before_a_city() -> None:
    assert parts("千葉市川市八幡1丁目1番1号")[:2] == ("市川市", "八幡")
    assert parts("千葉市美浜区中瀬1-1")[:2] == ("千葉市美浜区", "中瀬")


def test_streets_of_kyoto_are_kept_apart_from_the_town() -> None:
    found = read("京都市中京区寺町通御池上る上本能寺前町488番地")
    assert (found.street, found.town, found.block) == ("寺町通御池上る", "上本能寺前町", "488")
    after = read("京都府京都市下京区高辻堀川町西堀川通高辻下る３６６番２")
    assert (after.street, after.town, after.block, after.number) == (
        "西堀川通高辻下る",
        "高辻堀川町",
        "366",
        "2",
    )


@pytest.mark.parametrize(
    ("written", "chome", "block", "number", "rest"),
    [
        ("東京都港区芝公園4丁目2番8号", 4, "2", "8", ""),
        ("東京都港区芝公園四丁目", 4, "", "", ""),
        ("東京都港区芝公園4-2-8 101号室", 4, "2", "8", "101号室"),
        ("東京都港区芝公園4-2-8-101号室", 4, "2", "8", "-101号室"),
        ("東京都港区芝公園4-2-8-3F", 4, "2", "8", "-3F"),
        ("東京都港区芝公園4-2三田ビル", 4, "2", "", "三田ビル"),
        ("東京都港区芝公園4丁目2番三田ビル", 4, "2", "", "三田ビル"),
        ("東京都港区芝公園4丁目1丁目マンション", 4, "", "", "1丁目マンション"),
        ("大阪府堺市北区北花田町２丁４－１", 2, "4", "1", ""),
        ("奈良県奈良市東包永町２２番地の３", None, "22", "3", ""),
        ("石川県羽咋郡志賀町高浜町ハ81番地", None, "ハ81", "", ""),
        ("洋野町種市第15地割1番地2", None, "15地割1", "2", ""),
        ("茨城県龍ケ崎市3710番地", None, "3710", "", ""),
        ("山梨県北都留郡小菅村4698", None, "4698", "", ""),
    ],
)
def test_numbers_end_where_a_building_begins(
    written: str, chome: int | None, block: str, number: str, rest: str
) -> None:
    assert parts(written)[2:] == (chome, block, number, rest)


def test_a_number_too_high_for_a_chome_is_a_block() -> None:
    assert parts("東京都日野市三沢48-9")[1:5] == ("三沢", None, "48", "9")


@pytest.mark.parametrize(
    ("written", "level", "unfound", "rest"),
    [
        ("石川県輪島市野町桶戸", "municipality", "town", "野町桶戸"),
        ("東京都横浜市中区本町", "prefecture", "municipality", "横浜市中区本町"),
        ("愛知県名古屋市昭和区広路町字石坂５－４", "town", "block", "字石坂５－４"),
        ("東京都港区元麻布３丁目以下　非公開", "chome", "block", "以下　非公開"),
        ("東京都千代田区外神田秘密基地1-2", "municipality", "town", "外神田秘密基地1-2"),
        ("東京都", "prefecture", "", ""),
        ("東京都千代田区", "municipality", "", ""),
    ],
)
def test_what_was_not_found_stays_as_written_and_is_named(
    written: str, level: str, unfound: str, rest: str
) -> None:
    found = read(written)
    assert (found.level, found.unfound, found.rest) == (level, unfound, rest)


@pytest.mark.parametrize(
    "written",
    ["", "   ", "1234567", "１２３", "🏠🏠", "10 Downing Street, London", "서울특별시 종로구", "\x00\x07\x1b[0m", "あ" * 10_000,
     "1" * 10_000, "一" * 10_000, "百十" * 5_000, "〒", "〒000-0000", "大字字大字", "゛゜ﾞﾟ", "\ud800"],
)  # fmt: skip
def test_in_a_text_that_is_no_address_nothing_is_found(written: str) -> None:
    found = read(written)
    assert (found.level, found.municipality, found.block) == ("none", "", "")
    assert "".join(text for _, text in found.pieces) == written


def test_an_address_with_ten_thousand_characters_behind_it_is_read() -> None:
    found = read("東京都港区芝公園4-2-8" + "ビ" * 10_000)
    assert found.number == "8"
    assert len(found.rest) == 10_000


BITS = st.sampled_from(
    ["東京都", "京都市", "中京区", "千代田区", "外神田", "府中市", "札幌市", "北１条西", "一", "二十", "１", "2", "丁目", "丁",
     "番地", "番", "号", "-", "ー", "の", " ", "　", "大字", "字", "上る", "西入", "河原町通", "御池", "ビル", "3F", "室",
     "〒", "101-0021", "甲", "第1地割", "ﾞ", "ヶ", "龍", "𠮷", "葛\U000e0100", "🏠", "小菅村", "堺市堺区", "本町", "、"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=40), st.lists(BITS, max_size=14).map("".join))


@given(TEXTS)
@settings(max_examples=250, deadline=None)
def test_no_character_is_lost_and_nothing_raises(written: str) -> None:
    found = read(written)
    pieces = dict(found.pieces)
    assert "".join(text for _, text in found.pieces) == written
    assert found.rest == pieces.get("rest", "").strip()


@given(TEXTS)
@example("京都市中京区河原町通上る本町2 - 5")
@settings(max_examples=250, deadline=None)
def test_an_address_written_out_is_read_as_the_same_parts(written: str) -> None:
    found = read(written)
    again = read(found.text)
    ours, theirs = (replace(one, written="", changed=(), pieces=()) for one in (found, again))
    assert ours == theirs


def test_every_town_of_the_base_is_found_in_its_municipality() -> None:
    lost = [
        place.name + town.name
        for place in everywhere().base.municipalities
        for town in place.towns[::5] + tuple(town for town in place.towns if town.name[-1] in "字目")
        for found in (read(f"{place.prefecture}{place.name}{town.name}"),)
        if (found.code, found.rest) != (place.code, "")
    ]
    assert lost == []


def test_a_sign_that_is_part_of_a_name_stays_in_it() -> None:
    assert parts("山形県山形市十文字12-3")[1:5] == ("十文字", None, "12", "3")
    assert parts("宮城県栗原市栗駒文字字町5")[1:2] == ("栗駒文字",)
    assert parts("岩手県花巻市東十二丁目5")[1:4] == ("東十二丁目", None, "5")
    assert parts("福島県伊達市保原町１１丁目5")[1:4] == ("保原町", 11, "5")


def test_a_name_in_two_spellings_is_the_one_that_is_written() -> None:
    towns = (Town("龍野"), Town("竜野"))
    base = Base("test", (Municipality("131016", "東京都", "", "千代田区", "", towns),))
    assert normalise("東京都千代田区竜野1", Gazetteer(base)).town == "竜野"
    assert normalise("東京都千代田区龍野1", Gazetteer(base)).town == "龍野"


def test_codes_of_the_base_have_their_check_digit_and_official_names() -> None:
    official = codes.official()
    for place in postal_base().municipalities:
        assert codes.checked(place.code) == place.code
        if place.code in official:
            assert official[place.code] == (place.prefecture, place.city + place.ward)


@pytest.mark.parametrize("bit", ["一", "1", "1あ", "上る", "1-", "の", " ", "大字", "1番", "京都市", "ﾞ"])
def test_a_very_long_text_behind_a_municipality_loses_nothing(bit: str) -> None:
    written = "京都府京都市中京区" + bit * 10_000
    found = read(written)
    assert "".join(text for _, text in found.pieces) == written
