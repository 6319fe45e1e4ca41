"""A small made table: towns that do not exist under codes that do, with what a test says about them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from yakuba.progress.disparity.table import columns, indicators

AT = {"A村": "011002", "B町": "012025", "C市": "022012", "D市": "022021"}
"""Two in 北海道, two in 青森県."""


def heads() -> list[str]:
    """All columns, as the publisher calls them."""
    known = columns()
    names = [
        "lg_code5",
        "lg_code6",
        "prefecture",
        "name",
        "type",
        "population_2025",
        "aged65_pct",
        "fiscal_index",
    ]
    for one in known.indicators:
        names += [name for name in (one.column, one.of, one.count) if name]
    return names + [f"{known.use.prefix}{name}" for name in known.use.all]


def town(
    name: str, population: int, *, code: str = "", prefecture: str = "", **more: object
) -> dict[str, str]:
    """A row. `more`: `aged`, `money`, indicators by id, procedures by name; whatever is not said is empty."""
    code = code or AT[name]
    row = dict.fromkeys(heads(), "")
    row |= {"lg_code6": code, "name": name, "population_2025": str(population)}
    row["prefecture"] = prefecture or {"01": "北海道", "02": "青森県"}[code[:2]]
    own = {"aged": "aged65_pct", "money": "fiscal_index"}
    for key, value in more.items():
        column = own.get(key) or (
            indicators()[key].column if key in indicators() else f"{columns().use.prefix}{key}"
        )
        assert column in row, f"no column {column}"
        row[column] = "" if value is None else str(value)
    return row


def write(
    folder: Path, rows: Sequence[dict[str, str]], *, encoding: str = "utf-8-sig", **renamed: str
) -> Path:
    """The table as a file. `renamed`: new names of columns by old ones."""
    file = folder / "municipality_dx_2024-07-12.csv"
    with file.open("w", encoding=encoding, newline="") as out:
        made = csv.writer(out)
        made.writerow([renamed.get(one, one) for one in heads()])
        made.writerows([row[name] for name in heads()] for row in rows)
    return file


def write_kaso(folder: Path, kinds: dict[str, str]) -> Path:
    """The list of depopulated areas: 全部過疎, 一部過疎 or みなし過疎 by code."""
    file = folder / "kaso_2022-04-01.csv"
    lines = ["lg_code6,kaso_kind", *(f"{code},{kind}" for code, kind in kinds.items())]
    file.write_text("\n".join(lines), "utf-8")
    return file
