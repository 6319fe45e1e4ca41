import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from yakuba.records.commands import records


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "atena.csv"


def test_a_look_tells_encoding_columns_rows_and_the_first_faults(file: Path) -> None:
    file.write_bytes("番号,氏名\n1,髙橋\n2\n3,=1\n".encode("cp932"))
    run = CliRunner().invoke(records, ["look", str(file), "--json"])
    seen = json.loads(run.output)
    assert run.exit_code == 1
    assert (seen["encoding"], seen["rows"], seen["good"], seen["held"], seen["formulas"]) == (
        "CP932",
        3,
        2,
        1,
        1,
    )
    assert seen["faults"][0]["line"] == 3


def test_a_look_at_a_good_file_is_printed_for_people(file: Path) -> None:
    file.write_text("番号,氏名\n1,山田\n", encoding="utf-8")
    run = CliRunner().invoke(records, ["look", str(file), "--language", "en"])
    assert run.exit_code == 0
    assert "2 columns: 番号, 氏名" in run.output
    assert "1 rows = 1 good + 0 held" in run.output


def test_a_file_that_cannot_be_read_is_told_why(file: Path) -> None:
    file.write_bytes(b"\xff\xff\n")
    run = CliRunner().invoke(records, ["look", str(file)])
    assert run.exit_code == 1
    assert "1行目" in run.output
