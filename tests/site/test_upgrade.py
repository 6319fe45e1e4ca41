"""A database that an earlier program filled is brought up to date while its cases run, by however many processes start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import psycopg
import pytest

from tests.cases.conftest import SMALL
from tests.installation import fresh_database, server
from tests.site.earlier import DUMP, EACH
from yakuba.site import database

DATABASE = f"upgrade_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
STARTED_AT_ONCE = 2


@pytest.fixture(scope="module")
def upgraded(django_db_setup: None) -> dict[str, Any]:
    """What came of it."""
    with psycopg.connect(server()) as connection:
        tools = database.tools(connection.info.server_version // 10000)
    if tools.major < 18:
        pytest.skip("the earlier database was written by PostgreSQL 18")
    address = fresh_database(DATABASE, template="template0")
    done = tools.run(
        "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={DATABASE}", str(DUMP), address=address
    )
    assert done.returncode == 0, done.stderr
    given = os.environ | {
        "DATABASE_URL": address,
        "YAKUBA_DB_ADDRESS": address,
        "YAKUBA_SERVICES": str(SMALL),
    }
    command = [sys.executable, "-m", "yakuba.site.cli", "migrate"]
    started = [
        subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(STARTED_AT_ONCE)
    ]
    said = [process.communicate(timeout=300) for process in started]
    done = subprocess.run(
        [sys.executable, "-m", "tests.site.earlier", "go-on"],
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {"codes": [process.returncode for process in started], "said": said, **json.loads(done.stdout)}


@pytest.mark.long
def test_processes_that_start_at_once_on_an_older_database_bring_it_up_to_date_together(upgraded):
    assert upgraded["codes"] == [0] * STARTED_AT_ONCE, upgraded["said"]


def test_nothing_of_what_the_earlier_program_wrote_is_lost_and_its_logs_are_whole(upgraded):
    before = upgraded["before"]
    assert (before["cases"], before["events"]) == (3 * EACH, 8 * EACH)
    assert before["findings"] == []
    assert before["waiting"] == {"decide": EACH, "pay": EACH, "review": EACH}


def test_its_running_cases_go_on_to_their_end_beside_new_ones(upgraded):
    after = upgraded["after"]
    assert upgraded["reviewed"] == EACH
    assert after["cases"] == 3 * EACH + 1
    assert after["waiting"] == {"pay": 3 * EACH + 1}
    assert after["payments"] == [3 * EACH + 1] * 2
    assert after["twice"] == []
    assert after["findings"] == []


def test_the_lock_of_who_migrates_ends_with_its_process(upgraded):
    """Whoever is killed in the middle leaves nothing that the next one would wait for."""
    with psycopg.connect(server()) as connection:
        held = connection.execute(
            "select count(*) from pg_locks where locktype = 'advisory' and objid = 7394262 "
            "and database = (select oid from pg_database where datname = %s)",
            [DATABASE],
        )
        assert held.fetchone() == (0,)
