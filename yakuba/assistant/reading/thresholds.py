"""From which confidence on an answer may stand unseen: learnt on practice forms, and anew from what people corrected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from scipy.special import betaincinv

FILE = Path(__file__).parent / "thresholds.json"
NEVER = 1.01
"""Above every confidence: a person looks at all of them."""
WRONG, CERTAINTY = 0.001, 0.95
"""The share of wrong answers that may stand unseen, and how certain it must be that it is no larger."""


@cache
def kept() -> Mapping[str, float]:
    """The limits by kind of answer that come with the project (`data/reading/learn_thresholds.py` learnt them)."""
    return {kind: float(one["from"]) for kind, one in json.loads(FILE.read_text("utf-8"))["kinds"].items()}


def highest_share(wrong: int, of: int, certainty: float = CERTAINTY) -> float:
    """So large may the true share be, with this certainty (Clopper and Pearson 1934, one-sided).

    >>> round(highest_share(0, 2995), 5), highest_share(0, 0)
    (0.001, 1.0)
    """
    return float(betaincinv(wrong + 1, of - wrong, certainty)) if of > wrong else 1.0


def lowest_share(wrong: int, of: int, certainty: float = CERTAINTY) -> float:
    """So small may the true share be, with this certainty.

    >>> lowest_share(0, 100), round(lowest_share(5, 100), 3)
    (0.0, 0.02)
    """
    return float(betaincinv(wrong, of - wrong + 1, 1 - certainty)) if wrong else 0.0


def relearnt(shipped: float, seen: Sequence[tuple[float, bool]]) -> float:
    """The limit for one kind of answer after people answered: lower than the shipped one where enough was seen to know that it
    may be, higher (NEVER, too) where what they saw says that it was too low, else as it was.

    Of the answers that were sure only a sample is seen, so that they count too little: the estimate errs to the careful side.
    """
    own = learnt(seen)
    above = [right for confidence, right in seen if confidence >= shipped]
    if lowest_share(above.count(False), len(above)) > WRONG:
        return max(own, shipped + 1e-9) if own < NEVER else NEVER
    return min(own, shipped)


def learnt(
    seen: Iterable[tuple[float, bool]], *, at_most: float = WRONG, certainty: float = CERTAINTY
) -> float:
    """The lowest limit from which on the answers that were seen were wrong so rarely that the share is below `at_most`;
    NEVER where there were not enough. `seen`: confidence, and was it right."""
    best, count, wrong = NEVER, 0, 0
    by_confidence = sorted(seen, key=lambda one: -one[0])
    for place, (confidence, right) in enumerate(by_confidence):
        count, wrong = count + 1, wrong + (not right)
        last_of_its_kind = place + 1 == len(by_confidence) or by_confidence[place + 1][0] < confidence
        if last_of_its_kind and highest_share(wrong, count, certainty) <= at_most:
            best = confidence
    return best
