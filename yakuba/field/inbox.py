"""A folder in which collectors leave their files: each is taken in once and put away, the unreadable ones apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from yakuba.access import SYSTEM, towns
from yakuba.field import actions
from yakuba.field.kitting import observe

DONE, UNREADABLE = "done", "unreadable"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: the serial number that was read, or the trouble with it."""

    name: str
    serial: str = ""
    trouble: str = ""


def taken_in(folder: Path, town: str) -> list[Taken]:
    """Take in all files, oldest first. The moment of a reading is the file's; a second time it changes nothing.

    Files whose names end in `.part` are still being written. A file is put away after it was taken in, so that a
    power cut loses none. Raises access.Denied.
    """
    files = [
        one for one in folder.iterdir() if one.is_file() and one.suffix != ".part" and one.name[0] != "."
    ]
    return [_taken(file, town) for file in sorted(files, key=lambda one: (one.stat().st_mtime_ns, one.name))]


def _taken(file: Path, town: str) -> Taken:
    at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    try:
        with towns.inside(town):
            seen = actions.read_file(file.name, file.read_bytes(), by=SYSTEM(town), at=at)
    except observe.Unreadable as error:
        _put_away(file, UNREADABLE)
        return Taken(file.name, trouble=str(error))
    _put_away(file, DONE)
    return Taken(file.name, seen.serial)


def _put_away(file: Path, where: str) -> None:
    """Beside the others; one of the same name that lies there already is another reading and stays."""
    folder = file.parent / where
    folder.mkdir(exist_ok=True)
    goal = folder / file.name
    number = 1
    while goal.exists():
        number += 1
        goal = folder / f"{file.stem}-{number}{file.suffix}"
    file.rename(goal)
