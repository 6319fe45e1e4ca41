"""How the texts of an old column become values of an item: one by one where they have to be read, all at once where they are
plain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache, partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from yakuba.records.addresses import Address, Gazetteer, normalise, postal_base, read_registry
from yakuba.records.importing.mapping import Kind, Made
from yakuba.records.standards import Item
from yakuba.records.values import characters, codes, dates
from yakuba.records.values.numbers import to_number
from yakuba.records.values.outcome import Outcome, Repair
from yakuba.words import ui_text
from yakuba.words.formulas import like_formula

One = Callable[[str], Outcome]
_PLAIN: Mapping[Kind, str] = {
    "wide": "[ぁ-ゖァ-ヺ一-龠々０-９Ａ-Ｚａ-ｚ][ぁ-ゖァ-ヺー一-龠々！-～]*(?:\u3000[ぁ-ゖァ-ヺー一-龠々！-～]+)*",
    "narrow": "[0-9A-Za-z][!-~]*(?: [!-~]+)*",
    "kana": "[ァ-ヺー]+(?:\u3000[ァ-ヺー]+)*",
    "number": r"0|[1-9]\d*",
}
"""Texts that stay as they are, with nothing to tell: a property of `Way.one`, held by its tests."""
_HALF_LETTERS = "(?:(?:[ｳｶ-ﾄﾊ-ﾎ]ﾞ|[ﾊ-ﾎ]ﾟ|[ｦ-ｯｱ-ﾝ])ｰ*)+"
_HALF_KANA = f"{_HALF_LETTERS}(?: {_HALF_LETTERS})*"
"""Marks stand only behind letters that they join with."""
_FREE = frozenset({"text", "wide", "narrow", "kana"})
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_UNCERTAIN = "不詳日を許容"
_SURE = frozenset({"X", "N", "9", "S9", "DATE", "YEAR", "TIME"})


@dataclass(frozen=True)
class Tables:
    """What a mapping's texts are read by: the vendor's own characters, and the address base (the town's own one, else the
    country's postal towns)."""

    characters: Mapping[str, str] = field(default_factory=dict)
    addresses: Path | None = None
    as_of: date = date.max

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Read when the first address comes. Raises FaultyBase."""
        if self.addresses is None:
            return Gazetteer(postal_base())
        return Gazetteer(read_registry([self.addresses], self.addresses.name, as_of=self.as_of))

    @cached_property
    def address(self) -> Callable[[str], Address]:
        """Several items are made of one address; it is read once."""
        return lru_cache(maxsize=100_000)(partial(normalise, gazetteer=self.gazetteer))


@dataclass(frozen=True)
class Way:
    """From the texts of a column to values. `plain`: texts that are values as they stand; `quick`: what all usual texts of
    a pattern become at once, the same that `one` makes of them."""

    one: One
    plain: re.Pattern[str] | None = None
    usual: re.Pattern[str] | None = None
    quick: tuple[str, Callable[[pa.Array], pa.Array]] | None = None


def way(made: Made, item: Item, tables: Tables) -> Way:
    """The way of an item's texts, by what the mapping says or, where it says nothing, by the item's type."""
    kind = made.kind or _kind(item)
    one = _coded(made.codes) if made.codes else _reader(kind, made, item, tables)
    usual = re.compile(made.usual) if made.usual else None
    return Way(
        one=partial(_read, one, frozenset(made.empty), tables.characters, kind in _FREE and not made.codes),
        plain=re.compile(_PLAIN[kind]) if kind in _PLAIN and not made.codes and not made.empty else None,
        usual=usual,
        quick=(_HALF_KANA, _wide_kana) if kind == "kana" and usual and not made.empty else None,
    )


def sure(made: Made, item: Item) -> bool:
    """Is whatever comes out written as the item's type wants it? What is made by the type itself is (a property that the tests
    hold), but for numbers with a fraction, whose digits are counted apart."""
    return (
        not (made.kind or made.codes or made.unknown_day or made.constant is not None) and item.type in _SURE
    )


def _kind(item: Item) -> Kind:
    by_type: Mapping[str, Kind] = {
        "DATE": "date", "YEAR": "year", "TIME": "time", "9": "number", "S9": "number", "9V": "number", "X": "narrow",
        "BLOB": "text",
    }  # fmt: skip
    if item.is_my_number:
        return "my-number"
    if item.type == "N":
        return "kana" if item.romaji.endswith("yomigana") else "wide"
    return by_type[item.type]


def _read(one: One, empty: frozenset[str], table: Mapping[str, str], free: bool, text: str) -> Outcome:
    """One text: the vendor's own characters are put right first, quietly, because the vendor's table says what they are.
    A `free` text that a spreadsheet would compute is nobody's name or address."""
    if text in empty or not text.strip():
        return Outcome("")
    if free and like_formula(text):
        return _held("formula", given=text)
    if _PRIVATE.search(text):
        text = characters.resolve(text, table).text
        if strange := _PRIVATE.search(text):
            return _held("character", given=text, code=characters.code_of(strange.group()))
    return one(text)


def _coded(table: Mapping[str, str]) -> One:
    """By the mapping's table of codes, whatever the width of the text."""
    known = {unicodedata.normalize("NFKC", old).strip(): new for old, new in table.items()}

    def one(text: str) -> Outcome:
        value = known.get(unicodedata.normalize("NFKC", text).strip())
        return Outcome(value) if value is not None else _held("code", given=text, known=", ".join(table))

    return one


def _reader(kind: Kind, made: Made, item: Item, tables: Tables) -> One:
    form = dates.Form(
        zeros=made.zeros,
        nines=made.nines,
        unknown_day=made.unknown_day or _UNCERTAIN in item.notes,
        serial=made.serial,
        **({"era_codes": made.era_codes} if made.era_codes else {}),
    )
    if kind.startswith("address."):
        return partial(_address, kind.removeprefix("address."), tables)
    readers: Mapping[Kind, One] = {
        "text": characters.tidy,
        "wide": characters.to_wide,
        "narrow": characters.to_narrow,
        "kana": characters.to_kana,
        "number": partial(
            to_number, signed=item.type == "S9", fraction=item.digits.fraction if item.digits else 0
        ),
        "digits": partial(codes.to_digits, length=made.digits or 0, lost_zeros=made.lost_zeros),
        "date": partial(dates.to_date, form=form),
        "month": partial(dates.to_month, form=form),
        "year": partial(dates.to_year, form=form),
        "time": dates.to_time,
        "my-number": codes.to_my_number,
        "corporate-number": codes.to_corporate_number,
        "municipality": codes.to_municipality,
        "postal-code": codes.to_postal_code,
        "phone": codes.to_phone,
    }
    return readers[kind]


def _held(key: str, **values: object) -> Outcome:
    return Outcome(None, held=ui_text(f"importing.{key}").format(**values))


# -- addresses -------------------------------------------------------------------------------------
_LEVELS = ("none", "prefecture", "municipality", "town", "chome", "block")


def _address(part: str, tables: Tables, text: str) -> Outcome:
    """A part of an address. What the base does not have is not changed and not left out: the row is held."""
    address = tables.address(text)
    found = _LEVELS.index(address.level)
    if part == "building":
        return _wide(address.rest)
    if found < _LEVELS.index(part) and (part != "block" or found < _LEVELS.index("town") or address.rest):
        return _held(
            "address", given=text, part=ui_text(f"importing.part.{part}"), base=tables.gazetteer.base.source
        )
    if part == "municipality":
        return Outcome(address.code)
    if part == "town":
        return _town(address)
    # Whether 番 or 番地 is right the base cannot say: it stays as it was written.
    return _wide("".join(piece for of, piece in address.pieces if of == "block"))


def _town(address: Address) -> Outcome:
    name = address.town if address.chome is None else f"{address.town}{address.chome}{address.unit}"
    changes = tuple(
        Repair("town", one.written, one.official)
        for one in address.changed
        if one.part == "town" and one.written
    )
    return Outcome(_wide(name).value, changes)


def _wide(text: str) -> Outcome:
    """In full width, which an item of type N wants and which is nothing to tell of a part."""
    return Outcome(characters.to_wide(text).value)


# -- all at once -----------------------------------------------------------------------------------
def _wide_kana(texts: pa.Array) -> pa.Array:
    """What `characters.to_kana` makes of half-width kana: Unicode's compatible form, which joins their marks."""
    return pc.replace_substring(pc.utf8_normalize(texts, form="NFKC"), " ", "\u3000")
