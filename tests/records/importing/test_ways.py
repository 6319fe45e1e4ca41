"""How texts of old columns become values."""

import re
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.records.checks import SHAPES
from yakuba.records.importing.mapping import Made
from yakuba.records.importing.ways import Tables, Way, sure, way
from yakuba.records.standards import ROOT, Item, load

DEFINITION = load(ROOT / "resident-register" / "provisional")
ITEMS: dict[str, Item] = {one.romaji: one for one in DEFINITION.groups()["住民"]}
BASE = Path(__file__).parents[3] / "examples" / "legacy" / "base" / "machiaza.csv"


def made(item: str, tables: Tables | None = None, **said: object) -> Way:
    return way(Made.model_validate({"from": "x", **said}), ITEMS[item], tables or Tables())


@pytest.mark.parametrize(
    ("item", "text", "value"),
    [
        ("shimei", "ﾔﾏﾀﾞ 太郎", "ヤマダ　太郎"), ("shimei_yomigana", "ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ　タロウ"), ("seinengappi", "S55.01.02", "1980-01-02"),
        ("rirekibango", "００１", "1"), ("sosajikoku", "0905", "09:05"), ("kojinbango", "1234-5678-9018", "123456789018"),
        ("atenabango", "Ａ０１", "A01"),
    ],
)  # fmt: skip
def test_the_type_of_an_item_says_how_its_texts_are_read(item: str, text: str, value: str) -> None:
    assert made(item).one(text).value == value


def test_an_uncertain_day_is_read_where_the_item_allows_it() -> None:
    assert made("seinengappi").one("昭和55年").value == "1980-00-00"
    assert made("sosanengappi").one("昭和55年").value is None


def test_codes_are_those_of_the_mapping_alone() -> None:
    sex = made("seibetsu", codes={"男": "1", "ｵﾝﾅ": "2"})
    assert [sex.one(text).value for text in ("男", "オンナ", " 男 ", "")] == ["1", "2", "1", ""]
    held = sex.one("M").held
    assert held is not None
    assert "男" in held.ja


def test_texts_that_mean_nothing_are_nothing() -> None:
    assert made("kyushi", empty=["－", "なし"]).one("なし").value == ""
    assert made("kyushi").one("　 ").value == ""


def test_a_vendors_character_is_put_right_by_its_table_and_else_held() -> None:
    table = Tables(characters={"\ue000": "𠮷"})
    assert made("shimei", table).one("\ue000田").value == "𠮷田"
    assert made("shimei", table).one("\ue000田").repairs == ()
    held = made("shimei", table).one("\ue001田").held
    assert held is not None
    assert "F041" in held.ja


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|x", "＝ＨＹＰＥＲＬＩＮＫ"])
def test_what_a_spreadsheet_would_compute_is_nobodys_name(text: str) -> None:
    assert made("shimei").one(text).held is not None


def test_an_address_in_parts_by_the_towns_own_base() -> None:
    tables = Tables(addresses=BASE)
    text = "高知県山あい町上山12番地3　見本荘101号"
    parts = {
        part: made("shimei", tables, **{"as": f"address.{part}"}).one(text).value
        for part in ("municipality", "town", "block", "building")
    }
    assert parts == {
        "municipality": "394262",
        "town": "上山",
        "block": "１２番地３",
        "building": "見本荘１０１号",
    }


def test_a_part_that_the_base_does_not_have_is_held_not_changed() -> None:
    found = made("shimei", Tables(addresses=BASE), **{"as": "address.block"}).one("高知県山あい町どこか1番地")
    assert found.value is None
    assert found.held is not None
    assert "machiaza.csv" in found.held.en


NAMES = st.text(st.sampled_from("山田太郎ァヤー々ヶ〜－Ａ０ａ　 ﾔﾞｱA1-=\u200b\u3099\ue000゛"), max_size=8)


@given(
    st.sampled_from(["shimei", "shimei_yomigana", "atenabango", "rirekibango"]), NAMES | st.text(max_size=4)
)
def test_a_plain_text_is_its_own_value_with_nothing_to_tell(item: str, text: str) -> None:
    found = made(item)
    if found.plain and re.fullmatch(found.plain, text):
        assert found.one(text).value == text
        assert found.one(text).repairs == ()


@given(st.text(st.sampled_from("ｱｶｶﾞﾊﾊﾟｳﾞｬｯｰ ｦﾝ"), max_size=8))
def test_all_at_once_gives_what_one_by_one_gives(text: str) -> None:
    found = made("shimei_yomigana", usual="[ｦ-ﾟ ]+")
    assert found.quick
    pattern, quickly = found.quick
    if re.fullmatch(pattern, text):
        assert quickly(pa.array([text])).to_pylist() == [found.one(text).value]


BY_TYPE = {
    "X": "atenabango", "N": "shimei", "9": "rirekibango", "DATE": "sosanengappi", "TIME": "sosajikoku",
}  # fmt: skip


@given(
    st.sampled_from(sorted(BY_TYPE)),
    NAMES | st.text(max_size=6) | st.dates().map(str) | st.integers().map(str),
)
def test_what_is_made_by_the_type_is_written_as_the_type_wants_it(kind: str, text: str) -> None:
    item = ITEMS[BY_TYPE[kind]]
    assert sure(Made.model_validate({"from": "x"}), item)
    value = made(item.romaji).one(text).value
    if value and kind == "DATE":
        assert value in ("0000-01-01", "9999-12-31") or str(date.fromisoformat(value)) == value
    elif value:
        assert re.fullmatch(SHAPES[kind], value)


@pytest.mark.parametrize("said", [{"as": "text"}, {"codes": {"a": "1"}}, {"unknown_day": True}])
def test_what_a_mapping_makes_otherwise_is_still_asked(said: dict[str, object]) -> None:
    assert not sure(Made.model_validate({"from": "x", **said}), ITEMS["shimei"])
    assert not sure(Made.model_validate({"constant": "あ"}), ITEMS["atenabango"])
