"""The power is cut in the middle of a payment run: nothing is lost, nothing is paid twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.installation import fresh_database, said_by

DATABASE = "money_power"


@pytest.fixture
def trial(made_up_services: Path) -> Any:
    """`trial("cut", "1")`: what came of it, on a new database."""

    def run(*words: str) -> dict[str, Any]:
        chosen = {"DATABASE_URL": fresh_database(DATABASE), "YAKUBA_SERVICES": str(made_up_services)}
        return said_by("tests.money.power", *words, env=chosen)

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
