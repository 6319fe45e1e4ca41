"""What the table tells about disparity: by size of town, by depopulated area, by prefecture. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from yakuba.progress.disparity import measures
from yakuba.progress.disparity.table import Indicator, Municipality, Table, columns, indicators

EDGES = (5_000, 10_000, 30_000, 50_000, 100_000, 200_000)
"""People at which a band of population begins."""
SIZES = (
    f"under_{EDGES[0]}",
    *(f"{low}_to_{high}" for low, high in pairwise(EDGES)),
    f"over_{EDGES[-1]}",
)
"""The bands by name. A town with as many people as an edge belongs to the larger band."""
KASO = ("all", "part", "deemed", "none")


def size_of(people: int) -> str:
    """The band of population.

    >>> size_of(4_999), size_of(5_000), size_of(200_000)
    ('under_5000', '5000_to_10000', 'over_200000')
    """
    return SIZES[sum(people >= edge for edge in EDGES)]


@dataclass(frozen=True, slots=True)
class Group:
    """An indicator in a group of towns. `towns` = `known` + `missing`; mean and percentiles from 0 to 1, of those known; `lag`:
    percentage points behind the group that is furthest ahead. p10 to p90 only for ratios."""

    id: str
    towns: int
    known: int
    missing: int
    mean: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    lag: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator in the whole country. `gap`: percentage points between the leading and the last band of population. Gini and
    Theil only for ratios; Theil's parts are between and within prefectures."""

    indicator: Indicator
    country: Group
    sizes: tuple[Group, ...]
    kaso: tuple[Group, ...]
    prefectures: tuple[Group, ...]
    gap: float | None
    gini: float | None
    theil: measures.Theil | None
    none_at_all: int
    """Towns whose value is 0."""


@dataclass(frozen=True, slots=True)
class Used:
    """Offering is not use: of towns that offer all 26 procedures of child-raising and care online, how many say how often they
    are used (at least one rate), and where every rate that is known is 0."""

    offering: int
    reporting: int
    silent: int
    at_zero: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything at once."""

    table: Table
    measured: Mapping[str, Measured]
    use: Used


def report(table: Table) -> Report:
    """What the table tells."""
    return Report(
        table, {one.id: measured(table.towns, one) for one in indicators().values()}, used(table.towns)
    )


def measured(towns: Sequence[Municipality], indicator: Indicator) -> Measured:
    """One indicator."""
    by_prefecture = _grouped(towns, [(one.prefecture, one) for one in towns])
    sizes = _groups(indicator, _grouped(towns, [(size_of(one.population), one) for one in towns], SIZES))
    prefectures = _groups(indicator, by_prefecture)
    is_ratio = indicator.kind == "ratio"
    known = _known(towns, indicator.id)
    means = [one.mean for one in sizes if one.mean is not None]
    return Measured(
        indicator=indicator,
        country=_group("country", towns, indicator),
        sizes=sizes,
        kaso=_groups(
            indicator, _grouped(towns, [(one.kaso, one) for one in towns if one.kaso is not None], KASO)
        ),
        prefectures=prefectures,
        gap=100 * (max(means) - min(means)) if means else None,
        gini=measures.gini(known) if is_ratio else None,
        theil=measures.theil_by([_known(group, indicator.id) for group in by_prefecture.values()])
        if is_ratio
        else None,
        none_at_all=sum(value == 0 for value in known),
    )


def _grouped(
    towns: Sequence[Municipality], named: Sequence[tuple[str | None, Municipality]], order: Sequence[str] = ()
) -> dict[str, list[Municipality]]:
    found: dict[str, list[Municipality]] = defaultdict(list)
    for name in order:
        found[name] = []
    for group, one in named:
        found[group or ""].append(one)
    return dict(found)


def _groups(indicator: Indicator, groups: Mapping[str, Sequence[Municipality]]) -> tuple[Group, ...]:
    """Every group, each with its lag behind the one that leads."""
    made = [_group(name, towns, indicator) for name, towns in groups.items()]
    best = max((one.mean for one in made if one.mean is not None), default=None)
    return tuple(
        replace(one, lag=None if one.mean is None or best is None else 100 * (best - one.mean))
        for one in made
    )


def _group(name: str, towns: Sequence[Municipality], indicator: Indicator) -> Group:
    known = _known(towns, indicator.id)
    p10, p50, p90 = (
        measures.percentile(known, share) if indicator.kind == "ratio" else None for share in (0.1, 0.5, 0.9)
    )
    return Group(
        id=name,
        towns=len(towns),
        known=len(known),
        missing=len(towns) - len(known),
        mean=measures.mean(known),
        p10=p10,
        p50=p50,
        p90=p90,
        lag=None,
    )


def _known(towns: Sequence[Municipality], indicator: str) -> list[float]:
    return [value for one in towns if (value := one.values[indicator]) is not None]


def used(towns: Sequence[Municipality]) -> Used:
    """Whether what is offered is used: the 26 procedures of child-raising and care."""
    offering = [one for one in towns if one.values["online26"] == 1]
    rates = [
        known
        for one in offering
        if (known := [v for name in columns().use.children_and_care if (v := one.use[name]) is not None])
    ]
    return Used(
        offering=len(offering),
        reporting=len(rates),
        silent=len(offering) - len(rates),
        at_zero=sum(not any(known) for known in rates),
    )
