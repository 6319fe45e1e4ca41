"""Receipt files: requests that a national portal received, a delivery as one ZIP (docs/receipt-files.md).

Nothing in the ZIP is believed: neither its sizes nor its names, and nothing is unpacked onto the disk. What keeps a
delivery from being read at all is `Unreadable`; what is wrong with one receipt is said of that receipt, and the others
are taken in.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

import orjson

from yakuba.channels import answers
from yakuba.declare import Fact, Service
from yakuba.register.tables import UnreadableTable, read_office_csv
from yakuba.words import Text, ui_text

INDEX = "index.csv"
COLUMNS = ("receipt", "service", "received_at", "evidence", "answers")
MAY = ("language",)
FILE = "file."
"""What the names of attachments among the answers begin with."""
MOST_PACKED, MOST_UNPACKED = 500 * 2**20, 4 * 2**30
"""Bytes of a delivery, as it comes and unpacked: 10,000 receipts with a photo of 400 kB each."""
MOST_ENTRIES, MOST_RATIO = 100_000, 200
"""Files in a delivery, and how far one of more than a megabyte may have been packed: text packs to a tenth."""
MOST_INDEX, MOST_ANSWERS, MOST_NUMBER = 20 * 2**20, 2**20, 60
MOST_ITEMS = 100
"""Items of one list among the answers."""


class Unreadable(Exception):
    """The delivery cannot be read, and nothing of it was taken in; `text` says why and what to do."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


class Faulty(Exception):
    """Something of one receipt cannot be read; `text` says what and how to mend it."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A row of the index, as it is written. `row`: its line, the heads are line 1."""

    row: int
    number: str
    service: str
    received_at: str
    evidence: str
    language: str
    answers: str

    @property
    def folder(self) -> str:
        """Where its files lie; empty where it has no folder of its own."""
        return self.answers.rpartition("/")[0]


class Delivery:
    """An open delivery with its receipts. `sha256`: of the file as it came."""

    def __init__(self, archive: ZipFile, sha256: str):
        self._archive, self.sha256 = archive, sha256
        self._entries = _entries(archive)
        self.receipts = _receipts(self._read(INDEX, MOST_INDEX) if INDEX in self._entries else None)

    @cached_property
    def twice(self) -> frozenset[str]:
        """Receipt numbers that stand in the index more than once."""
        counted = Counter(one.number for one in self.receipts)
        return frozenset(number for number, count in counted.items() if count > 1)

    @cached_property
    def _sharing(self) -> frozenset[str]:
        """Folders that several receipts say are theirs."""
        owners = {(one.folder, one.number) for one in self.receipts}
        counted = Counter(folder for folder, _ in owners)
        return frozenset(folder for folder, count in counted.items() if folder and count > 1)

    def shares_folder(self, receipt: Receipt) -> bool:
        """Does another receipt lie in the same folder?"""
        return receipt.folder in self._sharing

    def files_of(self, receipt: Receipt) -> list[str]:
        """The names of all files of a receipt, its answers first: its folder; no more than the answers of one that
        has no folder of its own."""
        own = [receipt.answers] if receipt.answers in self._entries else []
        if not receipt.folder or self.shares_folder(receipt):
            return own
        return own + [one for one in self._folders.get(receipt.folder, ()) if one != receipt.answers]

    @cached_property
    def _folders(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for name in self._entries:
            found.setdefault(name.rpartition("/")[0], []).append(name)
        return found

    def digest(self, receipt: Receipt) -> str:
        """What tells this receipt from another try under the same number: its row and its files."""
        files = [(name, self._entries[name].CRC) for name in self.files_of(receipt)]
        row = (receipt.service, receipt.received_at, receipt.evidence, receipt.language, receipt.answers)
        return hashlib.sha256(orjson.dumps([row, files])).hexdigest()

    def read(self, name: str, most: int) -> bytes:
        """A file of a receipt. Raises Faulty: it is not there, it is larger, it is damaged."""
        if name not in self._entries:
            raise Faulty(ui_text("receipts.no_file_of").format(name=name))
        try:
            return self._read(name, most)
        except Unreadable as error:
            raise Faulty(error.text) from error

    def _read(self, name: str, most: int) -> bytes:
        if self._entries[name].file_size > most:
            what = f"{name}: {most // 2**20} MB <"
            raise Unreadable(ui_text("receipts.too_large").format(what=what))
        try:
            return self._archive.read(self._entries[name])
        except (BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise Unreadable(ui_text("receipts.broken_file").format(name=name)) from error


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Delivery]:
    """The delivery in a file. Raises Unreadable."""
    if file.seek(0, 2) > MOST_PACKED:
        raise Unreadable(ui_text("receipts.too_large").format(what=f"{MOST_PACKED // 2**20} MB <"))
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    try:
        # names without the mark of UTF-8 are what Windows in Japan writes
        archive = ZipFile(file, metadata_encoding="cp932")
    except (BadZipFile, UnicodeDecodeError, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable(ui_text("receipts.not_zip")) from error
    with archive:
        yield Delivery(archive, sha256)


def _entries(archive: ZipFile) -> dict[str, ZipInfo]:
    """The files of the archive by name, once names and sizes were looked at. Raises Unreadable."""
    every = archive.infolist()
    unpacked = sum(one.file_size for one in every)
    if len(every) > MOST_ENTRIES or unpacked > MOST_UNPACKED:
        what = f"{len(every):,} / {unpacked // 2**20:,} MB"
        raise Unreadable(ui_text("receipts.too_large").format(what=what))
    found: dict[str, ZipInfo] = {}
    for one in every:
        name = one.filename
        if _points_outside(one.orig_filename) or _points_outside(name) or name in found:
            raise Unreadable(ui_text("receipts.bad_name").format(name=name[:80]))
        if one.flag_bits & 1:  # encrypted
            raise Unreadable(ui_text("receipts.not_zip"))
        if one.file_size > 2**20 and one.file_size > MOST_RATIO * max(one.compress_size, 1):
            what = f"{name}: × {one.file_size // max(one.compress_size, 1):,}"
            raise Unreadable(ui_text("receipts.too_large").format(what=what))
        if not one.is_dir():
            found[name] = one
    return found


def _points_outside(name: str) -> bool:
    """An absolute path, one with a drive, or one that goes up; nothing is unpacked, but who writes such a file means ill."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    odd = name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", name) or "\x00" in name
    return bool(odd) or not parts


def _receipts(content: bytes | None) -> list[Receipt]:
    """The rows of the index. Raises Unreadable."""
    if content is None:
        raise Unreadable(ui_text("receipts.no_index"))
    try:
        table = read_office_csv(content)
    except UnreadableTable as error:
        raise Unreadable(ui_text("receipts.bad_index").format(reason=error.reason)) from error
    heads = [head.strip() for head in table.heads]
    missing, more = set(COLUMNS) - set(heads), set(heads) - {*COLUMNS, *MAY}
    if missing or more or len(set(heads)) < len(heads):
        said = {"missing": ", ".join(sorted(missing)) or "－", "more": ", ".join(sorted(more)) or "－"}
        raise Unreadable(ui_text("receipts.columns").format(**said))
    return [
        _receipt(number, dict(zip(heads, cells, strict=True))) for number, cells in enumerate(table.rows, 2)
    ]


def _receipt(row: int, said: Mapping[str, str]) -> Receipt:
    number = answers.clean(said["receipt"])
    if not 0 < len(number) <= MOST_NUMBER:
        raise Unreadable(ui_text("receipts.no_number").format(row=row))
    cells = {name: answers.clean(said.get(name) or "")[:200] for name in (*COLUMNS, *MAY)}
    where = cells["answers"].replace("\\", "/")
    return Receipt(
        row,
        number,
        cells["service"],
        cells["received_at"],
        cells["evidence"],
        cells["language"] or "ja",
        where,
    )


# -- answers ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Said:
    """What the answers of a receipt say: facts in their groups and lists, the names of attachments by purpose, and by
    name what cannot be read."""

    facts: dict[str, Any]
    files: dict[str, list[str]]
    wrong: dict[str, Text]


_NAME = re.compile(r"([a-z][a-z0-9_-]*)(?:\[(\d{1,3})\])?(?:\.([a-z][a-z0-9_]*))?")


def said(receipt: Receipt, content: bytes, service: Service) -> Said:
    """The answers of a receipt: JSON with a value for every dotted name, or CSV with the columns fact and value.

    Raises Faulty for a file that cannot be read at all.
    """
    flat = (
        _from_csv(receipt, content)
        if receipt.answers.lower().endswith(".csv")
        else _from_json(receipt, content)
    )
    found = Said({}, {}, {})
    for name, value in flat:
        if name.startswith(FILE):
            named = value if isinstance(value, list) else [value]
            found.files.setdefault(re.sub(r"\[\d+\]$", "", name.removeprefix(FILE)), []).extend(
                map(str, named)
            )
        else:
            _put(found, name, value, service, typed=receipt.answers.lower().endswith(".csv"))
    return found


def _from_json(receipt: Receipt, content: bytes) -> list[tuple[str, Any]]:
    try:
        read = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise _bad_answers(receipt, str(error)) from error
    if not isinstance(read, dict):
        raise _bad_answers(receipt, "{…}")
    return list(read.items())


def _from_csv(receipt: Receipt, content: bytes) -> list[tuple[str, Any]]:
    try:
        table = read_office_csv(content)
    except UnreadableTable as error:
        raise _bad_answers(receipt, error.reason) from error
    if [head.strip() for head in table.heads] != ["fact", "value"]:
        raise _bad_answers(receipt, "fact,value")
    return [(name.strip(), value) for name, value in table.rows]


def _bad_answers(receipt: Receipt, reason: str) -> Faulty:
    return Faulty(ui_text("receipts.bad_answers").format(name=receipt.answers, reason=reason[:100]))


def _put(found: Said, name: str, value: Any, service: Service, *, typed: bool) -> None:
    """One answer into its group or list. `typed`: it comes as text, whatever it is."""
    place = _NAME.fullmatch(name)
    if place is None or (place[2] and (not place[3] or int(place[2]) >= MOST_ITEMS)):
        found.wrong[name] = ui_text("receipts.bad_fact").format(name=name[:80])
        return
    group, at, key = place.groups()
    if key is None:
        found.facts[group] = value
        return
    fact = service.lists[group].facts.get(key) if at and group in service.lists else service.facts.get(name)
    try:
        value = _as_typed(fact, value) if typed and fact else value
    except answers.Wrong as wrong:
        found.wrong[name] = wrong.text
        return
    if at is None:
        into = found.facts.setdefault(group, {})
    else:
        items = found.facts.setdefault(group, [])
        while isinstance(items, list) and len(items) <= int(at):
            items.append({})
        into = items[int(at)] if isinstance(items, list) else None
    if not isinstance(into, dict):
        found.wrong[name] = ui_text("receipts.bad_fact").format(name=name[:80])
        return
    into[key] = value


_YES_NO = {"はい": "yes", "いいえ": "no", "true": "yes", "false": "no"}


def _as_typed(fact: Fact, value: str) -> Any:
    """A cell as its fact has it: numbers, and yes or no, are read as people type them. Raises answers.Wrong."""
    if fact.type not in ("bool", "int", "number"):
        return value or None
    return answers.read(fact, {"": _YES_NO.get(value.strip().lower(), value)}, fact.label)
