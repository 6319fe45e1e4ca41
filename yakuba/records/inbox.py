"""Files of old systems on a schedule: what lies in the inbox of a town is imported, taken in as a rehearsal, and moved away
with a receipt beside it.

    inbox/CODE/SOURCE/mapping.yaml      how the files of this old system are read, with the tables that it names
    inbox/CODE/SOURCE/*.csv             what came in; half-written files (*.part, or still growing) are waited for
    inbox/CODE/SOURCE/done/…            what was taken in, each file with NAME.receipt.json
    inbox/CODE/SOURCE/refused/…         what could not be, with the reason in its receipt

All files of one source that lie there are one import: while one of them is still coming, all wait.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from yakuba.access import SYSTEM, towns
from yakuba.clock import in_tokyo
from yakuba.records import actions
from yakuba.records.errors import FaultyFolder, RecordsError
from yakuba.records.models import Load
from yakuba.records.values.encodings import Refused
from yakuba.words import Text

logger = logging.getLogger(__name__)

BringIn = Callable[[Sequence[Path], Path, Path, date], Path]
"""Imports files by a mapping into a folder below `out`, which it returns: `bring_in(files, mapping, out, as_of)`. Raises
values.encodings.Refused."""
MAPPING = "mapping.yaml"
DONE, REFUSED = "done", "refused"
SETTLED = timedelta(minutes=2)
"""A file that nobody has written to for so long is complete: longer than a pause of a slow line, short enough for the next
run."""
_PARTIAL = (".part", ".tmp", ".filepart", ".crdownload")
"""How programs that transfer files call one that is not whole yet."""
State = Literal["taken_in", "again", "refused"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a file. `load`: the reference of its load; `counts`: of its rows; `why`: the reason of a refusal."""

    source: str
    file: str
    sha256: str
    bytes: int
    state: State
    at: str
    load: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    why: str = ""


def look_through(town: str, inbox: Path, bring_in: BringIn, *, as_of: datetime) -> list[Receipt]:
    """Take in what lies in the inbox of a town. A source whose import ends with an error of ours is left as it is, and told
    in the log; the others are taken in."""
    found: list[Receipt] = []
    folder = inbox / town
    for source in sorted(folder.iterdir()) if folder.is_dir() else []:
        if source.is_dir() and (source / MAPPING).is_file():
            try:
                found += _source(town, source, bring_in, as_of)
            except Exception:
                logger.exception(
                    "the files of %s in the inbox of %s could not be imported", source.name, town
                )
    return found


def _source(town: str, source: Path, bring_in: BringIn, as_of: datetime) -> list[Receipt]:
    with _alone(source) as alone:
        came = _came(source) if alone else []
        if not came or not all(_complete(one, as_of) for one in came):
            return []
        digests = {one: _sha256(one) for one in came}
        receipts = _taken_in(town, source, digests, bring_in, as_of)
        for path, receipt in zip(came, receipts, strict=True):
            _move(path, receipt, as_of)
        return receipts


def _came(source: Path) -> list[Path]:
    """The files that came in: all but the mapping and the tables that it names."""
    told = _mapping(source)
    own = {MAPPING, str(told.get("characters", "")), str(told.get("addresses", "")).partition("/")[0]}
    return sorted(
        one
        for one in source.iterdir()
        if one.is_file() and one.name not in own and not one.name.startswith(".")
    )


def _mapping(source: Path) -> dict[str, Any]:
    """The mapping, as far as it can be read: what is wrong in it is said by the import."""
    try:
        return dict(YAML(typ="safe").load((source / MAPPING).read_text("utf-8")) or {})
    except (YAMLError, ValueError, TypeError):
        return {}


def _complete(path: Path, as_of: datetime) -> bool:
    """Whether nobody writes to it any more."""
    last = datetime.fromtimestamp(path.stat().st_mtime, as_of.tzinfo)
    return not path.name.endswith(_PARTIAL) and as_of - last >= SETTLED


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _alone(source: Path) -> Iterator[bool]:
    """Whether nobody else is at this source now; a process that is killed lets go."""
    handle = os.open(source, os.O_RDONLY)
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


# -- one import ------------------------------------------------------------------------------------
def _taken_in(
    town: str, source: Path, digests: Mapping[Path, str], bring_in: BringIn, as_of: datetime
) -> list[Receipt]:
    """Import the files of a source and take them in, together: all of them, or none."""
    try:
        _check_names(source, list(digests))
        with TemporaryDirectory() as beside, towns.inside(town):
            made = bring_in(list(digests), source / MAPPING, Path(beside), in_tokyo(as_of).date())
            load = actions.take_in(made, by=SYSTEM(town), as_of=as_of)
    except (Refused, RecordsError) as refused:
        return [
            _receipt(source, path, sha256, "refused", as_of, why=refused.text)
            for path, sha256 in digests.items()
        ]
    state: State = "taken_in" if load.taken_in_at == as_of else "again"
    return [_receipt(source, path, sha256, state, as_of, load=load) for path, sha256 in digests.items()]


def _check_names(source: Path, came: Sequence[Path]) -> None:
    """Every file is one that the mapping speaks of. Raises FaultyFolder."""
    patterns = list(_mapping(source).get("files") or {})
    for one in came:
        if not any(fnmatchcase(one.name, str(pattern)) for pattern in patterns):
            raise FaultyFolder("no_pattern", file=one.name, patterns="、".join(map(str, patterns)))


def _receipt(
    source: Path,
    path: Path,
    sha256: str,
    state: State,
    as_of: datetime,
    *,
    load: Load | None = None,
    why: Text | None = None,
) -> Receipt:
    files: list[dict[str, Any]] = load.files if load else []
    told = next((one for one in files if one["sha256"] == sha256), {})
    counts = {name: count for name, count in told.items() if isinstance(count, int)}
    return Receipt(
        source=source.name, file=path.name, sha256=sha256, bytes=path.stat().st_size, state=state,
        at=in_tokyo(as_of).isoformat(), load=str(load.id) if load else "", counts=counts, why=why.ja if why else "",
    )  # fmt: skip


def _move(path: Path, receipt: Receipt, as_of: datetime) -> None:
    """The receipt first: a file that was moved has one, whatever happens."""
    folder = (
        path.parent / (REFUSED if receipt.state == "refused" else DONE) / f"{in_tokyo(as_of):%Y%m%d-%H%M%S}"
    )
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(receipt), ensure_ascii=False, indent=2)
    (folder / f"{path.name}.receipt.json").write_text(text + "\n", encoding="utf-8")
    shutil.move(path, folder / path.name)
