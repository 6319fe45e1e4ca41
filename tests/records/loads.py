"""Folders as an import makes them, by hand: a few people of a fictional town's old system."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from yakuba.clock import TOKYO
from yakuba.records.standards import definition

AT = datetime(2026, 11, 30, 10, tzinfo=TOKYO)
STANDARD, GROUP = "resident-register", "世帯"
TOLD = pa.list_(pa.struct([(name, pa.string()) for name in ("item", "kind", "given", "value", "say")]))
Row = dict[str, Any]
REST = {"setaijotai": "1", "setaiseiritsunengappi": "2000-04-01"}


def home(number: int, head: str = "", **more: str) -> Row:
    """An accepted row of 世帯."""
    values = {"setaibango": f"{number:015d}", "setainushi_atenabango": head or f"{number:015d}"}
    return {"state": "accepted", "values": {**REST, **values, **more}, "told": [], "given": None}


def held(number: int, item: str, given: str, say: str = "ある日付を書いてください。", **more: str) -> Row:
    """A row of 世帯 one of whose items could not be read."""
    row = home(number, **more)
    del row["values"][item]
    cells = {"世帯番号": f"{number:015d}", "old": given}
    told = [{"item": item, "kind": "date", "given": given, "value": None, "say": say}]
    return {**row, "state": "held", "told": told, "given": json.dumps(cells, ensure_ascii=False)}


def write(
    folder: Path,
    groups: Mapping[str, Sequence[Row]],
    *,
    source: str = "aoba",
    standard: str = STANDARD,
    content: str = "",
) -> Path:
    """Lay the folder of an import down. `content`: what the old file had in it, beside its rows."""
    folder.mkdir(parents=True, exist_ok=True)
    known = definition(standard)
    files, counts = [], {}
    for group, rows in groups.items():
        counts[group] = _counts(rows)
        _parquet(folder / f"{group}.parquet", [one.romaji for one in known.groups()[group]], rows, source)
        sha256 = hashlib.sha256(f"{content}{json.dumps(rows, ensure_ascii=False)}".encode()).hexdigest()
        file = {"file": f"{source}-{group}.csv", "source": source, "group": group, "sha256": sha256}
        files.append({**file, "encoding": "CP932", **counts[group], "refused": None})
    outcome = {
        "standard": standard, "version": known.version, "as_of": "2026-11-30", "files": files, "groups": counts,
        "kinds": {"date": sum(one["held"] for one in counts.values())},
    }  # fmt: skip
    (folder / "outcome.json").write_text(json.dumps(outcome, ensure_ascii=False), encoding="utf-8")
    return folder


def _counts(rows: Sequence[Row]) -> dict[str, int]:
    states = [one["state"] for one in rows]
    return {"in": len(rows), **{state: states.count(state) for state in ("accepted", "repaired", "held")}}


def _parquet(path: Path, items: Sequence[str], rows: Sequence[Row], source: str) -> None:
    columns: dict[str, pa.Array] = {
        "_row": pa.array(range(1, len(rows) + 1), pa.int64()),
        "_file": pa.array([f"{source}-{path.stem}.csv"] * len(rows), pa.string()),
        "_line": pa.array(range(2, len(rows) + 2), pa.int64()),
        "_state": pa.array([one["state"] for one in rows], pa.string()),
        "_told": pa.array([one["told"] for one in rows], TOLD),
        "_given": pa.array([one["given"] for one in rows], pa.string()),
    }
    for item in items:
        columns[item] = pa.array([one["values"].get(item) for one in rows], pa.string())
    pq.write_table(pa.table(columns), path)
