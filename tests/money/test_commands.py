import os
import subprocess
import sys

from tests.money.files import batch
from yakuba.money.zengin import write


def check(file, *words):
    """`yakuba money check`, where no database can be reached."""
    nowhere = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "YAKUBA_VAR": str(file.parent / "none"),
    }
    command = [sys.executable, "-m", "yakuba.site.cli", "money", "check", str(file), "--as-of", "2025-11-25"]
    return subprocess.run(
        [*command, *words], env=os.environ | nowhere, capture_output=True, text=True, check=False
    )


def test_a_good_file_is_checked_without_any_database(tmp_path):
    file = tmp_path / "good.txt"
    file.write_bytes(write(batch()))
    done = check(file)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2件 35,000円 振込指定日 2025-12-10" in done.stdout


def test_a_fault_is_named_and_ends_with_an_error(tmp_path):
    file = tmp_path / "bad.txt"
    file.write_bytes(write(batch()).replace(b"058", b"057"))
    done = check(file, "--language", "en")
    assert done.returncode == 1
    assert "057" in done.stdout
