"""1,000 synthetic jobs and 100 technicians with skills, windows and breaks: our plan beside each engine alone.

Everybody has 90 seconds; the cost is travel plus the worth of lost jobs, counted by our checker for all. Ours has two
cores; PyVRP and OR-Tools, which use one, run side by side; VROOM has two threads. Each peer's plan is put in order by
`fitted`, as ours is, so nobody loses by a slip in timing.

    python -m bench.dispatch_day
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from typing import Any

from bench import dispatch_peers
from yakuba.field.dispatch.day import Map
from yakuba.field.dispatch.fitting import fitted
from yakuba.field.dispatch.planning import checked, planned

SEEDS, JOBS, PEOPLE, SECONDS, ATMOST = (1, 2, 3), 1_000, 100, 90, 0.9
"""Synthetic days; the limit is our cost as a share of the best peer's."""


def measure() -> list[dict[str, Any]]:
    """Our cost against the best peer's for each seed."""
    rows = []
    for seed in SEEDS:
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            costs = dict(pool.map(_peer, ("by_pyvrp", "by_ortools"), (seed, seed)))
        costs |= [_peer("by_vroom", seed)]
        day = dispatch_peers.synthetic(JOBS, PEOPLE, seed)
        ours = planned(Map(day), seconds=SECONDS, cores=2, seed=seed).cost
        best = min(costs, key=lambda name: costs[name])
        rows.append(
            {"name": f"dispatch.day.{seed}", "ours": ours, "peer": costs[best], "ratio": round(ours / costs[best], 3),
             "limit": f"<= {ATMOST}", "ok": ours <= ATMOST * costs[best], "command": "python -m bench.dispatch_day",
             "peer_version": ", ".join(f"{_NAMES[name]} {cost:,}" for name, cost in sorted(costs.items()))}
        )  # fmt: skip
    return rows


_NAMES = {
    "by_vroom": f"pyvroom {version('pyvroom')}",
    "by_pyvrp": f"pyvrp {version('pyvrp')}",
    "by_ortools": f"ortools {version('ortools')}",
}


def _peer(name: str, seed: int) -> tuple[str, int]:
    day = dispatch_peers.synthetic(JOBS, PEOPLE, seed)
    orders = getattr(dispatch_peers, name)(day, SECONDS)
    return name, checked(Map(day), fitted(Map(day), orders)).cost


if __name__ == "__main__":
    for row in measure():
        print(row)
