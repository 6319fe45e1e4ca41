"""Batches, bank files and their bytes for the tests of this room."""

from datetime import date

from hypothesis import strategies as st

from yakuba.money import banks
from yakuba.money.account import TYPES, Account
from yakuba.money.zengin import Batch, Order, Originator

AS_OF = date(2025, 11, 25)
PAYDAY = date(2025, 12, 10)
TOWN = Originator("0000123456", "ｱｵｿﾞﾗﾁﾖｳ ｶｲｹｲｶﾝﾘｼﾔ", "0001", "001", "1", "0012345")
HANAKO = Account("9900", "058", "1", "1234567", "ﾔﾏﾀﾞ ﾊﾅｺ")
TARO = Account("0001", "001", "1", "7654321", "ﾔﾏﾀﾞ ﾀﾛｳ")


def batch(*orders: Order, number: int = 7) -> Batch:
    return Batch(number, TOWN, PAYDAY, orders or (Order(1, HANAKO, 10_000), Order(2, TARO, 25_000)))


_PLACES = [
    (bank.code, branch.code)
    for bank in list(banks.all_banks())[::97]
    for branch in banks.branches(bank.code)[::19]
]
_holders = st.from_regex(r"\A(?:[ｱ-ﾜﾝ0-9A-Z]|[ｶ-ﾄ]ﾞ|[ﾊ-ﾎ]ﾟ)(?:[ｱ-ﾜﾝ0-9A-Z ().\-]|[ｶ-ﾄ]ﾞ|[ﾊ-ﾎ]ﾟ){0,13}\Z")
_accounts = st.builds(
    lambda place, kind, number, holder: Account(*place, kind, f"{number:07}", holder),
    st.sampled_from(_PLACES),
    st.sampled_from(sorted(TYPES)),
    st.integers(1, 9_999_999),
    _holders,
)
_amounts = st.integers(1, 9_999_999_999)


@st.composite
def batches(draw):
    parts = draw(st.lists(st.tuples(_accounts, _amounts), min_size=1, max_size=8))
    orders = [Order(number, to, amount) for number, (to, amount) in enumerate(parts, start=1)]
    return Batch(draw(st.integers(1, 9_999_999_999)), TOWN, PAYDAY, orders)
