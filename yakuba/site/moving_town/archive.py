"""What is inside of a town's archive: a tar, written and read from front to back.

about.json                   which town, by which version of Yakuba: what is looked at first
tables/NAME/000001.tsv.gz    the rows of a table, as PostgreSQL writes them, in pieces that make one file together
folders/NAME/PATH            the town's own files
jobs.json                    what was still to be done
manifest.json                how much of everything, with SHA-256, and the heads of both logs
manifest.sig                 its Ed25519 signature, by the key that signs the checkpoints of the log
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from io import IOBase, RawIOBase
from pathlib import Path
from typing import IO, Any, Protocol, cast

import orjson

from yakuba.site.moving_town.errors import Damaged

PIECE = 4 * 1024 * 1024
"""Bytes of a table in one piece: as much as is held in memory, where no single row is longer."""
LARGEST = 512 * 1024 * 1024
"""Bytes of what is read as a whole (`about.json`, `manifest.json`, one piece unpacked): more is not one of ours."""
ABOUT, JOBS, MANIFEST, SIGNATURE = "about.json", "jobs.json", "manifest.json", "manifest.sig"
_PIECE = re.compile(r"tables/([a-z_]+)/([0-9]{6})\.tsv\.gz")
_FILE = re.compile(r"folders/([a-z]+)/(.+)")


class Readable(Protocol):
    """A file as far as it is read."""

    def read(self, size: int = -1) -> bytes: ...


class Writer:
    """Writes an archive into `file`, from front to back."""

    def __init__(self, file: IOBase):
        self._tar = tarfile.open(fileobj=cast("IO[bytes]", file), mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115

    def close(self) -> None:
        """Write the end of the tar."""
        self._tar.close()

    def json(self, name: str, content: Any) -> bytes:
        """A part in JSON; returns how it was written."""
        written = orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        self.plain(name, written)
        return written

    def plain(self, name: str, content: bytes) -> None:
        """A part as it is."""
        self._tar.addfile(_info(name, len(content)), io.BytesIO(content))

    def table(self, name: str, lines: Iterable[bytes]) -> None:
        """The rows of a table, piece by piece."""
        waiting, number = bytearray(), 0
        for line in lines:
            waiting += line
            if len(waiting) >= PIECE:
                number += 1
                self._piece(name, number, waiting)
        self._piece(name, number + 1, waiting)

    def _piece(self, table: str, number: int, waiting: bytearray) -> None:
        packed = gzip.compress(waiting, compresslevel=5, mtime=0)
        self.plain(f"tables/{table}/{number:06}.tsv.gz", packed)
        waiting.clear()

    def file(self, folder: str, path: str, file: Readable, size: int, mode: int) -> None:
        """One file of a folder."""
        self._tar.addfile(_info(f"folders/{folder}/{path}", size, mode), file)


def _info(name: str, size: int, mode: int = 0o600) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.mode = size, mode
    return made


class Reader:
    """Reads an archive from front to back: each part is asked for in the order in which it was written. Raises Damaged."""

    def __init__(self, file: RawIOBase):
        self._file = file
        with _said_clearly():
            self._tar = tarfile.open(fileobj=cast("IO[bytes]", file), mode="r|")  # noqa: SIM115
        self._here: tarfile.TarInfo | None = None
        self.step()

    @property
    def name(self) -> str:
        """Which part is next; empty at the end."""
        return self._here.name if self._here else ""

    def step(self) -> None:
        """Go on to the next part."""
        with _said_clearly():
            self._here = self._tar.next()
        if self._here is not None and not self._here.isreg():
            raise Damaged(f"the archive holds {self.name!r}, which is no plain file.")

    def take(self, name: str) -> bytes:
        """The whole part of that name, which must be next."""
        if self.name != name:
            raise Damaged(f"the archive has {self.name or 'nothing'!r} where {name!r} belongs.")
        content = self._whole()
        self.step()
        return content

    def table(self, name: str) -> Iterator[bytes]:
        """The rows of a table, as they were written: pieces that may end in the middle of a row."""
        number = 0
        while (found := _PIECE.fullmatch(self.name)) and found[1] == name:
            number += 1
            if int(found[2]) != number:
                raise Damaged(f"a piece of {name} is missing: {number:06}.")
            yield _unpacked(self._whole(), name)
            self.step()
        if not number:
            raise Damaged(f"the archive has {self.name or 'nothing'!r} where the rows of {name} belong.")

    def files(self) -> Iterator[tuple[str, str, int, Readable]]:
        """The files that come next: folder, path in it, mode, content."""
        while found := _FILE.fullmatch(self.name):
            assert self._here is not None
            content = _Content(self._tar, self._here)
            yield found[1], safe(found[2]), self._here.mode & 0o777, content
            content.ended()
            self.step()

    def end(self) -> None:
        """Nothing follows: read to the very end, so that what was cut off is seen. Raises Damaged."""
        if self.name:
            raise Damaged(f"the archive holds {self.name!r}, which does not belong into it.")
        while self._file.read(PIECE):
            pass

    def _whole(self) -> bytes:
        assert self._here is not None
        if self._here.size > LARGEST:
            raise Damaged(f"{self.name!r} is larger than anything that is written here.")
        with _said_clearly():
            content = self._tar.extractfile(self._here)
            assert content is not None
            read = content.read()
        if len(read) != self._here.size:
            raise Damaged("the archive ends too early.")
        return read


class _Content:
    """A file in the tar; one that is shorter than it should be is a damaged archive."""

    def __init__(self, tar: tarfile.TarFile, here: tarfile.TarInfo):
        with _said_clearly():
            content = tar.extractfile(here)
        assert content is not None
        self._content, self._left = content, here.size

    def read(self, size: int = -1) -> bytes:
        with _said_clearly():
            piece = self._content.read(size)
        self._left -= len(piece)
        return piece

    def ended(self) -> None:
        if self._left:
            raise Damaged("the archive ends too early.")


def _unpacked(packed: bytes, name: str) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        content = unpacking.decompress(packed, LARGEST)
    except zlib.error as error:
        raise Damaged(f"a piece of {name} cannot be unpacked.") from error
    if not unpacking.eof or unpacking.unused_data:
        raise Damaged(f"a piece of {name} is not as it was written.")
    return content


def safe(path: str) -> str:
    """A path that stays below its folder. Raises Damaged."""
    parts = Path(path).parts
    if not parts or Path(path).is_absolute() or ".." in parts or "\\" in path or "\0" in path:
        raise Damaged(f"the archive has a file at {path!r}, which is outside of the town's folders.")
    return str(Path(*parts))


class _said_clearly:
    """What the reader of tars finds wrong is a damaged archive."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, tarfile.TarError | EOFError):
            raise Damaged(f"the archive cannot be read: {error}") from error
