"""An address as people write it, in the parts of an address base. What the base does not know stays as it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any, Literal

from yakuba.records.addresses.base import Municipality, Town
from yakuba.records.addresses.blocks import Numbers, lot_at, numbers_at
from yakuba.records.addresses.folding import alike, flat
from yakuba.records.addresses.gazetteer import Gazetteer, Start

Level = Literal["none", "prefecture", "municipality", "town", "chome", "block"]
_POSTAL = re.compile(
    r" *(?:〒 *([0-9]{3}) *[-ー]? *([0-9]{4})(?![0-9])|([0-9]{3})[-ー]([0-9]{4})(?![-ー0-9])) *"
)
_STREETS = re.compile(r"[^\d]*(?:\d+[^-\d番号丁目][^-\d番号丁目]*)*(?:[上下]ル|[東西]入ル?|[東西]イル)")
"""Street names of Kyoto up to the last 上る, 下る, 東入 or 西入."""
_BOUNDARY = re.compile(r"[^\w]|[0-9]|[〇一二三四五六七八九十百]+(?:丁|番|号|[-ー]|ノ|$)|第?[0-9]+地割|[甲乙丙丁イロハニホヘト][0-9]|[A-Z]|大?字")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A part that was written otherwise than the base has it; `written` is empty where the part was left out."""

    part: str
    written: str
    official: str


@dataclass(frozen=True, slots=True)
class Address:
    """The parts that were found, each as the base has it, and the rest as written.

    `level` is the last part that was found, `unfound` the part that should have come next and what stands there instead is in
    `rest`; `candidates` are the municipalities that it could be alike, of which none was chosen. `pieces` cuts the written
    text into what each part was read from: together they are the text.
    """

    written: str
    level: Level
    postal: str = ""
    code: str = ""
    prefecture: str = ""
    municipality: str = ""
    street: str = ""
    town: str = ""
    chome: int | None = None
    unit: str = ""
    block: str = ""
    number: str = ""
    rest: str = ""
    changed: tuple[Change, ...] = ()
    unfound: str = ""
    candidates: tuple[str, ...] = ()
    pieces: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The address written out; it normalises to the same parts."""
        postal = f"〒{self.postal[:3]}-{self.postal[3:]} " if self.postal else ""
        place = self.prefecture + self.municipality + self.street + self.town
        chome = "" if self.chome is None else f"{self.chome}{self.unit}"
        block = self.block
        if self.block and self.chome is None:
            # So that nobody takes the first number for a 丁目, or a number for a lot where no town is known.
            block += ("番" if self.town else "番地") + self.number
        elif self.number:
            block += f"-{self.number}"
        return " ".join(filter(None, (postal + place + chome + block, self.rest)))

    def parts(self) -> dict[str, Any]:
        """For JSON: every part by name, without `pieces`."""
        shown = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "pieces"}
        shown["changed"] = [[one.part, one.written, one.official] for one in self.changed]
        shown["candidates"] = list(self.candidates)
        return shown


@dataclass(frozen=True, slots=True)
class _Found:
    """A municipality and a town of it that a text can begin with; ends are places in the text."""

    start: Start
    prefecture_end: int
    end: int
    street: tuple[int, int]
    town: Town | None
    town_start: int
    town_end: int


def normalise(written: str, gazetteer: Gazetteer) -> Address:
    """The parts of an address. Never raises for any text; nothing is found in a text that is no address."""
    return _Reading(written, gazetteer).address()


class _Reading:
    """One text while it is read."""

    def __init__(self, written: str, gazetteer: Gazetteer) -> None:
        self.written = written
        self.gazetteer = gazetteer
        self.same = alike(written)
        found = _POSTAL.match(self.same)
        self.postal = "".join(filter(None, found.groups())) if found else ""
        self.begin = found.end() if found else 0
        self.key, ends = flat(self.same[self.begin :])
        self.ends = [self.begin, *(self.begin + end for end in ends)]

    def address(self) -> Address:
        found = self._choose([self._town_of(start) for start in self.gazetteer.starts(self.key)])
        if len(found) != 1:
            return self._without_municipality(found)
        return self._with_municipality(found[0])

    def _choose(self, found: list[_Found]) -> list[_Found]:
        """The best of all ways to read it; several where nothing tells them apart."""
        if any(one.town for one in found):
            found = [one for one in found if one.town]
        else:
            # A ward that was left out is known by its town or not at all.
            found = [one for one in found if one.start.way != "city"]
        farthest = max((max(one.town_end, one.end) for one in found), default=0)
        best = {one.start.municipality.code: one for one in found if max(one.town_end, one.end) == farthest}
        named = self.gazetteer.base.postal.get(self.postal, frozenset()) & best.keys()
        return [best[code] for code in sorted(named)] if len(named) == 1 else list(best.values())

    # -- towns -----------------------------------------------------------------------------------
    def _town_of(self, start: Start) -> _Found:
        at = start.length
        end = self.ends[at]
        town, length, street = None, 0, (end, end)
        streets = (
            _STREETS.match(self.key, at)
            if start.municipality.city == "京都市" and start.way == "whole"
            else None
        )
        if streets:
            # 河原町通二条下る一之船入町: the town stands behind its streets; 高辻堀川町西堀川通高辻下る: or before them.
            town, length = self._longest_town(start.municipality, streets.end())
            if town:
                street = (end, self.ends[streets.end()])
                at = streets.end()
        if town is None:
            town, length = self._longest_town(start.municipality, at, before_streets=bool(streets))
            if town and streets and at + length <= streets.end():
                street = (self.ends[at + length], self.ends[streets.end()])
        return _Found(
            start,
            self.ends[start.prefecture],
            end,
            street,
            town,
            self.ends[at],
            self.ends[at + length] if town else end,
        )

    def _longest_town(
        self, municipality: Municipality, at: int, *, before_streets: bool = False
    ) -> tuple[Town | None, int]:
        towns = self.gazetteer.towns(municipality)
        longest = max(map(len, towns), default=0)
        for length in range(min(longest, len(self.key) - at), 0, -1):
            named = towns.get(self.key[at : at + length])
            if named and (before_streets or self._may_end(at + length, named)):
                return self._spelled(named, at, length), length
        return None, 0

    def _may_end(self, at: int, named: list[Town]) -> bool:
        """Whether a town can end here: not within a number, and not within a longer name that the base does not know, unless
        smaller places are known to follow."""
        end = self.ends[at]
        if at < len(self.key) and self.key[at - 1].isdigit() and self.key[at].isdigit():
            apart = self.ends[at + 1] != end and not (
                self.same[end - 1].isdigit() and self.same[end : end + 1].isdigit()
            )
            if not apart:
                return False
        return (
            end == len(self.same)
            or bool(_BOUNDARY.match(self.same, end))
            or any(town.koaza for town in named)
        )

    def _spelled(self, named: list[Town], at: int, length: int) -> Town | None:
        """Of towns that differ only in spelling, the one that is written; none when that does not tell."""
        if len(named) == 1:
            return named[0]
        slice_ = self.written[self.ends[at] : self.ends[at + length]]
        return next((town for town in named if town.name in slice_), None)

    # -- results ---------------------------------------------------------------------------------
    def _without_municipality(self, found: list[_Found]) -> Address:
        prefecture, length = self.gazetteer.prefecture(self.key)
        end = self.ends[length]
        rest = self.written[end:].strip()
        return Address(
            self.written,
            "prefecture" if prefecture else "none",
            postal=self.postal,
            prefecture=prefecture,
            rest=rest,
            unfound="" if prefecture and not rest else "municipality",
            candidates=tuple(sorted(_name(one.start.municipality) for one in found)),
            pieces=self._pieces((("postal", self.begin), ("prefecture", end), ("rest", len(self.written)))),
        )

    def _with_municipality(self, found: _Found) -> Address:
        place = found.start.municipality
        last = max(found.town_end, found.street[1])
        if found.town:
            numbers = numbers_at(self.same, last, found.town)
        else:
            numbers = lot_at(self.same, last, bare=not place.towns and place.city[-1] != "市")
        rest = self.written[numbers.end :].strip()
        level: Level = (
            "block"
            if numbers.block
            else "chome"
            if numbers.chome is not None
            else "town"
            if found.town
            else "municipality"
        )
        unfound = {"municipality": "town", "town": "block", "chome": "block"}.get(level, "") if rest else ""
        cuts = self._cuts(found, numbers)
        pieces = self._pieces(cuts)
        return Address(
            self.written,
            level,
            self.postal,
            place.code,
            place.prefecture,
            place.name,
            self.written[slice(*found.street)].strip(),
            found.town.name if found.town else "",
            numbers.chome,
            numbers.unit,
            numbers.block,
            numbers.number,
            rest,
            _changes(dict(pieces), place, found.town),
            unfound,
            (),
            pieces,
        )

    def _cuts(self, found: _Found, numbers: Numbers) -> tuple[tuple[str, int], ...]:
        """Where each piece ends, in the order of the text."""
        town, street = ("town", found.town_end), ("street", found.street[1])
        middle = (street, town) if found.street[0] < found.town_start else (town, street)
        return (
            ("postal", self.begin),
            ("prefecture", found.prefecture_end),
            ("municipality", found.end),
            *middle,
            ("chome", numbers.chome_end),
            ("block", numbers.end),
            ("rest", len(self.written)),
        )

    def _pieces(self, cuts: tuple[tuple[str, int], ...]) -> tuple[tuple[str, str], ...]:
        pieces: list[tuple[str, str]] = []
        at = 0
        for part, end in cuts:
            if end > at:
                pieces.append((part, self.written[at:end]))
                at = end
        return tuple(pieces)


def _changes(pieces: dict[str, str], place: Municipality, town: Town | None) -> tuple[Change, ...]:
    official = {"prefecture": place.prefecture, "municipality": place.name, "town": town.name if town else ""}
    written = {part: pieces.get(part, "").strip() for part in official}
    return tuple(
        Change(part, written[part], name) for part, name in official.items() if name and written[part] != name
    )


def _name(place: Municipality) -> str:
    return place.prefecture + place.name
