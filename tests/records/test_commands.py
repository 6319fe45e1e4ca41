"""`yakuba records …` says what definitions there are, and brings official lists in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from yakuba.records.commands import records
from yakuba.records.standards import ROOT

OFFICIAL = ROOT / "non-resident-numbers" / "2026-08"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`run("standards")`: what is printed, and how it ended, with what is brought in laid under a folder of the test."""
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path))

    def command(*words: str):
        return CliRunner().invoke(records, words)

    return command


def define(run, version: str, items: Path = OFFICIAL / "items.csv"):
    return run(
        "define", "non-resident-numbers", str(items), "--codes", str(OFFICIAL / "codes.csv"), "--version", version,
        "--published", "2027-01-01", "--source", "デジタル庁", "--licence", "PDL 1.0",
    )  # fmt: skip


def test_the_definitions_are_listed_and_each_shows_its_items(run) -> None:
    listed = json.loads(run("standards", "--json").output)
    assert {"non-resident-numbers"} <= {one["id"] for one in listed}
    shown = json.loads(run("standards", "non-resident-numbers", "--json").output)
    assert shown["groups"]["住登外者宛名基本情報"][0]["romaji"] == "atenabango"
    assert (
        "03100001\t○\t宛名番号\tatenabango\tX\t15\trequired"
        in run("standards", "non-resident-numbers").output
    )


def test_an_official_list_is_brought_in_with_one_command(run) -> None:
    made = define(run, "2027-01")
    assert made.output == "non-resident-numbers 2027-01: 29 items in 1 groups.\n"
    assert json.loads(run("standards", "non-resident-numbers", "--json").output)["version"] == "2027-01"


def test_what_cannot_be_done_is_said_without_a_trace(run, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.csv"
    faulty.write_text("項目,型\n氏名,X\n", "utf-8")
    for answer in (define(run, "9", faulty), run("standards", "nothing")):
        assert answer.exit_code == 1
        assert answer.output.startswith("Error: ")
    assert "faulty.csv: no line has the heading データ項目ID" in define(run, "9", faulty).output
