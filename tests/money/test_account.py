import pytest

from yakuba.money import banks
from yakuba.money.account import BadAccount, account, from_yucho


def test_a_short_account_number_is_filled_with_zeros():
    assert account("0001", "001", "1", "１２３-４", "ヤマダ").number == "0001234"


@pytest.mark.parametrize("number", ["", "0", "12345678", "12a4567", "0000000"])
def test_what_is_no_account_number_is_refused(number):
    with pytest.raises(BadAccount) as refused:
        account("0001", "001", "1", number, "ヤマダ")
    assert refused.value.field == "number"


def test_an_account_type_that_cannot_receive_is_refused():
    with pytest.raises(BadAccount, match="ordinary"):
        account("0001", "001", "6", "1234567", "ヤマダ")


def test_a_branch_that_does_not_exist_is_refused():
    with pytest.raises(banks.NoSuchBranch):
        account("0001", "002", "1", "1234567", "ヤマダ")


@pytest.mark.parametrize(
    ("symbol", "number", "branch", "kind", "digits"),
    [
        ("10530", "12345671", "058", "1", "1234567"),
        ("10180", "1234561", "018", "1", "0123456"),
        ("１０１８０", "１１", "018", "1", "0000001"),
        ("00120", "123456", "019", "2", "0123456"),
    ],
)
def test_a_yucho_symbol_and_number_become_branch_and_account(symbol, number, branch, kind, digits):
    made = from_yucho(symbol, number, "ヤマダ")
    assert (made.bank, made.branch, made.type, made.number) == ("9900", branch, kind, digits)


@pytest.mark.parametrize(
    ("symbol", "number", "field"),
    [
        ("20530", "12345671", "symbol"),
        ("10531", "12345671", "symbol"),
        ("10530", "12345670", "number"),
        ("00120", "1234567", "number"),
    ],
)
def test_a_yucho_symbol_or_number_that_cannot_be_is_refused(symbol, number, field):
    with pytest.raises(BadAccount) as refused:
        from_yucho(symbol, number, "ヤマダ")
    assert refused.value.field == field
