"""The worker outlives its database, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.cases.conftest import SMALL
from tests.server import VAR
from yakuba.site import database

PATIENCE = 180
"""Seconds after which something that should have happened is given up: many times what it needs."""


def until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < end:
        time.sleep(0.2)
    return true()


@pytest.fixture
def var() -> Iterator[Path]:
    """The data of a server of this test alone."""
    VAR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VAR, ignore_cleanup_errors=True) as made:
        yield Path(made)
        database.stop(Path(made) / "postgres")


@pytest.fixture
def worker(var: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker on that server."""
    chosen = {"YAKUBA_VAR": str(var), "YAKUBA_SERVICES": str(SMALL), "DATABASE_URL": ""}
    command = [sys.executable, "-m", "yakuba.site.cli", "work"]
    process = subprocess.Popen(command, env=os.environ | chosen, stderr=(var / "said").open("w"))
    yield process
    process.kill()
    process.wait()


def workers(address: str) -> int:
    try:
        with psycopg.connect(address) as connection:
            (number,) = connection.execute("select count(*) from procrastinate_workers").fetchone()
            return number
    except psycopg.Error:
        return 0


def waiting(address: str) -> int:
    with psycopg.connect(address) as connection:
        return connection.execute("select count(*) from procrastinate_jobs where status = 'todo'").fetchone()[
            0
        ]


def kill_database(var: Path) -> None:
    os.kill(int((var / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)


def began_anew(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process was replaced by the command with which a worker begins anew."""
    return b"--concurrency" in Path(f"/proc/{process.pid}/cmdline").read_bytes()


@pytest.mark.kill
def test_a_worker_whose_database_is_killed_goes_on_when_it_is_back_and_ends_when_told(var, worker):
    address = database.embedded_address(var / "postgres")
    assert until(lambda: workers(address) == 1)
    kill_database(var)
    database.embedded(var / "postgres")
    with psycopg.connect(address) as connection:
        args = '{"town": "394262", "service": "heating", "step": "decide"}'
        connection.execute(
            "insert into procrastinate_jobs (queue_name, task_name, args) values ('steps', 'work_step', %s)",
            [args],
        )
    assert until(lambda: waiting(address) == 0)
    assert worker.poll() is None
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=PATIENCE) == 0


@pytest.mark.kill
def test_a_worker_that_is_told_to_end_while_it_looks_for_its_database_ends(var, worker):
    assert until(lambda: workers(database.embedded_address(var / "postgres")) == 1)
    kill_database(var)
    assert until(lambda: "looking again every" in (var / "said").read_text())
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=PATIENCE) == 0


@pytest.mark.kill
def test_a_worker_that_is_told_to_end_at_the_moment_it_begins_anew_ends_as_soon_as_it_has_begun(var, worker):
    assert until(lambda: workers(database.embedded_address(var / "postgres")) == 1)
    kill_database(var)
    assert until(lambda: "looking again every" in (var / "said").read_text())
    database.embedded(var / "postgres")
    assert until(lambda: began_anew(worker))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=PATIENCE) == 0
