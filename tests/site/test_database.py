"""The embedded server survives what happens to servers; a database that cannot be used is a clear message."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.server import VAR
from yakuba.access.postgresql.base import DatabaseWrapper
from yakuba.site import database, migrate
from yakuba.site.database import DatabaseTrouble

START = "import sys; from pathlib import Path; from yakuba.site import database; print(database.embedded(Path(sys.argv[1])))"


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of this test alone, where the server's own user may come, unlike to pytest's."""
    VAR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VAR, ignore_cleanup_errors=True) as made:
        yield Path(made)


@pytest.fixture
def folder(place: Path) -> Iterator[Path]:
    """Where a server of this test alone has its data."""
    yield place / "var" / "postgres"
    database.stop(place / "var" / "postgres")


def postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


def rows(address: str) -> list[int]:
    with psycopg.connect(address) as connection:
        return [number for (number,) in connection.execute("select number from kept order by 1")]


@pytest.fixture
def used(folder: Path) -> str:
    """The address of a server that is at work: one row is committed."""
    address = database.embedded(folder)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("create table kept (number int)")
        connection.execute("insert into kept values (1)")
    return address


def cut_power(folder: Path, address: str) -> None:
    """Kill the server in the middle of somebody's transaction."""
    half = psycopg.connect(address)
    half.execute("insert into kept values (2)")
    os.kill(postmaster(folder), signal.SIGKILL)


@pytest.mark.kill
def test_a_server_that_was_killed_starts_again_at_once_with_all_that_was_committed(folder, used):
    cut_power(folder, used)
    assert rows(database.embedded(folder)) == [1]


def test_a_second_start_uses_the_server_that_runs(folder, used):
    before = postmaster(folder)
    assert database.embedded(folder) == used
    assert postmaster(folder) == before


def test_two_processes_that_start_at_once_on_a_new_folder_get_the_same_server(folder):
    command = [sys.executable, "-c", START, str(folder)]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in "123"
    ]
    said = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert len({address for address, _ in said}) == 1


def test_processes_that_look_at_once_whether_the_folder_can_be_used_are_not_in_each_others_way(folder):
    with ThreadPoolExecutor(8) as pool:
        looks = [pool.submit(database._usable, folder) for _ in range(400)]
    assert [look.exception() for look in looks if look.exception()] == []


def test_a_postmaster_file_left_by_a_machine_that_went_down_is_no_obstacle(folder, used):
    lines = (folder / "postmaster.pid").read_text().splitlines()
    database.stop(folder)
    (folder / "postmaster.pid").write_text("\n".join(["4194301", *lines[1:]]) + "\n")
    assert rows(database.embedded(folder)) == [1]


def test_a_postmaster_file_that_names_another_program_of_today_is_no_obstacle(folder, used):
    lines = (folder / "postmaster.pid").read_text().splitlines()
    database.stop(folder)
    (folder / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert rows(database.embedded(folder)) == [1]


def test_a_stopped_server_says_where_its_data_is_when_it_is_started_from_the_command_line(folder, used):
    from click.testing import CliRunner

    from yakuba.site.commands import db

    said = CliRunner().invoke(db, ["start"], env={"YAKUBA_VAR": str(folder.parent), "DATABASE_URL": ""})
    assert said.exit_code == 0, said.output
    assert str(folder) in said.output


# -- what cannot work, said clearly ----------------------------------------------------------------
def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "var").write_text("not a folder")
    with pytest.raises(DatabaseTrouble, match="is a file, but the database needs a folder there"):
        database.embedded(tmp_path / "var" / "postgres")


def test_a_file_where_the_data_should_be_is_named(tmp_path):
    (tmp_path / "postgres").write_text("not a folder")
    with pytest.raises(DatabaseTrouble, match=r"postgres is a file.*\n.*YAKUBA_VAR"):
        database.embedded(tmp_path / "postgres")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(DatabaseTrouble, match="cannot be used: Permission denied"):
        database.embedded(tmp_path / "var" / "postgres")


def test_a_folder_on_a_read_only_place_is_named():
    with pytest.raises(DatabaseTrouble, match="cannot be used"):
        database.embedded(Path("/proc/yakuba/postgres"))


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "letter.txt").write_text("mine")
    with pytest.raises(DatabaseTrouble, match="did not start"):
        database.embedded(tmp_path / "postgres")
    assert (tmp_path / "postgres" / "letter.txt").read_text() == "mine"


@pytest.fixture
def small_disk(place: Path) -> Iterator[Callable[[str], Path]]:
    """`small_disk("60m")`: a folder with so much room."""
    disk = place / "disk"
    disk.mkdir()

    def mounted(size: str) -> Path:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(disk)], capture_output=True
        )
        if done.returncode:
            pytest.skip("needs to mount a small disk")
        return disk

    yield mounted
    database.stop(disk / "postgres")
    subprocess.run(["umount", "-l", str(disk)], capture_output=True, check=False)


@pytest.mark.parametrize("size", ["32k", "12m"])
def test_a_disk_that_is_full_is_said_to_be(small_disk, size):
    with pytest.raises(DatabaseTrouble, match=r"(?i)no space|disk is not full"):
        database.embedded(small_disk(size) / "postgres")


def fill_up(place: Path) -> None:
    with suppress(OSError), open(place / "fill", "wb") as file:
        while file.write(b"0" * 65536):
            file.flush()


def test_nothing_is_lost_when_the_disk_fills_up_and_work_goes_on_once_there_is_room(small_disk):
    disk = small_disk("400m")
    address = database.embedded(disk / "postgres")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("create table kept (number int)")
        connection.execute("insert into kept values (1)")
        fill_up(disk)
        with pytest.raises(psycopg.Error):
            connection.execute(
                "create table much as select repeat('x', 1000) from generate_series(1, 300000)"
            )
    (disk / "fill").unlink()
    address = database.embedded(disk / "postgres")
    assert rows(address) == [1]
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("insert into kept values (2)")


# -- DATABASE_URL ----------------------------------------------------------------------------------
def test_a_database_url_that_does_not_answer_says_which_and_never_the_password(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://town:secret@127.0.0.1:1/yakuba")
    with pytest.raises(DatabaseTrouble) as trouble:
        database.url(tmp_path)
    assert "127.0.0.1:1/yakuba (DATABASE_URL) does not answer" in str(trouble.value)
    assert "secret" not in str(trouble.value)


def test_a_database_url_that_is_no_address_is_said_to_be_none(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "not an address at all=")
    with pytest.raises(DatabaseTrouble, match="DATABASE_URL"):
        database.url(tmp_path)


@pytest.mark.parametrize("version", [140011, 130000, 90624])
def test_a_server_that_is_too_old_is_refused_with_what_is_needed(version):
    with pytest.raises(DatabaseTrouble, match=r"needs 15 or newer"):
        database.refuse_old(version, "db.example:5432/yakuba")


def test_postgresql_15_is_new_enough():
    database.refuse_old(150000, "db.example:5432/yakuba")


def test_the_owner_too_speaks_to_a_server_elsewhere_over_tls_with_its_certificate_checked(monkeypatch):
    address = database.encrypted("postgresql://owner:x@db.example/yakuba")
    settings = database.django_settings(address, role=migrate.ROLE)
    elsewhere = DatabaseWrapper({**connection.settings_dict, **settings})
    parameters = migrate.owner(elsewhere)
    assert (parameters["host"], parameters["sslmode"]) == ("db.example", "verify-full")
    assert "options" not in parameters
