"""Spares of Sherbrooke's five-base data against a simulation of every demand, and METRIC's error beside it.

python -m bench.spares
"""

from __future__ import annotations

from typing import Any

from yakuba.field.spares import Base, Item, Stock, simulated, waiting

SHERBROOKE = Item("five bases", tuple(Base(f"base {n}", 23.2, 0.2, 0.01, 0.01) for n in range(1, 6)), 0.02531)
STOCKS = ((2, 1), (3, 1), (5, 1))
YEARS, WITHIN = 200_000, 2.0
"""Simulated years; per cent that VARI-METRIC may be off."""


def measure() -> list[dict[str, Any]]:
    """Expected backorders for three stocks, as they are computed and as they come out."""
    rows = []
    for depot, base in STOCKS:
        stock = Stock(depot, (base,) * 5)
        ours, metric = waiting(SHERBROOKE, stock), waiting(SHERBROOKE, stock, "metric")
        seen = sum(simulated(SHERBROOKE, stock, years=YEARS, seed=1))
        off = 100 * abs(ours / seen - 1)
        rows.append(
            {"name": f"spares {depot}/{base}", "ours": round(ours, 4), "peer": round(seen, 4),
             "ratio": round(ours / seen, 4), "limit": f"within {WITHIN} %", "ok": off <= WITHIN,
             "peer_version": f"simulation of {YEARS:,} years; METRIC is off by {100 * (metric / seen - 1):.1f} %",
             "command": "python -m bench.spares"}
        )  # fmt: skip
    return rows


if __name__ == "__main__":
    for row in measure():
        print(row)
