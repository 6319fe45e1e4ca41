"""Mapping files and what is wrong with them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from yakuba.records.importing.mapping import FaultyMapping, OldFile, check_heads, mappings
from yakuba.records.standards import definition
from yakuba.records.values.encodings import Refused
from yakuba.records.values.reading import Csv, Excel, Fixed

GOOD = """
source: sample
name: 見本
standard: resident-register
files:
  "setai*.csv":
    group: 世帯
    items:
      setaibango: 番号
      setainushi_atenabango: {from: 主, as: digits, digits: 15}
      setaijotai: {from: 状態, codes: {現存: "1"}}
      setaiseiritsunengappi: 成立
      setaikubun: {constant: "1"}
    dropped: {備考: 項目がない}
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Callable[[str], Path]:
    def write(content: str) -> Path:
        path = tmp_path / "sample.yaml"
        path.write_text(content)
        return path

    return write


def test_a_mapping_says_for_each_file_what_becomes_of_its_columns(mapping: Callable[[str], Path]) -> None:
    [known] = mappings([mapping(GOOD)], definition)
    file = known.mapping.file("setai-2026.csv")
    assert file is not None
    assert file.columns() == {"番号", "主", "状態", "成立", "備考"}
    assert known.mapping.file("other.csv") is None


def test_a_folder_gives_all_its_mappings(mapping: Callable[[str], Path]) -> None:
    assert [one.mapping.source for one in mappings([mapping(GOOD).parent], definition)] == ["sample"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("setaibango: 番号", "setaibangou: 番号"),
            ["no item setaibangou", "setaibango (世帯番号) must be there"],
        ),
        (("group: 世帯", "group: 家族"), ["no group 家族", "世帯, 住民"]),
        (('現存: "1"', '現存: "7"'), ["codes: 7 is not in list"]),
        (("standard: resident-register", "standard: nowhere"), ["nowhere"]),
        (("as: digits, digits: 15", "as: digits"), ["needs digits"]),
        (("as: digits, digits: 15", 'usual: "("'), ["no regular expression"]),
        (("as: digits, digits: 15", 'usual: "(?=x)"'), ["RE2"]),
        (("as: digits, digits: 15", "as: mystery"), ["corporate-number"]),
        (("番号\n", "番号\n      # \n      setaiinsu: {}\n"), ["either from:"]),
        (("source: sample", "source: sample\nconfirmed: false"), ["proposal"]),
        (("備考: 項目がない", '備考: ""'), ["dropped"]),
    ],
)
def test_a_faulty_mapping_says_everything_that_is_wrong(
    mapping: Callable[[str], Path], change: tuple[str, str], said: list[str]
) -> None:
    with pytest.raises(FaultyMapping) as caught:
        mappings([mapping(GOOD.replace(*change))], definition)
    message = str(caught.value)
    assert "sample.yaml" in message
    for part in said:
        assert part in message


def test_no_mapping_file_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(FaultyMapping, match="no mapping file"):
        mappings([tmp_path], definition)


def test_a_column_of_which_the_mapping_says_nothing_is_not_lost(mapping: Callable[[str], Path]) -> None:
    [known] = mappings([mapping(GOOD)], definition)
    [file] = known.mapping.files.values()
    with pytest.raises(Refused) as caught:
        check_heads(file, ["番号", "主", "状態", "成立", "備考", "通称", "電話"])
    assert "通称, 電話" in caught.value.text.ja
    with pytest.raises(Refused) as caught:
        check_heads(file, ["番号", "主", "状態"])
    assert "備考, 成立" in caught.value.text.ja


def test_layouts_are_those_of_the_reader() -> None:
    some = {"group": "世帯", "items": {}}
    fixed = {"heads": ["a", "b"], "widths": [3, 4], "lines": False}
    assert OldFile.model_validate(some).reader == Csv()
    assert OldFile.model_validate({**some, "layout": "tsv"}).reader == Csv("\t")
    assert OldFile.model_validate({**some, "layout": "xlsx"}).reader == Excel()
    assert OldFile.model_validate({**some, "layout": fixed}).reader == Fixed(("a", "b"), (3, 4), lines=False)
