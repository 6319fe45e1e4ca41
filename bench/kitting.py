"""1,000 synthetic devices taken along the line with 3 % faults of 12 kinds, and labels printed and read back.

Every scan is a transaction of its own on a real server. The limits are those of a line that kits 1,000 PCs a day.

    python -m bench.kitting
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from importlib.metadata import version
from typing import Any

from bench.server import VAR, fresh
from yakuba.field.kitting.labels import Label, printed

TOWN, DEVICES, FAULTS = "394262", 1_000, 0.03
SCANS, LABELS, COUNT = 2, 50, 300
"""Least scans and labels a second; labels that are printed."""


def measure() -> list[dict[str, Any]]:
    """Scans a second, faults that were missed or held for nothing, labels a second."""
    found = json.loads(_child(fresh("kitting")))
    begun = time.perf_counter()
    for number in range(COUNT):
        printed(Label("K-2026-0001", f"YKB-{number:05d}", f"SIM{number:08d}", "staff-notebook"))
    labels = COUNT / (time.perf_counter() - begun)
    wrong = found["missed"] + found["held_for_nothing"] + (found["faulty"] - found["found"])
    row = {
        "command": "python -m bench.kitting",
        "peer_version": f"limit; {found['faulty']} faults of {found['kinds']} kinds",
    }
    return [
        {"name": "kitting.scans (1/s)", "ours": found["scans_a_second"], "peer": SCANS, "limit": ">= 1",
         "ratio": round(found["scans_a_second"] / SCANS, 1), "ok": found["scans_a_second"] >= SCANS, **row},
        {"name": "kitting.wrong (devices)", "ours": wrong, "peer": 0, "ratio": wrong, "limit": "= 0",
         "ok": wrong == 0 and found["kinds"] == 12 and found["shipped"] == DEVICES, **row},
        {"name": "kitting.labels (1/s)", "ours": round(labels), "peer": LABELS, "ratio": round(labels / LABELS, 2),
         "limit": ">= 1", "ok": labels >= LABELS, **row, "peer_version": f"limit; read back by zxing-cpp {version('zxing-cpp')}"},
    ]  # fmt: skip


def _child(address: str) -> str:
    """A process of its own on that server: a small synthetic town, and the order in it."""
    environment = os.environ | {"DATABASE_URL": address, "YAKUBA_VAR": str(VAR)}
    run = [sys.executable, "-m", "yakuba.site.cli"]
    subprocess.run(
        [*run, "town", "create", "--code", TOWN, "--population", "100"], env=environment, check=True
    )
    kit = ["field", "kit", "--devices", str(DEVICES), "--faults", str(FAULTS), "--json"]
    done = subprocess.run([*run, *kit], env=environment, check=False, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()[-1]


if __name__ == "__main__":
    for row in measure():
        print(row)
