"""Robots on the command line: killed for real, they register everything once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def yakuba(var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with a folder of its own."""
    command = [sys.executable, "-m", "yakuba.site.cli", *words]
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "YAKUBA_DB_ADDRESS")}
    return subprocess.run(
        command, env=environment | {"YAKUBA_VAR": str(var)}, capture_output=True, text=True, check=False
    )


@pytest.mark.kill
def test_robots_that_are_killed_leave_nothing_missing_and_nothing_double(tmp_path):
    done = yakuba(tmp_path, "robots", "chaos", "--items", "40", "--kills", "6", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["missing"], found["double"], found["held"], found["done"]) == (0, 0, 0, 40)
    assert found["kills"] == 6
    assert found["given_back"] > 0


def test_what_is_chosen_wrongly_is_named_with_what_there_is(tmp_path):
    done = yakuba(tmp_path, "robots", "heal-demo", "--no-such-option")
    assert done.returncode == 2
    assert "No such option" in done.stderr
