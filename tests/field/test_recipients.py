"""The list of an order is right as a whole, or nothing is ordered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.register.test_tables import workbook
from yakuba.field.kitting.device import Recipient
from yakuba.field.recipients import FaultyList, read

GOOD = "番号,コンピューター名,アカウント,製造番号,備考\n1,YKB-00001,tanaka,SN1,窓口\n2,YKB-00002,,,\n"
PEOPLE = [Recipient("1", "YKB-00001", "tanaka", "SN1"), Recipient("2", "YKB-00002")]


def test_a_list_is_read_in_the_encoding_of_japanese_excel(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(GOOD.encode("cp932"))
    assert read(path) == PEOPLE


def test_a_spreadsheet_with_english_heads_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(["Hostname", "Number"], ["YKB-00001", 1], ["YKB-00002", 2]))
    assert read(path) == [Recipient("1", "YKB-00001"), Recipient("2", "YKB-00002")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            GOOD.replace("番号,コ", "No,コ", 1).replace("製造番号", "シリアル"),
            "見出し「番号」の列がありません",
        ),
        (GOOD.replace("YKB-00002", "YKB_2"), "3行目: コンピューター名「YKB_2」は使えません"),
        (GOOD.replace("YKB-00002", ""), "3行目: コンピューター名「」は使えません"),
        (GOOD.replace("YKB-00002", "YKB-00001"), "コンピューター名「YKB-00001」が 2 行にあります"),
        (GOOD.replace("\n2,", "\n,"), "3行目: 番号がありません"),
        (GOOD.replace("\n2,", "\n1,"), "番号「1」が 2 行にあります"),
        (GOOD.replace("SN1", "S/N1"), "2行目: 製造番号「S/N1」は使えません"),
        (GOOD.replace("SN1", "製番1"), "2行目: 製造番号「製番1」は使えません"),
        ("番号,コンピューター名\n", "端末が1台もありません"),
        ("", "空です"),
    ],
)
def test_every_fault_is_said_with_its_row(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode("cp932"))
    with pytest.raises(FaultyList, match=says):
        read(path)


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("number,hostname\n,a_b\n,c_d\n")
    with pytest.raises(FaultyList) as found:
        read(path)
    assert len(found.value.faults) == 4
