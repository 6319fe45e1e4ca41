import json
from datetime import date

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.money.files import AS_OF, PAYDAY, TOWN, batch
from yakuba.money.check import DATA, HEADER, check_file, value_date
from yakuba.money.commands import money
from yakuba.money.zengin import CRLF, Batch, write

GOOD = write(batch())
FREE = {
    b"1": {"originator", "originator_name", "value_date", "type", "number"},
    b"2": {"clearing_house", "type", "number", "holder", "new", "customer1", "customer2", "method", "edi"},
}
"""Fields that say something which nobody but the sender can know: another permitted value is another order."""


def changed(at: int, value: int) -> bytes:
    return GOOD[:at] + bytes([value]) + GOOD[at + 1 :]


def errors(data: bytes) -> list[tuple[int, str]]:
    return [(fault.record, fault.field) for fault in check_file(data, as_of=AS_OF).errors]


@settings(max_examples=400)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_any_changed_byte_is_noticed_or_stands_where_only_the_sender_knows_better(at, value):
    data = changed(at, value)
    report = check_file(data, as_of=AS_OF)
    if data == GOOD:
        assert report.ok
    elif report.ok:
        kind, place = GOOD[at - at % 120 :][:1], at % 120 + 1
        fields = {b"1": HEADER, b"2": DATA}[kind]
        assert next(f.id for f in fields if f.first <= place <= f.last) in FREE[kind]
        assert report.sha256 != check_file(GOOD, as_of=AS_OF).sha256
    else:
        assert all(fault.what.ja and fault.mend.ja for fault in report.errors)


@pytest.mark.parametrize("cut", [1, 120, 121, 240])
def test_a_file_that_was_cut_off_is_noticed(cut):
    assert not check_file(GOOD[:-cut], as_of=AS_OF).ok


def test_an_empty_file_is_noticed():
    assert errors(b"") == [(0, "ファイル")]


def test_a_file_of_something_else_is_answered_and_not_a_crash():
    assert not check_file(b"PK\x03\x04" * 200, as_of=AS_OF).ok


def test_a_changed_amount_is_found_in_the_totals():
    assert errors(changed(120 + 89, ord("1"))) == [(4, "合計金額")]


def test_a_branch_that_does_not_exist_is_named_with_its_neighbours():
    report = check_file(changed(120 + 22, ord("7")), as_of=AS_OF)
    assert [(f.record, f.position) for f in report.errors] == [(2, 21)]
    assert "058" in report.errors[0].what.ja


def test_a_bank_name_that_is_not_the_codes_is_found():
    assert errors(GOOD.replace("ﾐｽﾞﾎ  ".encode("cp932"), "ﾐｽﾞﾀ  ".encode("cp932"))) == [
        (1, "仕向銀行名"),
        (3, "被仕向銀行名"),
    ]


@pytest.mark.parametrize("letter", ["ｰ", "ｬ", "ｦ", "a", "ﾟ", "･"])
def test_a_letter_that_banks_do_not_take_in_names_is_found(letter):
    assert errors(changed(120 + 50, letter.encode("cp932")[0])) == [(2, "受取人名")]


def test_the_same_transfer_twice_is_found():
    twice = GOOD[:240] + GOOD[120:240] + GOOD[360:]
    assert (3, "顧客コード1") in errors(twice)


def test_records_out_of_order_are_found():
    assert (3, "データ区分") in errors(GOOD[:120] + GOOD[120:240] + GOOD[:120] + GOOD[240:])


def test_a_broken_line_end_is_found():
    data = write(batch(), line_end=CRLF)
    assert errors(data[:242] + b"\n\n" + data[244:]) == [(2, "改行")]


def test_a_value_date_on_which_banks_are_closed_is_found_with_the_next_open_day():
    made = batch()
    report = check_file(write(Batch(1, TOWN, date(2025, 12, 31), made.orders)), as_of=AS_OF)
    assert [fault.field for fault in report.errors] == ["振込指定日"]
    assert "2026-01-05" in report.errors[0].mend.ja


def test_the_year_of_the_value_date_is_the_nearest():
    assert value_date("0105", as_of=date(2025, 12, 20)) == date(2026, 1, 5)
    assert value_date("1225", as_of=date(2026, 1, 5)) == date(2025, 12, 25)
    assert value_date("0229", as_of=date(2025, 3, 1)) == date(2024, 2, 29)
    assert value_date("1332", as_of=date(2025, 3, 1)) is None


def test_the_command_says_what_is_wrong_and_exits_with_1(tmp_path):
    file = tmp_path / "furikomi.txt"
    file.write_bytes(changed(120 + 89, ord("1")))
    run = CliRunner().invoke(money, ["check", str(file), "--as-of", str(AS_OF)])
    assert run.exit_code == 1
    assert "4件目のレコード 8桁目 合計金額" in run.output


def test_the_command_prints_json_and_exits_with_0_for_a_good_file(tmp_path):
    file = tmp_path / "furikomi.txt"
    file.write_bytes(GOOD)
    run = CliRunner().invoke(money, ["check", str(file), "--json", "--as-of", str(AS_OF)])
    assert run.exit_code == 0
    said = json.loads(run.output)
    assert (said["ok"], said["transfers"], said["total"], said["value_date"]) == (
        True,
        2,
        35_000,
        PAYDAY.isoformat(),
    )
