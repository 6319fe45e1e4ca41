"""Run every benchmark of this folder, each in a process of its own, and print one table.

    python -m bench.run [--json] [NAME]...

A benchmark is a module with `measure()`, which returns rows with the keys of `COLUMNS` and `command`. What was
measured beside what stands in the module. Exit 1 when a limit is missed or a benchmark fails.
"""

from __future__ import annotations

import json
import sys
import traceback
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click

FOLDER = Path(__file__).parent
COLUMNS = ("name", "ours", "peer", "peer_version", "ratio", "limit", "ok")
Row = dict[str, Any]


def names() -> list[str]:
    """The benchmarks there are: modules of this folder that define `measure`."""
    return sorted(file.stem for file in FOLDER.glob("*.py") if "\ndef measure(" in file.read_text("utf-8"))


def rows_of(name: str) -> list[Row]:
    """The rows of one benchmark, or one failed row that says why there are none."""
    try:
        return import_module(f"bench.{name}").measure()
    except Exception as error:
        traceback.print_exc()
        return [dict.fromkeys(COLUMNS, "") | {"name": name, "limit": f"failed: {error!r}", "ok": False}]


def apart(name: str) -> list[Row]:
    """The rows of one benchmark, measured in a fresh process: memory and caches of others do not count."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(rows_of, name).result()


def table(rows: list[Row]) -> str:
    """Rows in columns as wide as their widest cell."""
    lines = [COLUMNS, *(tuple(shown(row[column]) for column in COLUMNS) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def shown(value: object) -> str:
    """A cell: thousands with commas, fractions to three digits, yes and NO."""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


@click.command()
@click.argument("chosen", metavar="[NAME]...", nargs=-1, type=click.Choice(names()))
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def main(chosen: tuple[str, ...], as_json: bool) -> None:
    """Measure everything, or only the named benchmarks."""
    rows = [row for name in chosen or names() for row in apart(name)]
    click.echo(json.dumps(rows, indent=1, ensure_ascii=False) if as_json else table(rows))
    sys.exit(0 if all(row["ok"] for row in rows) else 1)


if __name__ == "__main__":
    main()
