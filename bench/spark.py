"""The same checks of the same file by DuckDB and by Spark on this machine: seconds and the peak of memory of all processes of
each, starting Spark included. There is no limit: it says from where on a cluster pays.

    python -m bench.run spark          1,000,000 rows
    python -m bench.spark 10000000     as many as are asked for
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil

from bench.standard import FAULTY, GROUP, ROWS, written

DAY = date(2026, 11, 29)


def measure(rows: int = ROWS) -> list[dict[str, Any]]:
    """Seconds and megabytes of both."""
    from yakuba.records.standards import ROOT, load

    names = [item.romaji for item in load(ROOT / "non-resident-numbers" / "2026-08").items]
    path = written(names, rows)
    duckdb, spark = apart(by_duckdb, path), apart(by_spark, path)
    if duckdb["kinds"] != spark["kinds"] or sum(duckdb["kinds"].values()) != rows // FAULTY:
        raise RuntimeError(f"the two do not find the same: {duckdb['kinds']} and {spark['kinds']}")
    return [
        {"name": f"spark.check {rows:,} rows ({unit})", "ours": round(spark[unit], 1), "peer": round(duckdb[unit], 1),
         "peer_version": f"duckdb {version('duckdb')}, {os.cpu_count()} cores", "ratio": round(spark[unit] / duckdb[unit], 2),
         "limit": "", "ok": True, "command": "python -m bench.run spark"}
        for unit in ("s", "MB")
    ]  # fmt: skip


def by_duckdb(path: Path) -> dict[str, int]:
    """How often each kind of fault is there."""
    from yakuba.records import checking

    return checking.check(path, _definition(), GROUP, as_of=DAY).kinds


def by_spark(path: Path) -> dict[str, int]:
    """The same by Spark."""
    from yakuba.records import checking, spark

    with spark.session() as session:
        return checking.check(path, _definition(), GROUP, as_of=DAY, by=partial(spark.Checked, session)).kinds


def _definition() -> Any:
    from yakuba.records.standards import ROOT, load

    return load(ROOT / "non-resident-numbers" / "2026-08")


def apart(check: Callable[[Path], dict[str, int]], path: Path) -> dict[str, Any]:
    """A check in a process of its own, and what it and all that it started took."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_watched, check, path).result()


def _watched(check: Callable[[Path], dict[str, int]], path: Path) -> dict[str, Any]:
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            peak[0] = max(peak[0], _memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    begin = time.perf_counter()
    kinds = check(path)
    seconds = time.perf_counter() - begin
    done.set()
    watcher.join()
    return {"kinds": kinds, "s": seconds, "MB": peak[0] / 1e6}


def _memory() -> int:
    total, me = 0, psutil.Process()
    for process in (me, *me.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


if __name__ == "__main__":
    from bench.run import table

    print(table(measure(int(sys.argv[1]))))
