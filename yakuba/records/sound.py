"""Files of the standard as they must be before anything can be said of their rows: UTF-8, with lines that end and a heading for
each column. What is not so is refused as a whole."""

from __future__ import annotations

import codecs
import csv
import hashlib
import struct
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from yakuba.records.standards import Item
from yakuba.records.values.encodings import CHUNK, Refused, pieces
from yakuba.words import ui_text

Read = TypeVar("Read")
LONGEST = 2_000_000
"""Bytes of one line; DuckDB's own limit (`max_line_size`). A row of the standard has some thousands."""


_END, _RETURN, _QUOTE, _COMMA = b'\n\r",'
_BESIDE = np.array([_COMMA, _END, _RETURN, _QUOTE], np.uint8)
"""What stands beside a quote that is around a cell, or beside another quote."""


def sha256_beside(path: Path, read: Callable[[], Read]) -> tuple[str, Read]:
    """The SHA-256 of a file, and what `read` makes of it at the same time. Raises Refused: where the file as a whole is not as
    it must be, that is said, and not how `read` stumbled over it."""
    with ThreadPoolExecutor(1) as beside:
        whole = beside.submit(sha256_of, path)
        try:
            made = read()
        except Refused:
            whole.result()
            raise
        return whole.result(), made


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file of text in UTF-8. Read in pieces, whatever its size. Raises Refused: another encoding, a NUL
    byte, or a line without end."""
    digest, rest = hashlib.sha256(), b""
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            longest = len(rest) + (piece.find(b"\n") if b"\n" in piece else len(piece))
            end = piece.rfind(b"\n") + 1
            lines, rest = (rest + piece[:end], piece[end:]) if end else (b"", rest + piece)
            if longest > LONGEST or not _is_text(lines):
                raise _why_not(path)
    if not _is_text(rest):
        raise _why_not(path)
    return digest.hexdigest()


def _is_text(lines: bytes) -> bool:
    """UTF-8 without NUL. Arrow looks at it without making a text of it, which takes four times as long."""
    text = pa.StringArray.from_buffers(
        1, pa.py_buffer(struct.pack("=ii", 0, len(lines))), pa.py_buffer(lines)
    )
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return b"\0" not in lines


def _why_not(path: Path) -> Refused:
    """Which line it is that makes a file unreadable, and why."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    try:
        for piece in pieces(path, LONGEST):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                before = error.object[: error.start].count(b"\n")
                return Refused(ui_text("standard.not_utf8").format(line=line + before))
            if (at := piece.find(b"\0")) >= 0:
                return Refused(ui_text("standard.nul").format(line=line + piece.count(b"\n", 0, at)))
            line += piece.count(b"\n")
    except Refused as too_long:
        return too_long
    return Refused(ui_text("standard.not_utf8").format(line=line))


@dataclass(frozen=True, slots=True)
class Lines:
    """How a file is laid out. `filled`: lines with something on them, the headings included, a cell with a line end in it being
    on one; `blank`: the others; `broken`: has a cell a line end in it? `plain`: do quotes stand around whole cells only?"""

    filled: int
    blank: int
    broken: bool
    plain: bool


def lines_of(path: Path) -> Lines:
    """How a file is laid out, found out in pieces of bounded size: what reads it in many places at once has to agree."""
    filled = blank = 0
    broken, plain, inside = False, True, False
    before = b"\n"
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            while piece[-1:] in (b'"', b"\r") and (more := file.read(1)):  # what follows decides
                piece += more
            text = np.frombuffer(before + piece, np.uint8)
            ends = np.flatnonzero(text[1:] == _END)
            if inside or b'"' in piece:
                quotes = np.flatnonzero(text[1:] == _QUOTE)
                within = (np.searchsorted(quotes, ends) + inside) % 2 == 1
                returns = np.flatnonzero(text[1:] == _RETURN)
                broken |= bool(within.any() or ((np.searchsorted(quotes, returns) + inside) % 2 == 1).any())
                plain = plain and _around_cells(text, quotes, inside)
                ends = ends[~within]
                inside = (len(quotes) + inside) % 2 == 1
            last = text[:-1][ends]
            empty = (last == _END) | ((last == _RETURN) & (text[:-1][np.maximum(ends - 1, 0)] == _END))
            filled += len(ends) - int(empty.sum())
            blank += int(empty.sum())
            before = piece[-1:]
    return Lines(filled + (before not in b"\r\n"), blank, broken, plain and not inside)


def _around_cells(text: np.ndarray, quotes: np.ndarray, inside: bool) -> bool:
    """Does every quote that opens a cell follow a comma or a line end (or a quote, a doubled one), and one that closes it come
    before one? `quotes` count from the second byte of `text`."""
    openers, closers = quotes[int(inside) :: 2], quotes[1 - int(inside) :: 2]
    after = text[np.minimum(closers + 2, len(text) - 1)]
    at_end = closers + 2 >= len(text)
    return bool(np.isin(text[openers], _BESIDE).all() and (at_end | np.isin(after, _BESIDE)).all())


def heads_of(path: Path, items: Mapping[str, Item]) -> list[str]:
    """The romaji name of each column. Raises Refused."""
    with path.open("rb") as file:
        line = file.readline(LONGEST)
    try:
        written = next(csv.reader([line.decode("utf-8-sig").rstrip("\r\n")], strict=True), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(ui_text("standard.no_csv").format(line=1)) from error
    if not any(written):
        raise Refused(ui_text("standard.empty_file"))
    names = {one.name: one.romaji for one in items.values()}
    heads = [names.get(one.strip(), one.strip()) for one in written]
    for name in heads:
        if name not in items:
            raise Refused(ui_text("standard.unknown_column").format(name=name))
        if heads.count(name) > 1:
            raise Refused(ui_text("standard.column_twice").format(name=name))
    for one in items.values():
        if one.must_exist and one.romaji not in heads:
            raise Refused(ui_text("standard.missing_column").format(name=one.name))
    return heads
