"""Rules across rows: tables of a few rows, of which only the cells that matter are written."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from yakuba.records.rules import Place, Rules
from yakuba.records.standards import Definition, definitions

DAY = date(2026, 11, 29)
Rows = Sequence[Mapping[str, str]]


@pytest.fixture(scope="session")
def known() -> dict[str, Definition]:
    """The definitions that come with the project."""
    return {name: versions[0] for name, versions in definitions().items()}


@pytest.fixture(scope="session")
def rules(known: dict[str, Definition]) -> Rules:
    return Rules.load(known.values())


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as opened:
        yield opened


@pytest.fixture
def found(con: duckdb.DuckDBPyConnection, rules: Rules) -> Callable[..., list[tuple[str, int, str]]]:
    """`found({("resident-register", "世帯"): [{…}]})`: what rules find, as group, row and rule."""

    def ask(tables: Mapping[Place, Rows], asked: Rules = rules) -> list[tuple[str, int, str]]:
        named = {}
        for number, (place, rows) in enumerate(tables.items()):
            columns = {
                name: pa.array([row.get(name) for row in rows], pa.string()) for name in asked.groups[place]
            }
            made = pa.table({"_row": pa.array(range(1, len(rows) + 1), pa.int64()), **columns})
            con.register(f"given_{number}", made)
            named[place] = f"given_{number}"
        return sorted(
            (group, row, rule) for _, group, row, rule, *_ in asked.run(con, named, as_of=DAY).fetchall()
        )

    return ask


@pytest.fixture
def deliver(tmp_path: Path, known: dict[str, Definition]) -> Callable[..., Path]:
    """`deliver("resident-register", {"世帯": [{…}], …})`: its files, each row as the samples of the definition but for what is
    given; a group that is not named has no rows."""

    def write(name: str, rows: Mapping[str, Rows], folder: Path = tmp_path) -> Path:
        folder.mkdir(exist_ok=True)
        for group, items in known[name].groups().items():
            with (folder / f"{group}.csv").open("w", encoding="utf-8", newline="") as file:
                out = csv.DictWriter(file, [item.romaji for item in items])
                out.writeheader()
                out.writerows(
                    {**{item.romaji: item.sample for item in items}, **row} for row in rows.get(group, ())
                )
        return folder

    return write
