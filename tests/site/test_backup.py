"""A town hall is restored to the moment before a disaster, exactly as it was, and what was tampered with is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.cases.conftest import SMALL
from tests.server import VAR
from tests.site.disaster import rows
from yakuba.site import database
from yakuba.site.backup import commands, restoring, taking
from yakuba.site.backup.commands import backup, restore
from yakuba.site.backup.folder import BackupTrouble, Folder, public, sha256, signed


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    VAR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VAR, ignore_cleanup_errors=True) as made:
        yield Path(made)
        for server in (Path(made) / "var", Path(made) / "new"):
            database.stop(server / "postgres")


@pytest.fixture(scope="module")
def disaster(place: Path) -> dict[str, Any]:
    """What happened in a town hall that was backed up: what was there at which moment."""
    chosen = {"YAKUBA_VAR": str(place / "var"), "YAKUBA_SERVICES": str(SMALL), "DATABASE_URL": ""}
    (place / "var").mkdir()
    command = [sys.executable, "-m", "tests.site.disaster", str(place / "kept")]
    done = subprocess.run(command, env=os.environ | chosen, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {"kept": place / "kept", "keys": place / "var", **json.loads(done.stdout)}


@pytest.fixture
def kept(disaster: dict[str, Any], place: Path) -> Iterator[Folder]:
    """A copy of the backup, to be damaged."""
    written = shutil.ignore_patterns("journal.jsonl", "*.partial")
    shutil.copytree(disaster["kept"], place / "copy", copy_function=os.link, ignore=written)
    for file in (disaster["kept"] / "journal.jsonl", *(disaster["kept"] / "wal").glob("*.partial")):
        shutil.copyfile(file, place / "copy" / file.relative_to(disaster["kept"]))
    yield Folder(place / "copy")
    shutil.rmtree(place / "copy")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def refused(folder: Folder, disaster: dict[str, Any], *, to: str = "destroyed", key: str = "keys") -> str:
    """What is said when the restore is refused."""
    with pytest.raises(BackupTrouble) as trouble:
        restoring.plan(folder, at(disaster[to]), disaster[key])
    return str(trouble.value)


def command(*words: str, var: Path) -> Any:
    return CliRunner().invoke(
        restore, words, env={"YAKUBA_VAR": str(var), "DATABASE_URL": "", "YAKUBA_SERVICES": str(SMALL)}
    )


@pytest.mark.kill
@pytest.mark.long
def test_what_was_there_at_that_moment_is_there_again_and_proves_itself(disaster, place):
    keys, new = place / "safe", place / "new"
    taking.keys_apart(disaster["keys"], keys, Folder(disaster["kept"]))
    words = [
        "--from",
        str(disaster["kept"]),
        "--to-time",
        disaster["at"],
        "--into",
        str(new),
        "--keys",
        str(keys),
    ]
    said = command(*words, "--json", var=place / "nowhere")
    assert said.exit_code == 0, said.output
    told = orjson.loads(said.stdout)
    assert told["whole"]
    (town,) = told["towns"]
    there = disaster["there"]
    assert (town["cases"], town["events"]) == (there["cases_case"][0], there["cases_event"][0])
    assert town["checkpoints"] == 2
    assert (new / "answers" / "town.yaml").read_text() == "offices: [later]\n"
    assert (new / "answers" / "shared").readlink() == Path("/srv/shared")
    assert (new / "seal.key").read_text() == (keys / "seal.key").read_text()
    address = database.embedded(new / "postgres")  # as a town would start it
    assert rows(address) == there
    kept = Folder(disaster["kept"]).read().of_kind("files")
    assert len({line["listing"] for line in kept}) == len(kept) == 2, "what changed once is kept once more"
    assert disaster["killed"], "what fetched the log, in the middle"
    again = command(*words, var=place / "nowhere")
    assert again.exit_code != 0
    assert "never writes over a living one" in again.output


@pytest.mark.long
def test_a_moment_after_the_rows_were_destroyed_is_restored_and_said_not_to_be_whole(disaster, place):
    words = [
        "--from",
        str(disaster["kept"]),
        "--to-time",
        disaster["destroyed"],
        "--into",
        str(place / "late"),
    ]
    said = command(*words, var=disaster["keys"])
    assert said.exit_code == 1, said.output
    assert "It is NOT proven whole" in said.output
    assert "is missing" in said.output
    assert "was changed" in said.output


def test_a_folder_in_which_something_lies_is_never_written_to(disaster, place):
    (place / "mine").mkdir()
    (place / "mine" / "letter.txt").write_text("mine")
    said = command("--from", str(disaster["kept"]), "--into", str(place / "mine"), var=disaster["keys"])
    assert "never writes over what is there" in said.output
    assert (place / "mine" / "letter.txt").read_text() == "mine"


def test_a_living_database_is_never_written_over(disaster):
    said = command("--from", str(disaster["kept"]), "--into", str(disaster["keys"]), var=disaster["keys"])
    assert "never writes over" in said.output


# -- moments that are not there --------------------------------------------------------------------
def test_a_moment_before_the_first_base_backup_is_named_with_those_that_can_be_restored(disaster):
    said = refused(Folder(disaster["kept"]), disaster, to="before")
    assert "is before the first base backup" in said
    assert "Choose a moment from" in said


def test_a_moment_after_the_end_of_the_log_is_named_with_those_that_can_be_restored(disaster):
    with pytest.raises(BackupTrouble, match=r"is after the end of what was kept.*\n.*Choose a moment from"):
        restoring.plan(
            Folder(disaster["kept"]), at(disaster["destroyed"]) + timedelta(days=1), disaster["keys"]
        )


def test_a_time_that_is_none_is_said_to_be_none(disaster, place):
    said = command(
        "--from", str(disaster["kept"]), "--to-time", "yesterday", "--into", str(place / "x"), var=place
    )
    assert "2026-11-29 14:03" in said.output


def test_a_folder_without_a_backup_is_said_to_have_none(place):
    said = command("--from", str(place), "--into", str(place / "x"), var=place)
    assert "There is no backup in" in said.output


# -- what was damaged or tampered with -------------------------------------------------------------
def flip(file: Path, offset: int) -> None:
    """Change one bit."""
    content = bytearray(file.read_bytes())
    content[offset] ^= 1
    write(file, content)


def write(file: Path, content: bytes) -> None:
    """Into a file of its own: the copy has links to the backup's."""
    file.unlink()
    file.write_bytes(content)


def log_files(folder: Folder) -> list[Path]:
    base = folder.read().bases[-1]["start"]
    first = folder.read().segment(restoring.place(base))
    return sorted(file for file in folder.wal.iterdir() if file.name >= first)


def test_a_bit_changed_in_the_log_is_found_and_said_how_far_one_can_still_restore(kept, disaster):
    flip(log_files(kept)[1], 100_000)
    said = refused(kept, disaster)
    assert "was changed after it was kept" in said
    assert "can be restored" in said


def test_a_bit_changed_in_the_last_file_that_is_still_being_written_is_found(kept, disaster):
    flip(log_files(kept)[-1], 1000)
    assert "was changed after it was kept" in refused(kept, disaster)


def test_a_missing_file_of_the_log_is_named(kept, disaster):
    log_files(kept)[1].unlink()
    assert "is missing" in refused(kept, disaster)


def test_a_changed_row_in_the_base_backup_is_found_before_anything_is_started(kept, disaster, place):
    data = kept.bases / kept.read().bases[-1]["name"] / "data"
    flip(max((data / "base").rglob("*"), key=lambda file: file.stat().st_size if file.is_file() else 0), 9000)
    planned = restoring.plan(kept, at(disaster["at"]), disaster["keys"])
    with pytest.raises(BackupTrouble, match="is damaged"):
        restoring.restore(planned, place / "bad", disaster["keys"], lambda _: None)
    assert not (place / "bad").exists()


def test_a_manifest_that_was_written_anew_to_hide_a_change_is_found(kept, disaster):
    manifest = kept.bases / kept.read().bases[-1]["name"] / "data" / "backup_manifest"
    write(manifest, manifest.read_bytes() + b"\n")
    assert "was changed after the backup was made" in refused(kept, disaster)


def test_a_journal_that_somebody_wrote_anew_with_a_key_of_their_own_is_refused(kept, disaster):
    mine = Ed25519PrivateKey.generate()
    lines = [orjson.loads(line) for line in kept.journal.read_bytes().splitlines()]
    lines[0]["public_key"] = public(mine).hex()
    kept.journal.write_bytes(
        b"".join(signed({k: v for k, v in line.items() if k != "signature"}, mine) + b"\n" for line in lines)
    )
    assert "signed with another key" in refused(kept, disaster)


def test_a_log_changed_by_somebody_who_has_the_key_too_cannot_be_read_back_and_leaves_nothing(
    kept, disaster, place
):
    key = restoring.checkpoint_key(disaster["keys"] / "checkpoint.key")
    file = log_files(kept)[1]
    flip(file, 100_000)
    lines = []
    for raw in kept.journal.read_bytes().splitlines():
        line = {
            name: value for name, value in orjson.loads(raw).items() if name not in ("signature", "previous")
        }
        lines.append(line | {"sha256": sha256(file)} if line.get("name") == file.name else line)
    kept.journal.unlink()
    for line in lines:
        kept.append(line, key)
    planned = restoring.plan(kept, at(disaster["destroyed"]), disaster["keys"])
    with pytest.raises(BackupTrouble, match=r"could not be read back.*the server said:"):
        restoring.restore(planned, place / "forged", disaster["keys"], lambda _: None)
    assert not (place / "forged").exists()


@pytest.mark.parametrize("harm", ["changed", "taken away"])
def test_a_line_of_the_journal_that_was_changed_or_taken_away_is_named(harm, kept, disaster):
    lines = kept.journal.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"kind"', b'"kine"', 1) if harm == "changed" else b""
    kept.journal.write_bytes(b"".join(lines))
    assert "journal.jsonl:4" in refused(kept, disaster)


def test_a_backup_of_a_version_that_is_not_installed_says_which_one_to_install(kept, disaster, monkeypatch):
    monkeypatch.setattr(database, "_tool_folders", lambda major: iter([Path("/usr/lib/postgresql/1/bin")]))
    said = refused(kept, disaster)
    assert "made of PostgreSQL" in said
    assert "Install those of version" in said


def test_a_disk_without_room_for_it_is_named_with_what_is_needed(disaster, place, monkeypatch):
    planned = restoring.plan(Folder(disaster["kept"]), at(disaster["at"]), disaster["keys"])
    monkeypatch.setattr(taking.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1))
    with pytest.raises(BackupTrouble, match=r"no room for the restored database.*are needed"):
        restoring.restore(planned, place / "full", disaster["keys"], lambda _: None)
    assert not (place / "full").exists()


def test_a_mark_that_follows_is_fetched_by_a_user_who_may_copy_and_nothing_more(kept, disaster):
    """Such a user is not shown how far others are (pg_stat_replication)."""
    address = database.embedded_address(disaster["keys"] / "postgres")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("create role keeper login replication")
    source = taking.Source(
        address.replace("postgres:@", "keeper:@", 1),
        disaster["keys"],
        restoring.checkpoint_key(disaster["keys"] / "checkpoint.key"),
    )
    told, said, before = threading.Event(), list[str](), kept.read().until
    follower = threading.Thread(
        target=taking.follow, args=(source, kept), kwargs={"told": told, "say": said.append}
    )
    follower.start()
    end = time.monotonic() + 100
    while kept.read().until == before and time.monotonic() < end and not said:
        time.sleep(0.05)
    told.set()
    follower.join()
    assert said == []
    assert kept.read().until > before


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to mount a small disk")
def test_a_backup_whose_disk_is_full_says_so_and_leaves_nothing_half_made(disaster, place, monkeypatch):
    disk = place / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "none", str(disk)], capture_output=True
    ).returncode:
        pytest.skip("needs to mount a small disk")
    try:
        source = taking.Source(
            database.embedded_address(disaster["keys"] / "postgres"),
            disaster["keys"],
            restoring.checkpoint_key(disaster["keys"] / "checkpoint.key"),
        )
        with pytest.raises(BackupTrouble, match=r"no room for a base backup.*are needed"):
            taking.take(source, Folder(disk / "kept"), keep=timedelta(days=1), say=lambda _: None)
        monkeypatch.setattr(taking, "_room_for", lambda *_: None)  # it fills up meanwhile
        with pytest.raises(BackupTrouble, match=r"(?s)No space left.*Free some space there"):
            taking.take(source, Folder(disk / "kept"), keep=timedelta(days=1), say=lambda _: None)
        assert list((disk / "kept" / "base").iterdir()) == []
        taking.end(source, Folder(disk / "kept"))
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


# -- keys, keeping, ending -------------------------------------------------------------------------
def test_the_keys_are_in_no_backup_and_are_never_put_beside_it(disaster, place):
    names = {file.name for file in disaster["kept"].rglob("*")}
    assert not names & set(taking.KEYS)
    with pytest.raises(BackupTrouble, match="whoever found it would have the keys too"):
        taking.keys_apart(disaster["keys"], disaster["kept"] / "keys", Folder(disaster["kept"]))


def test_moments_past_their_days_are_let_go_and_the_others_can_still_be_restored(kept, disaster):
    key = restoring.checkpoint_key(disaster["keys"] / "checkpoint.key")
    source = taking.Source("", disaster["keys"], key)
    journal = kept.read()
    second = {**journal.bases[0], "name": "2099-01-01T000000", "start": journal.marks[-1]["lsn"]}
    second = {k: v for k, v in second.items() if k not in ("previous", "signature")}
    second["ended"] = (at(journal.marks[-1]["at"]) + timedelta(days=1)).isoformat()
    shutil.copytree(kept.bases / journal.bases[0]["name"], kept.bases / second["name"], copy_function=os.link)
    kept.append(second, key)
    later = at(second["ended"])
    taking.let_go(source, kept, keep=timedelta(days=2), now=later, say=lambda _: None)
    assert len(kept.read(public(key)).bases) == 2
    taking.let_go(source, kept, keep=timedelta(days=2), now=later + timedelta(days=3), say=lambda _: None)
    assert [line["name"] for line in kept.read(public(key)).bases] == ["2099-01-01T000000"]
    assert [one.name for one in kept.bases.iterdir()] == ["2099-01-01T000000"]
    assert all(
        file.name >= kept.read().segment(restoring.place(second["start"])) for file in kept.wal.iterdir()
    )


def test_status_says_what_can_be_restored_and_that_nobody_fetches_the_log(disaster, monkeypatch):
    monkeypatch.setattr(commands, "TOO_OLD", timedelta(0))
    said = CliRunner().invoke(
        backup,
        ["status", "--to", str(disaster["kept"]), "--json"],
        env={"YAKUBA_VAR": str(disaster["keys"]), "DATABASE_URL": ""},
    )
    told = orjson.loads(said.stdout)
    assert told["bases"]
    assert told["server_keeps"].endswith("of its log")
    assert said.exit_code == 1
    assert any("backup follow" in one for one in told["wrong"])


def test_a_folder_with_another_database_s_backup_is_not_mixed_with_this_one(disaster, place, monkeypatch):
    monkeypatch.setattr(taking, "_identify", lambda source: ("1", 1))
    address = database.embedded_address(disaster["keys"] / "postgres")
    key = restoring.checkpoint_key(disaster["keys"] / "checkpoint.key")
    with pytest.raises(BackupTrouble, match="the backup of another database"):
        taking.catch_up(taking.Source(address, disaster["keys"], key), Folder(disaster["kept"]))


def test_a_backup_that_is_ended_makes_the_server_keep_nothing_and_following_it_says_so(kept, disaster):
    address = database.embedded_address(disaster["keys"] / "postgres")
    key = restoring.checkpoint_key(disaster["keys"] / "checkpoint.key")
    source = taking.Source(address, disaster["keys"], key)
    taking.end(source, kept)
    with psycopg.connect(address) as connection:
        assert connection.execute("select count(*) from pg_replication_slots").fetchone() == (0,)
    with pytest.raises(BackupTrouble, match=r"there is a gap.\n.*Begin a new backup"):
        taking.catch_up(source, kept)
