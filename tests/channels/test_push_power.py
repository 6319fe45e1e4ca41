"""An asking that is killed in the middle is finished by the next one: everybody is asked once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.server import VAR
from yakuba.site import database

DATABASE = f"push_power_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


@pytest.mark.kill
def test_an_asking_that_is_killed_again_and_again_asks_everybody_once():
    server = os.environ.get("DATABASE_URL") or database.embedded_address(VAR / "postgres")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop database if exists {DATABASE} with (force)")
        connection.execute(f"create database {DATABASE} template template0 encoding utf8")
    chosen = os.environ | {"DATABASE_URL": urlsplit(server)._replace(path=f"/{DATABASE}").geturl()}
    command = [sys.executable, "-m", "tests.channels.push_power", "trial", "1"]
    done = subprocess.run(command, env=chosen, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    came = json.loads(done.stdout)
    assert came["struck"] > 0
    assert 0 < came["left"] < came["last"]["asked"]
    everybody = came["last"]["asked"]
    assert came["last"]["opened"] == came["last"]["letters"] == everybody - came["left"] > 0
    assert came["again"] == {"asked": everybody, "opened": 0, "letters": 0}
    assert came["cases"] == came["messages"] == [everybody, everybody]
    assert came["campaigns"] == 1
    assert came["asking"] == ["done", "done"]
    assert came["findings"] == []
