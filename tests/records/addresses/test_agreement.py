"""The commands, and how far results agree with parts that somebody else gave."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from yakuba.records.addresses import Agreement
from yakuba.records.addresses.agreement import COLUMNS
from yakuba.records.addresses.listing import gazetteer_of
from yakuba.records.addresses.normalise import normalise
from yakuba.records.commands import records

GIVEN = Path(__file__).parents[4] / "shared/data/addresses/addresses.csv"


@pytest.fixture(autouse=True)
def no_base_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path))


def run(*arguments: str, given: str | bytes = "") -> Result:
    return CliRunner().invoke(records, ["normalize-addresses", *arguments], input=given)


def test_lines_become_a_csv_with_the_parts() -> None:
    lines = run(given="千代田区外神田1-2-3 秋葉ビル\n").stdout.splitlines()
    assert (
        lines[1]
        == "千代田区外神田1-2-3 秋葉ビル,,131016,東京都,千代田区,,外神田,1丁目,2,3,秋葉ビル,block,,,→東京都"
    )


def test_a_csv_is_known_by_its_head() -> None:
    found = json.loads(run("--json", given="番号,住所\n1,東京都港区芝公園4-2-8\n").stdout)
    assert (found["town"], found["chome"], found["block"], found["number"]) == ("芝公園", 4, "2", "8")


def test_what_a_spreadsheet_would_compute_is_guarded() -> None:
    assert run(given="=1+1\n").stdout.splitlines()[1].startswith("'=1+1,")


def test_a_file_in_another_encoding_is_refused() -> None:
    result = run(given="東京都".encode("cp932"))
    assert result.exit_code == 1
    assert "UTF-8" in result.output


def test_given_parts_are_compared_and_every_way_to_differ_is_counted() -> None:
    row = "東京都港区芝公園4-2-8,東京都,港区,{town},{block},{rest}"
    rows = [
        row.format(town="芝公園四丁目", block="4-2", rest=""),
        row.format(town="", block="", rest="2-8 101"),
    ]
    result = run("--json", given="\n".join([",".join(COLUMNS), *rows]))
    agreement = json.loads(result.stdout.splitlines()[-1])["agreement"]
    assert agreement["municipality"] == {"agrees": 1.0, "same": 2}
    assert agreement["town"] == {"agrees": 0.5, "spelling": 1, "only_here": 1}
    assert agreement["block"] == {"agrees": 0.5, "differs": 1, "same": 1}
    assert "block" in result.stderr


def test_only_what_does_not_agree_is_printed_when_asked() -> None:
    given = f"{','.join(COLUMNS)}\n東京都港区芝公園4-2-8,東京都,港区,芝公園四丁目,9,\n"
    assert run("--agree", given=given).stdout == "block,differs,東京都港区芝公園4-2-8,9,2-8\n"


def test_a_national_base_that_was_loaded_is_used(tmp_path: Path) -> None:
    file = tmp_path / "mt_town.csv"
    file.write_text(
        "lg_code,pref,county,city,ward,oaza_cho,chome,koaza\n131016,東京都,,千代田区,,新しい町,,\n", "utf-8"
    )
    loaded = CliRunner().invoke(records, ["address-base", str(file)])
    assert loaded.output.startswith("1 municipalities, 1 towns")
    result = run("--json", given="千代田区新しい町1")
    assert json.loads(result.stdout)["town"] == "新しい町"
    assert "mt_town.csv" in result.stderr


def test_a_file_that_is_no_base_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a\n1\n", "utf-8")
    assert "no column lg_code" in CliRunner().invoke(records, ["address-base", str(file)]).output


@pytest.mark.skipif(not GIVEN.exists(), reason="../shared/data/addresses/addresses.csv is not there")
def test_the_default_base_agrees_with_a_known_normaliser() -> None:
    import csv

    gazetteer, agreement = gazetteer_of(GIVEN.parent), Agreement()
    with GIVEN.open(encoding="utf-8-sig", newline="") as rows:
        for row in csv.DictReader(rows):
            found = normalise(row["住所"], gazetteer)
            agreement.add(row, found)
            assert "".join(text for _, text in found.pieces) == row["住所"]
    assert agreement.share("municipality") >= 0.995
    assert agreement.share("town") >= 0.95
    assert agreement.share("block") >= 0.95
