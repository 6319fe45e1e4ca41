"""People who stand in a register twice: precision and recall on a made-up register in which they are known, and how long
100,000 people take.

    python -m bench.run duplicates
    python -m bench.duplicates          # by kind, too
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import duckdb
import pyarrow as pa

from bench.twice import Planted, planted
from yakuba.records.duplicates import Duplicates, find

SEED, SMALL, LARGE = 20261129, 20_000, 100_000
LEAST, SLOWEST = 0.95, 60.0


def looked_for(made: Planted, threshold: float | None = None) -> Duplicates:
    """What is found in a made-up register."""
    columns = {name: pa.array([row[name] or None for row in made.rows], pa.string()) for name in made.rows[0]}
    rows = pa.table({"_row": pa.array(range(1, len(made.rows) + 1), pa.int64()), **columns})
    with duckdb.connect(":memory:") as con:
        con.register("rows", rows)
        return find(con, "rows", columns, ["atenabango", "rirekibango"], threshold=threshold)


def quality(made: Planted, found: Duplicates) -> tuple[float, float, dict[str, str]]:
    """Precision, recall, and how many of each kind were found."""
    pairs = {pair.rows for pair in found.pairs}
    right = pairs & set(made.twice)
    there, got = Counter(made.twice.values()), Counter(made.twice[pair] for pair in right)
    kinds = {kind: f"{got[kind]}/{count}" for kind, count in sorted(there.items())}
    return len(right) / max(1, len(pairs)), len(right) / len(made.twice), kinds


def recall_of_one(made: Planted, found: Duplicates) -> float:
    """Of the second rows in which one thing is otherwise, how many were found."""
    pairs = {pair.rows for pair in found.pairs}
    there = [pair for pair, kind in made.twice.items() if "," not in kind]
    return sum(pair in pairs for pair in there) / len(there)


def measure() -> list[dict[str, Any]]:
    """Precision and recall of a town of 20,000, seconds for 100,000 people."""
    made = planted(SMALL, SEED)
    found = looked_for(made)
    precision, _, _ = quality(made, found)
    recall = recall_of_one(made, found)
    large = planted(LARGE, SEED)
    began = time.perf_counter()
    looked_for(large)
    took = time.perf_counter() - began
    shared = {"peer": "", "peer_version": "", "ratio": "", "command": "python -m bench.run duplicates"}
    return [
        {"name": "duplicates.precision", "ours": round(precision, 4), "limit": f">= {LEAST}", "ok": precision >= LEAST, **shared},
        {"name": "duplicates.recall", "ours": round(recall, 4), "limit": f">= {LEAST}", "ok": recall >= LEAST, **shared},
        {"name": "duplicates.large (s)", "ours": round(took, 1), "limit": f"< {SLOWEST:g}", "ok": took < SLOWEST, **shared},
    ]  # fmt: skip


def main() -> None:
    """Print precision and recall by size and kind; kinds with a comma are second rows in which two things are otherwise."""
    for people in (5_000, SMALL, LARGE):
        made = planted(people, SEED)
        began = time.perf_counter()
        found = looked_for(made)
        took = time.perf_counter() - began
        precision, recall, kinds = quality(made, found)
        print(f"{people:,}: precision {precision:.4f}, recall {recall:.4f}, {took:.1f} s, found {kinds}")


if __name__ == "__main__":
    main()
