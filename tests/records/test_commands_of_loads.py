"""The commands about loads say what was done, as lines and as JSON, and end with 1 where something was refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.conftest import TOWN
from tests.records.conftest import current
from tests.records.loads import GROUP, STANDARD, held, home
from yakuba.cases.models import Case
from yakuba.records.commands import records
from yakuba.records.models import Load


def run(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(records, [*words, "--town", TOWN])
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


def said(*words: str, code: int = 0) -> Any:
    return json.loads(run(*words, "--json", code=code))


@pytest.fixture
def load(old) -> str:
    folder = old.write([home(1), held(2, "setaiseiritsunengappi", "？")])
    return str(said("take-in", str(folder))["id"])


def test_a_folder_is_taken_in_and_its_held_rows_are_cases(load):
    (one,) = said("loads")
    assert one["groups"][GROUP] == {"in": 2, "accepted": 1, "repaired": 0, "held": 1, "set_aside": 0}
    assert Case.objects.filter(service="held-row").count() == 1
    assert "rehearsal\tresident-register" in run("loads")


def test_a_rehearsal_is_compared_cut_over_and_taken_back(load):
    (compared,) = said("differences", load, code=1)
    assert (compared["only_new"], compared["equal"]) == (1, False)
    assert "保留の行が 1件 残っています" in run("cut-over", load, code=1)
    assert said("cut-over", load, "--leave-held")["groups"][GROUP]["new"] == 1
    assert said("differences", load)[0]["equal"]
    assert current() == {1: None}
    assert said("roll-back", load, "--reason", "test")["kind"] == "taken_back"
    assert current() == {}


def test_standard_data_is_written_out_group_by_group(load, tmp_path: Path):
    run("cut-over", load, "--leave-held")
    written = said("export", "--standard", STANDARD, "--group", GROUP, "--out", str(tmp_path / "out"))
    assert written["sequence"] == 1
    lines = (tmp_path / "out" / f"{GROUP}.csv").read_text("utf-8").splitlines()
    assert (len(lines), lines[0].split(",")[0]) == (2, "setaibango")
    assert "no group x" in run("export", "--standard", STANDARD, "--group", "x", code=1)
    assert "no current data" in run("export", "--standard", "residence-tax", code=1)


def test_a_rehearsal_is_discarded_with_the_work_on_it(load):
    assert said("discard", load)["state"] == "discarded"
    assert Case.objects.get().state == "closed"


def test_what_is_not_there_is_said_in_the_language_of_the_reader(old):
    nobody = "00000000-0000-0000-0000-000000000000"
    assert "This town has no load" in run("cut-over", nobody, "--language", "en", code=1)
    assert not Load.objects.exists()


def test_a_folder_that_no_import_made_is_refused(in_town, tmp_path: Path):
    assert "outcome.json" in run("take-in", str(tmp_path), code=1)
