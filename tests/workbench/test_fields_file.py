"""A table of fields is taken in as a whole, or not at all, and each wrong row is named."""

from __future__ import annotations

import pytest

from yakuba.workbench import fields_file
from yakuba.workbench.errors import Unreadable

HEAD = "項目名,種類,必須,選択肢"


def rows(*lines: str, encoding: str = "utf-8"):
    return fields_file.read("\n".join((HEAD, *lines)).encode(encoding), "form.csv")


def wrong(*lines: str) -> list[str]:
    with pytest.raises(Unreadable) as found:
        rows(*lines)
    return list(found.value.rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_table_is_read_as_excel_in_japan_writes_it(encoding):
    (one,) = rows("犬の名前,文字,必須,", encoding=encoding)
    assert (one.asked.label.ja, one.asked.kind, one.asked.required) == ("犬の名前", "text", True)


def test_what_the_pages_of_the_applicant_ask_is_left_out():
    assert [
        one.asked.label.ja for one in rows("氏名,氏名,必須,", "電話番号,電話,必須,", "用途,長文,任意,")
    ] == ["用途"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",文字,必須,", "項目名"),
        ("色,虹,必須,", "種類「虹」"),
        ("色,選択,必須,", "選択肢"),
        ("色,文字,必須,赤、青", "選択肢"),
        ("色,選択,必須,赤、赤", "同じ選択肢"),
        ("色,文字,たぶん,", "必須「たぶん」"),
    ],
)
def test_a_wrong_row_is_named_with_what_is_wrong(line, said):
    (one,) = wrong("犬の名前,文字,必須,", line)
    assert one.startswith("3行目")
    assert said in one


def test_every_wrong_row_is_named_at_once():
    assert [one[:3] for one in wrong(",文字,必須,", "色,虹,必須,", "犬,文字,必須,", "毛,選択,必須,")] == [
        "2行目",
        "3行目",
        "5行目",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空です"),
        ("名前,種類\n犬,文字\n".encode(), "「項目名」の列がありません"),
        ("項目名,種類\n犬\n".encode(), "2行目"),
        (b"PK\x03\x04broken", "Excel のファイルとして開けません"),
        ("項目名\n氏名\n".encode(), "申請者のほかに"),
    ],
)
def test_a_file_that_is_no_table_of_fields_is_refused(content, said):
    with pytest.raises(Unreadable) as found:
        fields_file.read(content, "form.csv")
    assert said in found.value.text.ja
