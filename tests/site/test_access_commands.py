"""`yakuba access …` as it is typed: why, what if, and the month's evidence."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from tests.access.people import TOWN, make_staff
from tests.cases.conftest import apply, small
from yakuba import clock
from yakuba.access import Resource, log, towns
from yakuba.access.policy import FOLDER
from yakuba.site.access_commands import access, month_of

__all__ = ["apply", "small"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def hall(apply) -> dict[str, str]:
    """A reviewer, and a request."""
    make_staff("reviewer", login="sato", name="佐藤 一郎")
    case = apply()
    return {"reference": case.reference, "id": str(case.id)}


def run(*words: str) -> Result:
    return CliRunner().invoke(access, list(words))


def test_explain_says_which_policy_decides_and_what_would_change_it(hall):
    said = run(
        "explain",
        "sato",
        "case.decide",
        hall["reference"],
        "--zone",
        "home",
        "--proven",
        "40",
        "--at",
        "2026-11-27T10:00",
    ).output
    assert said.startswith("REFUSED: 佐藤 一郎 (reviewer) case.decide Case")
    assert "outside-prove-again" in said
    assert "\n  step-up\n" in said


def test_explain_answers_in_json_with_the_circumstances(hall):
    said = orjson.loads(run("explain", "sato", "case.decide", hall["id"], "--town", TOWN, "--json").output)
    assert said["allowed"]
    assert said["circumstances"]["zone"] == "counter"
    assert said["policies"][0]["file"] == "policies/staff.cedar"


def test_explain_knows_persons_tasks_and_the_town(hall):
    for action, case in [
        ("register.read", hall["reference"]),
        ("case.note", hall["id"]),
        ("queue.read", "town"),
    ]:
        assert run("explain", "sato", action, case).output.startswith("ALLOWED"), action


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nobody", "case.read", "town"), "no town has both"),
        (("sato", "case.read", "0000-0000-0000"), "no town has both"),
        (("sato", "case.read", "town", "--at", "soon"), "write it like 2026-11-29T22:00"),
    ],
)
def test_what_cannot_be_explained_says_how_to_ask(hall, words, says):
    answer = run("explain", *words)
    assert answer.exit_code != 0
    assert says in answer.output


def test_simulate_lists_what_a_changed_policy_would_turn(hall, tmp_path: Path):
    from yakuba.access import queries

    me = queries.staff_by_login("sato").worker()
    log.record(
        me, "register.read", Resource("Person", "p", TOWN, {"person": "p"}), log.ALLOWED, as_of=clock.now()
    )
    for file in FOLDER.glob("*.cedar"):
        shutil.copy(file, tmp_path)
    (tmp_path / "strict.cedar").write_text(
        '@id("nobody-looks") @because("x") @easy("x") @en("x") @law("x") @clause("P3-2-6-2")\n'
        'forbid (principal is Staff, action == Action::"register.read", resource);'
    )
    month = clock.in_tokyo(clock.now()).strftime("%Y-%m")
    said = orjson.loads(run("simulate", "--policies", str(tmp_path), "--month", month, "--json").output)
    [here] = [one for one in said if one["town"] == TOWN]
    [difference] = here["differences"]
    assert (difference["was"], difference["would_be"]) == ("allowed", "refused")
    assert difference["policies"] == ["nobody-looks"]
    assert "register.read" in run("simulate", "--policies", str(tmp_path), "--month", month).output


def test_simulate_refuses_policies_that_cannot_be_read(hall, tmp_path: Path):
    (tmp_path / "bad.cedar").write_text('@id("bad") permit (principal, action, resource);')
    answer = run("simulate", "--policies", str(tmp_path), "--month", "2026-10")
    assert answer.exit_code != 0
    assert "lacks @because" in answer.output


def test_evidence_is_written_as_paper_and_as_a_table_that_say_the_same(hall, tmp_path: Path):
    month = clock.in_tokyo(clock.now()).strftime("%Y-%m")
    paper, table = tmp_path / "e.pdf", tmp_path / "e.csv"
    for out in (paper, table):
        answer = run("evidence", "--month", month, "--out", str(out))
        assert answer.exit_code == 0, answer.output
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    text = "".join(page.extract_text() for page in PdfReader(paper).pages)
    assert {row["clause"] for row in rows} >= {"P3-2-6-2", "T-8", "P3-2-7-3"}
    assert all(row["clause"] in text for row in rows)
    assert "outside-no-export" in text
    assert "このシステムの記録では示せません" in table.read_text(encoding="utf-8-sig")


def test_evidence_needs_a_month_and_an_ending(hall, tmp_path: Path):
    assert "write it like 2026-10" in run("evidence", "--month", "October", "--out", "x.pdf").output
    assert ".pdf or .csv" in run("evidence", "--month", "2026-10", "--out", "x.txt").output


def test_a_month_ends_where_the_next_begins():
    for month in ("2026-01", "2026-02", "2026-12"):
        since, until = month_of(month)
        assert (until - since).days in (28, 31)
        assert until.day == 1


def test_networks_devices_and_the_model_are_declared_on_the_command_line(hall):
    assert "counts as counter" in run("network", "add", "counter", "10.0.0.0/8", "--town", TOWN).output
    assert "10.0.0.0/8" in run("network", "list", "--town", TOWN).output
    code = run("device", "issue", "laptop", "--for", "sato", "--town", TOWN).output.strip()
    assert len(code) == 19
    listed = run("device", "list", "--town", TOWN).output.split("\t")
    assert listed[1:3] == ["laptop", "sato"]
    assert run("device", "revoke", listed[0], "--town", TOWN).exit_code == 0
    assert "revoked" in run("device", "list", "--town", TOWN).output
    assert run("model", "beta", "--town", TOWN).exit_code == 0
    assert run("network", "remove", "10.0.0.0/8", "--town", TOWN).exit_code == 0
    with towns.inside(TOWN):
        from yakuba.access import devices

        assert devices.posture().profile == "beta"
