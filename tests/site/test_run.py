"""The demo as somebody runs it who sees Yakuba for the first time: a day's work is done, and all of it can be checked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest

from tests.server import VAR
from yakuba.site import database

pytestmark = pytest.mark.long
PATIENCE = 240
"""Seconds after which the demo is given up: many times what it needs."""
TOWN = "394262"


@dataclass(frozen=True)
class Demo:
    """What was seen of `yakuba run`: its page, how it ended, and its data."""

    page: str
    ended: int
    left: list[str]
    var: Path

    def say(self, *words: str) -> str:
        """What a command of Yakuba says about the same data."""
        command = [sys.executable, "-m", "yakuba.site.cli", *words]
        done = subprocess.run(command, env=_chosen(self.var), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _chosen(var: Path) -> dict[str, str]:
    return os.environ | {"YAKUBA_VAR": str(var), "DATABASE_URL": ""}


def _page(address: str, process: subprocess.Popen[str]) -> str:
    """The page, as soon as it is served."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(address, timeout=10) as answer:
                return answer.read().decode()
        except (URLError, OSError):
            time.sleep(0.2)
    return ""


def _served(command: str, var: Path) -> Demo:
    """What is seen of a command that serves the town until it is told to end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = [sys.executable, "-m", "yakuba.site.cli", command, "--port", str(port)]
    process = subprocess.Popen(said, env=_chosen(var), text=True)
    page = _page(f"http://127.0.0.1:{port}/{TOWN}/", process)
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.send_signal(signal.SIGTERM)
    ended = process.wait(PATIENCE)
    return Demo(page, ended, [" ".join(child.cmdline()) for child in children if child.is_running()], var)


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """The demo was run until its page was served, and then told to end."""
    VAR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VAR, ignore_cleanup_errors=True) as made:
        yield _served("run", Path(made))
        database.stop(Path(made) / "postgres")


def test_the_demos_partner_has_worked_a_day(demo):
    said = json.loads(demo.say("field", "day", "--json"))
    assert said["hall"] == "900001"
    assert said["done"] > 50
    assert said["exchanges"]["done"] + said["exchanges"]["waiting"] == 3
    assert said["devices_kitted"] > 20


def test_the_demo_serves_its_town_and_leaves_no_process_behind_when_it_is_told_to_end(demo):
    assert "/services/child-allowance/" in demo.page
    assert demo.ended == 0
    assert demo.left == []


def test_a_site_that_is_served_alone_leaves_no_process_behind_either(demo):
    alone = _served("serve", demo.var)
    assert "/services/child-allowance/" in alone.page
    assert alone.ended == 0
    assert alone.left == []


def test_a_day_that_was_played_is_not_played_again_and_its_counts_agree(demo):
    counts = json.loads(demo.say("day", "--json"))
    assert counts == json.loads(demo.say("day", "--json"))
    assert sum(counts["by_channel"].values()) == sum(counts["by_service"].values()) == counts["cases"]
    assert set(counts["by_channel"]) == {"web", "counter"}
    assert {"granted", "refused"} <= set(counts["by_outcome"])
    assert 0 < counts["payments"]["paid"] <= counts["payments"]["ordered"]
    assert counts["payments"]["rejects"] > 0
    hours = counts["hours_from_application_to_transfer_file"]
    assert 0 < hours["median"] <= hours["p95"]


def test_the_days_bank_files_stand_the_independent_check_and_its_log_is_whole(demo):
    files = sorted((demo.var / "bank").glob("transfer-*.txt"))
    assert files
    for file in files:
        demo.say("money", "check", str(file))
    assert f"{TOWN}: " in demo.say("log", "verify")


def test_robots_find_what_other_offices_left_and_hand_over_what_does_not_fit(demo):
    for robot, counted in (
        ("bank-check", "done 1, held 0"),
        ("monthly-statistics", "done 1, held 0"),
        ("mail-intake", "done 1, held 1"),
        ("child-rearing-allowance", "done 1, held 2"),
    ):
        assert counted in demo.say("robots", "run", "--town", TOWN, "--service", robot, "--once")
