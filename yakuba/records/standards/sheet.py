"""Item definition sheets (項目定義書, 基本データリスト) and lists of codes in the official layout, from CSV or Excel.

Source of the layout: デジタル庁「地方公共団体情報システム-基本データリストで示す内容及び留意事項」(凡例）列項目説明).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from yakuba.records.standards.definition import TYPES, CodeList, DataType, Digits, Item, Output
from yakuba.records.standards.errors import FaultyDefinition
from yakuba.register.tables import UnreadableTable, office_lines

_ID = "データ項目ID"
#: The headings that a sheet must have: the upper one, and the lower one where there are two.
_HEADS = (
    _ID, "データ項目", "データ項目(ローマ字)", "グループ_名称", "グループ_主キー", "グループ_外部キー", "データ型", "桁数", "コード",
    "繰り返し", "データ出力条件", "項目定義", "項目説明", "実装類型", "サンプル値",
)  # fmt: skip
_CODE_HEADS = ("コードID", "コード名", "コード値", "コード値の内容")
_OUTPUT: Mapping[str, Output] = {"必須": "required", "条件付き必須": "conditional", "任意": "optional"}
_CLASSES = ("LV1", "LV2", "LV3")
_ANY = "任意"
"""Stands where a town makes its own codes."""
_DIGITS = re.compile(r"(\d+)(?:,(\d+))?")
_ROMAJI = re.compile(r"[a-z][a-z0-9_]*")
Row = tuple[int, Mapping[str, str]]


def read_items(content: bytes, file: str) -> list[Item]:
    """The items of a sheet in its order. Raises FaultyDefinition with the line."""
    items = [_item(line, row, file) for line, row in _rows(content, file, _HEADS)]
    if not items:
        raise FaultyDefinition("there is no item below the headings.", file)
    seen: dict[tuple[str, str], str] = {}
    for item in items:
        for what in (("", item.id), (item.group, item.romaji)):
            if what in seen:
                raise FaultyDefinition(f"{item.id} “{item.name}”: {what[1]} is there twice.", file)
            seen[what] = item.id
    return items


def read_codes(content: bytes, file: str) -> dict[str, CodeList]:
    """The lists of codes by id, without leading zeros. A list's id stands in its first line alone. Raises
    FaultyDefinition with the line."""
    names: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    current = ""
    for line, row in _rows(content, file, _CODE_HEADS):
        if row["コードID"]:
            current = code_id(row["コードID"])
            if current in names:
                raise FaultyDefinition(f"list {current} is there twice.", file, line)
            names[current], values[current] = row["コード名"], {}
        if not current:
            raise FaultyDefinition("a value stands above the first list.", file, line)
        value = row["コード値"]
        if not value or value in values[current]:
            what = f"{value} is there twice" if value else "a value is empty"
            raise FaultyDefinition(f"list {current}: {what}.", file, line)
        values[current][value] = row["コード値の内容"]
    return {
        one: CodeList(one, names[one], {k: v for k, v in held.items() if k != _ANY}, open=_ANY in held)
        for one, held in values.items()
    }


def code_id(written: str) -> str:
    """The id of a list of codes: sheets write 2 as 002. Those of other operations keep their name in front."""
    return written.lstrip("0") if written.isdigit() else written


# -- lines and headings ------------------------------------------------------------------------------
def _rows(content: bytes, file: str, wanted: Sequence[str]) -> Iterator[Row]:
    """Each line below the headings by heading, with its number from 1; empty lines and end marks are left out."""
    try:
        lines = office_lines(content)
    except UnreadableTable as error:
        raise FaultyDefinition(error.reason, file, error.line) from error
    first = next((n for n, line in enumerate(lines) if wanted[0] in map(_plain, line)), None)
    if first is None:
        raise FaultyDefinition(f"no line has the heading {wanted[0]}.", file)
    heads, below = _heads(lines, first)
    if missing := [one for one in wanted if one not in heads]:
        raise FaultyDefinition(f"the headings lack {'、'.join(missing)}.", file, first + 1)
    for number, line in enumerate(lines[below:], start=below + 1):
        cells = {head: line[at].strip() for head, at in heads.items() if at < len(line)}
        if any(cells.get(one) for one in wanted[:-1]) and not _end(line):
            yield number, {**dict.fromkeys(wanted, ""), **cells}


def _end(line: Sequence[str]) -> bool:
    """The official sheets mark their last line and column with an `e`."""
    return {cell for cell in line if cell} == {"e"}


def _heads(lines: Sequence[Sequence[str]], first: int) -> tuple[dict[str, int], int]:
    """Where each heading stands, and the line below them. Two lines of headings are one name: グループ_主キー."""
    upper = [_plain(cell) for cell in lines[first]]
    lower = [_plain(cell) for cell in lines[first + 1]] if first + 1 < len(lines) else []
    double = "主キー" in lower
    heads: dict[str, int] = {}
    above = ""
    for at, head in enumerate(upper):
        above = head or above
        under = lower[at] if double and at < len(lower) else ""
        if under:
            heads[under if under in _CLASSES else f"{above}_{under}"] = at
        elif head:
            heads[head] = at
        elif above == _ID:
            heads["番号"] = at  # the id stands in two cells: the operation's three digits, and the number
    return heads, first + (2 if double else 1)


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()


# -- one item ----------------------------------------------------------------------------------------
def _item(line: int, row: Mapping[str, str], file: str) -> Item:
    def wrong(what: str, mend: str) -> FaultyDefinition:
        return FaultyDefinition(
            f"{row['データ項目'] or 'an item without a name'}: {what}. {mend}", file, line
        )

    kind, output = _plain(row["データ型"]), _OUTPUT.get(row["データ出力条件"])
    if kind not in TYPES:
        raise wrong(f"データ型 is {kind or 'empty'}", f"It is one of {', '.join(TYPES)}.")
    if output is None:
        raise wrong(
            f"データ出力条件 is {row['データ出力条件'] or 'empty'}", f"It is one of {', '.join(_OUTPUT)}."
        )
    if not _ROMAJI.fullmatch(row["データ項目(ローマ字)"]):
        raise wrong(f"its romaji name is {row['データ項目(ローマ字)'] or 'empty'}", "Use a-z, 0-9 and _.")
    if not (row["データ項目"] and row["グループ_名称"]):
        raise wrong("name or group is empty", "Both are needed.")
    repeat = row["繰り返し"]
    if repeat and not repeat.isdigit():
        raise wrong(f"繰り返し is {repeat}", "It is a number, or empty.")
    digits = _DIGITS.fullmatch(_plain(row["桁数"]).replace(" ", ""))
    if digits is None and kind != "BLOB":
        raise wrong(
            f"桁数 is {row['桁数'] or 'empty'}", "It is a number of characters; of 9V two, such as 7,2."
        )
    found = _id(row)
    if not re.fullmatch(r"\d{8}", found):
        raise wrong(f"its id is {found or 'empty'}", "It has 3 digits of the operation and 5 of the item.")
    return Item(
        id=found,
        name=row["データ項目"],
        romaji=row["データ項目(ローマ字)"],
        group=row["グループ_名称"],
        key=bool(row["グループ_主キー"]),
        foreign_key=bool(row["グループ_外部キー"]),
        classes=tuple(row[one] for one in _CLASSES if row.get(one)),
        type=_data_type(kind),
        digits=Digits(int(digits[1]), int(digits[2] or 0)) if digits else None,
        code=code_id(row["コード"]) or None,
        repeat=int(repeat) if repeat else None,
        output=output,
        meaning=row["項目定義"],
        notes=row["項目説明"],
        must_exist=bool(row["実装類型"]),
        sample=row["サンプル値"],
    )


def _data_type(kind: str) -> DataType:
    return next(one for one in TYPES if one == kind)


def _id(row: Mapping[str, str]) -> str:
    """In one cell, or the operation's three digits and the item's number in two."""
    return row[_ID] + row["番号"].zfill(5) if row.get("番号") else row[_ID]
