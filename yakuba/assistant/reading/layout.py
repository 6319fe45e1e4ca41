"""Where on a printed form each answer stands: known before a scan of it comes in, computed from the same declaration."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

SHEET = (210.0, 297.0)
"""Width and height of a sheet (A4), mm."""
MARK = 5.0
"""Side of the black square in each corner of a sheet, mm."""
MARKS = ((9.5, 9.5), (200.5, 9.5), (200.5, 287.5), (9.5, 287.5))
"""Middles of the squares, mm from the upper left corner of the sheet: clockwise from the upper left."""
QR = (172.0, 269.0, 20.0)
"""Left, top and side of the QR picture of each sheet, mm."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A box, a tick box or a line to write on. `page` counts from 1; the rest in mm from the sheet's upper left corner."""

    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where one answer stands. `name`: of the fact, an item of a list with its place (`children.0.name`); `kind`: how it
    is answered, as `channels.answers.kind_of` says; `choices`: what its tick boxes mean, which are its first cells."""

    name: str
    kind: str
    cells: Sequence[Cell]
    choices: Sequence[str] = ()

    @property
    def ticks(self) -> Sequence[Cell]:
        """The tick boxes, one for each choice."""
        return self.cells[: len(self.choices)]

    @property
    def boxes(self) -> Sequence[Cell]:
        """What is written into: boxes for one sign each, or lines."""
        return self.cells[len(self.choices) :]

    @property
    def page(self) -> int:
        return self.cells[0].page


@dataclass(frozen=True, slots=True)
class Layout:
    """All places of a form of so many pages."""

    pages: int
    places: Sequence[Place]

    @property
    def design(self) -> str:
        """Six signs that differ when anything stands elsewhere: a form printed by an earlier design is not read by this one."""
        said = [
            [
                one.name,
                one.kind,
                list(one.choices),
                [[c.page, c.x, c.y, c.width, c.height] for c in one.cells],
            ]
            for one in self.places
        ]
        return hashlib.sha256(orjson.dumps([self.pages, said])).hexdigest()[:6]

    def on(self, page: int) -> list[Place]:
        """The places of one page."""
        return [one for one in self.places if one.page == page]


def placed(pages: int, rows: Sequence[Mapping[str, object]], cells: Sequence[Mapping[str, float]]) -> Layout:
    """A layout from what is asked (`name`, `kind`, `choices`, in order) and from where the typesetter put each cell (`row`,
    `page`, `x`, `y`, `width`, `height`, in the order in which they stand)."""
    by_row: dict[int, list[Cell]] = {}
    for one in cells:
        place = [round(one[key], 2) for key in ("x", "y", "width", "height")]
        by_row.setdefault(int(one["row"]), []).append(Cell(int(one["page"]), *place))
    return Layout(
        pages,
        tuple(
            Place(str(row["name"]), str(row["kind"]), tuple(by_row[number]), tuple(row["choices"]))  # type: ignore[arg-type]
            for number, row in enumerate(rows)
            if number in by_row
        ),
    )
