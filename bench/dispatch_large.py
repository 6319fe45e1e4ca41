"""10,000 synthetic jobs and 1,500 technicians on two cores: time and memory of the plan, and of a change at noon.

python -m bench.dispatch_large
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import psutil

from bench.dispatch_peers import synthetic
from yakuba.field.dispatch.day import Map
from yakuba.field.dispatch.planning import planned
from yakuba.field.dispatch.replanning import replanned

JOBS, PEOPLE, BASES, SECONDS = 10_000, 1_500, 190, 300
MINUTES, GIGABYTES, CHANGE = 15, 6, 10
"""Limits: the plan's time, all processes' memory, seconds for a change."""
NOON = 12 * 3600


def measure() -> list[dict[str, Any]]:
    """In a process of its own, whose memory and whose children's is watched."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.dispatch_large", "--only"], stdout=subprocess.PIPE, text=True
    )
    most = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.5):
            most = max(most, _memory(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, _ = process.communicate()
    done.set()
    watcher.join()
    found = json.loads(output.splitlines()[-1])
    row = {"peer_version": f"limit (pyvrp {version('pyvrp')}, pyvroom {version('pyvroom')}), {found['unserved']} of {JOBS:,} not served",
           "command": "python -m bench.dispatch_large"}  # fmt: skip

    def against(name: str, ours: float, limit: float) -> dict[str, Any]:
        return {"name": name, "ours": round(ours, 2), "peer": limit, "ratio": round(ours / limit, 3),
                "limit": "<= 1", "ok": ours <= limit, **row}  # fmt: skip

    return [
        against("dispatch.large (min)", found["plan"] / 60, MINUTES),
        against("dispatch.large (GB)", most / 1e9, GIGABYTES),
        against("dispatch.large.change (s)", found["change"], CHANGE),
    ]


def _memory(pid: int) -> int:
    """Resident bytes of a process and all it started."""
    try:
        parent = psutil.Process(pid)
        return sum(one.memory_info().rss for one in [parent, *parent.children(recursive=True)])
    except psutil.NoSuchProcess:
        return 0


def _only() -> dict[str, float]:
    day = synthetic(JOBS, PEOPLE, 1, BASES)
    begun = time.perf_counter()
    plan = planned(Map(day), seconds=SECONDS, cores=2)
    took = time.perf_counter() - begun
    urgent = replace(
        day.jobs[0], id="urgent", window=replace(day.jobs[0].window, opens=NOON, closes=NOON + 10_800)
    )
    changed = replace(day, jobs=(*day.jobs, urgent))
    begun = time.perf_counter()
    after = replanned(changed, plan, now=NOON, seconds=3, away=[plan.routes[0].technician], cores=2)
    change = time.perf_counter() - begun
    return {"plan": took, "change": change, "unserved": len(plan.unserved), "then": len(after.unserved)}


if __name__ == "__main__":
    if "--only" in sys.argv:
        print(json.dumps(_only()))
    else:
        print(measure())
