"""What follows a town: 丁目, 番 or 番地, 号. Read from the text alone; no base knows these numbers."""

from __future__ import annotations

import re
from typing import NamedTuple

from yakuba.records.addresses.base import Town
from yakuba.words import number_of

# A numeral in kanji is a number only before what can follow a number: 三番二号, and not 三田ビル.
_NUMBER = r"(?:[0-9]{1,9}+(?![0-9])|[〇一二三四五六七八九十百千]{1,9}+(?= |$| *(?:丁|番|号|[-ー]|ノ)))"
# Floors, rooms and houses of a building are not 号, and a second 丁目 begins a name: 1丁目マンション.
_NOT_A_ROOM = r"(?! *(?:F|階|棟|室|館|丁|号室|号棟|号館))"
_JOINT = r" *(?:[-ー]|ノ) *"
_CHOME = re.compile(rf" *({_NUMBER}) *(丁目?)")
_BARE_CHOME = re.compile(rf" *({_NUMBER})(?={_JOINT}{_NUMBER}| *$)")
_BLOCK = re.compile(
    rf"(?:{_JOINT})? *(?:第?([0-9]+地割) *)?([甲乙丙丁イロハニホヘト]?)({_NUMBER}){_NOT_A_ROOM} *(番地|番)?"
)
_JOINED = re.compile(rf"{_JOINT}({_NUMBER}){_NOT_A_ROOM}(?: *(号))?")
# After 番 a number needs no joint; one that stands apart is a 号 only when it says so.
_AFTER_UNIT = re.compile(rf"({_NUMBER}){_NOT_A_ROOM}(?: *(号))?| +({_NUMBER}) *(号)(?![室棟館])")


class Numbers(NamedTuple):
    """The numbers after a town; `chome_end` and `end` say how far the text is read. `unit`: 丁目, or 丁 as 堺市 writes."""

    chome: int | None
    unit: str
    chome_end: int
    block: str
    number: str
    end: int


def numbers_at(same: str, at: int, town: Town) -> Numbers:
    """Read the numbers of a text (as `folding.alike` gives it) from a place on. What is not one of them is left.

    >>> numbers_at("1-2-3 101", 0, Town("芝", frozenset({1, 2})))
    Numbers(chome=1, unit='丁目', chome_end=1, block='2', number='3', end=5)
    >>> numbers_at("二番地ノ3", 0, Town("芝"))[3:]
    ('2', '3', 5)
    """
    chome, unit, chome_end = _chome(same, at, town)
    found = _BLOCK.match(same, chome_end)
    if not found:
        return Numbers(chome, unit, chome_end, "", "", chome_end)
    lots, lot, number, said = found.groups(default="")
    block = lots + lot + str(number_of(number))
    more, end = _more(same, found.end() if said else found.end(3), bool(said))
    return Numbers(chome, unit, chome_end, block, "-".join(more), end)


def _chome(same: str, at: int, town: Town) -> tuple[int | None, str, int]:
    if found := _CHOME.match(same, at):
        return number_of(found[1]), found[2], found.end()
    found = _BARE_CHOME.match(same, at)
    if found and number_of(found[1]) in town.chome:
        return number_of(found[1]), "丁目", found.end()
    return None, "", at


def _more(same: str, at: int, after_unit: bool) -> tuple[list[str], int]:
    """The numbers behind the block, up to a 号, and where they end."""
    numbers: list[str] = []
    while found := _JOINED.match(same, at) or (_AFTER_UNIT.match(same, at) if after_unit else None):
        after_unit = False
        groups = [group for group in found.groups() if group]
        numbers.append(str(number_of(groups[0])))
        at = found.end()
        if groups[-1] == "号":
            break
    return numbers, at


def lot_at(same: str, at: int, *, bare: bool) -> Numbers:
    """The lot of an address that has no town (龍ケ崎市3710番地). Only what is called 番地; `bare`: also a number alone, where
    the municipality has no towns at all."""
    found = _BLOCK.match(same, at)
    if found and (bare or found[4] == "番地"):
        return numbers_at(same, at, Town(""))
    return Numbers(None, "", at, "", "", at)
