"""How many spare units to keep, and where: bases that exchange at once, a depot behind them that repairs.

    demand at a base → a spare goes out at once, or the customer waits (a backorder)
    faulty unit      → repaired at the base (share `own_share`), or sent on and replaced from the depot

METRIC (Sherbrooke 1968, Operations Research 16(1)) takes what is on its way to a base as Poisson; VARI-METRIC
(Slay 1984; Sherbrooke 1986, Operations Research 34(2)) fits mean and variance, by a negative binomial where the
variance is larger. Where a customer without a spare is helped in another way and does not wait, the chance of having
none is Erlang's loss formula. All times are in years, demands per year, Poisson.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

Method = Literal["vari-metric", "metric"]
_TAIL = 1e-12
"""Probability beyond which a distribution is not followed."""
_LONGEST = 10_000
"""Units beyond which it is not followed either: the tail is then below what doubles can add up."""


@dataclass(frozen=True, slots=True)
class Base:
    """A place that keeps spares. `own_repair` and `order_and_ship` are mean years."""

    name: str
    demands: float
    own_share: float = 0.0
    own_repair: float = 0.0
    order_and_ship: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.own_share <= 1:
            raise ValueError(f"{self.name}: own_share is {self.own_share}, a share is between 0 and 1")
        if min(self.demands, self.own_repair, self.order_and_ship) < 0:
            raise ValueError(f"{self.name}: demands and times cannot be negative")


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of unit: its bases, the depot's mean repair in years, and the price of one in yen."""

    name: str
    bases: tuple[Base, ...]
    depot_repair: float
    price: int = 1

    @property
    def depot_demands(self) -> float:
        """Units a year that bases send on."""
        return sum(base.demands * (1 - base.own_share) for base in self.bases)


@dataclass(frozen=True, slots=True)
class Stock:
    """Spares of one kind: at the depot, and at each base in the order of `Item.bases`."""

    depot: int
    bases: tuple[int, ...]

    @property
    def units(self) -> int:
        """All spares together."""
        return self.depot + sum(self.bases)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a base can expect: customers who wait on average, the chance of having none, and the wait in hours."""

    base: str
    stock: int
    waiting: float
    none: float
    wait_hours: float


def outlook(item: Item, stock: Stock, method: Method = "vari-metric") -> list[Outlook]:
    """Expected backorders of each base, the chance that a customer finds no spare, and the mean wait (Little)."""
    depot = _waiting_moments(item.depot_demands * item.depot_repair, stock.depot)
    found = []
    for base, kept in zip(item.bases, stock.bases, strict=True):
        chances = _outstanding(item, base, depot, method)
        waiting = float(np.maximum(np.arange(len(chances)) - kept, 0) @ chances)
        none = float(chances[kept:].sum()) if kept < len(chances) else 0.0
        hours = waiting / base.demands * 365.25 * 24 if base.demands else 0.0
        found.append(Outlook(base.name, kept, waiting, none, hours))
    return found


def waiting(item: Item, stock: Stock, method: Method = "vari-metric") -> float:
    """Expected backorders of all bases together."""
    return sum(one.waiting for one in outlook(item, stock, method))


def erlang_b(stock: int, load: float) -> float:
    """The chance that all `stock` spares are out, when a customer who finds none is helped in another way.

    `load` is demands a year × years until a spare is back (Erlang 1917; the recursion is the usual one).
    """
    lost = 1.0
    for number in range(1, stock + 1):
        lost = load * lost / (number + load * lost)
    return lost


@dataclass(frozen=True, slots=True)
class Choice:
    """A stock for every item, what it costs in yen, and who waits then."""

    stocks: dict[str, Stock]
    yen: int
    waiting: float


def choices(items: Sequence[Item], most: int, method: Method = "vari-metric") -> list[Choice]:
    """Ever larger stocks of at most `most` units of each item, each one purchase further: what is worth most per yen.

    For every item the best split between depot and bases is found for each number of units; the steps of its convex
    hull are then bought in the order of their worth (Sherbrooke 2004, Optimal Inventory Modeling, ch. 2 and 3).
    """
    stocks = {item.name: Stock(0, (0,) * len(item.bases)) for item in items}
    left = {item.name: waiting(item, stocks[item.name], method) for item in items}
    yen = 0
    found = [Choice(dict(stocks), yen, sum(left.values()))]
    steps: list[tuple[float, int, str, Stock, float]] = []
    for item in items:
        for before, after in pairwise(_hull(best_splits(item, most, method))):
            cost = (after[0].units - before[0].units) * item.price
            steps.append(((before[1] - after[1]) / cost, cost, item.name, *after))
    for _, cost, name, stock, waits in sorted(steps, key=lambda step: (-step[0], step[2], step[3].units)):
        stocks[name], left[name] = stock, waits
        yen += cost
        found.append(Choice(dict(stocks), yen, sum(left.values())))
    return found


def best_splits(item: Item, most: int, method: Method = "vari-metric") -> list[tuple[Stock, float]]:
    """For 0, 1, ... `most` units: the split between depot and bases with the fewest waiting, and how many wait."""
    best: list[tuple[Stock, float]] = []
    for depot in range(most + 1):
        for kept, left in enumerate(_laid_out(item, depot, most - depot, method)):
            units = depot + kept
            if units == len(best):
                best.append((Stock(depot, left[0]), left[1]))
            elif left[1] < best[units][1]:
                best[units] = (Stock(depot, left[0]), left[1])
    return best


def _laid_out(item: Item, depot: int, most: int, method: Method) -> list[tuple[tuple[int, ...], float]]:
    """With so many at the depot: 0, 1, ... `most` units at the bases. One more goes where it helps most, which is
    best, for each further unit at a base helps less than the one before: by the chance that more are out than are kept.
    """
    moments = _waiting_moments(item.depot_demands * item.depot_repair, depot)
    chances = [_outstanding(item, base, moments, method) for base in item.bases]
    helps = [np.append(1 - np.cumsum(one), np.zeros(most + 1)) for one in chances]
    kept = [0] * len(item.bases)
    left = sum(float(np.arange(len(one)) @ one) for one in chances)
    found = [(tuple(kept), left)]
    for _ in range(most):
        base = max(range(len(kept)), key=lambda number: helps[number][kept[number]])
        left -= float(helps[base][kept[base]])
        kept[base] += 1
        found.append((tuple(kept), left))
    return found


def _hull(points: list[tuple[Stock, float]]) -> list[tuple[Stock, float]]:
    """The points at which each further unit is worth no more than those before (the lower convex hull)."""
    hull: list[tuple[Stock, float]] = []
    for point in points:
        while len(hull) > 1 and _gain(hull[-2], hull[-1]) <= _gain(hull[-1], point):
            hull.pop()
        hull.append(point)
    return hull


def _gain(before: tuple[Stock, float], after: tuple[Stock, float]) -> float:
    return (before[1] - after[1]) / (after[0].units - before[0].units)


def reorder(before: Stock, after: Stock) -> dict[str, int]:
    """Units to buy (positive) or to give away: at the depot and at each base, by position."""
    names = ["depot", *(str(number) for number in range(len(before.bases)))]
    pairs = zip(names, (before.depot, *before.bases), (after.depot, *after.bases), strict=True)
    return {name: new - old for name, old, new in pairs if new != old}


def simulated(item: Item, stock: Stock, *, years: float, seed: int) -> list[float]:
    """Average backorders of each base in a simulation of every single demand, with constant times.

    The unit for the depot's nth demand is there when the demand comes, or when the unit of the (n - stock)th is
    repaired: with constant times units come back in the order in which they went.
    """
    random = np.random.default_rng(seed)
    demands = [np.sort(random.uniform(0, years, random.poisson(base.demands * years))) for base in item.bases]
    own = [random.random(len(when)) < base.own_share for base, when in zip(item.bases, demands, strict=True)]
    sent = np.concatenate([when[~mine] for when, mine in zip(demands, own, strict=True)])
    order = np.argsort(sent, kind="stable")
    shipped = np.empty_like(sent)
    back = np.full(len(sent), -np.inf)
    back[stock.depot :] = sent[order][: max(0, len(sent) - stock.depot)] + item.depot_repair
    shipped[order] = np.maximum(sent[order], back)
    found, first = [], 0
    for base, kept, when, mine in zip(item.bases, stock.bases, demands, own, strict=True):
        arrives = when + base.own_repair
        count = int((~mine).sum())
        arrives[~mine] = shipped[first : first + count] + base.order_and_ship
        first += count
        found.append(_average_waiting(when, arrives, kept, years))
    return found


def _average_waiting(demands: np.ndarray, arrives: np.ndarray, kept: int, years: float) -> float:
    times = np.concatenate([demands, arrives])
    steps = np.concatenate([np.ones(len(demands)), -np.ones(len(arrives))])
    order = np.argsort(times, kind="stable")
    out = np.cumsum(steps[order])
    spans = np.diff(np.minimum(np.append(times[order], years), years))
    return float(np.maximum(out - kept, 0) @ np.maximum(spans, 0) / years)


def _outstanding(item: Item, base: Base, depot: tuple[float, float], method: Method) -> np.ndarray:
    """Probabilities of 0, 1, 2, ... units that a base has out: in its own repair, on the way, or waited for."""
    sent = base.demands * (1 - base.own_share)
    share = sent / item.depot_demands if item.depot_demands else 0.0
    way = base.demands * base.own_share * base.own_repair + sent * base.order_and_ship
    mean = way + share * depot[0]
    variance = way + share * (1 - share) * depot[0] + share**2 * depot[1]
    if method == "metric" or variance <= mean * (1 + 1e-9):
        return _poisson(mean)
    return _negative_binomial(mean, variance)


def _waiting_moments(load: float, stock: int) -> tuple[float, float]:
    """Mean and variance of the number of bases' orders that wait at the depot (Palm: Poisson outstanding)."""
    chances = _poisson(load)
    short = np.maximum(np.arange(len(chances)) - stock, 0)
    mean = float(short @ chances)
    return mean, float(short**2 @ chances) - mean**2


def _poisson(mean: float) -> np.ndarray:
    """Probabilities of 0, 1, 2, ..., until less than _TAIL is left."""
    return _followed(math.exp(-mean), lambda number: mean / number)


def _negative_binomial(mean: float, variance: float) -> np.ndarray:
    """Probabilities of 0, 1, 2, ... with this mean and this larger variance."""
    miss = 1 - mean / variance
    size = mean * (1 - miss) / miss
    return _followed((1 - miss) ** size, lambda number: (size + number - 1) / number * miss)


def _followed(first: float, ratio: Callable[[int], float]) -> np.ndarray:
    chances, total, number = [first], first, 0
    while 1 - total > _TAIL and number < _LONGEST:
        number += 1
        chances.append(chances[-1] * ratio(number))
        total += chances[-1]
    return np.array(chances)
