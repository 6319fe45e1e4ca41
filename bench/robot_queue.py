"""1,000 items that a robot leases, does nothing about, logs and completes, beside a bare PostgreSQL queue that flips a
flag: one row a transaction, `for update skip locked`, with psycopg on the same server.

Ours takes tasks through the case log (hash-chained events, policy, projections), computes what would be typed, and
records the end of each. Also: what two processes do beside one, and what a process costs that has nothing to do.

    python -m bench.robot_queue
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import psutil
import psycopg

from bench.server import VAR, fresh

TOWN = "394262"
COUNT = 1_000
ATLEAST, FASTER, IDLE = 0.3, 1.6, 1.0
"""Limits: share of the bare loop's rate; two processes as a multiple of one; per cent of a core when idle."""
WATCHED = 20
"""Seconds for which an idle process is watched."""
SERVICES = Path(__file__).parent / "services"


def measure() -> list[dict[str, Any]]:
    """Rates against the bare loop's, two against one, and the idle process against its limit."""
    address = fresh("robot_queue")
    _child(address, "prepare", 6 * COUNT)
    # the first comes to a cold server; one process before and one after two together, the quicker one counts
    alone = [_child(address, "work", COUNT), _child(address, "work", COUNT)]
    two = 2 * COUNT / _together(address, 2)
    one = COUNT / min(*alone, _child(address, "work", COUNT))
    with psycopg.connect(address) as connection:
        bare = COUNT / _bare(connection)
    idle = _idle(address)
    row = {"peer_version": f"psycopg {version('psycopg')}", "command": "python -m bench.robot_queue"}
    return [
        {"name": "robot_queue.rate", "ours": round(one), "peer": round(bare), "ratio": round(one / bare, 3),
         "limit": f">= {ATLEAST}", "ok": one / bare >= ATLEAST, **row},
        {"name": "robot_queue.two", "ours": round(two), "peer": round(one), "ratio": round(two / one, 2),
         "limit": f">= {FASTER}", "ok": two / one >= FASTER, **row, "peer_version": "one process"},
        {"name": "robot_queue.idle", "ours": round(idle, 2), "peer": IDLE, "ratio": round(idle / IDLE, 2),
         "limit": "<= 1.0", "ok": idle <= IDLE, **row, "peer_version": "% of a core"},
    ]  # fmt: skip


def _environment(address: str) -> dict[str, str]:
    return os.environ | {"DATABASE_URL": address, "YAKUBA_VAR": str(VAR), "YAKUBA_SERVICES": str(SERVICES)}


def _start(address: str, what: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.robot_queue", "--only", what, "--count", str(count)]
    return subprocess.Popen(
        command, env=_environment(address), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _child(address: str, what: str, count: int) -> float:
    """Seconds that one process was at it, once it had started."""
    process = _start(address, what, count)
    out, _ = process.communicate("\n" * 2)
    if process.returncode:
        raise RuntimeError(f"{what} ended with {process.returncode}")
    return float(json.loads(out.splitlines()[-1]))


def _together(address: str, processes: int) -> float:
    """Seconds from the start signal until the last of several processes has done its items."""
    started = [_start(address, "work", COUNT) for _ in range(processes)]
    for process in started:
        process.stdout.readline()  # type: ignore[union-attr]  # it says that it is ready
    for process in started:
        process.stdin.write("\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
    return max(float(json.loads(process.communicate()[0].splitlines()[-1])) for process in started)


def _bare(connection: psycopg.Connection[Any]) -> float:
    """Seconds for as many rows of a bare queue."""
    connection.autocommit = False
    connection.execute(
        "create table bare_queue (id bigserial primary key, done boolean not null default false)"
    )
    connection.execute("insert into bare_queue (done) select false from generate_series(1, %s)", [COUNT])
    connection.commit()
    began = time.perf_counter()
    while True:
        row = connection.execute(
            "select id from bare_queue where not done order by id limit 1 for update skip locked"
        ).fetchone()
        if row is None:
            break
        connection.execute("update bare_queue set done = true where id = %s", [row[0]])
        connection.commit()
    connection.commit()
    return time.perf_counter() - began


def _idle(address: str) -> float:
    """Per cent of one core that a process takes that waits for work."""
    command = [sys.executable, "-m", "yakuba.site.cli", "robots", "run", "--robot", "nothing", "--town", TOWN]
    process = subprocess.Popen(command, env=_environment(address), stderr=subprocess.DEVNULL)
    try:
        watched = psutil.Process(process.pid)
        time.sleep(8)  # it starts
        before = sum(watched.cpu_times()[:2])
        time.sleep(WATCHED)
        return 100 * (sum(watched.cpu_times()[:2]) - before) / WATCHED
    finally:
        process.terminate()
        process.wait()


# -- what the processes do ---------------------------------------------------------------------------------
def prepare(count: int) -> float:
    """A town, and so many cases that wait for the robot."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.cases import actions as cases
    from yakuba.cases import catalogue
    from yakuba.register import actions as register
    from yakuba.robots import actions

    register.create_town(TOWN, 10, 1, as_of=clock.now().date())
    service = catalogue.service("nothing")
    with towns.inside(TOWN):
        actions.set_account("nowhere", "http://127.0.0.1:9/", {}, by=SYSTEM(TOWN), as_of=clock.now())
        for first in range(0, count, COUNT):
            entries = [
                cases.opening(service, {"applicant": {"name": "見本"}}, channel="counter", key=f"queue:{n}")
                for n in range(first, first + COUNT)
            ]
            cases.open_cases([(service, one, ()) for one in entries], by=SYSTEM(TOWN), as_of=clock.now())
    return 0.0


def work(count: int) -> float:
    """Let the robot do so many items; the clock starts when somebody says so."""
    from yakuba.robots import queries
    from yakuba.robots.worker import shift

    (post,) = queries.posts("nothing", "nothing")
    with shift(TOWN, post, driver="http") as working:
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.perf_counter()
        report = working.work(limit=count)
        took = time.perf_counter() - began
    assert report.done == count, report
    return took


@click.command()
@click.option(
    "--only", type=click.Choice(["prepare", "work"]), help="One part, for the processes that measure it."
)
@click.option("--count", type=int, default=COUNT)
def main(only: str | None, count: int) -> None:
    """Measure, or do one part of it."""
    if only is None:
        print(json.dumps(measure(), indent=1))
        return
    from yakuba.site.cli import prepare as set_up

    set_up()
    print(json.dumps({"prepare": prepare, "work": work}[only](count)), flush=True)


if __name__ == "__main__":
    main()
