"""Numbers about candidates that a ranker weighs, and numbers about a ranking that tell whether it can be trusted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

POOL = 60
"""Candidates that are ranked; in 97 of 100 questions a right answer is among them (docs/answers.md)."""
Evidence = Mapping[str, np.ndarray]


def pool(evidence: Evidence, visible: np.ndarray) -> np.ndarray:
    """The rows worth ranking: the best by words and meaning, and of those that may be shown only."""
    rough = spread_out(evidence["all"])
    if "meaning_asked" in evidence:
        rough = 0.4 * rough + spread_out(evidence["meaning_asked"])
    rough = np.where(visible, rough, -np.inf)
    best = np.argsort(-rough, kind="stable")[:POOL]
    return best[visible[best]]


def of_candidates(evidence: Evidence, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The features of each of `rows`."""
    features = {}
    for name, values in evidence.items():
        if name.startswith("meaning"):
            features[name] = values[rows]
            features[f"{name}_spread"] = spread_out(values)[rows]
        else:
            features[name] = values[rows] / (values.max(initial=0.0) + 1e-9)
    return features


def of_ranking(evidence: Evidence, rows: np.ndarray, order: np.ndarray) -> dict[str, float]:
    """What a ranking looks like as a whole. `order`: the ranker's numbers for `rows`, best first."""
    first = rows[0]
    chances = np.exp(order - order[0])
    chances /= chances.sum()
    looks = {
        "lead": float(order[0] - order[1]) if len(order) > 1 else 5.0,
        "share": float(chances[0]),
        "asked": float(np.log1p(evidence["asked"][first])),
        "all": float(np.log1p(evidence["all"][first])),
        "best_all": float(np.log1p(evidence["all"].max())),
        "order": float(order[0]),
    }
    if "meaning_asked" in evidence:
        looks |= {
            "meaning_asked": float(evidence["meaning_asked"][first]),
            "meaning": float(evidence["meaning"][first]),
            "meaning_spread": float(spread_out(evidence["meaning_asked"])[first]),
        }
    return looks


def spread_out(values: np.ndarray) -> np.ndarray:
    """Values less their mean, by their spread: questions of different length become comparable."""
    return (values - values.mean()) / (values.std() + 1e-9)
