"""Numbers about candidates that a ranker weighs, and numbers about a ranking that tell whether it can be trusted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

POOL = 60
"""Candidates that are ranked; of 100 questions, 98 have a right answer among them, by words alone 93 (docs/answers.md)."""
ROUGH_BY_MEANING = {"meaning_asked": 1.0, "meaning_all": 0.5, "all": 0.4}
ROUGH_BY_WORDS = {"all": 1.0, "all_concepts": 1.0, "asked_concepts": 0.5, "all_sounds": 0.5}
"""What the candidates are taken by."""
Evidence = Mapping[str, np.ndarray]


def pool(evidence: Evidence, visible: np.ndarray) -> np.ndarray:
    """The rows worth ranking: the best by words and meaning, and of those that may be shown only."""
    weights = ROUGH_BY_MEANING if "meaning_asked" in evidence else ROUGH_BY_WORDS
    rough = np.sum([weight * spread_out(evidence[name]) for name, weight in weights.items()], axis=0)
    rough = np.where(visible, rough, -np.inf)
    best = np.argsort(-rough, kind="stable")[:POOL]
    return best[visible[best]]


def of_candidates(evidence: Evidence, coverage: Evidence, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The features of each of `rows`, whose coverage is given."""
    features = dict(coverage)
    for name, values in evidence.items():
        if name == "crowd":
            features[name] = values[rows]
        elif name.startswith("meaning"):
            features[name] = values[rows]
            if name != "meaning_gist":
                features[f"{name}_spread"] = spread_out(values)[rows]
        else:
            features[name] = values[rows] / (values.max(initial=0.0) + 1e-9)
    return features


def of_ranking(
    evidence: Evidence, values: Evidence, rows: np.ndarray, order: np.ndarray, scope: float | None
) -> dict[str, float]:
    """What a ranking looks like as a whole. `values`: the features of `rows`; `order`: the ranker's numbers for them;
    `scope`: how far the question lies on the town's side."""
    best = int(np.argmax(order))
    chances = np.exp(order - order[best])
    others = np.delete(order, best)
    looks = {
        "order": float(order[best]),
        "lead": float(order[best] - others.max()) if len(others) else 5.0,
        "share": float(1 / chances.sum()),
        "words_asked": float(np.log1p(evidence["asked"][rows[best]])),
        "words_all": float(np.log1p(evidence["all"][rows[best]])),
        "words_anywhere": float(np.log1p(evidence["all"].max())),
        **{
            name: float(values[name][best])
            for name in ("asked_synonym", "all_synonym", "meant_synonym", "asked_like", "all_like")
            if name in values
        },
    }
    if scope is not None:
        looks |= {
            "scope": scope,
            "meaning_asked": float(values["meaning_asked"][best]),
            "meaning_all": float(values["meaning_all"][best]),
            "meaning_gist": float(values["meaning_gist"][best]),
            "meaning_asked_spread": float(values["meaning_asked_spread"][best]),
            "meaning_anywhere": float(evidence["meaning_asked"].max()),
        }
    return looks


def spread_out(values: np.ndarray) -> np.ndarray:
    """Values less their mean, by their spread: questions of different length become comparable."""
    return (values - values.mean()) / (values.std() + 1e-9)
