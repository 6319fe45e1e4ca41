"""The power is cut while old data is taken in or cut over: all of it is there, or nothing, and it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installation import fresh_database, said_by
from tests.records.power import HELD, ROUNDS, ROWS

DATABASE = "records_power"


@pytest.mark.parametrize("seed", ["1"])
def test_a_load_that_is_killed_anywhere_is_there_as_a_whole_or_not_at_all(seed: str, tmp_path: Path):
    address = {"DATABASE_URL": fresh_database(DATABASE)}
    came = said_by("tests.records.power", seed, str(tmp_path), env=address)
    assert came["faults"] == []
    assert came["struck"] > 0
    assert (came["loads"], came["cutovers"], came["current"]) == (ROUNDS, ROUNDS, ROWS)
    assert came["cases"] == ROUNDS * HELD
