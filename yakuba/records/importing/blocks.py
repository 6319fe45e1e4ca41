"""A file's rows as columns of text, block by block.

What is plain goes by columns; every line about which there is anything to say (its bytes are no text of the encoding, it has
another number of cells, a NUL, odd quotation marks) goes through `values.reading`, which says it. Both ways give the same
rows: a property that the tests hold.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from yakuba.records.values.encodings import LINE_LIMIT, Decision, decide
from yakuba.records.values.reading import Csv, Excel, Fixed, Held, Row, heads_of, judged, read

SIZE = 1 << 24
"""Bytes of a block: some ten thousand rows, so that columns pay, and memory stays small."""
ROWS = 50_000
"""Rows of a block where rows are read one by one."""
_BY_COLUMNS = ("utf-8", "cp932", "shift_jis", "euc_jp")
"""Encodings in which the bytes of a comma, a quotation mark and a line end stand for nothing else."""
_NEWLINE, _RETURN, _QUOTE = b'\n\r"'
_NEVER = {"cp932": "\x80\xa0\uf8f0\uf8f1\uf8f2\uf8f3"}
"""What Python makes of bytes that no Japanese text has (`encodings`)."""
Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]


class _OneByOne(Exception):
    """A cell goes over several lines: the file is read row by row."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a file: `columns` (texts, by head) with their `lines` (from 1), and the rows that cannot be taken, each with
    its text as it came."""

    columns: pa.Table
    lines: Numbers
    held: tuple[tuple[Held, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A file: how it was read, its heads, and its blocks, to be gone through once. `by_columns`: each row is a line."""

    decision: Decision
    heads: tuple[str, ...]
    blocks: Iterator[Block]
    by_columns: bool = False


def read_blocks(path: Path, layout: Csv | Fixed | Excel, encoding: str = "") -> Reading:
    """The file in blocks. Raises Refused, also while going through them: what makes the whole file unreadable."""
    if isinstance(layout, Csv):
        decision = decide(path, encoding)
        if decision.encoding in _BY_COLUMNS:
            try:
                return _by_columns(path, layout, decision)
            except _OneByOne:
                pass
        encoding = encoding or decision.encoding
    return _by_rows(path, layout, encoding)


def ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """The same blocks, each read while the one before is worked on."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = reader.submit(next, blocks, None)
            yield block


# -- one by one -----------------------------------------------------------------------------------
def _by_rows(path: Path, layout: Csv | Fixed | Excel, encoding: str) -> Reading:
    reading = read(path, layout, encoding)
    return Reading(
        reading.decision, reading.heads, _gathered(iter(reading), reading.heads, path, reading.decision)
    )


def _gathered(
    rows: Iterator[Row | Held], heads: Sequence[str], path: Path, decision: Decision
) -> Iterator[Block]:
    while some := list(islice(rows, ROWS)):
        good = [one for one in some if isinstance(one, Row)]
        bad = [one for one in some if isinstance(one, Held)]
        texts = _raw(path, decision.encoding, {one.line for one in bad})
        yield Block(
            _table(good, heads), _lines_of(good), tuple((one, texts.get(one.line, "")) for one in bad)
        )


def _table(rows: Sequence[Row], heads: Sequence[str]) -> pa.Table:
    columns = zip(*(row.cells for row in rows), strict=True) if rows else ((),) * len(heads)
    return pa.table([pa.array(column, pa.string()) for column in columns], names=list(heads))


def _lines_of(rows: Sequence[Row]) -> Numbers:
    return np.array([row.line for row in rows], np.int64)


def _raw(path: Path, encoding: str, lines: set[int]) -> dict[int, str]:
    """Lines as they stand in a file of text; those of a workbook, and records without line ends, are not told."""
    if not lines or not encoding or encoding.startswith(("utf-16", "iso2022")):
        return {}
    with path.open("rb") as file:
        numbered = enumerate(islice(file, max(lines)), start=1)
        return {number: _shown(line, encoding) for number, line in numbered if number in lines}


def given(
    path: Path, layout: Csv | Fixed | Excel, reading: Reading, lines: set[int]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Some good rows of a file as they came, by line: the text of each head."""
    if isinstance(layout, Csv) and reading.by_columns:
        numbers, texts = _some_lines(path, reading.decision.encoding, lines)
        rows: Iterable[tuple[int, Sequence[str]]] = zip(
            numbers, csv.reader(texts, delimiter=layout.delimiter), strict=True
        )
    else:
        read_again = read(path, layout, reading.decision.encoding)
        rows = (
            (row.line, list(row.cells)) for row in read_again if isinstance(row, Row) and row.line in lines
        )
    for line, cells in rows:
        yield line, dict(zip(reading.heads, cells, strict=True))


def _some_lines(path: Path, encoding: str, lines: set[int]) -> tuple[list[int], list[str]]:
    with path.open("rb") as file:
        some = [(number, line) for number, line in enumerate(file, start=1) if number in lines]
    return [number for number, _ in some], [line.decode(encoding) for _, line in some]


def _shown(line: bytes, encoding: str) -> str:
    return line.decode(encoding, "backslashreplace").rstrip("\r\n")


# -- by columns -----------------------------------------------------------------------------------
def _by_columns(path: Path, layout: Csv, decision: Decision) -> Reading:
    heads = heads_of(path, layout, decision.encoding)
    with path.open("rb") as file:
        first = file.readline(LINE_LIMIT)
    odd = decision.quoted and any(_odd_quotes(block) for block in _pieces(path))
    if odd or tuple(_split(first, decision.encoding, layout)) != heads:
        raise _OneByOne
    return Reading(decision, heads, _blocks(path, layout, decision.encoding, heads), by_columns=True)


def _split(line: bytes, encoding: str, layout: Csv) -> list[str]:
    text = line.decode(encoding).removeprefix("\ufeff")
    return next(csv.reader([text], delimiter=layout.delimiter), [])


def _odd_quotes(block: bytes) -> bool:
    """Does a line have a quotation mark that it does not close?"""
    data = np.frombuffer(block, np.uint8)
    return bool((_per_line(data == _QUOTE, _ends(data)) % 2).any())


def _pieces(path: Path) -> Iterator[bytes]:
    """Whole lines together; every one ends with a line end."""
    with path.open("rb") as file:
        rest = b""
        while piece := file.read(SIZE):
            last = piece.rfind(b"\n") + 1
            if last:
                yield rest + piece[:last]
            rest = piece[last:] if last else rest + piece
        if rest:
            yield rest + b"\n"


def _blocks(path: Path, layout: Csv, encoding: str, heads: tuple[str, ...]) -> Iterator[Block]:
    before = 0
    for piece in _pieces(path):
        skipped = piece.index(b"\n") + 1 if before == 0 else 0
        yield _block(piece[skipped:], before + bool(skipped), layout, encoding, heads)
        before += piece.count(b"\n")


def _block(piece: bytes, before: int, layout: Csv, encoding: str, heads: tuple[str, ...]) -> Block:
    """`before`: lines of the file that stand before this piece."""
    data = np.frombuffer(piece, np.uint8)
    ends = _ends(data)
    strange = _strange(piece, data, ends, layout, len(heads))
    text = _decoded(piece, data, ends, encoding, strange)
    table = _parsed(text, layout, heads)
    lines = np.flatnonzero(~strange).astype(np.int64) + before + 1
    again = _heads_again(table, heads)
    if len(again):
        strange[lines[again] - before - 1] = True
        keep = np.delete(np.arange(len(lines)), again)
        table, lines = table.take(keep), lines[keep]
    return _with_strange(Block(table, lines, ()), piece, ends, strange, before, layout, encoding, heads)


def _with_strange(
    block: Block, piece: bytes, ends: Numbers, strange: npt.NDArray[np.bool_], before: int, layout: Csv, encoding: str,
    heads: tuple[str, ...],
) -> Block:  # fmt: skip
    """With what the reader of rows says of the strange lines; some are good rows, only not plain."""
    if not strange.any():
        return block
    starts = np.concatenate(([0], ends[:-1] + 1))
    raw = {int(at) + before + 1: piece[starts[at] : ends[at] + 1] for at in np.flatnonzero(strange)}
    rows = list(judged(raw.items(), encoding, layout.delimiter, heads))
    good = [row for row in rows if isinstance(row, Row)]
    held = tuple((row, _shown(raw[row.line], encoding)) for row in rows if isinstance(row, Held))
    if not good:
        return Block(block.columns, block.lines, held)
    lines = np.concatenate((block.lines, _lines_of(good)))
    order = np.argsort(lines, kind="stable")
    table = pa.concat_tables([block.columns, _table(good, heads)]).take(order)
    return Block(table, lines[order], held)


def _ends(data: Bytes) -> Numbers:
    return np.flatnonzero(data == _NEWLINE).astype(np.int64)


def _per_line(wanted: npt.NDArray[np.bool_], ends: Numbers) -> Numbers:
    """How many wanted bytes each line has."""
    upto = np.searchsorted(np.flatnonzero(wanted), ends, side="right")
    return np.diff(upto, prepend=0).astype(np.int64)


def _strange(piece: bytes, data: Bytes, ends: Numbers, layout: Csv, width: int) -> npt.NDArray[np.bool_]:
    """Which lines are not plain."""
    delimiter = data == ord(layout.delimiter)
    never = (data == 0) | (data == 0x1A) | (data == 0x1B)
    never[:-1] |= (data[:-1] == _RETURN) & (data[1:] != _NEWLINE)
    if b'"' in piece:
        quotes = data == _QUOTE
        inside = np.bitwise_xor.accumulate(quotes)
        never |= _misplaced(data, quotes, inside, ord(layout.delimiter))
        delimiter &= ~inside
    found: npt.NDArray[np.bool_] = _per_line(delimiter, ends) != width - 1
    if never.any():
        found |= _per_line(never, ends) > 0
    if width == 1:
        found |= _per_line((data != _NEWLINE) & (data != _RETURN), ends) == 0
    return found


def _misplaced(
    data: Bytes, quotes: npt.NDArray[np.bool_], inside: npt.NDArray[np.bool_], delimiter: int
) -> npt.NDArray[np.bool_]:
    """Quotation marks that neither open nor close a cell, nor are doubled: readers differ about them."""
    edge = quotes | (data == delimiter) | (data == _NEWLINE) | (data == _RETURN)
    before = np.concatenate(([True], edge[:-1]))
    behind = np.concatenate((edge[1:], [True]))
    return quotes & np.where(inside, ~before, ~behind)


def _decoded(
    piece: bytes, data: Bytes, ends: Numbers, encoding: str, strange: npt.NDArray[np.bool_]
) -> bytes:
    """The plain lines in UTF-8. Lines that are no text of the encoding become strange."""
    _mark_other_encodings(piece, data, ends, encoding, strange)
    while True:
        plain = _only(data, ends, strange) if strange.any() else piece
        try:
            text = plain.decode(encoding)
        except UnicodeDecodeError as error:
            _mark(error.start, ends, strange)
            continue
        wrong = [at for char in _NEVER.get(encoding, "") if (at := text.find(char)) >= 0]
        if not wrong:
            return text.encode() if encoding != "utf-8" else plain
        _mark(len(text[: min(wrong)].encode(encoding)), ends, strange)


def _mark(offset: int, ends: Numbers, strange: npt.NDArray[np.bool_]) -> None:
    """The plain line in which the byte at `offset` of the plain lines stands is strange."""
    lengths = np.diff(np.concatenate(([-1], ends)))
    plain = np.flatnonzero(~strange)
    strange[plain[np.searchsorted(np.cumsum(lengths[plain]), offset, side="right")]] = True


def _only(data: Bytes, ends: Numbers, strange: npt.NDArray[np.bool_]) -> bytes:
    lengths = np.diff(np.concatenate(([-1], ends)))
    return data[np.repeat(~strange, lengths)].tobytes()


def _mark_other_encodings(
    piece: bytes, data: Bytes, ends: Numbers, encoding: str, strange: npt.NDArray[np.bool_]
) -> None:
    """Lines in another encoding than UTF-8 that are UTF-8 all the same are strange. Hardly any line of CP932 begins by chance
    as UTF-8 does, so the few are tried one by one."""
    high = np.flatnonzero(data >= 0x80)
    if encoding == "utf-8" or not len(high):
        return
    starts = np.concatenate(([0], ends[:-1] + 1))
    first = high[np.minimum(np.searchsorted(high, starts), len(high) - 1)]
    # the first byte beyond ASCII begins a letter, the next one goes on with it (RFC 3629)
    lead, following = data[first], data[np.minimum(first + 1, len(data) - 1)]
    likely = (first >= starts) & (first <= ends) & (lead >= 0xC2) & (lead <= 0xF4) & (following >> 6 == 0b10)
    for at in np.flatnonzero(likely & ~strange).tolist():
        strange[at] = _is_utf8(piece[starts[at] : ends[at]])


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _parsed(text: bytes, layout: Csv, heads: tuple[str, ...]) -> pa.Table:
    if not text:
        return _table([], heads)
    return arrow_csv.read_csv(
        pa.BufferReader(text),
        read_options=arrow_csv.ReadOptions(column_names=list(heads), use_threads=True),
        parse_options=arrow_csv.ParseOptions(delimiter=layout.delimiter, ignore_empty_lines=False),
        convert_options=arrow_csv.ConvertOptions(
            column_types={head: pa.string() for head in heads}, null_values=[], strings_can_be_null=False
        ),
    )


def _heads_again(table: pa.Table, heads: Sequence[str]) -> list[int]:
    """Rows that are the heads."""
    some = np.flatnonzero(pc.equal(table.column(0), heads[0]).to_numpy()).tolist()
    return [at for at in some if all(table.column(n)[at].as_py() == head for n, head in enumerate(heads))]
