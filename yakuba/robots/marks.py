"""Several marks of each element, so that a changed screen does not stop a robot, and never misleads it.

A robot looks for labels. Where one is gone, what else was known of the element is looked for: its name in the page,
its neighbours, its type and place. A lower mark counts only if exactly one element of the screens has it and no other
mark speaks for another element; and a commit is never pressed by a lower mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from yakuba.robots.driver import Driver, Picture
from yakuba.robots.errors import NotOnScreen
from yakuba.robots.screen import FIELD, Element, Screen, plain


@dataclass(frozen=True, slots=True)
class Mark:
    """What was known of an element when the robot last worked."""

    kind: str
    label: str
    role: str
    name: str
    near: tuple[str, str]
    place: int

    @classmethod
    def of(cls, element: Element) -> Mark:
        """The marks of an element that is on the screen."""
        return cls(element.kind, element.label, element.role, element.name, element.near, element.place)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Mark:
        return cls(**{**data, "near": tuple(data["near"])})


@dataclass(frozen=True, slots=True)
class Healed:
    """An element that was found by a lower mark: what it was called, what it is called now, by which marks."""

    kind: str
    label: str
    now: str
    by: tuple[str, ...]
    picture: Picture


class Marks(Protocol):
    """What is known of a robot's elements."""

    def heal(self, driver: Driver, missing: NotOnScreen, covered: Sequence[str]) -> Element:
        """The element that was meant. `covered`: what its picture may not show. Raises `missing` where that is not
        certain."""


class NoMarks:
    """Nothing is known: what is not found by its label is not found."""

    def heal(self, driver: Driver, missing: NotOnScreen, covered: Sequence[str]) -> Element:
        raise missing


@dataclass
class Known:
    """The marks of a robot's elements, by kind and label; `healed`: what was found by lower marks since;
    `refused`: what a maintainer said is not what was meant."""

    marks: dict[tuple[str, str], Mark] = field(default_factory=dict)
    healed: list[Healed] = field(default_factory=list)
    refused: set[tuple[str, str]] = field(default_factory=set)

    def heal(self, driver: Driver, missing: NotOnScreen, covered: Sequence[str]) -> Element:
        kind = FIELD if missing.kind == "field" else ""
        mark = next(
            (
                m
                for (k, label), m in self.marks.items()
                if label == missing.label and (k == FIELD) == (kind == FIELD)
            ),
            None,
        )
        if mark is None or missing.times > 1:
            raise missing
        found = meant(mark, driver.screens(), {plain(m.label) for m in self.marks.values() if m is not mark})
        if found is None or (missing.label, found[0].label) in self.refused:
            raise missing
        element, by = found
        self.healed.append(Healed(mark.kind, missing.label, element.label, by, driver.picture(covered)))
        return element


def meant(mark: Mark, screens: Sequence[Screen], taken: set[str]) -> tuple[Element, tuple[str, ...]] | None:
    """The element that the marks speak for, and which marks do. `taken`: labels of the robot's other elements, which
    are not this one. None where no mark, or more than one element, is spoken for."""
    every = [
        one
        for screen in screens
        for one in (screen.fields if mark.kind == FIELD else screen.pressables)
        if one.kind == mark.kind and one.role == mark.role
    ]
    free = [one for one in every if plain(one.label) not in taken or not one.label]
    near = tuple(map(plain, mark.near))
    looks = {
        "name": [one for one in free if mark.name and one.name == mark.name],
        "neighbours": [one for one in free if any(near) and tuple(map(plain, one.near)) == near],
    }
    if mark.kind != FIELD:  # a new field that stands alone may be anything; the one way on is the way on
        looks["only one of its kind"] = free if len(free) == 1 else []
    spoken = {name: found[0] for name, found in looks.items() if len(found) == 1}
    elements = {(one.screen, one.path) for one in spoken.values()}
    if len(elements) != 1:
        return None
    return next(iter(spoken.values())), tuple(spoken)
