"""`yakuba progress disparity` and `yakuba progress peers`."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from tests.progress.disparity.made import town, write
from yakuba.progress.disparity.commands import disparity, peers
from yakuba.progress.disparity.errors import NoSuchTown, OtherColumns


def _table(folder: Path) -> str:
    rows = [
        town("A村", 2_000, aged=50, money=0.2, rpa=0, online32=0.3),
        town("D市", 250_000, aged=25, money=0.9, rpa=1, online32=None),
        town("栃木市", 140_000, code="092037", prefecture="栃木県", aged=30, money=0.7, rpa=1, online32=0.5),
    ]
    return str(write(folder, rows))


def test_the_report_is_printed_for_people_and_for_programs(tmp_path: Path) -> None:
    said = CliRunner().invoke(disparity, ["--table", _table(tmp_path)]).output
    assert "RPA is in use (RPAの導入状況)\n  mean 67 %; gap between bands 100 points" in said
    assert "1 unknown" in said
    made = json.loads(CliRunner().invoke(disparity, ["--table", _table(tmp_path), "--json"]).output)
    assert made["headline"]["rpa"] == {"under_5000_percent": 0, "over_200000_percent": 100, "gap_points": 100}
    assert made["indicators"]["online32"]["country"]["missing"] == 1
    assert "theil" not in made["indicators"]["rpa"]


def test_what_is_known_of_no_town_is_told_without_a_figure(tmp_path: Path) -> None:
    said = CliRunner().invoke(disparity, ["--table", _table(tmp_path)]).output
    assert "AI is in use (AIの導入状況)\n  mean –, 3 unknown; gap between bands –\n" in said
    assert "None" not in said


def test_renamed_columns_end_the_command_without_a_figure(tmp_path: Path) -> None:
    file = write(tmp_path, [town("A村", 900)], AIの導入状況="AIの状況")
    run = CliRunner().invoke(disparity, ["--table", str(file), "--json"])
    assert isinstance(run.exception, OtherColumns)
    assert run.output == ""


def test_peers_of_a_town_that_merged_are_those_of_the_town_it_is_part_of(tmp_path: Path) -> None:
    said = CliRunner().invoke(peers, ["--table", _table(tmp_path), "--town", "093670"]).output
    assert said.startswith("岩舟町 (093670) is 栃木市 since 2014-04-05.\n栃木県 栃木市\n")
    made = json.loads(
        CliRunner().invoke(peers, ["--table", _table(tmp_path), "--town", "093670", "--json"]).output
    )
    assert (made["now"]["new"], made["peers"][0]["name"]) == ("092037", "D市")


def test_a_made_up_town_is_compared_by_what_is_said_of_it(tmp_path: Path) -> None:
    asked = ["--table", _table(tmp_path), "--town", "394262"]
    assert isinstance(CliRunner().invoke(peers, asked).exception, NoSuchTown)
    said = CliRunner().invoke(peers, [*asked, "--population", "2100"]).output
    assert "Alike by population;" in said
    assert "0.0" in said.split("A村")[0]
