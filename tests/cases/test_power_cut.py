"""Workers die in the middle and people act at the same moment: everything happens once, and nothing is lost."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.cases.conftest import SMALL
from tests.installation import free_port, fresh_database, said_by

DATABASE = f"cases_power_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


@pytest.fixture
def trial() -> Any:
    """`trial("kill", "1")`: what came of it, on a new database."""

    def run(*words: str) -> dict[str, Any]:
        chosen = {
            "DATABASE_URL": fresh_database(DATABASE),
            "YAKUBA_SERVICES": str(SMALL),
            "YAKUBA_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        }
        return said_by("tests.cases.power", *words, env=chosen)

    return run


@pytest.mark.kill
@pytest.mark.parametrize("seed", ["1"])
def test_steps_whose_worker_is_killed_come_back_by_themselves_and_are_done_once(trial, seed):
    came = trial("kill", seed)
    assert came["struck"] > 0
    assert came["left"] == []
    assert came["twice"] == []
    assert came["findings"] == []
    cases, wrong, mailed = came["cases"], came["cases"] // 10, came["cases"] // 2
    assert came["kinds"]["decided decide"] == cases
    assert came["kinds"]["step_done tell"] == cases
    assert came["payments"] == [cases - wrong, cases - wrong]
    assert came["kinds"]["step_failed pay"] == wrong
    assert came["messages"] == [
        cases + mailed,
        cases + mailed,
    ]  # the decision to all, a receipt to those with mail
    assert came["mails"] == [2 * mailed, 2 * mailed]
    assert came["letters"] == 0


def test_two_reviewers_who_decide_at_once_are_four_eyes_or_one_of_them_is_told(trial):
    came = trial("clerks", "4")
    assert came["findings"] == []
    assert all(each == [["decided", "decided"], "granted"] for each in came["same"])
    assert all(each == [["decided", "decided"], None] for each in came["other"])
    assert all(each == [["FourEyes", "decided"], None] for each in came["alone"])
    assert all(said == ["NotYours", "taken"] for said, _ in came["taken"])


def test_the_same_application_sent_at_the_same_moment_is_one_case_for_all_who_sent_it(trial):
    came = trial("twice", "6")
    assert came["failed"] == []
    assert came["references"] == [1] * 6
    assert came["cases"] == 6
    assert came["findings"] == []
