"""Towns most like a town, by size, age and money, and in what they are ahead of it. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from yakuba.progress.disparity.table import Indicator, Municipality, Table, columns, indicators

PEERS = 20
"""How many towns count as alike."""
AHEAD = 0.05
"""By how much (5 percentage points) a ratio must be higher to be called ahead. Ours, not an official threshold."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a town is compared by: people, share of 65 and over in percent, fiscal index; None is unknown."""

    population: int
    aged: float | None = None
    money: float | None = None


_DIMENSIONS: Mapping[str, Callable[[Profile | Municipality], float | None]] = {
    "population": lambda one: math.log(one.population) if one.population else None,
    "aged": lambda one: one.aged,
    "money": lambda one: one.money,
}
"""People by their logarithm: 2,000 and 4,000 are as far apart as 200,000 and 400,000."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A town that is alike. `distance` in standard deviations; `ahead`: ids of the indicators in which it is ahead."""

    town: Municipality
    distance: float
    ahead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """An indicator or procedure in which peers are ahead. `own` None: unknown of the town; `towns`: who is ahead, the most alike
    first; `known`: peers of which it is known."""

    id: str
    own: float | None
    towns: tuple[Municipality, ...]
    known: int


@dataclass(frozen=True, slots=True)
class Compared:
    """A town beside its peers. `by`: what they were compared by; what is unknown of the town is left out."""

    profile: Profile
    town: Municipality | None
    by: tuple[str, ...]
    peers: tuple[Peer, ...]
    leads: tuple[Lead, ...]
    use: tuple[Lead, ...]


def compared(table: Table, profile: Profile, town: Municipality | None = None, most: int = PEERS) -> Compared:
    """The towns most like it, and in what they are ahead. A town of which something is unknown that is known of this one is
    none of its peers: unknown is not alike."""
    by = tuple(name for name, value in _DIMENSIONS.items() if value(profile) is not None)
    spread = {name: _deviation(table.towns, name) for name in by}
    near = sorted(
        (distance, one.code, one)
        for one in table.towns
        if (town is None or one.code != town.code)
        and (distance := _distance(profile, one, spread)) is not None
    )[:most]
    peers = tuple(Peer(one, distance, _ahead(one, town)) for distance, _, one in near)
    return Compared(profile, town, by, peers, _leads(peers, town), _use(peers, town))


def of_town(table: Table, town: Municipality, most: int = PEERS) -> Compared:
    """The same for a town of the table."""
    return compared(table, Profile(town.population, town.aged, town.money), town, most)


def having(found: Compared) -> dict[str, tuple[int, int]]:
    """By item of the DX plan: how many peers have it (of a ratio: all of it), and of how many it is known."""
    told = {}
    for name, what in indicators().items():
        known = [value for one in found.peers if (value := one.town.values[name]) is not None]
        if what.item and known:
            told[what.item] = (sum(value == 1 for value in known), len(known))
    return told


def _deviation(towns: Sequence[Municipality], name: str) -> float:
    """The standard deviation of a dimension over all towns of which it is known; 1 where there is none."""
    known = [value for one in towns if (value := _DIMENSIONS[name](one)) is not None]
    if len(known) < 2:
        return 1.0
    middle = math.fsum(known) / len(known)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in known) / len(known)) or 1.0


def _distance(profile: Profile, other: Municipality, spread: Mapping[str, float]) -> float | None:
    """Root of the mean square of the differences in standard deviations; None when one cannot be told."""
    squares = []
    for name, deviation in spread.items():
        own, its = _DIMENSIONS[name](profile), _DIMENSIONS[name](other)
        if own is None or its is None:
            return None
        squares.append(((own - its) / deviation) ** 2)
    return math.sqrt(math.fsum(squares) / len(squares)) if squares else None


def _is_ahead(indicator: Indicator, its: float | None, own: float | None) -> bool:
    if its is None or own is None:
        return False
    return its - own >= AHEAD - 1e-9 if indicator.kind == "ratio" else its > own


def _ahead(one: Municipality, town: Municipality | None) -> tuple[str, ...]:
    """In what it is ahead; of a town whose own values are unknown, nothing can be said."""
    if town is None:
        return ()
    return tuple(
        name for name, what in indicators().items() if _is_ahead(what, one.values[name], town.values[name])
    )


def _leads(peers: Sequence[Peer], town: Municipality | None) -> tuple[Lead, ...]:
    """Indicators by how many peers are ahead; of a town whose values are unknown, by how many peers have or do it."""
    found = []
    for name in indicators():
        known = [one for one in peers if one.town.values[name] is not None]
        if town is None:
            has = tuple(
                one.town for one in known if indicators()[name].kind == "yes_no" and one.town.values[name]
            )
        else:
            has = tuple(one.town for one in peers if name in one.ahead)
        if has:
            found.append(Lead(name, town.values[name] if town else None, has, len(known)))
    return tuple(sorted(found, key=lambda one: -len(one.towns)))


def _use(peers: Sequence[Peer], town: Municipality | None) -> tuple[Lead, ...]:
    """Procedures of which more requests come online at peers, where the town's own rate is known."""
    if town is None:
        return ()
    found = []
    for name in columns().use.all:
        own = town.use[name]
        if own is None:
            continue
        known = [(rate, one.town) for one in peers if (rate := one.town.use[name]) is not None]
        has = tuple(one for rate, one in known if rate - own >= AHEAD - 1e-9)
        if has:
            found.append(Lead(name, own, has, len(known)))
    return tuple(sorted(found, key=lambda one: -len(one.towns)))
