"""CPU time of one application for child allowance: decided, and every condition explained.

The peer is the budget itself: 5 ms of CPU on one core.

    python -m bench.conditions_one
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from typing import Any

import duckdb

from yakuba.declare import decide, load_catalogue

AS_OF = date(2026, 11, 24)
CASES = 200
LIMIT_MS = 5.0


def application(number: int) -> dict[str, Any]:
    """A family with three children; each number is another one."""
    child = {
        "relation": "own",
        "cared_for": True,
        "in_japan": True,
        "in_institution": False,
        "supported": True,
    }
    births = (date(2024, 1 + number % 12, 1), date(2015, 5, 1 + number % 28), date(2006, 5, 1))
    return {
        "applicant": {"resident": True, "public_servant": False, "parent_role": "higher_income"},
        "claim": {"reason": "birth", "event_date": date(2026, 11, 1 + number % 24)},
        "children": [{**child, "birth_date": birth} for birth in births],
    }


def measure() -> list[dict[str, Any]]:
    """One row; times in milliseconds."""
    service = load_catalogue().services["child-allowance"]
    applications = [application(number) for number in range(CASES)]
    decide(service, applications[0], as_of=AS_OF)
    begin = time.process_time()
    for facts in applications:
        decision = decide(service, facts, as_of=AS_OF)
        assert all(condition.why.facts for condition in decision.conditions)
    spent = (time.process_time() - begin) / CASES * 1000
    return [
        {
            "name": "conditions.one",
            "ours": f"{spent:.2f} ms",
            "peer": f"{LIMIT_MS:g} ms",
            "peer_version": f"budget (DuckDB {duckdb.__version__})",
            "ratio": spent / LIMIT_MS,
            "limit": "<= 1",
            "ok": spent <= LIMIT_MS,
            "command": "python -m bench.conditions_one",
        }
    ]


if __name__ == "__main__":
    found = measure()
    print(*(json.dumps(row) for row in found), sep="\n")
    sys.exit(0 if all(row["ok"] for row in found) else 1)
