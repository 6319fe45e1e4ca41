"""What the national standard says of an operation's data: items in groups, with their types, digits and code lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from yakuba.conditions import FactType, Kind, Program, Rule, Schema, compile_rules

DataType = Literal["X", "N", "9", "9V", "S9", "BLOB", "YEAR", "DATE", "TIME"]
"""データ型 (凡例）データ型): half-width text, full-width text, whole number, number with a fraction, whole number with a sign,
picture, year, date, time. The official `Ｎ` is written with a half-width letter here."""
TYPES: tuple[DataType, ...] = get_args(DataType)
Output = Literal["required", "conditional", "optional"]
"""データ出力条件: 必須, 条件付き必須, 任意."""
#: What each type is to the language of conditions. An uncertain date is no day, so dates are compared as they are written.
_KINDS: Mapping[DataType, Kind] = {
    "X": "text", "N": "text", "9": "int", "9V": "number", "S9": "int", "BLOB": "text", "YEAR": "int", "DATE": "text",
    "TIME": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Digits:
    """桁数 in characters, not bytes; of 9V those before the point and after it."""

    whole: int
    fraction: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One データ項目. `id`: 3 digits of the operation and 5 of the item; `code`: id of its code list, as `codes` has it;
    `repeat`: how many values it may have at most (繰り返し); `must_exist`: 実装類型 ○."""

    id: str
    name: str
    romaji: str
    group: str
    key: bool
    foreign_key: bool
    classes: tuple[str, ...]
    type: DataType
    digits: Digits | None
    code: str | None
    repeat: int | None
    output: Output
    meaning: str
    notes: str
    must_exist: bool
    sample: str

    @property
    def is_my_number(self) -> bool:
        """個人番号, of whomever."""
        return "kojinbango" in self.romaji


@dataclass(frozen=True, slots=True)
class CodeList:
    """コード一覧: what each value stands for. `open`: a town makes its own values (任意)."""

    id: str
    name: str
    values: Mapping[str, str]
    open: bool = False


@dataclass(frozen=True, slots=True)
class Requirement:
    """When a 条件付き必須 item has to be there: `when` over its row, or `untold`: why the row alone cannot tell."""

    when: str | None = None
    untold: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """All items of an operation in one version. `provisional`: not the official list."""

    id: str
    operation: str
    name: Mapping[str, str]
    version: str
    published: date
    provisional: bool
    source: str
    licence: str
    items: Sequence[Item]
    codes: Mapping[str, CodeList]
    requirements: Mapping[str, Requirement]

    def groups(self) -> dict[str, list[Item]]:
        """Items by group, each group being one file of the standard, in the order of the list."""
        found: dict[str, list[Item]] = {}
        for item in self.items:
            found.setdefault(item.group, []).append(item)
        return found

    def requirements_of(self, group: str) -> Program:
        """The conditions of a group, each named by the item that it makes required, over `row.<romaji>`. Raises
        conditions.Errors."""
        items = self.groups()[group]
        schema = Schema({f"row.{one.romaji}": FactType(_KINDS[one.type]) for one in items})
        rules = [
            Rule(f"required.{one.romaji}", wanted.when, kind="bool")
            for one in items
            if (wanted := self.requirements.get(one.id)) and wanted.when
        ]
        return compile_rules(schema, rules, {})
