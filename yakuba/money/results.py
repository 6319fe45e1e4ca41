"""The bank's answer to a bulk transfer file: which transfers were paid, which came back, and why.

Banks answer in layouts of their own. This one is ours and open (`docs/bank-files.md`): the order file
again, with what 全銀協 defines for 預金口座振替（処理結果明細）: the result code at byte 112 of each data
record, and counts and totals of done and not done in the trailer. The codes are those of transfers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from yakuba.money.check import DATA, END, HEADER, TO, check_orders, check_places, check_totals
from yakuba.money.records import BLANK, DIGITS, Fault, Layout, Reading, Record, one_of, read, table
from yakuba.words import Text

PAID = "0"
CODES: Mapping[str, Text] = MappingProxyType(
    {
        PAID: Text(ja="振込済み", easy="振り込みました", en="Paid"),
        "1": Text(
            ja="該当する口座がありません（口座番号か預金種目の違い）",
            easy="その口座が ありません（番号が ちがいます）",
            en="No such account (account number or type is wrong)",
        ),
        "2": Text(
            ja="口座名義が違います（カナの違い）",
            easy="口座の 名前が ちがいます",
            en="The account holder's name does not match",
        ),
        "3": Text(
            ja="口座が解約されています",
            easy="その口座は もう ありません",
            en="The account was closed",
        ),
        "4": Text(
            ja="口座が入金を受け付けません（凍結・取引停止など）",
            easy="その口座には お金を 入れられません",
            en="The account takes no payments (frozen or suspended)",
        ),
        "5": Text(
            ja="金融機関か支店がありません（統廃合など）",
            easy="銀行か 支店が ありません",
            en="The bank or branch does not exist (any more)",
        ),
        "8": Text(
            ja="町の依頼により取り消されました（組戻し）",
            easy="町が 取り消しました",
            en="Recalled at the town's request",
        ),
        "9": Text(
            ja="その他の理由で振り込めませんでした。銀行に問い合わせてください",
            easy="振り込めませんでした。銀行に 聞いてください",
            en="Could not be paid for another reason; ask the bank",
        ),
    }
)
"""Result codes of this layout: 0 paid, the rest came back."""

RESULT = table(
    *TO,
    ("result", "振込結果コード", 112, 112, one_of(*CODES)),
    ("edi", "識別表示", 113, 113, one_of(" ")),
    ("filler", "ダミー", 114, 120, BLANK),
)
TRAILER = table(
    ("record", "データ区分", 1, 1, one_of("8")),
    ("count", "合計件数", 2, 7, DIGITS),
    ("total", "合計金額", 8, 19, DIGITS),
    ("paid_count", "振込済件数", 20, 25, DIGITS),
    ("paid_total", "振込済金額", 26, 37, DIGITS),
    ("failed_count", "振込不能件数", 38, 43, DIGITS),
    ("failed_total", "振込不能金額", 44, 55, DIGITS),
    ("filler", "ダミー", 56, 120, BLANK),
)
RESULTS: Layout = {b"1": HEADER, b"2": RESULT, b"8": TRAILER, b"9": END}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one transfer. `amount` in yen; `code` one of CODES."""

    transfer: int
    amount: int
    code: str


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A result file that was read without fault: which of our files it answers, and each transfer's result."""

    sha256: str
    file: int
    originator: str
    results: tuple[Result, ...]


class BadResult(ValueError):
    """The result file cannot be trusted, and nothing of it was used. `faults` say where and why."""

    def __init__(self, faults: list[Fault]):
        self.faults = faults
        first = faults[0]
        self.text = Text(
            ja=f"結果ファイルに誤りが{len(faults)}か所あり、何も反映していません。最初の誤り：{first.line('ja')}",
            easy=f"ファイルに まちがいが {len(faults)}つ あります。{first.line('easy')}",
            en=f"The result file has {len(faults)} faults; nothing of it was used. The first: {first.line('en')}",
        )
        super().__init__(self.text.en)


def read_file(data: bytes) -> ResultFile:
    """Read the bank's answer. Raises BadResult when anything in it is not as it should be."""
    reading = read(data, RESULTS)
    if reading.faults:
        raise BadResult(reading.faults)
    check_places(reading)
    check_orders(reading, DATA)
    check_totals(reading)
    _check_parts(reading)
    answers = [record for record in reading.records if record.kind == b"2"]
    _check_one_file(reading, answers)
    if reading.faults:
        raise BadResult(reading.faults)
    return ResultFile(
        sha256=hashlib.sha256(data).hexdigest(),
        file=answers[0].number_of("customer1"),
        originator=reading.records[0]["originator"],
        results=tuple(
            Result(each.number_of("customer2"), each.number_of("amount"), each["result"]) for each in answers
        ),
    )


def _check_parts(reading: Reading) -> None:
    """The trailer's counts and totals of done and not done are those of the data records."""
    answers = [record for record in reading.records if record.kind == b"2"]
    paid = [record.number_of("amount") for record in answers if record["result"] == PAID]
    failed = [record.number_of("amount") for record in answers if record["result"] != PAID]
    trailer = next(record for record in reading.records if record.kind == b"8")
    for where, right in zip(TRAILER[3:7], (len(paid), sum(paid), len(failed), sum(failed)), strict=True):
        if trailer.number_of(where.id) != right:
            what = _PART.format(found=f"{trailer.number_of(where.id):,}", right=f"{right:,}")
            reading.fault(trailer, where, what, _ASK_BANK)


def _check_one_file(reading: Reading, answers: list[Record]) -> None:
    """All answers belong to one file of ours, and name the transfer they are about."""
    for record in answers:
        if record["customer1"] != answers[0]["customer1"] or not record["customer1"].isdigit():
            reading.fault(
                record, RESULT[11], _OTHER_FILE.format(found=record["customer1"] or "空白"), _ASK_BANK
            )
        if not record["customer2"].isdigit():
            reading.fault(
                record, RESULT[12], _NO_TRANSFER.format(found=record["customer2"] or "空白"), _ASK_BANK
            )


_PART = Text(
    ja="{found} と書かれていますが、明細の合計は {right} です。",
    easy="{found} では なく {right} です。",
    en="It says {found}; the data records add up to {right}.",
)
_OTHER_FILE = Text(
    ja="ファイル番号「{found}」がほかのレコードと違うか、数字ではありません。",
    easy="ファイルの 番号「{found}」が ちがいます。",
    en="The file number “{found}” differs from the other records', or is not a number.",
)
_NO_TRANSFER = Text(
    ja="振込番号「{found}」が数字ではありません。",
    easy="振込の 番号「{found}」が ちがいます。",
    en="The transfer number “{found}” is not a number.",
)
_ASK_BANK = Text(
    ja="銀行に結果ファイルの再送を頼んでください。",
    easy="銀行に もう一度 送ってもらって ください。",
    en="Ask the bank to send the result file again.",
)
