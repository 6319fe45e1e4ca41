"""The power is cut in the middle of a payment run: nothing is lost, nothing is paid twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.server import VAR
from yakuba.site import database

DATABASE = "money_power"


@pytest.fixture
def trial(made_up_services: Path) -> Any:
    """`trial("cut", "1")`: what came of it, on a new database."""

    def run(*words: str) -> dict[str, Any]:
        server = os.environ.get("DATABASE_URL") or database.embedded_address(VAR / "postgres")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"drop database if exists {DATABASE} with (force)")
            connection.execute(f"create database {DATABASE} template template0 encoding utf8")
        chosen = {
            "DATABASE_URL": urlsplit(server)._replace(path=f"/{DATABASE}").geturl(),
            "YAKUBA_SERVICES": str(made_up_services),
        }
        command = [sys.executable, "-m", "tests.money.power", *words]
        done = subprocess.run(command, env=os.environ | chosen, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.mark.parametrize("seed", ["1"])
def test_a_payment_run_that_is_killed_anywhere_goes_on_and_pays_everybody_once(trial, seed):
    came = trial("cut", seed)
    assert came["faults"] == []
    assert came["struck"] > 0
    assert came["cases"] == came["paid"] == came["people"]
    assert came["written"] == came["people"] * 10_000


def test_two_processes_at_once_pay_everybody_once(trial):
    came = trial("race")
    assert came["faults"] == []
    assert came["cases"] == came["paid"] == came["people"]
    assert came["written"] == came["people"] * 10_000
