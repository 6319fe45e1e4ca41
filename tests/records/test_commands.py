"""`yakuba records …` says what definitions there are, and brings official lists in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from yakuba.records.commands import records
from yakuba.records.standards import ROOT, read_items

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


def numbers(folder: Path, time: str = "09:00:00") -> Path:
    """A file of the standard with one row."""
    row = {
        "atenabango": "1",
        "gyomuid": "001",
        "dokujishisakushisutemunadoid": "A01",
        "daihyoatenafuragu": "0",
        "sosashaid": "sato",
        "sosanengappi": "2026-11-29",
        "sosajikoku": time,
    }
    items = read_items((OFFICIAL / "items.csv").read_bytes(), "items.csv")
    path = folder / "住登外者宛名基本情報.csv"
    heads = [item.romaji for item in items]
    path.write_text("\n".join([",".join(heads), ",".join(row.get(one, "") for one in heads), ""]), "utf-8")
    return path


def test_a_file_and_a_delivery_are_held_to_the_standard(run, tmp_path: Path) -> None:
    file = numbers(tmp_path)
    right = run("check", str(file), "--as", "住登外者宛名基本情報")
    assert (right.exit_code, right.output.strip()) == (
        0,
        "住登外者宛名基本情報（住登外者宛名基本情報.csv）：1行 = 合格 1 + 保留 0",
    )
    numbers(tmp_path, time="9時")
    wrong = run("check", str(file), "--as", "non-resident-numbers/住登外者宛名基本情報")
    assert wrong.exit_code == 1
    assert "1行目 操作時刻 9時：24時間の HH:MM:SS で書いてください。" in wrong.output
    english = run("check", str(file), "--as", "住登外者宛名基本情報", "--language", "en")
    assert "row 1, 操作時刻 9時: Write the time as HH:MM:SS, 24 hours." in english.output
    delivered = run("conform", str(tmp_path), "--as", "non-resident-numbers", "--json")
    assert delivered.exit_code == 1
    (group,) = json.loads(delivered.output)["groups"]
    assert (group["in"], group["accepted"], group["held"], group["kinds"]) == (1, 0, 1, {"TIME": 1})


def test_a_group_that_is_not_there_is_said(run, tmp_path: Path) -> None:
    answer = run("check", str(numbers(tmp_path)), "--as", "支払い方法")
    assert answer.exit_code == 1
    assert "支払い方法: none" in answer.output


def test_a_dataset_of_open_data_is_one_file_and_a_second_one_is_not_passed_over(run, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text("x", "utf-8")
    done = run("check", str(tmp_path / "a"), str(tmp_path / "b"), "--as", "aed")
    assert done.exit_code == 2
    assert "one by one" in done.output


def test_old_and_new_are_compared_item_by_item(run, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old, new = numbers(tmp_path / "old"), numbers(tmp_path / "new", time="10:00:00")
    differ = run("compare", str(old), str(new), "--as", "住登外者宛名基本情報")
    assert differ.exit_code == 1
    assert "1 操作時刻: 09:00:00 → 10:00:00" in differ.output
    same = run("compare", str(old), str(old), "--as", "住登外者宛名基本情報", "--json")
    assert same.exit_code == 0
    assert json.loads(same.output)["same"] == 1
