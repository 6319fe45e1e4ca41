"""Base backups, and the database's log (WAL) that is fetched from then on without a gap.

The server keeps what was not fetched yet (a replication slot), so a fetching process that was away, or was killed, goes on
where it stopped. What comes is written to the disk at once (pg_receivewal --synchronous); each minute a mark is written
through the database itself and journalled once it has arrived: up to there every moment can be restored.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import orjson
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yakuba.clock import TOKYO
from yakuba.site import database
from yakuba.site.backup.folder import (
    BASE,
    BEGUN,
    FILES,
    MARK,
    SEGMENT,
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

KEYS = ("secret.key", "seal.key", "checkpoint.key")
"""What opens and signs; never in a backup, which would then be worth as much to a thief as the town hall."""
WHAT_SIGNS = "checkpoint.key"
NOT_KEPT = frozenset({"postgres", "test", "compiled", "metrics", "backup.json", *KEYS})
"""Of YAKUBA_VAR: the database has its base backup, the keys are kept apart, the rest is made anew."""
MARK_EVERY = timedelta(minutes=1)
FILES_EVERY = timedelta(days=1)
"""The files beside the database are kept that often, where they changed; between two base backups, too."""
ARRIVED = 120.0
"""Seconds that a mark may need to arrive in the backup folder."""
TRY_AGAIN = 10.0
"""Seconds until a stream that broke is begun again."""
WHOLE = re.compile(r"[0-9A-F]{24}")
Say = Callable[[str], None]
Witness = Callable[[], Sequence[Line]]
"""Gives what the rooms sign about themselves (checkpoints, seals), to be kept outside of the database."""


@dataclass(frozen=True)
class Source:
    """The living database that is backed up."""

    address: str
    var: Path
    key: Ed25519PrivateKey
    witness: Witness = tuple


# -- base backups ----------------------------------------------------------------------------------
def take(source: Source, folder: Folder, *, keep: timedelta, say: Say) -> Line:
    """Make a base backup and prove it whole, fetch the log up to now, and let go of what is older than `keep`.
    Returns the journal's line of the base backup. Raises BackupTrouble, DatabaseTrouble."""
    with _connected(source) as connection:
        tools = database.tools(connection.info.server_version // 10000)
        _begin(source, folder, connection)
        with _only_one(folder, "base", "another `yakuba backup` is at work on it; wait until it is done"):
            line = _base(source, folder, connection, tools, say)
        _reach(source, folder, connection, tools, moment(line["ended"]))
        let_go(source, folder, keep=keep, now=_now(connection), say=say)
        _leave_word(source, folder)
    return line


def _begin(source: Source, folder: Folder, connection: psycopg.Connection) -> None:
    """Begin a backup in an empty folder, or see that the one there is of this database."""
    system, timeline = _identify(source)
    if folder.is_begun:
        begun = folder.read(public(source.key)).begun
        if (begun["system"], begun["timeline"]) != (system, timeline):
            raise BackupTrouble(
                f"{folder.path} has the backup of another database, or of this one before it was restored.\n"
                "Give another, empty folder with --to; keep the old one as long as its moments may be needed."
            )
        return
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        foreign = [one.name for one in folder.path.iterdir() if not one.name.startswith(".")]
    except OSError as error:
        raise BackupTrouble(
            f"{folder.path} cannot be used: {error.strerror}. Give a folder that may be written with --to."
        ) from error
    if foreign:
        raise BackupTrouble(
            f"{folder.path} has other things in it ({', '.join(sorted(foreign)[:3])}). Give an empty folder with --to."
        )
    others = connection.execute(
        "select string_agg(spcname, ', ') from pg_tablespace where spcname not in ('pg_default', 'pg_global')"
    ).fetchone()
    if others and others[0]:
        raise BackupTrouble(
            f"The database has tablespaces of its own ({others[0]}), which `yakuba backup` does not follow.\n"
            "Move their tables to pg_default, or back this server up with pgBackRest or Barman."
        )
    folder.path.chmod(0o700)
    for each in (folder.bases, folder.wal, folder.files):
        each.mkdir(mode=0o700, exist_ok=True)
    slot = f"yakuba_{secrets.token_hex(4)}"
    connection.execute("select pg_create_physical_replication_slot(%s, true)", [slot])
    size = connection.execute(
        "select setting::bigint from pg_settings where name = 'wal_segment_size'"
    ).fetchone()
    assert size is not None
    line = {
        "kind": BEGUN,
        "at": _now(connection).isoformat(),
        "system": system,
        "timeline": timeline,
        "major": connection.info.server_version // 10000,
        "segment_size": size[0],
        "slot": slot,
        "database": connection.info.dbname,
        "user": connection.info.user,
        "public_key": public(source.key).hex(),
    }
    try:
        folder.append(line, source.key)
    except BaseException:  # nobody would know of the slot, for which the server keeps its log
        connection.execute("select pg_drop_replication_slot(%s)", [slot])
        raise


def _base(
    source: Source, folder: Folder, connection: psycopg.Connection, tools: database.Tools, say: Say
) -> Line:
    for left in folder.bases.glob("*.part"):  # by a backup that was killed
        shutil.rmtree(left)
    _room_for(folder.path, _size(connection), f"a base backup in {folder.path}")
    began = _now(connection)
    name = began.strftime("%Y-%m-%dT%H%M%S")
    part, whole = folder.bases / f"{name}.part", folder.bases / name
    try:
        part.mkdir(mode=0o700)
        say(f"Copying the database into {whole} ...")
        chosen = ["--format=plain", "--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256"]
        _ran(
            tools.run("pg_basebackup", f"--pgdata={part / 'data'}", *chosen, f"--label=yakuba {name}", address=source.address),
            f"The base backup in {folder.path} could not be made",
        )  # fmt: skip
        _ran(
            tools.run("pg_verifybackup", "--quiet", str(part / "data")),
            f"The base backup in {part} is not whole",
        )
        _keep_files(source, folder, _now(connection))
        part.rename(whole)
    except BaseException as error:
        shutil.rmtree(part, ignore_errors=True)
        if isinstance(error, OSError):
            raise BackupTrouble(_not_written(folder, error)) from error
        raise
    label = (whole / "data" / "backup_label").read_text()
    start = re.search(r"^START WAL LOCATION: ([0-9A-F/]+)", label, re.MULTILINE)
    assert start is not None, label
    line = {
        "kind": BASE,
        "name": name,
        "began": began.isoformat(),
        "ended": _now(connection).isoformat(),
        "start": start[1],
        "manifest": sha256(whole / "data" / "backup_manifest"),
    }
    folder.append(line, source.key)
    return line


def _keep_files(source: Source, folder: Folder, at: datetime, listed: str = "") -> str:
    """Keep the other files of YAKUBA_VAR, as they are now. `listed`: what they were when they were kept last; they are not
    kept again unless something changed. Returns what they are."""
    there = _files(source.var, besides=folder.path)
    listing = hashlib.sha256(repr([(name, *_marks(file)) for name, file in there]).encode()).hexdigest()
    if listing == listed:
        return listing
    name = f"{at:%Y-%m-%dT%H%M%S.%f}.tar.gz"
    with tarfile.open(folder.files / name, "w:gz", compresslevel=3) as archive:
        for inside, file in there:
            with suppress(FileNotFoundError):  # a file that was taken away meanwhile
                archive.add(file, arcname=inside, recursive=False)
    digest = sha256(folder.files / name)
    folder.append(
        {"kind": FILES, "at": at.isoformat(), "name": name, "sha256": digest, "listing": listing}, source.key
    )
    return listing


def _files(var: Path, besides: Path) -> list[tuple[str, Path]]:
    """What lies in YAKUBA_VAR, each with its name there, in order."""
    found: list[tuple[str, Path]] = []
    for walked, folders, names in os.walk(var):
        here = Path(walked)
        folders[:] = sorted(one for one in folders if _is_kept(here / one, var, besides))
        found += [(str((here / one).relative_to(var)), here / one) for one in folders]
        found += [
            (str((here / one).relative_to(var)), here / one)
            for one in sorted(names)
            if _is_kept(here / one, var, besides) and ((here / one).is_file() or (here / one).is_symlink())
        ]
    return found


def _is_kept(one: Path, var: Path, besides: Path) -> bool:
    if one.parent == var and (
        one.name in NOT_KEPT or one.name.endswith(".lock") or one.name.startswith(".backup.")
    ):
        return False
    return one.resolve() not in (besides.resolve(), key_files(var)[WHAT_SIGNS].resolve())


def key_files(var: Path) -> dict[str, Path]:
    """Where each of KEYS lies: in YAKUBA_VAR, but the one that signs checkpoints where YAKUBA_CHECKPOINT_KEY says."""
    chosen = os.environ.get("YAKUBA_CHECKPOINT_KEY")
    return {name: var / name for name in KEYS} | ({WHAT_SIGNS: Path(chosen)} if chosen else {})


def _marks(file: Path) -> tuple[int, int]:
    """By which one sees that a file changed; nothing of a folder."""
    with suppress(FileNotFoundError):
        known = file.lstat()
        return (0, 0) if file.is_dir() else (known.st_size, known.st_mtime_ns)
    return (0, 0)


def _size(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "select sum(pg_database_size(oid))::bigint from pg_database where datallowconn"
    ).fetchone()
    return int(row[0]) if row else 0


def _room_for(where: Path, size: int, what: str) -> None:
    free = shutil.disk_usage(where).free
    if free < size:
        raise BackupTrouble(
            f"There is no room for {what}: {_mega(size)} are needed, {_mega(free)} are free.\n"
            "Free some space there, keep fewer days (--keep), or choose another disk."
        )


def _mega(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"


# -- the log ---------------------------------------------------------------------------------------
def follow(source: Source, folder: Folder, *, told: Event, say: Say, every: timedelta = MARK_EVERY) -> None:
    """Fetch the log as it is written until `told` to end; what breaks off is said, waited for and begun again."""
    with _only_one(folder, "wal", "another `yakuba backup follow` fetches the log into it already"):
        said = ""
        while not told.is_set():
            try:
                _stream(source, folder, told, every)
                said = ""
            except (psycopg.OperationalError, BackupTrouble, database.DatabaseTrouble, OSError) as error:
                why = str(error).strip()
                if why != said:
                    say(
                        f"{why}\nTrying again every {TRY_AGAIN:.0f} s; the server keeps meanwhile what is missing."
                    )
                said = why
                told.wait(TRY_AGAIN)


def _stream(source: Source, folder: Folder, told: Event, every: timedelta) -> None:
    with _connected(source) as connection:
        tools = database.tools(connection.info.server_version // 10000)
        _begun(source, folder, connection)
        with _receiving(source, folder, tools) as receiver:
            marking = _Marking(source, folder, connection)
            while not told.is_set() and receiver.poll() is None:
                marking.mark(lambda lsn: _arrives(connection, folder, lsn, receiver))
                told.wait(every.total_seconds())
            if receiver.poll() is not None and not told.is_set():
                raise BackupTrouble(
                    _broke_off(folder, (folder.path / "receive.log").read_text(errors="replace"))
                )


def _begun(source: Source, folder: Folder, connection: psycopg.Connection) -> None:
    if not folder.is_begun:
        raise BackupTrouble(
            f"There is no backup in {folder.path} yet. Make the first one: yakuba backup --to {folder.path}"
        )
    _begin(source, folder, connection)
    slot = folder.slot
    row = connection.execute(
        "select wal_status from pg_replication_slots where slot_name = %s", [slot]
    ).fetchone()
    if row is None or row[0] == "lost":
        raise BackupTrouble(
            f"The server has not kept the log since it was last fetched into {folder.path}"
            f"{'' if row else f' (its slot {slot} is gone)'}: there is a gap.\n"
            "What was fetched before can still be restored. Begin a new backup: yakuba backup --to ANOTHER_FOLDER"
        )


def _receive_words(folder: Folder, slot: str, *more: str) -> list[str]:
    return [f"--directory={folder.wal}", f"--slot={slot}", "--no-loop", "--synchronous", *more]


@contextmanager
def _receiving(source: Source, folder: Folder, tools: database.Tools) -> Iterator[subprocess.Popen[bytes]]:
    slot = folder.slot
    environment = tools.environment(source.address)
    command = [str(tools.folder / "pg_receivewal"), *_receive_words(folder, slot)]
    with open(folder.path / "receive.log", "wb") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, preexec_fn=_end_with_parent
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait()


def _end_with_parent() -> None:
    """Linux ends the process when its parent was killed; elsewhere it holds the slot until it is ended by hand."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _arrives(
    connection: psycopg.Connection, folder: Folder, lsn: int, receiver: subprocess.Popen[bytes]
) -> bool:
    slot = folder.slot
    end = time.monotonic() + ARRIVED
    while time.monotonic() < end and receiver.poll() is None:
        row = connection.execute(
            # what the fetching process has on its disk; pg_stat_replication says it to superusers only
            "select restart_lsn::text from pg_replication_slots where slot_name = %s",
            [slot],
        ).fetchone()
        if row and row[0] and place(row[0]) >= lsn:
            return True
        time.sleep(0.05)
    return False


def _broke_off(folder: Folder, said: str) -> str:
    tail = " ".join(said.strip().splitlines()[-2:])
    if "No space left" in tail:
        return (
            f"The disk of {folder.path} is full: {tail}\nFree some space there; nothing is lost until then."
        )
    return f"The log could not be fetched into {folder.path}: {tail}"


class _Marking:
    """Writes marks through the database, and journals them together with the files that came before."""

    def __init__(self, source: Source, folder: Folder, connection: psycopg.Connection):
        self.source, self.folder, self.connection = source, folder, connection
        journal = folder.read(public(source.key))
        self.journal, self.sealed = journal, set(journal.segments)
        self.witnessed = {line["town"]: line for line in journal.of_kind(WITNESS)}
        self.kept = next(iter(reversed(journal.of_kind(FILES))), None)

    def mark(self, arrives: Callable[[int], bool]) -> None:
        """Journal how far the log is here. Raises BackupTrouble when it does not arrive."""
        self._witness()
        self._files()
        at, lsn = _marked(self.connection)
        if not arrives(place(lsn)):
            raise BackupTrouble(
                f"What the database wrote at {at:%H:%M:%S} did not arrive in {self.folder.path} within {ARRIVED:.0f} s."
            )
        for file in sorted(self.folder.wal.iterdir()):
            if WHOLE.fullmatch(file.name) and file.name not in self.sealed:
                self._append({"kind": SEGMENT, "name": file.name, "sha256": sha256(file)})
                self.sealed.add(file.name)
        self._append({"kind": MARK, "at": at.isoformat(), "lsn": lsn, "sha256": self._until(place(lsn))})
        _leave_word(self.source, self.folder, at)

    def _until(self, lsn: int) -> str:
        """The digest of the file that the log is in, up to there: what is written is not written again."""
        inside = lsn % self.journal.begun["segment_size"]
        return (
            sha256(present(self.folder, self.journal.segment(lsn)), inside)
            if inside
            else hashlib.sha256().hexdigest()
        )

    def _witness(self) -> None:
        for line in self.source.witness():
            known = self.witnessed.get(line["town"], {})
            if any(known.get(name) != value for name, value in line.items()):
                self._append({"kind": WITNESS, **line})
                self.witnessed[line["town"]] = line

    def _files(self) -> None:
        now = _now(self.connection)
        if self.kept and now - moment(self.kept["at"]) >= FILES_EVERY:
            listing = _keep_files(self.source, self.folder, now, self.kept["listing"])
            self.kept = {"at": now.isoformat(), "listing": listing}

    def _append(self, line: Line) -> None:
        self.folder.append(line, self.source.key)


def present(folder: Folder, segment: str) -> Path:
    """The file of the log, whole or still being written. Raises FileNotFoundError."""
    whole = folder.wal / segment
    return whole if whole.exists() else whole.with_name(f"{segment}.partial").resolve(strict=True)


def _marked(connection: psycopg.Connection) -> tuple[datetime, str]:
    """Write a mark through the log: a moment, and the place up to which everything before it is written."""
    row = connection.execute(
        "select clock_timestamp(), pg_logical_emit_message(true, 'yakuba', 'mark')"
    ).fetchone()
    after = connection.execute("select pg_current_wal_flush_lsn()::text").fetchone()
    assert row is not None
    assert after is not None
    return row[0].astimezone(TOKYO), after[0]


def _reach(
    source: Source, folder: Folder, connection: psycopg.Connection, tools: database.Tools, at: datetime
) -> None:
    """Have the log in the folder up to a moment: by who follows it, or fetched now."""
    try:
        with _only_one(folder, "wal", ""):
            fetch(source, folder, connection, tools)
    except _Busy:
        end = time.monotonic() + ARRIVED + MARK_EVERY.total_seconds()
        while time.monotonic() < end:
            last = folder.last()
            if last["kind"] == MARK and moment(last["at"]) > at:
                return
            time.sleep(0.5)
        raise BackupTrouble(
            f"The base backup is made, but `yakuba backup follow` did not fetch the log after it into {folder.path}. "
            "See what it says; the moments after this backup cannot be restored yet."
        ) from None


def fetch(source: Source, folder: Folder, connection: psycopg.Connection, tools: database.Tools) -> None:
    """Fetch the log up to now, and return."""
    _begun(source, folder, connection)

    def arrives(lsn: int) -> bool:
        _marked(connection)  # something must come behind the place, or pg_receivewal would wait for it
        slot = folder.slot
        words = _receive_words(folder, slot, f"--endpos={lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}")
        done = tools.run("pg_receivewal", *words, address=source.address)
        if done.returncode:
            raise BackupTrouble(_broke_off(folder, done.stderr))
        return True

    _Marking(source, folder, connection).mark(arrives)


def catch_up(source: Source, folder: Folder) -> None:
    """Fetch the log up to now: for who starts it by the clock instead of following. Raises BackupTrouble."""
    with (
        _connected(source) as connection,
        _only_one(folder, "wal", "another `yakuba backup follow` fetches the log into it already"),
    ):
        fetch(source, folder, connection, database.tools(connection.info.server_version // 10000))


# -- letting go ------------------------------------------------------------------------------------
def let_go(source: Source, folder: Folder, *, keep: timedelta, now: datetime, say: Say) -> None:
    """Remove what no moment of the last days needs: the journal first, then the files."""
    journal = folder.read(public(source.key))
    old = [line for line in journal.bases if moment(line["ended"]) <= now - keep]
    if len(old) > 1:
        first = old[-1]
        start = journal.segment(place(first["start"]))
        files = files_at(journal, moment(first["ended"]))["at"]

        def needed(line: Line) -> bool:
            return (
                line["kind"] in (BEGUN, WITNESS)
                or (line["kind"] == BASE and line["name"] >= first["name"])
                or (line["kind"] == SEGMENT and line["name"] >= start)
                or (line["kind"] == FILES and line["at"] >= files)
                or (line["kind"] == MARK and moment(line["at"]) >= moment(first["ended"]))
            )

        folder.keep_only(needed, source.key)
        say(f"Moments before {moment(first['ended']):%Y-%m-%d %H:%M} are not kept any more.")
    journal = folder.read(public(source.key))
    kept, start = {line["name"] for line in journal.bases}, journal.segment(place(journal.bases[0]["start"]))
    for base in folder.bases.iterdir():
        if base.name not in kept and base.suffix != ".part":
            shutil.rmtree(base)
    for file in folder.wal.iterdir():
        if WHOLE.fullmatch(file.name) and file.name < start:
            file.unlink()
    first_files = files_at(journal, moment(journal.bases[0]["ended"]))["name"]
    for file in folder.files.iterdir():
        if file.name < first_files:
            file.unlink()


def files_at(journal: Journal, at: datetime) -> Line:
    """The files as they were kept last before a moment."""
    return [line for line in journal.of_kind(FILES) if moment(line["at"]) <= at][-1]


def end(source: Source, folder: Folder) -> str:
    """The server need not keep its log for this folder any more; returns the name of the slot that was removed."""
    slot = folder.read(public(source.key)).begun["slot"]
    with _connected(source) as connection:
        connection.execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %s",
            [slot],
        )
    return str(slot)


def keys_apart(var: Path, into: Path, folder: Folder | None) -> list[str]:
    """Copy the keys to a place of their own; returns their names. Raises BackupTrouble."""
    if folder and (
        into.resolve() == folder.path.resolve() or folder.path.resolve() in into.resolve().parents
    ):
        raise BackupTrouble(
            f"{into} is in the backup itself: whoever found it would have the keys too. Give another place, best one "
            "that is not connected (a USB stick in the safe)."
        )
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = {name: file for name, file in key_files(var).items() if file.is_file()}
    for name, key in found.items():
        with open(os.open(into / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key.read_bytes())
    return list(found)


# -- what both need --------------------------------------------------------------------------------
def _leave_word(source: Source, folder: Folder, mark: datetime | None = None) -> None:
    """Where this installation's backup is and how far it goes, for `yakuba doctor` and the metrics."""
    file, now = source.var / "backup.json", {"folder": str(folder.path)}
    with suppress(OSError, ValueError):
        now = orjson.loads(file.read_bytes())
    if now.get("folder") != str(folder.path):
        now = {"folder": str(folder.path)}
    if mark is None:
        now["base"] = folder.read(public(source.key)).bases[-1]["ended"]
    else:
        now["until"] = mark.isoformat()
    fresh = file.with_name(f".backup.{os.getpid()}")
    fresh.write_bytes(orjson.dumps(now))
    fresh.replace(file)


class _Busy(BackupTrouble):
    """Somebody else is at it."""


@contextmanager
def _only_one(folder: Folder, what: str, why: str) -> Iterator[None]:
    with open(folder.path / f".{what}.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _Busy(f"{folder.path} is in use: {why}.") from None
        yield


@contextmanager
def _connected(source: Source) -> Iterator[psycopg.Connection]:
    with psycopg.connect(source.address, autocommit=True, connect_timeout=10) as connection:
        connection.execute("set synchronous_commit = on")
        yield connection


def _now(connection: psycopg.Connection) -> datetime:
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None
    at: datetime = row[0]
    return at.astimezone(TOKYO)


def _identify(source: Source) -> tuple[str, int]:
    """The number of the database's system and its timeline. Raises BackupTrouble where copying is not allowed."""
    try:
        with psycopg.connect(
            source.address, replication="true", autocommit=True, connect_timeout=10
        ) as connection:
            answer = connection.pgconn.exec_(b"IDENTIFY_SYSTEM")
            system, timeline = answer.get_value(0, 0), answer.get_value(0, 1)
    except psycopg.OperationalError as error:
        raise BackupTrouble(
            f"The server at {database.where(source.address)} does not let this user copy it: {str(error).strip()}\n"
            "Allow it: `alter role USER replication`, and a line `host replication USER ADDRESS scram-sha-256` in "
            "pg_hba.conf. A server that is rented as a service mostly does not; then use its own point-in-time recovery."
        ) from error
    if system is None or timeline is None:
        raise BackupTrouble(
            f"The server at {database.where(source.address)} does not say what it is: {answer.error_message.decode()}"
        )
    return system.decode(), int(timeline)


def _ran(done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode:
        said = "\n".join(f"  {line}" for line in done.stderr.strip().splitlines()[-4:])
        mend = "Free some space there" if "No space left" in said else "See what the server says"
        raise BackupTrouble(f"{what}:\n{said}\n{mend}, then try again; nothing was changed.")


def _not_written(folder: Folder, error: OSError) -> str:
    return (
        f"{folder.path} cannot be written: {error.strerror}. Free some space there or mend its permissions, then try "
        "again; nothing was changed."
    )
