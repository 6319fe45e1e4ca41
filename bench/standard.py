"""A file of 1,000,000 rows and 29 columns held to its definition, with a report of every fault, beside a streaming Polars
script that only counts the same faults; and rows a second beside Frictionless, which is given the same types, lengths and lists.

    python -m bench.run standard
"""

from __future__ import annotations

import csv
import resource
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.server import VAR

ROWS, FEW = 1_000_000, 20_000
FAULTY = 20
"""One row in so many has a fault."""
ROUNDS = 5
"""Both take turns; the best of each counts, so that what else the machine does counts least."""
SLOWER, FASTER, MEMORY = 1.5, 10.0, 1_500
GROUP = "住登外者宛名基本情報"
ROW = {
    "shimei": "見本　花子", "kojinbango": "123456789018", "seinengappi": "1964-07-01", "jusho_todofuken": "東京都",
    "jusho_choaza": "霞が関二丁目", "jusho_banchigohyoki": "１番１号", "gyomuid": "001",
    "dokujishisakushisutemunadoid": "A01", "daihyoatenafuragu": "0", "sosashaid": "sato", "sosanengappi": "2026-11-29",
    "sosajikoku": "09:00:00",
}  # fmt: skip
SHAPES = {"X": "[ -~｡-ﾟ]*", "N": r"[^\x00-~｡-ﾟ]*", "9": r"\d+", "TIME": r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?"}
"""How both peers are told that types are written."""
FAULTS = (
    {"sosajikoku": "9"},
    {"shimei": "Sato"},
    {"daihyoatenafuragu": "7"},
    {"sosashaid": ""},
    {"kojinbango": "123456789012"},
    {"kojinbango": "1234"},
    {"sosanengappi": "2026-2-3"},
)


def measure() -> list[dict[str, Any]]:
    """The ratio of the two times, the peak of memory of our run, and the ratio of the two rates."""
    from yakuba.records import checking
    from yakuba.records.standards import ROOT, load

    definition = load(ROOT / "non-resident-numbers" / "2026-08")
    names = [item.romaji for item in definition.items]
    many, few = written(names, ROWS), written(names, FEW)
    ours = polars = float("inf")
    memory = 0.0
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        report = checking.check(many, definition, GROUP, as_of=date(2026, 11, 29))
        ours = min(ours, time.perf_counter() - begin)
        memory = memory or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        begin = time.perf_counter()
        counted = _polars(many, definition)
        polars = min(polars, time.perf_counter() - begin)
        if not (sum(report.kinds.values()) == counted == ROWS // FAULTY == report.held):
            raise RuntimeError(f"the two do not find the same: {report.kinds} and {counted}")
    begin = time.perf_counter()
    # it has no check digits, and 2026-2-3 is a date to it: three of the seven faults are out of its reach
    if (errors := frictionless(few, definition)) < FEW // FAULTY * (len(FAULTS) - 3) // len(FAULTS):
        raise RuntimeError(f"Frictionless found {errors} faults only")
    rate = FEW / (time.perf_counter() - begin)
    return compared("standard.check", ours, polars, memory, rate, "python -m bench.run standard")


def compared(
    name: str, ours: float, polars: float, memory: float, rate: float, command: str
) -> list[dict[str, Any]]:
    """The rows of a file of ROWS: our seconds beside those of Polars, our peak in MB, and our rows a second beside Frictionless'
    `rate`."""
    ratio, faster = ours / polars, ROWS / ours / rate
    return [
        {"name": f"{name} (s)", "ours": round(ours, 2), "peer": round(polars, 2),
         "peer_version": f"polars {version('polars')}", "ratio": round(ratio, 3), "limit": f"<= {SLOWER}",
         "ok": ratio <= SLOWER, "command": command},
        {"name": f"{name} (MB)", "ours": round(memory), "peer": "", "peer_version": "", "ratio": "",
         "limit": f"< {MEMORY:,}", "ok": memory < MEMORY, "command": command},
        {"name": f"{name} (rows/s)", "ours": round(ROWS / ours), "peer": round(rate),
         "peer_version": f"frictionless {version('frictionless')}", "ratio": round(faster, 1), "limit": f">= {FASTER:g}",
         "ok": faster >= FASTER, "command": command},
    ]  # fmt: skip


def written(names: list[str], rows: int) -> Path:
    """A file with a fault in one row of FAULTY."""
    path = VAR / f"standard-{rows}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, names, restval="")
        out.writeheader()
        for number in range(rows):
            fault = FAULTS[number // FAULTY % len(FAULTS)] if number % FAULTY == 0 else {}
            out.writerow({**ROW, "atenabango": f"{number:015}", **fault})
    return path


def listed_in(item: Any, definition: Any) -> list[str]:
    return list(definition.codes[item.code].values) if item.code in definition.codes else []


def wrong_in(pl: Any, definition: Any) -> list[Any]:
    """The checks as a script for Polars has them: each true of a faulty row, none of which says where."""
    wrong = []
    for item in definition.items:
        cell = pl.col(item.romaji)
        if item.output == "required":
            wrong.append(cell.is_null())
        if item.type == "DATE":
            day = (
                cell.str.contains(r"^\d{4}-\d{2}-\d{2}$")
                & cell.str.to_date("%Y-%m-%d", strict=False).is_not_null()
            )
            if "不詳日を許容" in item.notes:
                day = day | cell.str.contains(r"^\d{4}-(00|0[1-9]|1[0-2])-00$")
            wrong.append(~(day | cell.is_in(["0000-01-01", "9999-12-31"])))
        else:
            wrong.append(~cell.str.contains(f"^{SHAPES[item.type]}$"))
        if item.digits and item.type not in ("DATE", "TIME"):
            wrong.append(cell.str.len_chars() > item.digits.whole)
        if listed := listed_in(item, definition):
            wrong.append(~cell.is_in(listed))
    digits = [
        pl.col("kojinbango").str.slice(12 - n - 1, 1).cast(pl.Int32, strict=False) for n in range(1, 12)
    ]
    rest = (
        sum(((n + 1 if n <= 6 else n - 5) * digit for n, digit in enumerate(digits, start=1)), pl.lit(0)) % 11
    )
    last = pl.col("kojinbango").str.slice(11, 1).cast(pl.Int32, strict=False)
    fits = last == pl.when(rest <= 1).then(0).otherwise(11 - rest)
    wrong.append(~(pl.col("kojinbango").str.contains(r"^\d{12}$") & fits))
    wrong.append((pl.col("daihyoatenafuragu") == "1") & pl.col("nayosesakiatenabango").is_null())
    wrong.append(pl.col("gyomuid").is_null() & pl.col("dokujishisakushisutemunadoid").is_null())
    return wrong


def _polars(path: Path, definition: Any) -> int:
    """How many faults there are, without saying where."""
    import polars as pl

    wrong = wrong_in(pl, definition)
    rows = pl.scan_csv(path, infer_schema=False)
    cells = rows.select([one.fill_null(value=False).sum().alias(str(n)) for n, one in enumerate(wrong)])
    keys = rows.select((pl.len() - pl.col("atenabango").n_unique()).alias("twice"))
    return sum(cells.collect(engine="streaming").row(0)) + keys.collect(engine="streaming").item()


def frictionless(path: Path, definition: Any) -> int:
    """Types, lengths, lists and keys; it has no conditions over a row and no check digits. How many faults it found."""
    from frictionless import Resource, Schema, system

    fields = []
    for item in definition.items:
        held: dict[str, Any] = {"required": item.output == "required"}
        if item.type != "DATE":
            held |= {"pattern": SHAPES[item.type]}
        if item.digits and item.type not in ("DATE", "TIME"):
            held["maxLength"] = item.digits.whole
        if listed := listed_in(item, definition):
            held["enum"] = listed
        kind = "date" if item.type == "DATE" else "string"
        fields.append({"name": item.romaji, "type": kind, "constraints": held})
    schema = Schema.from_descriptor({"fields": fields, "primaryKey": ["atenabango"]})
    with system.use_context(trusted=True):
        report = Resource(path=str(path), schema=schema).validate(limit_errors=FEW)
    return int(report.stats["errors"])
