"""Files of the standard for systems that cannot hold all of its characters, and back again without losing one.

What was changed lies beside the file (`CHANGES`): row, item, position, what stood there, what stands there now. With it the
file is exactly the one that it was.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv

from yakuba.records.values.characters import Change, restore, shrink
from yakuba.records.values.encodings import Refused
from yakuba.words import ui_text

CHANGES = ("row", "item", "position", "old", "new", "known")
"""Heads of the file of changes. `row`: from 1, the headings not counted; `known`: 0 where nothing was known for the character
and 〓 stands there."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """How much was changed: `rows` of the file, `texts` changed, `unknown` characters for which 〓 stands."""

    rows: int
    texts: int
    unknown: int


def shrink_file(
    path: Path, out: Path, changes: Path, encoding: str, table: Mapping[str, str] | None = None
) -> Shrunk:
    """Write a UTF-8 CSV file of the standard in another encoding, and beside it what was changed for it. Raises Refused: no
    CSV in UTF-8."""
    told: list[tuple[object, ...]] = []

    def made(row: int, item: str, text: str) -> str:
        found = known.get(text) or known.setdefault(text, shrink(text, encoding, table))
        unknown = {one.position for one in found.unknown}
        told.extend(
            (row, item, c.position, c.old, c.new, int(c.position not in unknown)) for c in found.changes
        )
        return found.text

    known: dict[str, Any] = {}
    rows = _read(path)
    shrunk = _each(rows, lambda text: shrink(text, encoding, table).text != text, made)
    _write(out, shrunk, encoding)
    with changes.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([CHANGES, *told])
    return Shrunk(
        rows.num_rows, len({(row, item) for row, item, *_ in told}), sum(one[-1] == 0 for one in told)
    )


def restore_file(path: Path, changes: Path, out: Path, encoding: str) -> int:
    """Write the file in UTF-8 again with the characters that it had; how many texts were given theirs back. Raises Refused: the
    file or its changes cannot be read; values.characters.NotTheText: it was changed since."""
    back: dict[tuple[int, str], list[Change]] = {}
    with changes.open(encoding="utf-8", newline="") as file:
        for one in csv.DictReader(file):
            change = Change(int(one["position"]), one["old"], one["new"])
            back.setdefault((int(one["row"]), one["item"]), []).append(change)
    rows = _read(path, encoding)
    for item in rows.column_names:
        places = {row - 1: some for (row, name), some in back.items() if name == item}
        if places:
            texts = rows.column(item).to_pylist()
            for at, some in places.items():
                texts[at] = restore(texts[at], some)
            rows = rows.set_column(rows.column_names.index(item), item, pa.array(texts, pa.string()))
    _write(out, rows, "utf-8")
    return len(back)


def _each(rows: pa.Table, changes: Callable[[str], bool], made: Callable[[int, str, str], str]) -> pa.Table:
    """The table with `made` of every text that changes; whether it does is asked once of each different text."""
    for place, item in enumerate(rows.column_names):
        coded = rows.column(item).combine_chunks().dictionary_encode()
        odd = {at for at, text in enumerate(coded.dictionary.to_pylist()) if text and changes(text)}
        if odd:
            texts = coded.dictionary.to_pylist()
            column = [
                made(row, item, texts[at]) if at in odd else None if at is None else texts[at]
                for row, at in enumerate(coded.indices.to_pylist(), start=1)
            ]
            rows = rows.set_column(place, item, pa.array(column, pa.string()))
    return rows


def _read(path: Path, encoding: str = "utf-8") -> pa.Table:
    try:
        text = path.read_bytes().decode(encoding).removeprefix("\ufeff")
        heads = next(csv.reader([text.split("\n", 1)[0]]), [])
        return arrow_csv.read_csv(
            pa.BufferReader(text.encode()),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types={head.strip(): pa.string() for head in heads}, null_values=[""], strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )  # fmt: skip
    except (UnicodeDecodeError, pa.ArrowInvalid) as error:
        raise Refused(ui_text("importing.no_table").format(file=path.name, why=str(error))) from error


def _write(path: Path, rows: pa.Table, encoding: str) -> None:
    content = pa.BufferOutputStream()
    arrow_csv.write_csv(rows, content, arrow_csv.WriteOptions(quoting_style="needed", quoting_header="none"))
    path.write_bytes(content.getvalue().to_pybytes().decode().encode(encoding))
