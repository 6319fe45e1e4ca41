"""Solomon instances through our dispatch API, 10 s each on one core, against the best known costs.

python -m bench.dispatch_solomon
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from yakuba.field.dispatch import vrplib
from yakuba.field.dispatch.check import faults
from yakuba.field.dispatch.day import Map
from yakuba.field.dispatch.planning import planned

FOLDER = Path(__file__).parents[2] / "shared/data/vrptw/solomon"
SECONDS, GAP = 10, 0.8
"""Seconds an instance; the limit of the mean gap in per cent."""


def measure() -> list[dict[str, Any]]:
    """The mean gap to the best known costs, and how many plans had a fault."""
    files = sorted(FOLDER.glob("*.vrp"))
    if not files:
        raise FileNotFoundError(f"{FOLDER}: the Solomon instances are not there")
    # two processes at a time, each on a core of its own
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(_gap, files))
    gap = sum(one for one, _ in found) / len(found)
    wrong = sum(bad for _, bad in found)
    row = {
        "peer_version": f"best known, {len(files)} instances (pyvrp {version('pyvrp')})",
        "command": "python -m bench.dispatch_solomon",
    }
    return [
        {"name": "dispatch.solomon (% above)", "ours": round(gap, 3), "peer": GAP, "ratio": round(gap / GAP, 3),
         "limit": "<= 1", "ok": gap <= GAP and not wrong, **row},
    ]  # fmt: skip


def _gap(file: Path) -> tuple[float, int]:
    """Per cent above the best known cost, and the number of faults."""
    day = vrplib.read(file)
    plan = planned(Map(day), seconds=SECONDS)
    best = float(file.with_suffix(".sol").read_text().split("Cost")[1])
    return 100 * (plan.cost / 10 / best - 1), len(faults(Map(day), plan)) + len(plan.unserved)


if __name__ == "__main__":
    print(measure())
