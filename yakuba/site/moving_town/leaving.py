"""From here into a file: everything that the town has, as it stood at one moment."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction

from yakuba.access import seals, towns
from yakuba.cases import signing
from yakuba.cases import verify as proof
from yakuba.register import queries as register
from yakuba.site.moving_town import archive, folders, jobs, tables
from yakuba.site.moving_town.envelope import WORK, Sealing
from yakuba.site.moving_town.errors import MovingError, NotHere

FORMAT = 1
"""Of what is in the file; another number is another form."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Left:
    """What was written. `key`: of the signature, to be compared where it is read."""

    manifest: dict[str, Any]
    key: str
    bytes: int


def export(
    town: str, out: Path, passphrase: str, *, as_of: datetime, work: int = WORK, say: Say = lambda line: None
) -> Left:
    """Write a town with all that it has into a new file, sealed with a passphrase. What happens meanwhile is not in it.

    Raises NotHere, MovingError where the file cannot be written or a secret cannot be opened.
    """
    if register.town(town) is None:
        raise NotHere(f"there is no town {town} here. yakuba town list")
    proof.checkpoint(town, as_of=as_of)
    with _new(out) as file:
        sealing = Sealing(file, passphrase, work)
        with _one_moment(), towns.inside(town):
            manifest = _write(archive.Writer(sealing), town, as_of, say)
        sealing.close()
    return Left(manifest, manifest["signed_with"], out.stat().st_size)


@contextmanager
def _new(out: Path) -> Iterator[IO[bytes]]:
    """A file that is there whole or not at all, for its owner only."""
    if out.exists():
        raise MovingError(f"{out} is there already, and is left as it is. Choose another name.")
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        out.hardlink_to(part)  # not over one that came meanwhile
    except OSError as error:
        raise MovingError(f"{out} cannot be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _one_moment() -> Iterator[None]:
    """All that is read was true at the same moment, and nothing is written."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        yield


def _write(writer: archive.Writer, town: str, as_of: datetime, say: Say) -> dict[str, Any]:
    about = {
        "format": FORMAT,
        "town": town,
        "at": as_of.isoformat(),
        "yakuba": version("yakuba"),
        "schema": tables.schema(),
    }
    writer.json(archive.ABOUT, about)
    tables.write_plainly()
    written: dict[str, Any] = {}
    for table in tables.of_a_town():
        told = tables.Told()
        writer.table(table.name, told.hears(tables.rows(table, town)))
        written[table.name] = told.said | {"columns": table.columns}
        say(f"{table.name}: {told.lines - 1:,}")
    kept = {name: _folder(writer, name, place) for name, place in folders.of_town(town).items()}
    waiting = jobs.of_town(town)
    writer.json(archive.JOBS, waiting)
    manifest = about | {
        "tables": written,
        "left_behind": tables.LEFT_BEHIND,
        "folders": kept,
        "jobs": len(waiting),
        "signed_with": signing.public().hex(),
        **standing(town),
    }
    signed = writer.json(archive.MANIFEST, manifest)
    writer.plain(archive.SIGNATURE, signing.signing_key().sign(signed))
    writer.close()
    return manifest


def _folder(writer: archive.Writer, name: str, place: Path) -> dict[str, int | str]:
    told = folders.Told()
    for path in folders.files(place):
        below, mode = path.relative_to(place).as_posix(), path.stat().st_mode & 0o777
        with path.open("rb") as content:
            size = os.fstat(content.fileno()).st_size
            writer.file(name, below, told.hears(below, mode, content), size, mode)
    return told.said


def standing(town: str) -> dict[str, Any]:
    """How the town's two logs stand: their heads, whose signatures count in them, and what does not hold."""
    found, log = proof.whole(town), seals.head(town)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from access_accessevent")
        (looks,) = cursor.fetchone()
    heads = hashlib.sha256()
    for case, (seq, head) in sorted(proof.heads().items()):
        heads.update(case.bytes + seq.to_bytes(4, "big") + head)
    return {
        "case_log": {"cases": found.cases, "events": found.events, "heads": heads.hexdigest()},
        "access_log": {
            "events": looks,
            "sealed": log.events,
            "sealed_until": log.last_event,
            "head": log.hash,
        },
        "findings": sorted(f"{one.case or '-'} {one.seq or '-'} {one.what}" for one in found.findings),
        "keys": sorted(one.hex() for one in signing.trusted()),
    }
