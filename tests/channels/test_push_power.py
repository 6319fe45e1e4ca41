"""An asking that is killed in the middle is finished by the next one: everybody is asked once."""

from __future__ import annotations

import os

import pytest

from tests.installation import fresh_database, said_by

DATABASE = f"push_power_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


@pytest.mark.kill
def test_an_asking_that_is_killed_again_and_again_asks_everybody_once():
    address = {"DATABASE_URL": fresh_database(DATABASE)}
    came = said_by("tests.channels.push_power", "trial", "1", env=address)
    assert came["struck"] > 0
    assert 0 < came["left"] < came["last"]["asked"]
    everybody = came["last"]["asked"]
    assert came["last"]["opened"] == came["last"]["letters"] == everybody - came["left"] > 0
    assert came["again"] == {"asked": everybody, "opened": 0, "letters": 0}
    assert came["cases"] == came["messages"] == [everybody, everybody]
    assert came["campaigns"] == 1
    assert came["asking"] == ["done", "done"]
    assert came["findings"] == []
