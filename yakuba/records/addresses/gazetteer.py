"""A base made ready to find names in it: municipalities by all the ways they are begun with, towns by longest name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Literal

from yakuba.records.addresses.base import Base, Municipality, Town
from yakuba.records.addresses.folding import key_of
from yakuba.register import codes
from yakuba.words import number_of

Way = Literal["whole", "city", "ward"]
"""How a municipality is named: as a whole, or a ward by its city alone or by its own name alone."""
_CHOME = re.compile(
    r"(?P<town>.*[^のノ0-9０-９〇一二三四五六七八九十])(?P<number>[0-9０-９]+|[〇一二三四五六七八九十]+)丁目"
)


@dataclass(frozen=True, slots=True)
class Start:
    """A municipality that a text can begin with; `prefecture` characters of its key are that of the prefecture."""

    municipality: Municipality
    way: Way
    length: int
    prefecture: int


class Gazetteer:
    """Finds what a base knows. Keys of towns are made when their municipality is first asked for."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self._starts: dict[str, list[Start]] = defaultdict(list)
        self._prefectures: dict[str, str] = {}
        self._towns: dict[str, dict[str, list[Town]]] = {}
        for one in base.municipalities:
            self._enter(one)
        for city in _cities_of_wards(base):
            self._enter(city)
        self._longest = max(map(len, self._starts), default=0)

    def _enter(self, one: Municipality) -> None:
        ways: dict[str, Way] = {one.name: "whole"}
        for other in filter(None, (one.county and one.city, one.also)):
            ways[other] = "whole"
        if one.ward:
            ways |= {one.city: "city", one.ward: "ward"}
        whole = key_of(one.prefecture)
        self._prefectures[whole] = one.prefecture
        # 千葉市川市: the prefecture without 県 is common before a city. 北海道 has no such short form.
        short = whole if one.prefecture == "北海道" else whole[:-1]
        for name, way in ways.items():
            key = key_of(name)
            for before in dict.fromkeys((whole, short, "")):
                self._starts[before + key].append(Start(one, way, len(before + key), len(before)))

    def starts(self, key: str) -> list[Start]:
        """The municipalities that a key can begin with."""
        found: list[Start] = []
        for length in range(1, min(len(key), self._longest) + 1):
            found += self._starts.get(key[:length], ())
        return found

    def prefecture(self, key: str) -> tuple[str, int]:
        """The prefecture that a key begins with, and the length of its key; empty and 0 when there is none."""
        for length in (3, 4):
            if name := self._prefectures.get(key[:length]):
                return name, length
        return "", 0

    def towns(self, municipality: Municipality) -> dict[str, list[Town]]:
        """The towns of a municipality by their keys: several where only their spelling differs."""
        known = self._towns.get(municipality.code)
        if known is None:
            known = self._towns[municipality.code] = _by_key(municipality)
        return known


def _cities_of_wards(base: Base) -> list[Municipality]:
    """The designated cities (政令指定都市), which bases have only by ward: an address may leave the ward out."""
    named = {(prefecture, name): code for code, (prefecture, name) in codes.official().items()}
    cities = {(one.prefecture, one.city) for one in base.municipalities if one.ward}
    return [
        Municipality(named.get((prefecture, city), ""), prefecture, "", city, "", ())
        for prefecture, city in sorted(cities)
    ]


def _by_key(municipality: Municipality) -> dict[str, list[Town]]:
    """Towns by key. What a base names once for each 丁目 (保原町１丁目, 保原町３丁目) is one town with these 丁目; what has no
    sibling is a name (花巻市東十二丁目)."""
    split = {town.name: found for town in municipality.towns if (found := _CHOME.fullmatch(town.name))}
    siblings = Counter(found["town"] for found in split.values())
    merged: dict[str, Town] = {}
    for town in municipality.towns:
        found = split.get(town.name)
        if found and siblings[found["town"]] > 1:
            town = Town(found["town"], frozenset({number_of(found["number"])}), town.koaza)
        merged[town.name] = _both(merged.get(town.name, town), town)
    by_key: dict[str, list[Town]] = defaultdict(list)
    for town in merged.values():
        by_key[key_of(town.name)].append(town)
    by_key.pop("", None)
    return dict(by_key)


def _both(one: Town, other: Town) -> Town:
    return Town(one.name, one.chome | other.chome, one.koaza or other.koaza)
