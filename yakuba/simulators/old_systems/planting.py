"""Errors, planted in the files, with a record of each. Their kinds are in `kinds`.

A row that must be held is taken only where nobody else's row hangs on it, so that all other rows stay as clean as they were;
where one does all the same (a household counts its people), it is told as touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from yakuba.simulators.old_systems.files import OldFile, Row
from yakuba.simulators.old_systems.town import Family, Resident

Expect = Literal["held", "repaired", "rule", "duplicate"]


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """One error: where, of which kind, what must become of it, and what stands there now."""

    kind: str
    expect: Expect
    file: OldFile
    row: Row
    column: str
    given: str
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class Touched:
    """A row that is right, and of which `planted` makes something be told: surely `held`, or perhaps by a rule."""

    file: OldFile
    row: Row
    planted: Planted
    expect: Literal["held", "maybe"]


@dataclass(slots=True)
class Planting:
    """The files with their errors, while they are planted."""

    files: dict[str, OldFile]
    families: Sequence[Family]
    random: Random
    planted: list[Planted] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)
    _homes: dict[str, Row] = field(default_factory=dict)
    _moves: dict[str, list[Row]] = field(default_factory=dict)
    _residents: dict[str, Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._homes = {row.meant["setaibango"]: row for row in self.files["aoba-setai"].rows}
        self._residents = {row.meant["atenabango"]: row for row in self.files["aoba-jumin"].rows}
        for row in self.files["aoba-ido"].rows:
            self._moves.setdefault(row.meant["atenabango"], []).append(row)

    # -- choosing ----------------------------------------------------------------------------------
    def take(self, name: str, which: Callable[[Row], bool]) -> Row:
        """A row of a file, by chance, that no error was planted in; of residents one who left, where that will do, so that no
        household lacks anybody. Raises IndexError: there is none left."""
        free = [row for row in self.files[name].rows if not row.used and which(row)]
        if name == "aoba-jumin":
            free = [row for row in free if person_of(row).left] or free
        row = self.random.choice(free)
        row.used = True
        return row

    def home_of(self, row: Row) -> Row:
        """The row of the household of a person; it is used then."""
        home = self._homes[person_of(row).home.number]
        home.used = True
        return home

    def recipient_of(self, child: Row) -> Row:
        """The row of whoever gets the allowance for a child, and who may have no child left where it is held."""
        rows = self.files["kaede-jukyusha"].rows
        return next(row for row in rows if row.meant.get("ninteibango") == child.meant["ninteibango"])

    def row_of(self, one: Resident) -> Row:
        """The row of a person in the register of residents."""
        return self._residents[one.number]

    # -- spoiling ----------------------------------------------------------------------------------
    def write(self, kind: str, expect: Expect, place: Place, text: str, note: str = "") -> Planted:
        """Another text in a cell of a row that is free."""
        file, row = self.files[place.file], self.take(place.file, place.which)
        return self.rewrite(kind, expect, file, row, place.column, text, note)

    def rewrite(
        self, kind: str, expect: Expect, file: OldFile, row: Row, column: str, text: str, note: str = ""
    ) -> Planted:
        row.used = True
        row.cells[file.place(column)] = text
        return self.tell(Planted(kind, expect, file, row, column, text, note))

    def insert(self, file: OldFile, row: Row, at: int) -> None:
        row.used = True
        file.rows.insert(at, row)

    def tell(self, planted: Planted) -> Planted:
        self.planted.append(planted)
        if planted.file.name == "aoba-jumin.csv" and planted.expect != "repaired":
            self._touch_home(planted)
        return planted

    def touch(
        self, name: str, row: Row, planted: Planted, expect: Literal["held", "maybe"] = "maybe"
    ) -> None:
        row.used = True
        self.touched.append(Touched(self.files[name], row, planted, expect))

    def _touch_home(self, planted: Planted) -> None:
        """The household may be told to lack one of its people, but where all of them left; so may the history of one who is
        held."""
        if isinstance(planted.row.of, Resident):
            if planted.row.of.left is None:
                self.touch("aoba-setai", self.home_of(planted.row), planted)
            for move in self._moves.get(planted.row.meant.get("atenabango", ""), []):
                self.touch("aoba-ido", move, planted)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kind may be planted: a column of a file, in some of its rows."""

    file: str
    column: str
    which: Callable[[Row], bool] = lambda row: True


def person_of(row: Row) -> Resident:
    """Whose row it is."""
    assert isinstance(row.of, Resident)
    return row.of
