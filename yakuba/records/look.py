"""A first look at an old file: encoding, columns, rows, the first faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import is_zipfile

from yakuba.records.values.encodings import NAMES, Refused
from yakuba.records.values.reading import Csv, Excel, Held, read

SHOWN = 20
"""Faults that are listed."""


def look(path: Path, encoding: str, language: str) -> dict[str, Any]:
    """What the file is and how many of its rows are good, ready for JSON; `refused` says why it cannot be read at all.
    Workbooks are known by what they are, .tsv files by their name, all others are CSV."""
    layout = Excel() if is_zipfile(path) else Csv("\t" if path.suffix.lower() == ".tsv" else ",")
    try:
        reading = read(path, layout, encoding)
        wrong: list[Held] = []
        formulas = 0
        for row in reading:
            if isinstance(row, Held):
                wrong += [row] * (len(wrong) < SHOWN)
            else:
                formulas += len(row.formulas)
    except Refused as refused:
        return {"file": path.name, "refused": refused.text.get(language), "line": refused.line}
    return {
        "file": path.name,
        "encoding": NAMES.get(reading.decision.encoding, "xlsx"),
        "why": reading.decision.why.get(language),
        "sha256": reading.decision.sha256,
        "bytes": reading.decision.size,
        "heads": list(reading.heads),
        "rows": reading.rows,
        "good": reading.good,
        "held": reading.held,
        "formulas": formulas,
        "faults": [{"line": row.line, "column": row.column, "text": row.text.get(language)} for row in wrong],
    }
