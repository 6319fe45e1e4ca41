"""Proposals for a mapping: right on the sample, never sure and wrong, and of no use before a person has read them."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from yakuba.records.commands import records
from yakuba.records.commands.proposals import columns_of
from yakuba.records.importing.mapping import FaultyMapping, mappings
from yakuba.records.importing.proposing import SURE, as_json, propose
from yakuba.records.importing.proposing.codes import table_for
from yakuba.records.importing.proposing.contents import MOST, Content
from yakuba.records.importing.proposing.heads import KNOWN, NO_WORDS, SAME, alike, known_words
from yakuba.records.standards import definition

SAMPLE = Path(__file__).parents[3] / "examples" / "legacy"
REGISTER = definition("resident-register")
ITEMS = {one.romaji: one for one in REGISTER.groups()["住民"]}


@cache
def old_files():
    """Each file of the sample: its columns, its operation and group, and which columns its items are really made of."""
    found = []
    for known in mappings([SAMPLE], definition):
        for pattern, old in known.mapping.files.items():
            columns, _ = columns_of(SAMPLE / pattern.replace("*", ""), old.reader, known.mapping.encoding)
            truth = {name: made.columns for name, made in old.items.items() if made.columns}
            found.append((columns, definition(known.mapping.standard), old.group, truth))
    return found


def counted(words=None, *, without_heads: bool = False, rows: int = 5_000) -> Counter[str]:
    """How many items there are to be found, and how many proposals were right, wrong, and wrong while sure."""
    counts: Counter[str] = Counter()
    for columns, operation, group, truth in old_files():
        heads = {f"列{at}" if without_heads else head: head for at, head in enumerate(columns)}
        texts = {new: columns[head][:rows] for new, head in heads.items()}
        proposal = propose(texts, operation, group, words)
        counts["items"] += len(truth)
        for one in proposal.items:
            is_right = truth.get(one.item.romaji) == tuple(heads[column] for column in one.source.columns)
            counts["right" if is_right else "wrong"] += 1
            counts["sure"] += one.confidence >= SURE
            counts["wrong while sure"] += not is_right and one.confidence >= SURE
    return counts


def of(columns: dict[str, list[str]], group: str = "住民"):
    return {one.item.romaji: one for one in propose(columns, REGISTER, group).items}


# -- measured ---------------------------------------------------------------------------------------
def test_on_the_sample_nearly_all_columns_are_proposed_rightly_and_none_wrongly():
    counts = counted()
    assert counts["right"] / counts["items"] >= 0.95
    assert counts["wrong"] == 0
    assert counts["sure"] / counts["items"] >= 0.6


def test_without_the_table_of_heads_it_is_less_sure_and_still_not_wrong_while_sure():
    counts = counted(NO_WORDS, rows=400)
    assert counts["right"] / counts["items"] >= 0.75
    assert counts["wrong while sure"] == 0


def test_of_columns_without_heads_the_content_alone_tells_some_and_is_not_wrong_while_sure():
    counts = counted(without_heads=True, rows=400)
    assert counts["right"] / counts["items"] >= 0.2
    assert counts["wrong while sure"] == 0


# -- heads ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("head", "item", "score"),
    [
        ("生年月日", "seinengappi", SAME),
        ("住民生年月日（西暦）", "seinengappi", SAME),
        ("住民コード", "atenabango", KNOWN),
        ("ﾌﾘｶﾞﾅ", "shimei_yomigana", KNOWN),
        ("KOJIN-NO", "kojinbango", KNOWN),
        ("在畱資格", "zairyushikaku", 0.6),
        ("備考", "shimei", 0),
    ],
)
def test_heads_are_alike_whatever_their_width_group_or_shortening(head, item, score):
    assert alike(head, ITEMS[item], known_words()).score >= score
    assert (alike(head, ITEMS[item], known_words()).score == 0) == (score == 0)


# -- contents ---------------------------------------------------------------------------------------
def test_a_number_with_check_digits_is_known_whatever_its_head():
    numbers = ["123456789018", "000000000019", "000000000027"]
    assert of({"列": numbers})["kojinbango"].confidence >= 0.75


def test_a_column_that_cannot_be_read_as_the_item_is_not_proposed_for_it():
    assert "seinengappi" not in of({"生年月日": ["不明", "未記入", "なし"]})


def test_an_empty_column_is_never_sure():
    assert of({"生年月日": ["", ""]})["seinengappi"].confidence < SURE


def test_where_two_columns_would_do_neither_is_sure():
    days = ["1980-01-02", "1990-02-03"]
    made = of({"生年月日": days, "生年月日（西暦）": days})["seinengappi"]
    assert made.confidence < SURE
    assert "生年月日" in made.why[-1].ja


def test_surname_and_given_name_are_put_together():
    made = of({"氏名（姓）": ["山川", "谷口"], "氏名（名）": ["花子", "太郎"]})["shimei"]
    assert made.source.columns == ("氏名（姓）", "氏名（名）")
    assert made.options["join"] == "\u3000"


def test_one_column_with_an_address_is_proposed_for_each_of_its_parts():
    made = of({"住所": ["高知県山あい町上山12番地", "高知県山あい町浜3番地1"]})
    kinds = {name: one.options["as"] for name, one in made.items()}
    assert kinds["jusho_shikuchosonkodo"] == "address.municipality"
    assert kinds["jusho_banchigohyoki"] == "address.block"


def test_codes_are_matched_by_value_or_meaning_and_the_others_are_left_open():
    made = of({"続柄": ["世帯主", "妻", "子", "子の妻"]})["tsuzukigara"]
    assert made.options["codes"] == {"世帯主": "01", "妻": "03", "子": "04"}
    assert made.open == ("子の妻",)


def test_codes_that_lost_their_zeros_get_them_back():
    table = table_for(Content.of(["1", "3", "4"] * 5), REGISTER.codes["6"])
    assert table is not None
    assert table.codes == {"1": "01", "3": "03", "4": "04"}


def test_zeros_that_a_spreadsheet_took_are_proposed_as_such():
    made = of({"宛名番号": [str(number) for number in range(1_000_017, 1_000_117)]})["atenabango"]
    assert made.options == {"as": "digits", "digits": 15, "lost_zeros": True, "usual": r"\d{7}"}


@pytest.mark.parametrize(
    ("texts", "usual"),
    [
        (["S55.01.02", "R06.12.31"], r"[MTSHR]\d{2}\.\d{2}\.\d{2}"),
        (["1980/1/2", "2026/10/11"], r"\d{4}/\d{1,2}/\d{1,2}"),
        (["3550102", "5080401"], r"\d{7}"),
        (["ﾔﾏﾀﾞ ﾀﾛｳ", "ｻﾄｳ ﾊﾅｺ"], "[ｦ-ﾟ ]+"),
        (["1980/1/2", "昭和55年", "不詳"], ""),
    ],
)
def test_the_usual_shape_is_that_of_nearly_all_texts(texts, usual):
    assert Content.of(texts).usual == usual


@settings(deadline=None)
@given(st.lists(st.text("0123/.-SR ｱﾞ年山", min_size=1, max_size=8).filter(str.strip), min_size=1))
def test_a_usual_shape_is_a_regular_expression_that_most_texts_fit(texts):
    content = Content.of(texts)
    if content.usual:
        assert content.share(lambda text: bool(re.fullmatch(content.usual, text))) >= MOST - 0.01


# -- given to a person ------------------------------------------------------------------------------
def ask(*arguments: str):
    return CliRunner().invoke(records, ["propose", *arguments])


def test_what_is_printed_is_a_mapping_file_that_no_import_takes_before_it_was_confirmed(tmp_path):
    file = tmp_path / "proposed.yaml"
    printed = ask(
        str(SAMPLE / "kaede-jukyusha.csv"), "--as", "child-allowance/受給者", "--encoding", "UTF-8"
    ).output
    file.write_text(printed, "utf-8")
    with pytest.raises(FaultyMapping, match="dropped"):
        mappings([file], definition)
    file.write_text(printed.replace("担当課メモ: ''", "担当課メモ: 標準に項目がない"), "utf-8")
    with pytest.raises(FaultyMapping, match=r"confirmed: true"):
        mappings([file], definition)


def test_once_mended_and_confirmed_it_is_the_mapping(tmp_path):
    file = tmp_path / "proposed.yaml"
    printed = ask(
        str(SAMPLE / "kaede-jukyusha.csv"), "--as", "child-allowance/受給者", "--encoding", "UTF-8"
    ).output
    mended = printed.replace("担当課メモ: ''", "担当課メモ: 標準に項目がない").replace(
        "confirmed: false", "confirmed: true"
    )
    file.write_text(mended.replace("name-of-the-old-system", "kaede"), "utf-8")
    [known] = mappings([file], definition)
    [old] = known.mapping.files.values()
    [true] = [one for one in old_files() if one[2] == "受給者"]
    assert {name: made.columns for name, made in old.items.items()} == true[3]
    assert old.items["shimei"].join == "\u3000"


def test_every_proposal_says_how_likely_it_is_and_why_in_each_language():
    for language in ("ja", "easy", "en"):
        lines = ask(
            str(SAMPLE / "aoba-ido.csv"),
            "--as",
            "resident-register/異動履歴",
            "--encoding",
            "CP932",
            "--language",
            language,
        ).output
        assert re.search(r"# 0\.9\d ", lines)


def test_a_file_of_fixed_width_is_read_by_its_heads_and_widths():
    known = next(one.mapping for one in mappings([SAMPLE], definition) if one.mapping.source == "sugi")
    layout = known.file("sugi-hihokensha.csv").layout
    printed = ask(
        str(SAMPLE / "sugi-hihokensha.csv"), "--as", "long-term-care-insurance/被保険者", "--encoding", "EUC-JP", "--heads", ",".join(layout.heads),
        "--widths", ",".join(map(str, layout.widths)),
    ).output  # fmt: skip
    assert "kojinbango: {from: KOJIN-NO, as: my-number}" in printed
    assert "widths:" in printed


def test_what_must_be_there_and_has_no_column_is_told():
    proposal = propose({"氏名": ["山川　花子"]}, REGISTER, "住民")
    assert "atenabango" in [one["item"] for one in as_json(proposal, "en")["lacking"]]


def test_a_file_in_several_encodings_is_refused_with_what_to_do():
    result = ask(str(SAMPLE / "aoba-jumin.csv"), "--as", "resident-register/住民")
    assert result.exit_code == 1
    assert "CP932" in result.output
