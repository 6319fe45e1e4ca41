"""The address base of アドレス・ベース・レジストリ: CSV files of its 町字マスター, and the folder in which they are kept.

Source: デジタル庁「アドレス・ベース・レジストリ」町字マスター, by the names of its columns.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from yakuba.records.addresses.base import Base, FaultyBase, Municipality, Town
from yakuba.register import codes
from yakuba.words import number_of

_COLUMNS = ("lg_code", "pref", "county", "city", "ward", "oaza_cho", "chome", "koaza")
_STREET = "2"
"""`koaza_aka_code` of a street name of Kyoto, which is no part of the name of a town."""
_FILE = "towns.tsv"
_Place = tuple[str, str, str, str, str]


@dataclass
class _Towns:
    """Towns by municipality while rows are read, each with its 丁目."""

    found: dict[_Place, dict[str, set[int]]] = field(default_factory=dict)

    def add(self, place: _Place, town: str, chome: Iterable[int]) -> None:
        towns = self.found.setdefault(place, {})
        if town:
            towns.setdefault(town, set()).update(chome)

    def base(self, source: str) -> Base:
        return Base(
            source,
            tuple(
                Municipality(*place, tuple(Town(name, frozenset(chome)) for name, chome in towns.items()))
                for place, towns in self.found.items()
            ),
        )


def read_registry(files: Iterable[Path], source: str, *, as_of: date) -> Base:
    """The towns of CSV files of the 町字マスター that are there on a day (`ablt_date` is empty or later).

    Raises FaultyBase: a file lacks a column, is not UTF-8, or a row has a wrong code.
    """
    towns = _Towns()
    for file in files:
        try:
            with file.open(encoding="utf-8-sig", newline="") as opened:
                rows = csv.DictReader(opened)
                if missing := [name for name in _COLUMNS if name not in (rows.fieldnames or ())]:
                    raise FaultyBase(
                        f"{file.name} has no column {', '.join(missing)}. A file of the 町字マスター is needed "
                        "(mt_town…csv)."
                    )
                for row in rows:
                    if not row.get("ablt_date") or row["ablt_date"] > as_of.isoformat():
                        _add(towns, row)
        except (UnicodeDecodeError, codes.BadCode, csv.Error) as error:
            raise FaultyBase(f"{file.name}: {error}") from error
    return towns.base(source)


def _add(towns: _Towns, row: dict[str, str]) -> None:
    place = codes.checked(row["lg_code"]), row["pref"], row["county"], row["city"], row["ward"]
    koaza = "" if row.get("koaza_aka_code") == _STREET else row["koaza"]
    number = row.get("chome_number") or row["chome"].removesuffix("目").removesuffix("丁")
    try:
        chome = [number_of(number)] if number else []
    except (ValueError, KeyError):
        # A 丁目 that has no number (北丁目) is part of the name.
        return towns.add(place, row["oaza_cho"] + row["chome"] + koaza, [])
    towns.add(place, row["oaza_cho"], chome)
    if koaza:
        towns.add(place, row["oaza_cho"] + koaza, [])


def write_base(base: Base, folder: Path) -> Path:
    """Keep a base in a folder: a whole file in the place of the old one."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [base.source]
    for one in base.municipalities:
        place = (one.code, one.prefecture, one.county, one.city, one.ward)
        for town in one.towns:
            lines.append("\t".join((*place, town.name, ",".join(map(str, sorted(town.chome))))))
    new = folder / f"{_FILE}.new"
    new.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return new.replace(folder / _FILE)


def read_base(folder: Path) -> Base | None:
    """The base that was kept in a folder; None when there is none. Raises FaultyBase: it was changed by hand."""
    file = folder / _FILE
    if not file.exists():
        return None
    source, *lines = file.read_text(encoding="utf-8").splitlines()
    towns = _Towns()
    for line in lines:
        try:
            code, prefecture, county, city, ward, town, chome = line.split("\t")
            towns.add(
                (code, prefecture, county, city, ward), town, map(int, chome.split(",") if chome else ())
            )
        except ValueError as error:
            raise FaultyBase(
                f"{file}: {line!r} is no town. Load the base again: yakuba records address-base"
            ) from error
    return towns.base(source)
