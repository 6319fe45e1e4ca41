"""How much each piece of evidence counts: a linear ranker whose weights stand in `ranker.json`.

They were learnt from the questions and judgements of localgovFAQ by `python -m bench.answers_ranker`, once with the vectors
of the model and once without; no text of that data is in the file. How they do on questions they have not seen is in
docs/answers.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("ranker.json")


@dataclass(frozen=True)
class Line:
    """A weighted sum of named numbers, each first made comparable (less its mean, by its spread)."""

    names: tuple[str, ...]
    mean: np.ndarray
    spread: np.ndarray
    weights: np.ndarray
    constant: float = 0.0

    def of(self, values: np.ndarray) -> np.ndarray:
        """The sum for each row of `values`, whose columns are `names`."""
        return ((values - self.mean) / self.spread) @ self.weights + self.constant

    def chance(self, values: np.ndarray) -> np.ndarray:
        """The sum as a probability, 0 to 1."""
        return 1 / (1 + np.exp(-self.of(values)))

    def written(self) -> dict[str, object]:
        """As it stands in the file."""
        return {
            "features": {
                name: [round(float(number), 5) for number in numbers]
                for name, *numbers in zip(self.names, self.mean, self.spread, self.weights, strict=True)
            },
            "constant": round(self.constant, 5),
        }

    @classmethod
    def read(cls, written: dict[str, dict[str, list[float]]]) -> Line:
        """From the file."""
        features = written["features"]
        mean, spread, weights = np.array(list(features.values())).T
        return cls(tuple(features), mean, spread, weights, float(written["constant"]))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Ranker:
    """The order of candidates, whether a question is one of ours, and whether the first answer is the one."""

    order: Line
    in_scope: Line
    sure: Line
    in_scope_from: float
    sure_from: float


@cache
def ranker(dense: bool) -> Ranker:
    """The ranker for a search with or without vectors of meaning."""
    written = json.loads(FILE.read_text("utf-8"))["dense" if dense else "words"]
    return Ranker(
        Line.read(written["order"]),
        Line.read(written["in_scope"]),
        Line.read(written["sure"]),
        written["in_scope_from"],
        written["sure_from"],
    )
