"""The list or spreadsheet of an order: who or what each device is for, checked as a whole before anything is opened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from yakuba.field.kitting.device import Recipient
from yakuba.register import tables

COLUMNS = {
    "number": ("番号", "number"),
    "hostname": ("コンピューター名", "hostname"),
    "account": ("アカウント", "account"),
    "serial": ("製造番号", "serial"),
}
"""Heads of the columns in Japanese and English. `serial` and `account` may be missing, others are left unread."""
MOST = 20_000
"""Devices of one order."""


class FaultyList(Exception):
    """Rows that cannot be ordered; `faults` says of each which row and why. Nothing was ordered."""

    def __init__(self, path: Path, faults: Sequence[str]):
        self.faults = list(faults)
        shown = "\n".join(f"  {fault}" for fault in self.faults[:20])
        more = f"\n  … 他 {len(self.faults) - 20} 件" if len(self.faults) > 20 else ""
        super().__init__(f"{path}: 注文できません。直してから、もう一度読み込んでください。\n{shown}{more}")


def read(path: Path, encoding: str = "cp932") -> list[Recipient]:
    """The recipients of a .csv or .xlsx file, in its order.

    Raises FaultyList with every fault: columns or values that are missing, names that no device may have, doubles.
    """
    try:
        content = path.read_bytes()
        workbook = path.suffix.lower() == ".xlsx"
        table = tables.read_workbook(content) if workbook else tables.read_csv(content, encoding)
    except tables.UnreadableTable as error:
        raise FaultyList(path, [error.reason]) from error
    where = {field: _column(table.heads, names) for field, names in COLUMNS.items()}
    if missing := [COLUMNS[field][0] for field in ("number", "hostname") if where[field] is None]:
        raise FaultyList(path, [f"見出し「{name}」の列がありません" for name in missing])

    def cell(row: Sequence[str], field: str) -> str:
        column = where[field]
        return "" if column is None else row[column].strip()

    people = [Recipient(**{field: cell(row, field) for field in COLUMNS}) for row in table.rows]
    if found := _faults(people):
        raise FaultyList(path, found)
    return people


def _column(heads: Sequence[str], names: Sequence[str]) -> int | None:
    clean = [head.strip().lower() for head in heads]
    return next((clean.index(name) for name in names if name in clean), None)


def _faults(people: Sequence[Recipient]) -> list[str]:
    """Each fault with the row that a spreadsheet shows (the heads are row 1)."""
    if not people:
        return ["端末が1台もありません"]
    if len(people) > MOST:
        return [f"{len(people):,} 台あります（1つの注文は {MOST:,} 台まで）"]
    found = []
    for row, one in enumerate(people, 2):
        if not one.number:
            found.append(f"{row}行目: 番号がありません")
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", one.hostname):
            found.append(
                f"{row}行目: コンピューター名「{one.hostname}」は使えません（英数字とハイフン、63字まで）"
            )
        if one.serial and (not one.serial.isascii() or not one.serial.isprintable() or "/" in one.serial):
            found.append(f"{row}行目: 製造番号「{one.serial}」は使えません（英数字と記号、/ は不可）")
    for field in ("number", "hostname", "serial"):
        counts = Counter(value for one in people if (value := getattr(one, field)))
        name = COLUMNS[field][0]
        found += [f"{name}「{value}」が {count} 行にあります" for value, count in counts.items() if count > 1]
    return found
