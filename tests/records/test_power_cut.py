"""The power is cut while old data is taken in or cut over: all of it is there, or nothing, and it goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.records.power import HELD, ROUNDS, ROWS
from tests.server import VAR
from yakuba.site import database

DATABASE = "records_power"


@pytest.mark.parametrize("seed", ["1"])
def test_a_load_that_is_killed_anywhere_is_there_as_a_whole_or_not_at_all(seed: str, tmp_path: Path):
    server = os.environ.get("DATABASE_URL") or database.embedded_address(VAR / "postgres")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop database if exists {DATABASE} with (force)")
        connection.execute(f"create database {DATABASE} template template0 encoding utf8")
    address = {"DATABASE_URL": urlsplit(server)._replace(path=f"/{DATABASE}").geturl()}
    command = [sys.executable, "-m", "tests.records.power", seed, str(tmp_path)]
    done = subprocess.run(command, env=os.environ | address, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    came = json.loads(done.stdout)
    assert came["faults"] == []
    assert came["struck"] > 0
    assert (came["loads"], came["cutovers"], came["current"]) == (ROUNDS, ROUNDS, ROWS)
    assert came["cases"] == ROUNDS * HELD
