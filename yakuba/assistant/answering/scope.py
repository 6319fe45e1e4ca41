"""Whether a question is one for a town hall at all.

What the town's entries are asked by lies on one side, questions that no town hall answers on the other; between them runs
the line of a linear discriminant analysis (Fisher, 1936), drawn anew when the entries change. So what a town answers, its
sights too, is in scope because it is there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from yakuba.assistant.answering.dense import SIZE, Vector

OFF_TOPIC = Path(__file__).with_name("off_topic.npy")
"""Vectors of questions that no town hall answers, written for this project; `data/answers/vectors.py` makes the file."""
STEADY = 1e-3
"""Added to every variance, so that few entries draw a line that holds."""


@cache
def off_topic() -> Vector:
    """The vectors of questions that no town hall answers."""
    return np.load(OFF_TOPIC).astype(np.float32)


class Line:
    """The line between what the town is asked and what it is not."""

    def __init__(self, ours: Vector, others: Vector) -> None:
        self._middle = (ours.mean(axis=0) + others.mean(axis=0)) / 2
        spread = np.mean([np.cov(side.T) for side in (ours, others) if len(side) > 1], axis=0)
        spread = spread + STEADY * np.eye(SIZE)
        across = np.linalg.solve(spread, ours.mean(axis=0) - others.mean(axis=0))
        self._across = across / np.sqrt(across @ spread @ across)

    def side(self, question: Vector) -> float:
        """How far on our side of the line a question lies, in spreads of either side; less than 0 beyond it."""
        return float((question - self._middle) @ self._across)
