"""Who goes first, and who gets which place: pure, and the same whenever it is computed again.

All places rank the applicants alike, so each in turn takes the best free place they wish for (serial dictatorship):
nobody prefers a place that somebody behind them has, and nobody gains by hiding what they would like best.
Source: A. Abdulkadiroglu, T. Sonmez, "School Choice: A Mechanism Design Approach", American Economic Review 93 (2003);
with one ranking for all places their deferred acceptance is this.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody who asks: `wishes` are codes of places, the best first; `points` and then `ties` rank, the larger first;
    `lot` decides between equals, the smaller first."""

    case: str
    wishes: tuple[str, ...]
    points: int = 0
    ties: tuple[int, ...] = ()
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What came of it for one: a place, or None for the waiting list; the rank counts from 1."""

    place: str | None
    rank: int


def lot(seed: bytes, reference: str) -> str:
    """The lot of a case: HMAC-SHA-256 of its reference number under the seed of the round, as hex. Anybody who is shown the
    seed afterwards can compute it again."""
    return hmac.new(seed, reference.encode(), hashlib.sha256).hexdigest()


def commitment(seed: bytes) -> str:
    """What is shown of a seed before the draw: its SHA-256, as hex."""
    return hashlib.sha256(seed).hexdigest()


def ranked(entrants: Sequence[Entrant]) -> list[Entrant]:
    """In the order in which they choose."""
    return sorted(entrants, key=lambda one: (-one.points, tuple(-t for t in one.ties), one.lot, one.case))


def give_out(in_order: Sequence[Entrant], free: Mapping[str, int]) -> dict[str, Given]:
    """Each in turn takes the best free place that they wish for. `free`: by place, how many it still takes."""
    left = dict(free)
    given: dict[str, Given] = {}
    for rank, one in enumerate(in_order, start=1):
        place = next((wish for wish in one.wishes if left.get(wish, 0) > 0), None)
        if place is not None:
            left[place] -= 1
        given[one.case] = Given(place, rank)
    return given
