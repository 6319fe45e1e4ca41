"""How unequal numbers are. Pure; all by municipality, none weighted by people. Definitions: docs/disparity.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    return math.fsum(values) / len(values) if values else None


def percentile(values: Iterable[float], share: float) -> float | None:
    """The value below which a share (0 to 1) lies, between two values by a straight line (Hyndman and Fan 1996, type 7).

    >>> percentile([0, 1, 2, 3, 10], 0.5), percentile([0, 10], 0.9)
    (2, 9.0)
    """
    ordered = sorted(values)
    if not ordered:
        return None
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] if at == low else ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def gini(values: Iterable[float]) -> float | None:
    """Gini's coefficient: half the mean difference of two values, by the mean. 0: all the same. None where the mean is 0.

    >>> gini([1, 1, 1]), gini([0, 0, 0, 1])
    (0.0, 0.75)
    """
    ordered = sorted(values)
    total, count = math.fsum(ordered), len(ordered)
    if not total:
        return None
    ranked = math.fsum(rank * value for rank, value in enumerate(ordered, start=1))
    return 2 * ranked / (count * total) - (count + 1) / count


def theil(values: Sequence[float]) -> float | None:
    """Theil's T: the mean of x/m · ln(x/m), where 0 · ln 0 counts as 0. None where the mean is 0 or nothing is there.

    Source: H. Theil, Economics and Information Theory (1967). It has a meaning for ratios only, not for yes and no.
    """
    middle = mean(values)
    if not middle:
        return None
    return math.fsum(one / middle * math.log(one / middle) for one in values if one > 0) / len(values)


@dataclass(frozen=True, slots=True)
class Theil:
    """Theil's T, and which part of it lies between groups and which within them; they add up."""

    total: float
    between: float
    within: float


def theil_by(groups: Sequence[Sequence[float]]) -> Theil | None:
    """T of all values, divided: between the means of groups, and within each, weighted by its part of the sum.

    >>> theil_by([[1, 1], [3, 3]]).within
    0.0
    """
    everything = [value for group in groups for value in group]
    total, middle = theil(everything), mean(everything)
    if total is None or not middle:
        return None
    between = within = 0.0
    for group in groups:
        own = mean(group)
        if own:
            part = len(group) * own / (len(everything) * middle)
            between += part * math.log(own / middle)
            within += part * (theil(group) or 0.0)
    return Theil(total, between, within)
