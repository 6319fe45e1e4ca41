import pytest

from tests.money.files import HANAKO, TARO, batch
from yakuba.money.results import BadResult, Result, read_file
from yakuba.money.zengin import CRLF, Order, write
from yakuba.simulators.bank import answer

REJECTS = {"9900-058-1234567": "3"}


def fields(data: bytes) -> list[str]:
    with pytest.raises(BadResult) as refused:
        read_file(data)
    return [fault.field for fault in refused.value.faults]


@pytest.mark.parametrize("line_end", [b"", CRLF])
def test_the_banks_answer_says_what_became_of_each_transfer(line_end):
    told = read_file(answer(write(batch(), line_end=line_end), REJECTS))
    assert told.file == 7
    assert told.originator == "0000123456"
    assert told.results == (Result(1, 10_000, "3"), Result(2, 25_000, "0"))


def test_an_order_file_is_not_taken_for_an_answer():
    assert "振込結果コード" in fields(write(batch()))


def test_an_answer_whose_parts_do_not_add_up_is_refused_as_a_whole():
    told = answer(write(batch()), REJECTS)
    assert fields(told[: 120 + 111] + b"0" + told[120 + 112 :]) == [
        "振込済件数",
        "振込済金額",
        "振込不能件数",
        "振込不能金額",
    ]


def test_an_answer_about_two_files_is_refused():
    one, other = write(batch(Order(1, HANAKO, 10_000), Order(2, TARO, 25_000))), write(batch(number=8))
    mixed = one[:240] + other[240:360] + one[360:]
    assert fields(answer(mixed, {})) == ["顧客コード1"]


def test_an_unknown_result_code_is_refused():
    told = answer(write(batch()), REJECTS)
    assert fields(told[: 120 + 111] + b"7" + told[120 + 112 :]) == ["振込結果コード"]


def test_an_answer_that_was_cut_off_is_refused():
    assert fields(answer(write(batch()), {})[:-120]) == ["データ区分"]
