"""Checks a bulk transfer file (総合振込) before a bank does: an independent reader.

Byte positions and rules are those of 全国銀行協会「全銀協標準通信プロトコル（ベーシック手順）適用業務および
レコード・フォーマット」令和元年12月, 8 総合振込, and 付録1 使用文字; nothing is taken from the writer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import jaconv

from yakuba.money import banks
from yakuba.money.bank_days import is_bank_day
from yakuba.money.records import (
    BANK_NAME,
    BLANK,
    DIGITS,
    DIGITS_OR_BLANK,
    EDI_OR_DIGITS,
    NAME,
    Fault,
    Field,
    Layout,
    Reading,
    Record,
    one_of,
    read,
    table,
)
from yakuba.words import Text

HEADER = table(
    ("record", "データ区分", 1, 1, one_of("1")),
    ("business", "種別コード", 2, 3, one_of("21")),
    ("code", "コード区分", 4, 4, one_of("0")),
    ("originator", "委託者コード", 5, 14, DIGITS),
    ("originator_name", "委託者名", 15, 54, NAME),
    ("value_date", "振込指定日", 55, 58, DIGITS),
    ("bank", "仕向銀行番号", 59, 62, DIGITS),
    ("bank_name", "仕向銀行名", 63, 77, BANK_NAME),
    ("branch", "仕向支店番号", 78, 80, DIGITS),
    ("branch_name", "仕向支店名", 81, 95, BANK_NAME),
    ("type", "預金種目", 96, 96, one_of("1", "2", "9")),
    ("number", "口座番号", 97, 103, DIGITS),
    ("filler", "ダミー", 104, 120, BLANK),
)
TO = (
    ("record", "データ区分", 1, 1, one_of("2")),
    ("bank", "被仕向銀行番号", 2, 5, DIGITS),
    ("bank_name", "被仕向銀行名", 6, 20, BANK_NAME),
    ("branch", "被仕向支店番号", 21, 23, DIGITS),
    ("branch_name", "被仕向支店名", 24, 38, BANK_NAME),
    ("clearing_house", "手形交換所番号", 39, 42, DIGITS_OR_BLANK),
    ("type", "預金種目", 43, 43, one_of("1", "2", "4", "9")),
    ("number", "口座番号", 44, 50, DIGITS),
    ("holder", "受取人名", 51, 80, NAME),
    ("amount", "振込金額", 81, 90, DIGITS),
    ("new", "新規コード", 91, 91, one_of("0", "1", "2")),
    ("customer1", "顧客コード1", 92, 101, EDI_OR_DIGITS),
    ("customer2", "顧客コード2", 102, 111, EDI_OR_DIGITS),
)
DATA = table(
    *TO,
    ("method", "振込指定区分", 112, 112, one_of("7", "8", "0", " ")),
    ("edi", "識別表示", 113, 113, one_of(" ", "Y")),
    ("filler", "ダミー", 114, 120, BLANK),
)
TRAILER = table(
    ("record", "データ区分", 1, 1, one_of("8")),
    ("count", "合計件数", 2, 7, DIGITS),
    ("total", "合計金額", 8, 19, DIGITS),
    ("filler", "ダミー", 20, 120, BLANK),
)
END = table(("record", "データ区分", 1, 1, one_of("9")), ("filler", "ダミー", 2, 120, BLANK))
ORDERS: Layout = {b"1": HEADER, b"2": DATA, b"8": TRAILER, b"9": END}


@dataclass(frozen=True, slots=True)
class Report:
    """What a file says and what is wrong with it. `total` in yen; `value_date` None where it cannot be read."""

    sha256: str
    records: int
    transfers: int
    total: int
    originator: str
    value_date: date | None
    errors: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.errors

    def to_json(self) -> dict[str, object]:
        """Plain data for `--json`."""
        return {
            "ok": self.ok,
            "sha256": self.sha256,
            "records": self.records,
            "transfers": self.transfers,
            "total": self.total,
            "originator": self.originator,
            "value_date": None if self.value_date is None else self.value_date.isoformat(),
            "errors": [
                {
                    "record": fault.record,
                    "position": fault.position,
                    "field": fault.field,
                    "what": fault.what.model_dump(),
                    "mend": fault.mend.model_dump(),
                }
                for fault in self.errors
            ],
        }


def check_file(data: bytes, *, as_of: date) -> Report:
    """Read a bulk transfer file and say everything that is wrong with it. Never raises.

    `as_of`: the file names its value date by month and day only; the year is the one nearest to this date.
    """
    reading = read(data, ORDERS)
    header = next((record for record in reading.records if record.kind == b"1"), None)
    orders = [record for record in reading.records if record.kind == b"2"]
    check_places(reading)
    check_orders(reading, DATA)
    check_totals(reading)
    return Report(
        sha256=hashlib.sha256(data).hexdigest(),
        records=len(reading.records),
        transfers=len(orders),
        total=sum(order.number_of("amount") for order in orders),
        originator=header["originator"] if header else "",
        value_date=_check_value_date(reading, header, as_of) if header else None,
        errors=sorted(reading.faults, key=lambda fault: (fault.record, fault.position)),
    )


def value_date(mmdd: str, *, as_of: date) -> date | None:
    """The date with this month and day nearest to `as_of`; None where there is none."""
    near = []
    for year in (as_of.year - 1, as_of.year, as_of.year + 1):
        try:
            near.append(date(year, int(mmdd[:2]), int(mmdd[2:])))
        except ValueError:
            continue
    return min(near, key=lambda day: abs(day - as_of), default=None)


def check_places(reading: Reading) -> None:
    """Every bank and branch exists and is called what the file says."""
    for record in reading.records:
        if record.kind in (b"1", b"2"):
            by_id = {each.id: each for each in (HEADER if record.kind == b"1" else DATA)}
            _check_place(reading, record, by_id)


def _check_place(reading: Reading, record: Record, fields: dict[str, Field]) -> None:
    try:
        bank, branch = _place(record["bank"], record["branch"])
    except banks.NoSuchBank as missing:
        reading.fault(record, fields["bank"], missing.text, _SEE_PASSBOOK)
    except banks.NoSuchBranch as missing:
        reading.fault(record, fields["branch"], missing.text, _SEE_PASSBOOK)
    else:
        _check_called(reading, record, fields["bank_name"], bank)
        _check_called(reading, record, fields["branch_name"], branch)


def _check_called(reading: Reading, record: Record, where: Field, name: str) -> None:
    written = record[where.id]
    if written and written != name:
        reading.fault(record, where, _OTHER_NAME.format(found=written, name=name), _CODE_OR_NAME)


@lru_cache(maxsize=40_000)
def _place(bank: str, branch: str) -> tuple[str, str]:
    """Names of a bank and a branch in half-width kana."""
    names = (banks.bank(bank).kana, banks.branch(bank, branch).kana)
    narrow: Callable[[str], str] = lambda name: jaconv.z2h(name, kana=True, ascii=True, digit=True)  # noqa: E731
    return narrow(names[0]), narrow(names[1])


def check_orders(reading: Reading, layout: tuple[Field, ...]) -> None:
    """Amounts and account numbers are not zero, and no transfer stands in the file twice."""
    fields = {each.id: each for each in layout}
    seen: dict[tuple[str, str], int] = {}
    for record in reading.records:
        if record.kind != b"2":
            continue
        for name in ("amount", "number"):
            if record[name].strip("0") == "":
                reading.fault(record, fields[name], _ZERO, _NOT_ZERO)
        code = (record["customer1"], record["customer2"])
        if record["customer2"].strip("0 ") and seen.setdefault(code, record.number) != record.number:
            what = _TWICE.format(code=" ".join(code), first=seen[code])
            reading.fault(record, fields["customer1"], what, _ONCE)


def check_totals(reading: Reading) -> None:
    """The trailer's count and total are those of the data records."""
    orders = [record for record in reading.records if record.kind == b"2"]
    total = sum(order.number_of("amount") for order in orders)
    for record in reading.records:
        if record.kind == b"8":
            _check_sum(reading, record, TRAILER[1], len(orders))
            _check_sum(reading, record, TRAILER[2], total)


def _check_sum(reading: Reading, record: Record, where: Field, right: int) -> None:
    written = record.number_of(where.id)
    if written != right:
        reading.fault(record, where, _SUM.format(found=f"{written:,}", right=f"{right:,}"), _SUM_MEND)


def _check_value_date(reading: Reading, header: Record, as_of: date) -> date | None:
    where = HEADER[5]
    day = value_date(header["value_date"], as_of=as_of)
    if day is None:
        reading.fault(header, where, _NO_DATE.format(found=header["value_date"]), _GIVE_DATE)
    elif not is_bank_day(day):
        after = next(d for d in (day + timedelta(n) for n in range(1, 15)) if is_bank_day(d))
        reading.fault(
            header, where, _HOLIDAY.format(day=day.isoformat()), _NEXT_DAY.format(day=after.isoformat())
        )
    return day


_SEE_PASSBOOK = Text(
    ja="コードを直してください。",
    easy="番号を なおしてください。",
    en="Correct the code.",
)
_OTHER_NAME = Text(
    ja="「{found}」と書かれていますが、このコードの名称は「{name}」です。",
    easy="「{found}」では なく「{name}」です。",
    en="It says “{found}”, but the code belongs to “{name}”.",
)
_CODE_OR_NAME = Text(
    ja="コードと名称のどちらかが違います。口座情報を確かめ、両方をそろえてください。",
    easy="番号か 名前が ちがいます。たしかめてください。",
    en="Either the code or the name is wrong. Check the account and make them agree.",
)
_ZERO = Text(ja="0です。", easy="0です。", en="It is zero.")
_NOT_ZERO = Text(
    ja="1以上の正しい値を入れてください。",
    easy="正しい 数字を 入れてください。",
    en="Enter the right value, at least 1.",
)
_TWICE = Text(
    ja="顧客コード「{code}」は{first}件目のレコードにもあります。同じ振込が2回入っています。",
    easy="おなじ 振込が 2回 あります（{first}件目）。",
    en="The customer code “{code}” is in record {first} too: the same transfer stands here twice.",
)
_ONCE = Text(
    ja="片方を取り除き、合計を直してください。",
    easy="ひとつ 消してください。",
    en="Remove one of them and correct the totals.",
)
_SUM = Text(
    ja="{found} と書かれていますが、データ・レコードの合計は {right} です。",
    easy="{found} では なく {right} です。",
    en="It says {found}; the data records add up to {right}.",
)
_SUM_MEND = Text(
    ja="明細と合計のどちらが正しいか、作成元の帳票と照らしてください。一致するまで銀行に送らないでください。",
    easy="お金の 合計を たしかめてください。",
    en="Compare both with the list that the file was made from. Do not send it until they agree.",
)
_NO_DATE = Text(
    ja="「{found}」という月日はありません。",
    easy="「{found}」という 日は ありません。",
    en="There is no such month and day: “{found}”.",
)
_GIVE_DATE = Text(
    ja="月日を4桁（MMDD）で入れてください。",
    easy="月と 日を 4つの 数字で 書いてください。",
    en="Write month and day in four digits (MMDD).",
)
_HOLIDAY = Text(
    ja="{day} は銀行の休業日です。",
    easy="{day} は 銀行が 休みです。",
    en="Banks are closed on {day}.",
)
_NEXT_DAY = Text(
    ja="銀行の営業日（たとえば {day}）にしてください。",
    easy="銀行が あいている日（{day}など）に してください。",
    en="Use a day on which banks are open, for instance {day}.",
)
