"""What an address base says: municipalities with their towns (町字). Where it comes from is another module's matter."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


class FaultyBase(ValueError):
    """A file that is no address base, in the reader's words."""


@dataclass(frozen=True, slots=True)
class Town:
    """A town (町字) without its 丁目.

    `chome`: the 丁目 that it has, or can have where the base does not list them. `koaza`: smaller places (小字) follow that
    the base does not know, so that a name may go on behind this one.
    """

    name: str
    chome: frozenset[int] = frozenset()
    koaza: bool = False


@dataclass(frozen=True, slots=True)
class Municipality:
    """A city, town, village or ward by its official name in parts; `code` has six digits, the last checks them. `also` is
    another name that it is written by."""

    code: str
    prefecture: str
    county: str
    city: str
    ward: str
    towns: tuple[Town, ...] = field(repr=False)
    also: str = ""

    @property
    def name(self) -> str:
        """With county (郡) and ward (区), as the official name has them."""
        return self.county + self.city + self.ward


@dataclass(frozen=True, slots=True)
class Base:
    """All of it. `source` says what it was made from; `postal` has the codes of municipalities by postal code."""

    source: str
    municipalities: tuple[Municipality, ...]
    postal: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)


_COUNTY = re.compile(r"(.+?郡)(.+[町村])")
_WARD = re.compile(r"(.+?市)(.+区)")


def in_parts(name: str) -> tuple[str, str, str]:
    """County, city and ward of an official name.

    >>> in_parts("空知郡南幌町"), in_parts("大和郡山市"), in_parts("札幌市中央区")
    (('空知郡', '南幌町', ''), ('', '大和郡山市', ''), ('', '札幌市', '中央区'))
    """
    if county := _COUNTY.fullmatch(name):
        return county[1], county[2], ""
    if ward := _WARD.fullmatch(name):
        return "", ward[1], ward[2]
    return "", name, ""
