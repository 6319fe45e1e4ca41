"""The collecting bank's file (収納データ) as this town hall reads it. The layout is ours (docs/fees.md): CSV with a
line of headings, in UTF-8 or CP932.
"""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from dataclasses import dataclass
from datetime import date

from yakuba import clock
from yakuba.money.fees.errors import NotACollection
from yakuba.register.tables import UnreadableTable, office_text
from yakuba.words import Text

HEADINGS = ("納付書番号", "金額", "収納日", "取扱番号")
"""Which slip, yen, the day of payment, and the number that the bank gave to this one payment."""
MOST_BYTES = 20_000_000
MOST_YEN = 10**12


@dataclass(frozen=True, slots=True)
class Line:
    """One row. What cannot be read has neither amount nor day, and is kept as it came all the same."""

    line: int
    raw: str
    slip: str
    amount: int | None
    on: date | None
    reference: str

    @property
    def readable(self) -> bool:
        return self.amount is not None and self.on is not None and bool(self.reference)


@dataclass(frozen=True, slots=True)
class Collection:
    """A file: its digest and its rows, all of them."""

    sha256: str
    lines: list[Line]


def read(data: bytes) -> Collection:
    """The rows of a file, in order; empty lines are none. Raises NotACollection."""
    if len(data) > MOST_BYTES:
        raise NotACollection(Text(ja="大きすぎます。", easy="大きすぎます。", en="it is too large."))
    reader = csv.reader(io.StringIO(_text(data), newline=""))
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise NotACollection(
            Text(ja="CSV ではありません。", easy="CSVでは ありません。", en="it is no CSV.")
        ) from error
    places = _places(rows[0][1] if rows else [])
    lines = [_line(number, row, places) for number, row in rows[1:]]
    return Collection(hashlib.sha256(data).hexdigest(), lines)


def _text(data: bytes) -> str:
    """As it came: a character of the bank's own machine in a column that is not read holds up nobody's payment."""
    try:
        return office_text(data)
    except UnreadableTable as error:
        raise NotACollection(
            Text(
                ja=f"{error.reason}。",
                easy=f"{error.line}行目の 字が 読めません。",
                en=f"line {error.line} is neither UTF-8 nor CP932.",
            )
        ) from error


def _places(headings: list[str]) -> list[int]:
    """In which column each heading stands. Raises NotACollection."""
    found = [_plain(cell) for cell in headings]
    missing = [name for name in HEADINGS if name not in found]
    if missing:
        names = "、".join(missing)
        raise NotACollection(
            Text(
                ja=f"1行目に見出し「{names}」がありません。",
                easy=f"「{names}」が ありません。",
                en=f"the first line lacks the headings {names}.",
            )
        )
    return [found.index(name) for name in HEADINGS]


def _line(number: int, row: list[str], places: list[int]) -> Line:
    slip, amount, on, reference = (_plain(row[place]) if place < len(row) else "" for place in places)
    return Line(number, ",".join(row), slip.replace("-", "")[:40], _yen(amount), _day(on), reference[:40])


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().replace("\0", "")


def _yen(text: str) -> int | None:
    digits = text.replace(",", "").removesuffix("円")
    good = digits.isascii() and digits.isdecimal() and 0 < int(digits) < MOST_YEN
    return int(digits) if good else None


def _day(text: str) -> date | None:
    """A day as 2026-04-01, 20260401, or as people write it."""
    try:
        if len(text) == 8 and text.isdecimal():
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        return clock.parse_date(text)
    except ValueError:
        return None
