"""Restores a database to a moment, into a new place, and has it prove itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yakuba.clock import TOKYO
from yakuba.site import database
from yakuba.site.backup.folder import (
    MARK,
    WITNESS,
    BackupTrouble,
    Folder,
    Journal,
    Line,
    moment,
    place,
    public,
    sha256,
)
from yakuba.site.backup.proving import Proof
from yakuba.site.backup.taking import KEYS, WHAT_SIGNS, _mega, _room_for, files_at, present

PATIENCE = 24 * 3600.0
"""Seconds that reading the log back may take: days of it for a large town."""
RECOVERY = re.compile(r"^#? ?(?:recovery_target\w*|restore_command|primary_conninfo|primary_slot_name)\b")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What a restore to a moment needs, found to be there and as it was kept."""

    journal: Journal
    to: datetime
    base: Line
    mark: Line
    segments: list[str]
    tools: database.Tools
    known_key: bool

    @property
    def data(self) -> Path:
        return self.journal.folder.bases / self.base["name"] / "data"

    @property
    def files(self) -> Line:
        return files_at(self.journal, self.to)

    @property
    def inside(self) -> int:
        """How much of the last file of the log is needed: up to the mark after the moment."""
        return int(place(self.mark["lsn"]) % self.journal.begun["segment_size"])


def checkpoint_key(place: Path) -> Ed25519PrivateKey | None:
    """The installation's key, where it is there. Raises BackupTrouble for a file that is none."""
    if not place.is_file():
        return None
    try:
        key = serialization.load_pem_private_key(place.read_bytes(), password=None)
    except ValueError as error:
        raise BackupTrouble(
            f"{place} is not a key. Give the folder that `yakuba backup keys` filled."
        ) from error
    assert isinstance(key, Ed25519PrivateKey)
    return key


def plan(folder: Folder, to: datetime | None, keys: Path) -> Plan:
    """See that the moment can be restored, and that every file for it is as it was kept. Raises BackupTrouble."""
    key = checkpoint_key(keys / WHAT_SIGNS)
    journal = folder.read(public(key) if key else None)
    if not journal.bases or not journal.marks:
        raise BackupTrouble(
            f"{folder.path} has no whole backup yet: {'no base backup' if not journal.bases else 'nothing of the log'} is "
            "there. Restore from another copy."
        )
    since, until = moment(journal.bases[0]["ended"]), moment(journal.marks[-1]["at"])
    to = to or until
    if to < since:
        raise BackupTrouble(
            f"{_said(to)} is before the first base backup in {folder.path}, which was made at {_said(since)}.\n"
            f"Choose a moment from {_said(since)} to {_said(until)} (--to-time), or an older backup."
        )
    if to > until:
        raise BackupTrouble(
            f"{_said(to)} is after the end of what was kept in {folder.path}: the log there goes to {_said(until)}.\n"
            f"Choose a moment from {_said(since)} to {_said(until)} (--to-time); without --to-time the last one is restored."
        )
    base = [line for line in journal.bases if moment(line["ended"]) <= to][-1]
    mark = next(line for line in journal.marks if moment(line["at"]) >= to)
    _same_files(journal, base, to)
    segments = journal.segments_between(place(base["start"]), place(mark["lsn"]))
    _same_log(journal, segments, mark, since)
    return Plan(journal, to, base, mark, segments, _tools(journal), key is not None)


def _tools(journal: Journal) -> database.Tools:
    major = journal.begun["major"]
    try:
        return database.tools(major)
    except database.DatabaseTrouble as error:
        raise BackupTrouble(
            f"The backup in {journal.folder.path} was made of PostgreSQL {major}; only that version can read it.\n{error}"
        ) from error


def _same_files(journal: Journal, base: Line, to: datetime) -> None:
    here = journal.folder.bases / base["name"]
    files = files_at(journal, to)
    for file, digest in (
        (here / "data" / "backup_manifest", base["manifest"]),
        (journal.folder.files / files["name"], files["sha256"]),
    ):
        if not file.is_file():
            raise BackupTrouble(f"{file} is missing. Restore from another copy of this backup.")
        if sha256(file) != digest:
            raise BackupTrouble(
                f"{file} was changed after the backup was made: it differs from the signed journal.\n"
                "Restore from another copy of this backup, or to a moment before which another base backup was made."
            )


def _same_log(journal: Journal, segments: list[str], mark: Line, since: datetime) -> None:
    """Every file of the log is there, and as it was when it came. Raises BackupTrouble with how far one can restore."""
    for name in segments:
        file = journal.folder.wal / name
        if name not in journal.segments or not file.is_file():
            raise _log_trouble(journal, f"{file} is missing", name, since)
        if sha256(file) != journal.segments[name]:
            raise _log_trouble(
                journal,
                f"{file} was changed after it was kept: it differs from the signed journal",
                name,
                since,
            )
    inside = place(mark["lsn"]) % journal.begun["segment_size"]
    last = journal.segment(place(mark["lsn"]))
    if inside:
        try:
            same = sha256(present(journal.folder, last), inside) == mark["sha256"]
        except FileNotFoundError:
            raise _log_trouble(journal, f"{journal.folder.wal / last} is missing", last, since) from None
        if not same:
            raise _log_trouble(
                journal,
                f"{journal.folder.wal / last} was changed after it was kept: it differs from the signed journal",
                last,
                since,
            )


def _log_trouble(journal: Journal, what: str, name: str, since: datetime) -> BackupTrouble:
    before = [
        line
        for line in journal.marks
        if journal.segment(place(line["lsn"])) < name and moment(line["at"]) > since
    ]
    reach = (
        f"Without it every moment up to {_said(moment(before[-1]['at']))} can be restored (--to-time)"
        if before
        else ("Without it nothing after the base backup can be restored")
    )
    return BackupTrouble(f"{what}.\n{reach}; for later ones use another copy of this backup.")


def _said(at: datetime) -> str:
    return f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}"


# -- doing it --------------------------------------------------------------------------------------
def restore(plan: Plan, into: Path, keys: Path, say: Say) -> Proof:
    """Restore into a new folder, a YAKUBA_VAR of its own; returns what the restored database proved of itself.

    Raises BackupTrouble, DatabaseTrouble; then nothing is left in `into`.
    """
    _refuse_living(into, plan)
    into.mkdir(parents=True, exist_ok=True)
    try:
        _lay_out(plan, into, keys, say)
        return _read_back(plan, into, say)
    except OSError as error:
        shutil.rmtree(into, ignore_errors=True)
        raise BackupTrouble(
            f"{into} cannot be written: {error.strerror}. Free some space there or mend its permissions, then try again."
        ) from error
    except BaseException:
        shutil.rmtree(into, ignore_errors=True)
        raise


def _refuse_living(into: Path, plan: Plan) -> None:
    folder = plan.journal.folder.path.resolve()
    if into.resolve() == folder or folder in into.resolve().parents:
        raise BackupTrouble(f"{into} lies in the backup itself. Give a new folder with --into.")
    if into.is_file():
        raise BackupTrouble(f"{into} is a file. Give a new folder with --into.")
    if not into.exists():
        return
    if database.runs_in(into) or database.runs_in(into / "postgres"):
        raise BackupTrouble(
            f"A database is at work in {into}; a restore never writes over a living one. Give a new folder with --into."
        )
    there = sorted(one.name for one in into.iterdir())
    if there:
        raise BackupTrouble(
            f"{into} is not empty ({', '.join(there[:3])}); a restore never writes over what is there.\n"
            "Give a new folder with --into; when it has proved itself, use it as YAKUBA_VAR."
        )


def _lay_out(plan: Plan, into: Path, keys: Path, say: Say) -> None:
    data, size = into / "postgres", _size(plan.data)
    log = (len(plan.segments) + 1) * plan.journal.begun["segment_size"]
    _room_for(into, size + 2 * log, f"the restored database in {into}")
    say(f"Copying the base backup of {_said(moment(plan.base['began']))} ({_mega(size)}) ...")
    shutil.copytree(plan.data, data)
    done = plan.tools.run("pg_verifybackup", "--quiet", str(data))
    if done.returncode:
        said = "\n".join(f"  {line}" for line in done.stderr.strip().splitlines()[:4])
        raise BackupTrouble(
            f"The base backup in {plan.data} is damaged:\n{said}\n"
            "Restore from another copy of this backup, or to a moment before which another base backup was made."
        )
    say(f"Laying out {len(plan.segments) + 1} files of the log ({_mega(log)}) ...")
    for name in plan.segments:
        shutil.copyfile(plan.journal.folder.wal / name, data / "pg_wal" / name)
    _last_part(plan, data)
    for history in plan.journal.folder.wal.glob("*.history"):
        shutil.copyfile(history, data / "pg_wal" / history.name)
    (data / "recovery.signal").touch()
    _without_old_targets(data / "postgresql.auto.conf")
    for left in (*data.glob(".s.PGSQL.*"), data / ".handle_pids.json", data / "log"):
        left.unlink(missing_ok=True)  # of the server that was copied while it ran
    (data / "postgresql.conf").touch()  # some distributions keep it elsewhere
    database.hand_over(data)
    with tarfile.open(plan.journal.folder.files / plan.files["name"]) as archive:
        # links to shared folders elsewhere come back as links; nothing is written outside of `into`
        archive.extractall(into, filter="tar")
    for name in KEYS:
        if (keys / name).is_file():
            with open(os.open(into / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write((keys / name).read_bytes())


def _last_part(plan: Plan, data: Path) -> None:
    """Of the last file what is needed and was checked; nothing that came after the mark is read back."""
    if plan.inside:
        name = plan.journal.segment(place(plan.mark["lsn"]))
        with (
            open(present(plan.journal.folder, name), "rb") as kept,
            open(data / "pg_wal" / name, "wb") as file,
        ):
            file.write(kept.read(plan.inside))
            file.truncate(plan.journal.begun["segment_size"])


def _without_old_targets(file: Path) -> None:
    if file.is_file():
        kept = [line for line in file.read_text().splitlines(keepends=True) if not RECOVERY.match(line)]
        file.write_text("".join(kept))


def _size(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())


def _read_back(plan: Plan, into: Path, say: Say) -> Proof:
    say(f"Reading the log back to {_said(plan.to)} ...")
    began, data, begun = time.monotonic(), into / "postgres", plan.journal.begun
    target = {
        "restore_command": "false",  # all that is needed lies in pg_wal already
        "recovery_target_time": plan.to.isoformat(timespec="microseconds"),
        "recovery_target_action": "promote",
        "recovery_target_timeline": "current",
    }
    try:
        with database.reading_back(
            plan.tools, data, target, database=begun["database"], user=begun["user"], patience=PATIENCE
        ) as address:
            say(f"Read back in {time.monotonic() - began:.0f} s. Proving that it is whole ...")
            return _proved(plan, into, address)
    except database.DatabaseTrouble as error:
        raise BackupTrouble(
            f"The log in {plan.journal.folder.wal} could not be read back to {_said(plan.to)}; the server said:\n{error}\n"
            "Restore to an earlier moment (--to-time), or from another copy of this backup."
        ) from error


def _proved(plan: Plan, into: Path, address: str) -> Proof:
    """In a process of its own: this one may belong to another database."""
    chosen = {
        "DATABASE_URL": address,
        "YAKUBA_DB_ADDRESS": address,
        "YAKUBA_VAR": str(into),
        "YAKUBA_CHECKPOINT_KEY": str(into / WHAT_SIGNS),
    }
    told = orjson.dumps(_witnessed(plan))
    command = [sys.executable, "-m", "yakuba.site.backup.proving"]
    done = subprocess.run(command, env={**os.environ, **chosen}, input=told, capture_output=True, check=False)
    if done.returncode:
        said = "\n".join(f"  {line}" for line in done.stderr.decode().strip().splitlines()[-6:])
        raise BackupTrouble(
            f"The restored database could not be looked through:\n{said}\n"
            "The program may be another version than the one that wrote it; use that one, and try again."
        )
    return Proof.from_json(orjson.loads(done.stdout), known_key=plan.known_key)


def _witnessed(plan: Plan) -> list[Line]:
    """What each town had signed last when the mark before the moment was written: it must be in what was restored."""
    last, waiting = dict[str, Line](), dict[str, Line]()
    for line in plan.journal.lines:
        if line["kind"] == WITNESS:
            waiting[line["town"]] = line
        elif line["kind"] == MARK:
            if moment(line["at"]) > plan.to:
                break
            last |= waiting
            waiting = {}
    return list(last.values())
