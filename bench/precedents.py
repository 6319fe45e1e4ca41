"""What was decided in similar cases, of 20,000 closed ones with twelve events each: the one query of a clerk's page, beside
reading the last decision of one case after the other.

    python -m bench.run precedents
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.server import VAR, fresh

CASES, EVENTS, ROUNDS = 20_000, 12, 7
SECONDS = 1.0
"""A page is made in less than a second."""
TOWN, SERVICE = "394262", "child-allowance"
NAMES = ("resident", "not_public_servant", "main_earner", "child")


def measure() -> list[dict[str, Any]]:
    """Median seconds of the query, beside those of a loop over the same rows."""
    environment = os.environ | {"DATABASE_URL": fresh("precedents"), "YAKUBA_VAR": str(VAR)}
    command = [sys.executable, "-m", "bench.precedents"]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    ours, rows = json.loads(done.stdout)
    row = {
        "name": f"similar among {CASES:,} cases",
        "ours": f"{ours * 1000:.0f} ms",
        "peer": f"{rows * 1000:.0f} ms",
        "peer_version": "a query for each case",
        "ratio": round(rows / ours, 1),
        "limit": f"< {SECONDS:.0f} s",
        "ok": ours < SECONDS,
        "command": "python -m bench.run precedents",
    }
    return [row]


def compared() -> tuple[float, float]:
    """Seconds of ours, and of the loop."""
    from django.db import connection

    from yakuba.access import towns
    from yakuba.assistant.helping.similar import similar
    from yakuba.cases import precedents
    from yakuba.site import migrate

    migrate.bring_up_to_date()
    with towns.inside(TOWN):
        _fill()
    with connection.cursor() as cursor:
        cursor.execute("set role none")
        cursor.execute("vacuum analyze cases_case, cases_event")
        cursor.execute("set role yakuba_app")
    nobody, now = uuid.uuid4(), dict.fromkeys(NAMES, True)
    with towns.inside(TOWN):
        found = similar(now, precedents.decided(SERVICE, nobody))
        assert found.count == CASES, found
        ours = _median(lambda: similar(now, precedents.decided(SERVICE, nobody)))
        rows = _median(_by_rows, rounds=1)
    return ours, rows


def _median(run: Any, rounds: int = ROUNDS) -> float:
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        took.append(time.perf_counter() - start)
    return sorted(took)[len(took) // 2]


def _fill() -> None:
    """Closed cases of four conditions, one of which is false or not known in every fifth."""
    from yakuba.cases.models import Case, Event

    chance, start = random.Random(8), datetime(2025, 4, 1, tzinfo=UTC)
    cases, events = [], []
    for number in range(CASES):
        id, at = uuid.uuid4(), start + timedelta(minutes=20 * number)
        conditions: dict[str, bool | None] = dict.fromkeys(NAMES, True)
        if number % 5 == 0:
            conditions[chance.choice(NAMES)] = chance.choice([False, None])
        decision = "refused" if False in conditions.values() else "granted"
        cases.append(
            Case(
                town=TOWN, id=id, service=SERVICE, version="v1", reference=f"{number:014d}", channel="web", language="ja",
                identified=True, state="closed", outcome=decision, decision=decision, amount=15_000, opened_at=at,
                closed_at=at, paused=False, status={"facts": {"note": "x" * 600}}, seq=EVENTS, head=b"",
            )
        )  # fmt: skip
        for seq in range(1, EVENTS + 1):
            kind = "decided" if seq == 4 else "opened" if seq == 1 else "step_done"
            decided = {"step": "decide", "attempt": 1, "outcome": decision, "amount": 15_000}
            decided |= {"conditions": conditions, "decided_on": "2025-04-01"}
            body = decided if seq == 4 else {"step": "s"}
            private = {"facts": {"name": "y" * 300}}
            events.append(
                Event(
                    town=TOWN, case_id=id, seq=seq, kind=kind, at=at, by_kind="system", by_id="system",
                    key=f"{id}:{seq}", body=body, private=private, prev=b"", hash=b"",
                )
            )  # fmt: skip
    Case.objects.bulk_create(cases, batch_size=2_000)
    Event.objects.bulk_create(events, batch_size=5_000)


def _by_rows() -> None:
    """How it is done without a query of its own: the last decision of one case after the other."""
    from yakuba.cases import queries
    from yakuba.cases.models import Case

    for case in Case.objects.filter(service=SERVICE, state="closed").values_list("id", flat=True):
        queries.last_decision(case)


if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
    django.setup()
    print(json.dumps(compared()))
