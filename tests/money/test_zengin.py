import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.money.files import AS_OF, HANAKO, TARO, batch, batches
from yakuba.money.account import Account
from yakuba.money.check import check_file
from yakuba.money.zengin import CRLF, MAX_AMOUNT, NO_LINE_END, CannotWrite, Order, split, write


def test_a_file_is_header_data_trailer_and_end_of_120_bytes_each():
    written = write(batch())
    records = [written[start : start + 120] for start in range(0, len(written), 120)]
    assert [record[:1] for record in records] == [b"1", b"2", b"2", b"8", b"9"]
    assert (
        records[0][:62].decode("cp932") == "1210" + "0000123456" + "ｱｵｿﾞﾗﾁﾖｳ ｶｲｹｲｶﾝﾘｼﾔ".ljust(40) + "12100001"
    )
    assert records[1][1:90].decode("cp932") == (
        "9900"
        + "ﾕｳﾁﾖ".ljust(15)
        + "058"
        + "ｾﾞﾛｺﾞﾊﾁ".ljust(15)
        + "0000"
        + "1"
        + "1234567"
        + "ﾔﾏﾀﾞ ﾊﾅｺ".ljust(30)
        + "0000010000"
    )
    assert records[1][91:111] == b"0000000007" + b"0000000001"
    assert records[3].rstrip() == b"8" + b"000002" + b"000000035000"


def test_records_may_end_with_crlf():
    assert write(batch(), line_end=CRLF).split(b"\r\n")[:-1] == [
        write(batch())[start : start + 120] for start in range(0, 600, 120)
    ]


@given(batches(), st.sampled_from([NO_LINE_END, CRLF]))
def test_any_batch_written_passes_the_independent_check(made, line_end):
    report = check_file(write(made, line_end=line_end), as_of=AS_OF)
    assert report.errors == []
    assert (report.transfers, report.total) == (len(made.orders), sum(order.amount for order in made.orders))
    assert report.value_date == made.value_date


@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT + 1])
def test_an_amount_that_no_bank_transfers_is_refused(amount):
    with pytest.raises(CannotWrite) as refused:
        write(batch(Order(1, HANAKO, amount)))
    assert "振込 1" in refused.value.text.ja


def test_an_empty_batch_is_refused():
    empty = batch()
    with pytest.raises(CannotWrite):
        write(type(empty)(empty.number, empty.originator, empty.value_date, ()))


def test_a_name_too_long_for_its_field_is_refused_and_never_cut():
    with pytest.raises(CannotWrite):
        write(batch(Order(1, Account("0001", "001", "1", "1234567", "ｱ" * 31), 100)))


def test_a_character_of_two_bytes_is_refused():
    with pytest.raises(CannotWrite):
        write(batch(Order(1, Account("0001", "001", "1", "1234567", "山"), 100)))


def test_orders_beyond_what_a_file_holds_are_split_in_order():
    orders = [Order(number, TARO, 1) for number in range(1, 8)]
    assert [[o.number for o in part] for part in split(orders, max_count=3)] == [[1, 2, 3], [4, 5, 6], [7]]


def test_orders_are_split_before_the_total_outgrows_twelve_digits():
    orders = [Order(number, TARO, MAX_AMOUNT) for number in range(1, 151)]
    parts = list(split(orders))
    assert [len(part) for part in parts] == [100, 50]
    assert all(check_file(write(batch(*part)), as_of=AS_OF).ok for part in parts)
