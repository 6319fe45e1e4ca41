"""Writes bulk transfer files (総合振込, 種別 21) as every Japanese bank takes them.

Records of 120 bytes in JIS X 0201, which is the one-byte part of CP932: a header, one data record per
transfer, a trailer with count and total, an end record. The layout is data (`sougou-furikomi.tsv`);
its source is 全国銀行協会「全銀協標準通信プロトコル（ベーシック手順）適用業務およびレコード・フォーマット」
令和元年12月, 8 総合振込. What a file says is read and judged by `check`, which shares no code with this.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from yakuba.money import banks
from yakuba.money.account import Account
from yakuba.words import Text

RECORD = 120
"""Bytes of every record (同 1.3)."""
MAX_AMOUNT = 9_999_999_999
"""Yen: the amount field has ten digits (同 データ・レコード 項番10)."""
MAX_TOTAL = 999_999_999_999
"""Yen: the total field has twelve digits (同 トレーラ・レコード 項番3)."""
MAX_COUNT = 999_999
"""Records: the count field has six digits (同 トレーラ・レコード 項番2)."""

NO_LINE_END, CRLF = b"", b"\r\n"
"""Banks take records without separators, or each followed by CR LF."""


@dataclass(frozen=True, slots=True)
class Originator:
    """The town as the bank knows it: its ten-digit code (委託者コード), bank kana name (40) and account."""

    code: str
    name: str
    bank: str
    branch: str
    type: str
    number: str


@dataclass(frozen=True, slots=True)
class Order:
    """One transfer: our number for it, where to, how many yen."""

    number: int
    to: Account
    amount: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one file says. `number` is our number of the file; with it a second copy is recognised."""

    number: int
    originator: Originator
    value_date: date
    orders: Sequence[Order]


class CannotWrite(ValueError):
    """The batch cannot become a bank file. `text` says which transfer is wrong and why."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


def write(batch: Batch, *, line_end: bytes = NO_LINE_END) -> bytes:
    """The bytes of the file; the same batch always gives the same bytes.

    Raises CannotWrite for an amount or number out of range, an empty batch, more transfers or yen than one
    file holds, and for text that does not fit its field; banks.NoSuchBank, banks.NoSuchBranch.
    """
    _check_size(batch)
    ended = "".join(f"{record}{line_end.decode('ascii')}" for record in _records(batch))
    return ended.encode("cp932")


def split(orders: Iterable[Order], *, max_count: int = MAX_COUNT) -> Iterator[list[Order]]:
    """The orders in as many lists as files are needed, in order. `max_count`: what the bank takes in a file."""
    part: list[Order] = []
    total = 0
    for order in orders:
        if part and (len(part) == min(max_count, MAX_COUNT) or total + order.amount > MAX_TOTAL):
            yield part
            part, total = [], 0
        part.append(order)
        total += order.amount
    if part:
        yield part


def _check_size(batch: Batch) -> None:
    if not batch.orders:
        raise CannotWrite(_EMPTY)
    total = sum(order.amount for order in batch.orders)
    if len(batch.orders) > MAX_COUNT or total > MAX_TOTAL:
        raise CannotWrite(_TOO_MUCH.format(count=f"{len(batch.orders):,}", total=f"{total:,}"))
    for order in batch.orders:
        if not 0 < order.amount <= MAX_AMOUNT:
            raise CannotWrite(_BAD_AMOUNT.format(number=order.number, amount=f"{order.amount:,}"))


def _records(batch: Batch) -> Iterator[str]:
    yield _record("header", **_header(batch))
    for order in batch.orders:
        yield _record("data", **_data(batch.number, order))
    yield _record("trailer", count=len(batch.orders), total=sum(order.amount for order in batch.orders))
    yield _record("end")


def _header(batch: Batch) -> dict[str, object]:
    town = batch.originator
    bank_name, branch_name = _names(town.bank, town.branch)
    return {
        "originator": town.code,
        "originator_name": town.name,
        "value_date": f"{batch.value_date:%m%d}",
        "bank": town.bank,
        "bank_name": bank_name,
        "branch": town.branch,
        "branch_name": branch_name,
        "account_type": town.type,
        "account_number": town.number,
    }


def _data(file: int, order: Order) -> dict[str, object]:
    to = order.to
    bank_name, branch_name = _names(to.bank, to.branch)
    return {
        "bank": to.bank,
        "bank_name": bank_name,
        "branch": to.branch,
        "branch_name": branch_name,
        "account_type": to.type,
        "account_number": to.number,
        "holder": to.holder,
        "amount": order.amount,
        "file": file,
        "transfer": order.number,
    }


def _record(kind: str, **values: object) -> str:
    """One record: numbers on the right behind zeros, text on the left before spaces."""
    written = _templates()[kind].format(**values)
    if len(written) != RECORD or len(written.encode("cp932", "replace")) != RECORD:
        raise CannotWrite(_DOES_NOT_FIT.format(record=written))
    return written


@cache
def _names(bank: str, branch: str) -> tuple[str, str]:
    return banks.bank(bank).file_kana, banks.branch(bank, branch).file_kana


@cache
def _templates() -> dict[str, str]:
    """A format string for each kind of record, made from the layout."""
    text = resources.files("yakuba.money").joinpath("sougou-furikomi.tsv").read_text(encoding="utf-8")
    templates: dict[str, str] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t"):
        templates[row["record"]] = templates.get(row["record"], "") + _slot(row)
    return templates


def _slot(row: dict[str, str]) -> str:
    length = int(row["length"])
    if row["value"]:
        return row["value"].ljust(length)
    return f"{{{row['field']}:{'0>' if row['kind'] == 'N' else '<'}{length}}}"


_EMPTY = Text(
    ja="振込が1件もないので、ファイルを作れません。対象の支払を確かめてください。",
    easy="振込が ありません。",
    en="There is no transfer, so no file can be made. Check which payments were meant.",
)
_TOO_MUCH = Text(
    ja="1つのファイルに入るのは 999,999件・999,999,999,999円 までです（{count}件・{total}円）。分けて作ってください。",
    easy="多すぎます（{count}件・{total}円）。分けて ください。",
    en="One file holds at most 999,999 transfers and 999,999,999,999 yen, not {count} and {total}. Split it.",
)
_BAD_AMOUNT = Text(
    ja="振込 {number} の金額 {amount}円 は振り込めません。1円から 9,999,999,999円 までにしてください。",
    easy="振込 {number} の お金（{amount}円）が まちがっています。",
    en="Transfer {number}: {amount} yen cannot be transferred. It must be 1 to 9,999,999,999 yen.",
)
_DOES_NOT_FIT = Text(
    ja="項目の桁があふれて120バイトになりません：「{record}」。コード・口座番号・名義の長さを確かめてください。",
    easy="長すぎる ところが あります：「{record}」",
    en="A field is too long or too short, so the record is not 120 bytes: “{record}”. Check the lengths of codes, account number and names.",
)
