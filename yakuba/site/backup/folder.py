"""A backup folder and its journal.

    FOLDER/journal.jsonl    what was kept when, each line bound to the one before it and signed
    FOLDER/base/…           base backups, each as pg_basebackup made it
    FOLDER/files/…          the other files of YAKUBA_VAR, with each base backup and each day on which they changed
    FOLDER/wal/…            the database's log (WAL) from the oldest base backup on, without a gap

A line of the journal is JSON: `kind`, what it says, `previous` (the SHA-256 of the line before) and `signature` (Ed25519 by
`checkpoint.key`, RFC 8032). Whoever changes a byte of a base backup or of the log makes it differ from its line, and cannot
sign another one without the key, which is kept apart.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

BEGUN, BASE, SEGMENT, MARK, WITNESS, FILES = "begun", "base", "segment", "mark", "witness", "files"
FIRST = "0" * 64
CHUNK = 1 << 20


class BackupTrouble(Exception):
    """A backup or restore cannot go on; the message says what, where and how to mend it."""


Line = dict[str, Any]


@dataclass(frozen=True)
class Folder:
    """A folder with a backup in it, or one that is to get one."""

    path: Path

    @property
    def journal(self) -> Path:
        return self.path / "journal.jsonl"

    @property
    def bases(self) -> Path:
        return self.path / "base"

    @property
    def wal(self) -> Path:
        return self.path / "wal"

    @property
    def files(self) -> Path:
        return self.path / "files"

    @property
    def is_begun(self) -> bool:
        return self.journal.is_file()

    @property
    def slot(self) -> str:
        """The name by which the server knows who fetches its log into this folder."""
        with open(self.journal, "rb") as file:
            return str(orjson.loads(file.readline())["slot"])

    def read(self, public_key: bytes | None = None) -> Journal:
        """The journal, every line of it checked. `public_key`: by whose private half it must be signed; None: by the one that
        it names itself. Raises BackupTrouble."""
        if not self.is_begun:
            raise BackupTrouble(
                f"There is no backup in {self.path}: {self.journal.name} is missing.\n"
                "Give the folder that `yakuba backup --to` was given, or mend the path."
            )
        lines = [orjson.loads(line) for line in _whole_lines(self.journal)]
        _check(self.journal, lines, public_key)
        return Journal(self, lines)

    def last(self) -> Line:
        """The newest line of the journal, as it stands there: who only waits for it does not check them all."""
        with open(self.journal, "rb") as file:
            line: Line = orjson.loads(_last_line(file)[0])
        return line

    def append(self, line: Line, key: Ed25519PrivateKey) -> None:
        """Add a line, on the disk before this returns."""
        with self._alone(), open(self.journal, "r+b" if self.is_begun else "x+b") as file:
            last, end = _last_line(file)
            previous = hashlib.sha256(last).hexdigest() if last else FIRST
            file.truncate(end)  # a line that a power cut left half written
            file.seek(end)
            file.write(signed({**line, "previous": previous}, key) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def keep_only(self, wanted: Callable[[Line], bool], key: Ed25519PrivateKey) -> None:
        """Write the journal anew with those lines alone, at once or not at all."""
        with self._alone():
            fresh, previous = self.journal.with_suffix(".new"), FIRST
            with open(fresh, "wb") as file:
                for line in filter(wanted, map(orjson.loads, _whole_lines(self.journal))):
                    bare = {
                        name: value for name, value in line.items() if name not in ("previous", "signature")
                    }
                    raw = signed({**bare, "previous": previous}, key)
                    previous = hashlib.sha256(raw).hexdigest()
                    file.write(raw + b"\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.journal)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with open(self.path / ".journal.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _last_line(file: BinaryIO) -> tuple[bytes, int]:
    """The last line that was written to its end, and where it ends."""
    size = file.seek(0, os.SEEK_END)
    reach = CHUNK
    while True:
        file.seek(max(0, size - reach))
        tail = file.read()
        end = tail.rfind(b"\n")
        begin = tail.rfind(b"\n", 0, max(end, 0))
        if begin >= 0 or reach >= size:
            return tail[begin + 1 : max(end, 0)], size - len(tail) + end + 1
        reach *= 2


def _whole_lines(file: Path) -> list[bytes]:
    """The lines that were written to their end."""
    return file.read_bytes().split(b"\n")[:-1]


def signed(line: Line, key: Ed25519PrivateKey) -> bytes:
    """The line as it is written."""
    bare = orjson.dumps(line, option=orjson.OPT_SORT_KEYS)
    return orjson.dumps({**line, "signature": key.sign(bare).hex()}, option=orjson.OPT_SORT_KEYS)


def public(key: Ed25519PrivateKey) -> bytes:
    """The half of the key that everybody may know."""
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _check(file: Path, lines: list[Line], public_key: bytes | None) -> None:
    if not lines or lines[0].get("kind") != BEGUN:
        raise BackupTrouble(
            f"{file} does not begin as a journal does. Restore from another copy of this backup."
        )
    named = bytes.fromhex(lines[0]["public_key"])
    if public_key is not None and named != public_key:
        raise BackupTrouble(
            f"{file} was signed with another key than the checkpoint.key given here: it is the backup of another "
            "installation, or somebody wrote it anew.\n"
            "Give the keys of the installation that made it (--keys), or another copy of the backup."
        )
    judge, previous = Ed25519PublicKey.from_public_bytes(named), FIRST
    for number, line in enumerate(lines, start=1):
        bare = {name: value for name, value in line.items() if name != "signature"}
        try:
            judge.verify(bytes.fromhex(line["signature"]), orjson.dumps(bare, option=orjson.OPT_SORT_KEYS))
        except (InvalidSignature, KeyError, ValueError):
            raise BackupTrouble(
                f"{file}:{number} was changed: its signature is not valid. Restore from another copy of this backup."
            ) from None
        if line["previous"] != previous:
            raise BackupTrouble(
                f"{file}:{number} does not follow from the line before it: lines were taken away or put in. "
                "Restore from another copy of this backup."
            )
        previous = hashlib.sha256(orjson.dumps(line, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True)
class Journal:
    """What a checked journal says."""

    folder: Folder
    lines: list[Line]

    def of_kind(self, kind: str) -> list[Line]:
        return [line for line in self.lines if line["kind"] == kind]

    @property
    def begun(self) -> Line:
        return self.lines[0]

    @property
    def bases(self) -> list[Line]:
        return self.of_kind(BASE)

    @property
    def marks(self) -> list[Line]:
        return self.of_kind(MARK)

    @cached_property
    def segments(self) -> dict[str, str]:
        """Each whole file of the log with its SHA-256."""
        return {line["name"]: line["sha256"] for line in self.of_kind(SEGMENT)}

    @property
    def until(self) -> datetime | None:
        """The last moment that can be restored."""
        return moment(self.marks[-1]["at"]) if self.marks else None

    @property
    def since(self) -> datetime | None:
        """The first moment that can be restored."""
        return moment(self.bases[0]["ended"]) if self.bases else None

    def segment(self, lsn: int) -> str:
        """The name of the file of the log that the place lies in."""
        size, number = self.begun["segment_size"], lsn // self.begun["segment_size"]
        per = 0x100000000 // size
        return f"{self.begun['timeline']:08X}{number // per:08X}{number % per:08X}"

    def segments_between(self, start: int, end: int) -> list[str]:
        """The names of the files from one place of the log up to another, without the one that the end lies in."""
        size = self.begun["segment_size"]
        return [self.segment(number * size) for number in range(start // size, end // size)]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def place(lsn: str) -> int:
    """A place of the log as PostgreSQL writes it (`16/B374D848`), as a number."""
    high, _, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def sha256(file: Path, size: int | None = None) -> str:
    """The digest of a file, or of its first `size` bytes."""
    digest, left = hashlib.sha256(), file.stat().st_size if size is None else size
    with open(file, "rb") as content:
        while left > 0 and (chunk := content.read(min(CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()
