"""Where visits are received: the places of a town with their desks, and the video link of a place where nobody is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from yakuba.access import towns
from yakuba.cases import catalogue
from yakuba.words import Text, ui_text

USUAL = 4
"""Desks of a town that declares none."""


@dataclass(frozen=True, slots=True)
class Place:
    """A hall or a branch. `desks`: by their ids; `video`: the address of the meeting by which a clerk elsewhere serves here."""

    code: str
    name: Text
    desks: Mapping[str, Text]
    video: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk of a place."""

    place: Place
    code: str

    @property
    def id(self) -> str:
        """As a form says it."""
        return f"{self.place.code}:{self.code}"

    @property
    def name(self) -> Text:
        return self.place.desks[self.code]


def places() -> list[Place]:
    """The places of the open town, the first one first: as it declares them (`towns/CODE/reception.yaml`), else one hall."""
    declared = catalogue.current().receptions.get(towns.current_town())
    if declared:
        return [Place(code, one.name, one.desks, one.video or "") for code, one in declared.places.items()]
    desks = {str(n): ui_text("reception.desk_number").format(number=n) for n in range(1, USUAL + 1)}
    return [Place("hall", ui_text("reception.hall"), desks)]


def desks() -> list[Desk]:
    """All desks of the open town."""
    return [Desk(place, code) for place in places() for code in place.desks]


def desk(id_: str) -> Desk | None:
    """The desk with this id."""
    return next((one for one in desks() if one.id == id_), None)


def place(code: str) -> Place | None:
    """The place with this code."""
    return next((one for one in places() if one.code == code), None)


def desk_name(place_code: str, code: str) -> Text:
    """What a desk is called; its id where the town has it no more."""
    found = desk(f"{place_code}:{code}")
    return found.name if found else Text.same(code or "—")
