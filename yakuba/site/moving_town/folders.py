"""Which files are a town's: what it adds to the answers and lays over the services, what old systems laid down for it, its keys
for exchange."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from django.conf import settings

from yakuba.declare.overlay import TOWNS
from yakuba.records import folders as records
from yakuba.site.moving_town.archive import Readable
from yakuba.site.moving_town.errors import AlreadyHere, Damaged

_ROOM = 1024 * 1024


def of_town(town: str) -> dict[str, Path]:
    """The folders of a town by the name that they have in an archive."""
    return {
        "answers": Path(settings.YAKUBA_ANSWERS) / town,
        "exchange": records.exchange(town),
        "inbox": records.inbox() / town,
        "services": Path(settings.YAKUBA_SERVICES) / TOWNS / town,
    }


def files(folder: Path) -> Iterator[Path]:
    """The files of a folder, in the same order each time. Hidden ones are locks; links lead elsewhere: neither goes along."""
    for one in sorted(folder.iterdir()) if folder.is_dir() else []:
        if one.name.startswith(".") or one.is_symlink():
            continue
        if one.is_dir():
            yield from files(one)
        elif one.is_file():
            yield one


@dataclass(slots=True)
class Told:
    """How many files of a folder went by, and SHA-256 over paths and contents."""

    files: int = 0
    bytes: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def hears(self, path: str, mode: int, content: Readable) -> Listening:
        """The same content, to be read once; what was read is counted."""
        self.files += 1
        self.digest.update(f"{path}\0{mode:o}\0".encode())
        return Listening(content, self)

    @property
    def said(self) -> dict[str, int | str]:
        """As the manifest has it."""
        return {"files": self.files, "bytes": self.bytes, "sha256": self.digest.hexdigest()}


@dataclass(slots=True)
class Listening:
    """A file that is counted while it is read."""

    content: Readable
    told: Told

    def read(self, size: int = -1) -> bytes:
        piece = self.content.read(size)
        self.told.bytes += len(piece)
        self.told.digest.update(piece)
        return piece


def told_of(folder: Path) -> Told:
    """What a folder holds, as it is told of one that goes by."""
    told = Told()
    for file in files(folder):
        with file.open("rb") as content:
            listening = told.hears(file.relative_to(folder).as_posix(), file.stat().st_mode & 0o777, content)
            while listening.read(_ROOM):
                pass
    return told


class Arriving:
    """Folders that wait beside their places until all is well. Raises AlreadyHere for a place that is taken by anything
    else than what comes: services of towns may have come with Yakuba's own."""

    def __init__(self, town: str):
        self.places = of_town(town)
        self._waiting: dict[str, Path] = {}
        self._placed: list[Path] = []
        self._there: set[str] = set()
        for name, place in self.places.items():
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                raise AlreadyHere(f"{place} is here already. Move it away; nothing was changed.")
            if place.is_dir() and any(place.iterdir()):
                self._there.add(name)

    def keep(self, folder: str, path: str, mode: int, content: Listening) -> None:
        """Write one file. Raises Damaged for a folder that towns do not have."""
        if folder not in self.places:
            raise Damaged(f"the archive has a folder {folder!r}, which towns do not have here.")
        if folder not in self._waiting:
            place = self.places[folder]
            place.parent.mkdir(parents=True, exist_ok=True)
            self._waiting[folder] = Path(mkdtemp(prefix=f".arriving-{place.name}-", dir=place.parent))
        file = self._waiting[folder] / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            while piece := content.read(_ROOM):
                out.write(piece)
            os.fchmod(out.fileno(), mode & 0o755)

    def place(self) -> None:
        """Put all folders into their places. Raises AlreadyHere."""
        for folder in sorted(self._there):
            came = self._waiting.pop(folder, None)
            same = came is not None and told_of(came).said == told_of(self.places[folder]).said
            if came is not None:
                shutil.rmtree(came)
            if not same:
                raise AlreadyHere(
                    f"{self.places[folder]} is here already, and holds something else than the archive. Move it away; "
                    "nothing was changed."
                )
        for folder, waiting in list(self._waiting.items()):
            place = self.places[folder]
            if place.exists():
                place.rmdir()
            waiting.chmod(0o755 if folder != "exchange" else 0o700)
            waiting.rename(place)
            del self._waiting[folder]
            self._placed.append(place)

    def give_up(self) -> None:
        """Remove what was written, as though nothing had come."""
        for folder in (*self._waiting.values(), *self._placed):
            shutil.rmtree(folder, ignore_errors=True)
