"""Tables of counts in which nobody can be found: small counts are kept back (秘匿), and so many others with them that no sum
gives them back; then that is proved by trying to find them out.

A table is cells and the sums that anybody knows of them (a district's men are its men of all ages). Whoever reads it knows every
published cell, every sum, and that no count is below zero. The proof asks, for every cell kept back, how small and how large it
could still be: two linear programs. No interval may be narrower than declared.

Source of the method: Hundepool et al., Statistical Disclosure Control (2012), chapter 4 (primary and secondary suppression, audit
by linear programming). Tables with one sum of each row and nested sums of columns are networks, so the ends of the intervals are
whole counts, which some real table has.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Cell = TypeVar("Cell", bound=Hashable)
SMALLEST = 10
"""Counts below it are not shown. Declared for every table; towns may declare more."""
_THROWS, _FEW = 12, 4
"""How often all cells are driven at once, and with how few left it is not worth it."""
_NEAR = 1e-6
"""How far a solver's number may be from the count that it stands for."""


class Unsafe(Exception):
    """A table whose secrets can be found out."""


@dataclass(frozen=True, slots=True)
class Sum(Generic[Cell]):
    """`total` is the sum of `parts`."""

    total: Cell
    parts: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Counts(Generic[Cell]):
    """Counts of people or cases, with the sums that hold between them. `known`: cells that others publish; they are nobody's secret
    any more, and cannot be kept back. Raises ValueError: a sum does not hold, or a count is negative."""

    values: Mapping[Cell, int]
    sums: Sequence[Sum[Cell]] = ()
    known: frozenset[Cell] = frozenset()

    def __post_init__(self) -> None:
        if any(value < 0 for value in self.values.values()):
            raise ValueError("a count is below zero.")
        for one in self.sums:
            if self.values[one.total] != sum(self.values[part] for part in one.parts):
                raise ValueError(f"{one.total} is not the sum of its parts.")

    def bounds(self) -> dict[Cell, int]:
        """How large a cell can be by what others publish alone."""
        found: dict[Cell, int] = {}
        for one in self.sums:
            if one.total in self.known:
                for part in one.parts:
                    found[part] = min(self.values[one.total], found.get(part, self.values[one.total]))
        return found


@dataclass(frozen=True, slots=True)
class Proof(Generic[Cell]):
    """What was tried to find the secrets out, and how it failed. `k`: the smallest count shown (None: none is); `narrowest`: the
    narrowest interval in which a cell kept back could be found; `bounded`: cells kept back of which what others publish alone
    leaves no interval of the width: this table adds nothing to that; `attempts`: linear programs solved."""

    threshold: int
    width: int
    over: tuple[str, ...]
    cells: int
    small: int
    others: int
    bounded: int
    k: int | None
    narrowest: int | None
    attempts: int

    @property
    def suppressed(self) -> int:
        """Cells kept back."""
        return self.small + self.others


@dataclass(frozen=True, slots=True)
class Safe(Generic[Cell]):
    """A table that may be shown: `hidden` cells are kept back."""

    counts: Counts[Cell]
    hidden: frozenset[Cell]
    proof: Proof[Cell]

    def shown(self, cell: Cell) -> int | None:
        """The count; None where it is kept back."""
        return None if cell in self.hidden else self.counts.values[cell]


def protect(
    counts: Counts[Cell],
    *,
    over: Sequence[str],
    threshold: int = SMALLEST,
    width: int | None = None,
    together: Iterable[tuple[Cell, Cell]] = (),
) -> Safe[Cell]:
    """Keep back what must be, and prove that it cannot be found out.

    `over`: what the counts are broken down by (quasi-identifiers). `width`: how wide the interval of each cell kept back must be;
    the threshold unless declared. `together`: where the first is kept back, the second is, too. Raises Unsafe: not even a table
    of which nothing is shown is wide enough.
    """
    width = threshold if width is None else width
    small = frozenset(
        cell for cell, value in counts.values.items() if value < threshold and cell not in counts.known
    )
    pairs = list(together)
    hidden = _closed(counts, set(small), pairs, width)
    audit, of = Audit(counts, width), _sums_of(counts)
    while open_ := audit.narrow(hidden):
        added = {other for cell in open_ if (other := _best(counts, hidden, of[cell])) is not None}
        if not added:
            added = set(counts.values) - hidden - counts.known
        if not added:
            raise Unsafe(
                "even with nothing shown, a count could be found out: a sum of small counts is known."
            )
        hidden = _closed(counts, hidden | added, pairs, width)
    return Safe(counts, frozenset(hidden), _proof(counts, hidden, small, audit, threshold, width, over))


def _proof(
    counts: Counts[Cell],
    hidden: Collection[Cell],
    small: Collection[Cell],
    audit: Audit[Cell],
    threshold: int,
    width: int,
    over: Sequence[str],
) -> Proof[Cell]:
    own = [cell for cell in counts.values if cell not in counts.known]
    shown = [counts.values[cell] for cell in own if cell not in hidden]
    return Proof(
        threshold, width, tuple(over), len(own), len(small), len(hidden) - len(small),
        sum(audit.wanted(cell) < width for cell in hidden), min(shown, default=None), audit.narrowest(hidden),
        audit.attempts,
    )  # fmt: skip


def _sums_of(counts: Counts[Cell]) -> dict[Cell, list[Sum[Cell]]]:
    """The sums that each cell is in."""
    found: dict[Cell, list[Sum[Cell]]] = {cell: [] for cell in counts.values}
    for one in counts.sums:
        for cell in (one.total, *one.parts):
            found[cell].append(one)
    return found


def _closed(
    counts: Counts[Cell], hidden: set[Cell], pairs: Sequence[tuple[Cell, Cell]], width: int
) -> set[Cell]:
    """With what must be kept back together, and as much of each sum as it takes: no count can vary by more than what is kept
    back of a sum whose total is shown, and where only one cell of a sum is kept back, it is what the others leave."""
    while True:
        more = {second for first, second in pairs if first in hidden and second not in hidden}
        for one in counts.sums:
            if _too_little(counts, one, hidden | more, width):
                other = _cheapest(counts, (*one.parts, one.total), hidden | more)
                more |= set() if other is None else {other}
        if not more:
            return hidden
        hidden |= more


def _too_little(counts: Counts[Cell], one: Sum[Cell], hidden: Collection[Cell], width: int) -> bool:
    inside = [part for part in one.parts if part in hidden]
    if one.total in hidden:
        return not inside
    return bool(inside) and (
        len(inside) == 1 or _free(counts, one, hidden) < min(width, counts.values[one.total])
    )


def _free(counts: Counts[Cell], one: Sum[Cell], hidden: Collection[Cell]) -> float:
    """By how much the parts of a sum that are kept back can vary among each other."""
    if one.total in hidden:
        return math.inf
    return sum(counts.values[part] for part in one.parts if part in hidden)


def _cheapest(counts: Counts[Cell], cells: Iterable[Cell], hidden: Collection[Cell]) -> Cell | None:
    """The smallest count that is still shown and not zero: it costs the reader least. Zeros protect nothing."""
    left = [cell for cell in cells if cell not in hidden and cell not in counts.known]
    return min(left, key=lambda cell: (counts.values[cell] == 0, counts.values[cell]), default=None)


def _best(counts: Counts[Cell], hidden: Collection[Cell], sums: Sequence[Sum[Cell]]) -> Cell | None:
    """What to keep back besides a cell that can be found out too nearly: of that one of its sums that leaves it least room."""
    for one in sorted(sums, key=lambda one: _free(counts, one, hidden)):
        for cells in (one.parts, (one.total,)):
            if (found := _cheapest(counts, cells, hidden)) is not None:
                return found
    return None


# -- trying to find out ------------------------------------------------------------------------------
@dataclass
class Audit(Generic[Cell]):
    """Tries to find out the cells kept back, as anybody could who has the published ones and the sums.

    Every solution of a linear program is a table that could be the true one. For each cell the smallest and the largest count
    seen in any of them is kept: a cell that is seen to be wide enough needs no program of its own.
    """

    counts: Counts[Cell]
    width: int
    attempts: int = 0
    _bounds: dict[Cell, int] = field(init=False)
    _low: dict[Cell, float] = field(default_factory=dict)
    _high: dict[Cell, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bounds = self.counts.bounds()

    def wanted(self, cell: Cell) -> int:
        """How wide the interval of a cell must be: the width, or all that what others publish leaves of it."""
        return min(self.width, self._bounds.get(cell, self.width))

    def narrow(self, hidden: Collection[Cell]) -> list[Cell]:
        """The cells kept back that can be found out to less than the width. What was seen with fewer of them kept back stays
        possible with more."""
        unknown = [cell for cell in self.counts.values if cell in hidden]
        for cell in unknown:
            self._low.setdefault(cell, self.counts.values[cell])
            self._high.setdefault(cell, self.counts.values[cell])
        program = _Program(unknown, *self._equations(unknown, hidden), self._most())
        self._all_at_once(program)
        return [cell for at, cell in enumerate(unknown) if not self._wide(cell) and self._alone(program, at)]

    def _all_at_once(self, program: _Program[Cell]) -> None:
        """Drive all cells that are not yet seen to be wide enough up or down together, by the throw of a coin, and then the
        other way: most become so in a few programs."""
        coin = np.random.default_rng(len(program.unknown))  # the same table is looked into in the same way
        for _ in range(_THROWS):
            cost = np.array([0.0 if self._wide(cell) else 1.0 for cell in program.unknown])
            if cost.sum() <= _FEW:
                return
            cost *= coin.choice((-1.0, 1.0), size=len(cost))
            self._see(program, cost)
            self._see(program, -cost)

    def _alone(self, program: _Program[Cell], at: int) -> bool:
        """Whether one cell stays narrow when it alone is made as large, and as small, as it can be."""
        for sign in (-1.0, 1.0):
            cost = np.zeros(len(program.unknown))
            cost[at] = sign
            self._see(program, cost)
            if self._wide(program.unknown[at]):
                return False
        return True

    def narrowest(self, hidden: Collection[Cell]) -> int | None:
        """The narrowest interval that was seen, of the cells that are to have the whole width."""
        whole = [cell for cell in hidden if self.wanted(cell) == self.width]
        return min((round(self._high[cell] - self._low[cell]) for cell in whole), default=None)

    def _wide(self, cell: Cell) -> bool:
        return self._high[cell] - self._low[cell] >= self.wanted(cell) - _NEAR

    def _equations(
        self, unknown: Sequence[Cell], hidden: Collection[Cell]
    ) -> tuple[csr_array, Sequence[float]]:
        """The sums over what is kept back: unknown parts less an unknown total are what the known ones leave."""
        from scipy.sparse import csr_array

        place = {cell: at for at, cell in enumerate(unknown)}
        entries: list[tuple[int, int, float]] = []
        right: list[float] = []
        for one in self.counts.sums:
            if not any(cell in hidden for cell in (one.total, *one.parts)):
                continue
            rest = 0.0
            for cell, sign in ((one.total, -1.0), *((part, 1.0) for part in one.parts)):
                if cell in place:
                    entries.append((len(right), place[cell], sign))
                else:
                    rest -= sign * self.counts.values[cell]
            right.append(rest)
        rows, columns, signs = zip(*entries, strict=True) if entries else ((), (), ())
        return csr_array((signs, (rows, columns)), shape=(len(right), len(unknown))), right

    def _see(self, program: _Program[Cell], cost: np.ndarray) -> None:
        """Solve for a cost, and remember what all cells were then."""
        self.attempts += 1
        for cell, value in zip(program.unknown, program.solved(cost), strict=True):
            self._low[cell] = min(self._low[cell], value)
            self._high[cell] = max(self._high[cell], value)

    def _most(self) -> float:
        """More than any count of the table: what no sum bounds could be anything."""
        return 10.0 * max(self.counts.values.values(), default=0) + 1000.0


@dataclass(frozen=True, slots=True)
class _Program(Generic[Cell]):
    """All tables that could be the true one: the unknown cells, at least zero, with what their sums must be."""

    unknown: Sequence[Cell]
    matrix: csr_array
    right: Sequence[float]
    most: float

    def solved(self, cost: np.ndarray) -> Sequence[float]:
        """The table of least cost. Raises Unsafe."""
        from scipy.optimize import linprog

        sums = {"A_eq": self.matrix, "b_eq": self.right} if self.right else {}
        found = linprog(cost, bounds=(0, self.most), method="highs", **sums)
        if found.x is None:
            raise Unsafe(f"the solver could not look into the table: {found.message}")
        return list(found.x)
