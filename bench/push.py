"""100,000 households that are entitled to a benefit: from the register to cases that are filled in, each with its letter;
then the letters merged into PDF files for the printer, two pages a letter.

Opening is everything that `yakuba push` does for a town of some 450,000 synthetic people: judging all of them in one DuckDB
run, opening the cases in the hash-chained log batch by batch, and composing a letter for each. Beside it: COPY of the very
rows that this left into copies of their tables with the same columns, constraints and indexes, without row security.
Printing reads the letters from the database, draws the QR codes and sets them, 100 to a file, on all processors. Beside it:
a bare Typst compile of the same pages in one process, its data ready in memory, of twenty files spread over all of them.
Memory is the peak of the process that opens, and of one process that sets.

    python -m bench.push [--count 10000]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import psycopg

from bench.batch import _rows
from bench.server import VAR, fresh
from yakuba.clock import TOKYO

TOWN = "394262"
COUNT = 100_000
PEOPLE_A_HOUSEHOLD = 4.45
"""People of the synthetic town for each household that is entitled: not quite half of the households are."""
DAY = date(2026, 10, 15)
AT = datetime(2026, 10, 15, 9, tzinfo=TOKYO)
SLOWER, ATLEAST, MEMORY = 10.0, 0.6, 1_500
"""Limits: opening as a multiple of COPY's time; printing as a share of the bare compile's rate; peak memory in MB."""
BARE_FILES = 20
TABLES = ("cases_case", "cases_event", "cases_task", "messages_message")


def measure(count: int = COUNT) -> list[dict[str, Any]]:
    """Opening beside COPY, printing beside the bare compile, and peak memory beside its limit."""
    address = fresh("push")
    _child(address, "prepare", count)
    opened = _child(address, "open", count)
    with psycopg.connect(address) as connection:
        copy = _bare_copy(connection)
    with TemporaryDirectory(dir=VAR) as folder:
        printed = _child(address, "print", count, folder)
    bare = _child(address, "bare", count)
    print(json.dumps({"opened": opened, "copy": copy, "printed": printed, "bare": bare}), file=sys.stderr)
    row = {"command": "python -m bench.push"}
    ratio, share = opened["seconds"] / copy, printed["rate"] / bare["rate"]
    memory = max(opened["memory"], printed["memory"])
    return [
        {"name": "push.open", "ours": round(opened["seconds"], 1), "peer": round(copy, 1), "ratio": round(ratio, 2),
         "peer_version": f"psycopg {version('psycopg')}", "limit": f"<= {SLOWER}", "ok": ratio <= SLOWER, **row},
        {"name": "push.letters", "ours": round(printed["rate"]), "peer": round(bare["rate"]), "ratio": round(share, 2),
         "peer_version": f"typst {version('typst')}", "limit": f">= {ATLEAST}", "ok": share >= ATLEAST, **row},
        {"name": "push.memory", "ours": memory, "peer": MEMORY, "ratio": round(memory / MEMORY, 2),
         "peer_version": "MB", "limit": "<= 1.0", "ok": memory <= MEMORY, **row},
    ]  # fmt: skip


def _child(address: str, what: str, count: int, folder: str = "") -> dict[str, Any]:
    """One part in a process of its own, so that its peak memory is its own."""
    environment = os.environ | {"DATABASE_URL": address, "YAKUBA_VAR": str(VAR)}
    command = [sys.executable, "-m", "bench.push", "--count", str(count), "--only", what, "--folder", folder]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


# -- ours ----------------------------------------------------------------------------------------
def prepare(count: int, folder: Path) -> dict[str, Any]:
    """Tables, and the town."""
    from yakuba.register import actions as register
    from yakuba.site import migrate

    migrate.bring_up_to_date()
    register.create_town(TOWN, int(count * PEOPLE_A_HOUSEHOLD), 1, as_of=DAY)
    return {}


def open_all(count: int, folder: Path) -> dict[str, Any]:
    """Everybody entitled gets a case and a letter."""
    from yakuba.access import SYSTEM
    from yakuba.cases import catalogue
    from yakuba.channels import push

    service = catalogue.service("one-off-benefit")
    report = push.run(TOWN, service, base=DAY, by=SYSTEM(TOWN), as_of=AT)
    assert report.opened == report.letters > 0.95 * count, report
    return {"seconds": report.seconds, "opened": report.opened, "memory": _memory(resource.RUSAGE_SELF)}


def print_all(count: int, folder: Path) -> dict[str, Any]:
    """All letters become PDF files."""
    from yakuba.access import towns
    from yakuba.messages import printing, queries

    with towns.inside(TOWN):
        letters = queries.waiting_letters(_key()).count()
    begin = time.perf_counter()
    files = printing.write(TOWN, _key(), folder)
    seconds = time.perf_counter() - begin
    size = sum(file.stat().st_size for file in files)
    memory = max(_memory(resource.RUSAGE_SELF), _memory(resource.RUSAGE_CHILDREN))
    assert _pages(files[0]) == 2 * min(letters, printing.A_FILE), "a letter has two pages"
    return {"rate": letters / seconds, "files": len(files), "size": size, "memory": memory}


def _pages(file: Path) -> int:
    import pypdf

    return len(pypdf.PdfReader(file).pages)


def _key() -> str:
    return f"push:one-off-benefit:{DAY}:"


def _memory(whose: int) -> int:
    """Peak memory in MB: of this process, or of the largest of its children."""
    return resource.getrusage(whose).ru_maxrss // 1024


# -- bare ----------------------------------------------------------------------------------------
def bare(count: int, folder: Path) -> dict[str, Any]:
    """Letters a second that Typst alone sets: some of the files, their data ready."""
    import orjson
    from django.conf import settings

    from yakuba.access import towns
    from yakuba.messages import actions, letters, printing

    with towns.inside(TOWN):
        sender = actions.town_sender()
        batches = list(printing._batches(_key()))
        chosen = batches[:: max(1, len(batches) // BARE_FILES)][:BARE_FILES]
        whole = [actions.as_letters(some, settings.YAKUBA_BASE_URL) for some in chosen]
    ready = [orjson.dumps([letters._data(one, sender) for one in some]).decode() for some in whole]
    compiler, begin = letters._compiler(), time.perf_counter()
    for data in ready:
        compiler.compile(format="pdf", sys_inputs={"letters": data})
    return {"rate": sum(map(len, whole)) / (time.perf_counter() - begin)}


def _bare_copy(connection: psycopg.Connection) -> float:
    """Seconds that COPY needs for the same rows, all in one transaction."""
    seconds = 0.0
    for table in TABLES:
        connection.execute(f"create table bare_{table} (like {table} including all)")
        columns, rows = _rows(connection, f"select * from {table}")
        connection.commit()
        begin = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy(f"copy bare_{table} ({columns}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        connection.commit()
        seconds += time.perf_counter() - begin
    return seconds


PARTS = {"prepare": prepare, "open": open_all, "print": print_all, "bare": bare}


@click.command()
@click.option("--count", default=COUNT, show_default=True)
@click.option("--only", type=click.Choice(list(PARTS)), hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(count: int, only: str | None, folder: Path) -> None:
    """Print one JSON line for each measure; exit 1 when one misses its limit."""
    if only:
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
        django.setup()
        print(json.dumps(PARTS[only](count, folder)))
        return
    rows = measure(count)
    for row in rows:
        print(json.dumps(row))
    sys.exit(0 if all(row["ok"] for row in rows) else 1)


if __name__ == "__main__":
    main()
