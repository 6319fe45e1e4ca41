"""What a vendor delivers is held to the rules across its rows, and several operations to the rules between them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.records.rules.conftest import DAY
from yakuba.records import checking
from yakuba.records.commands import records

REGISTER, ALLOWANCE = "resident-register", "child-allowance"
HOUSEHOLD = {"setaishometsunengappi": "", "setaiinsu": "1"}
HEAD = {"tsuzukigara": "01", "seibetsu": "2"}
MOVED_OUT = {"idojiyu": "05", "idonengappi": "2026-05-01", "todokedenengappi": "2026-05-01", "idotsuban": "1"}
ADDED = {"kojinbango": "", "juminhyokodo": "12345678902", "atenabango": "000000012345679"}


def kinds(found: checking.Conformance) -> dict[str, dict[str, int]]:
    return {group: report.kinds for group, report in found.reports.items() if report.kinds}


def test_a_delivery_that_is_right_conforms_and_says_how_many_rules_were_asked(deliver, known, rules) -> None:
    folder = deliver(REGISTER, {"世帯": [HOUSEHOLD], "住民": [HEAD]})
    found = checking.conform(folder, known[REGISTER], as_of=DAY, rules=rules)
    assert kinds(found) == {}
    assert found.conforms
    assert len(found.rules) >= 15
    assert {rule.place[0] for rule in found.rules} == {REGISTER}


def test_a_row_that_a_rule_finds_is_held_with_what_to_do(deliver, known, rules) -> None:
    folder = deliver(REGISTER, {"世帯": [HOUSEHOLD], "住民": [HEAD | {"tsuzukigara": "03"}]})
    found = checking.conform(folder, known[REGISTER], as_of=DAY, rules=rules)
    assert kinds(found) == {"世帯": {"rule:household-without-head": 1}}
    (fault,) = found.reports["世帯"].findings
    assert (fault.row, fault.item.romaji, fault.value) == (1, "setainushi_atenabango", "000000012345678")
    assert "世帯主を一人にしてください" in fault.text.ja
    assert found.reports["世帯"].held == 1


def test_what_is_to_be_looked_at_holds_no_row(deliver, known, rules) -> None:
    folder = deliver(REGISTER, {"世帯": [HOUSEHOLD], "住民": [HEAD | {"rirekibango": "2"}]})
    found = checking.conform(folder, known[REGISTER], as_of=DAY, rules=rules)
    report = found.reports["住民"]
    assert found.conforms
    assert report.looked == {"rule:version-missing": 1}
    assert [one.row for one in report.looks] == [1]


def test_a_cell_that_is_at_fault_by_itself_is_not_told_a_second_time(deliver, known, rules) -> None:
    people = [HEAD, HEAD | ADDED | {"setaibango": "7", "juminhyokodo": "12345678903"}]
    folder = deliver(REGISTER, {"世帯": [HOUSEHOLD], "住民": people})
    found = checking.conform(folder, known[REGISTER], as_of=DAY, rules=rules)
    assert kinds(found) == {"住民": {"nowhere:世帯": 1}}


def test_a_number_that_two_people_have_is_found_and_not_shown(deliver, known, rules) -> None:
    people = [HEAD, HEAD | ADDED | {"kojinbango": "123456789018", "tsuzukigara": "10"}]
    folder = deliver(REGISTER, {"世帯": [HOUSEHOLD | {"setaiinsu": "2"}], "住民": people})
    found = checking.conform(folder, known[REGISTER], as_of=DAY, rules=rules)
    assert kinds(found) == {"住民": {"rule:one-my-number-two-people": 2}}
    assert [one.value for one in found.reports["住民"].findings] == [None, None]


def test_a_file_that_is_refused_leaves_the_rules_that_need_it_unasked(deliver, known, rules) -> None:
    folder = deliver(REGISTER, {"世帯": [HOUSEHOLD], "住民": [HEAD | {"tsuzukigara": "03"}]})
    (folder / "世帯.csv").write_bytes(b"")
    found = checking.conform(folder, known[REGISTER], as_of=DAY, rules=rules)
    asked = {rule.id for rule in found.rules}
    assert "household-without-head" not in asked
    assert "one-code-two-people" in asked


@pytest.fixture
def town(deliver, tmp_path: Path) -> Path:
    """Two operations: the recipient of an allowance has moved out of the town."""
    gone = HEAD | {"juminjotai": "2"}
    deliver(
        REGISTER,
        {
            "世帯": [HOUSEHOLD | {"setaijotai": "2", "setaishometsunengappi": "2026-05-01"}],
            "住民": [gone],
            "異動履歴": [MOVED_OUT],
        },
        tmp_path / REGISTER,
    )
    award = {"jukyunojotai": "1", "shometsunengappi": "", "shometsujiyu": ""}
    deliver(
        ALLOWANCE,
        {
            "受給者": [award],
            "支給対象児童": [{"taishogainengappi": "", "taishogaitonattariyu": ""}],
            "支払": [{}],
        },
        tmp_path / ALLOWANCE,
    )
    return tmp_path


def test_an_allowance_for_somebody_who_moved_away_is_found_across_two_operations(town, known, rules) -> None:
    folders = {town / name: known[name] for name in (REGISTER, ALLOWANCE)}
    register, allowance = checking.conform_all(folders, as_of=DAY, rules=rules)
    assert register.conforms
    assert kinds(allowance) == {"受給者": {"rule:recipient-not-resident": 1}}
    assert allowance.reports["支払"].looked == {"rule:paid-to-one-who-left": 1}


def test_an_operation_alone_is_asked_only_what_it_can_answer(town, known, rules) -> None:
    found = checking.conform(town / ALLOWANCE, known[ALLOWANCE], as_of=DAY, rules=rules)
    assert found.conforms
    assert "recipient-not-resident" not in {rule.id for rule in found.rules}


# -- the commands ----------------------------------------------------------------------------------
@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path / "var"))

    def command(*words: str):
        return CliRunner().invoke(records, words)

    return command


@pytest.mark.parametrize("which", [("--all",), ("--as", REGISTER, "--as", ALLOWANCE)])
def test_several_operations_are_held_to_the_rules_by_one_command(
    run, town: Path, which: tuple[str, ...]
) -> None:
    answer = run("conform", str(town), *which, "--json")
    assert answer.exit_code == 1
    shown = json.loads(answer.output)
    assert [one["id"] for one in shown["operations"] if not one["conforms"]] == [ALLOWANCE]
    allowance = next(one for one in shown["operations"] if one["id"] == ALLOWANCE)
    (finding,) = allowance["groups"][0]["findings"]
    assert (finding["kind"], finding["row"]) == ("rule:recipient-not-resident", 1)
    assert "recipient-not-resident" in allowance["rules"]


def test_people_read_what_is_held_what_is_to_be_looked_at_and_how_much_was_asked(run, town: Path) -> None:
    said = run("conform", str(town), "--all", "--language", "en").output
    assert "row 1, 受給の状態 1: The allowance is being paid, but the recipient has moved out" in said
    assert "To be looked at (1); these may be right:" in said
    assert "児童手当: 16 rules across rows were asked." in said


def test_a_folder_that_is_not_there_and_no_name_at_all_are_said(run, tmp_path: Path) -> None:
    assert (
        "there is no folder residence-tax, resident-register in it"
        in run("conform", str(tmp_path), "--as", "residence-tax", "--as", REGISTER).output
    )
    assert run("conform", str(tmp_path)).exit_code == 2
    assert run("conform", str(tmp_path), "--all").exit_code == 1


def test_the_rules_are_listed_with_their_sources_and_their_examples_are_run(run) -> None:
    assert (
        "household-without-head\tresident-register/世帯\thold\t世帯主のいない世帯\t住民基本台帳法 第7条第4号"
        in run("rules").output
    )
    shown = json.loads(run("rules", "--json", "--language", "en").output)
    assert shown["unfit"] == {}
    assert "Household without a head" in {rule["name"] for rule in shown["rules"]}
    assert "all right" in run("rules", "--check").output
