"""100,000 confirmation letters that came back: decided, approved and written to bank files, beside the bare cost of
putting the same rows and events into identical tables with psycopg's COPY.

Ours is everything from the opened cases on: the decision of each with its reasons and the hash-chained log, every
tenth one reviewed by two people in one bulk decision each, the payments ordered, one run, its two approvals, the
files written and checked by the independent reader. The system's steps are worked by two worker processes, which
take whatever nobody else has locked, as they do in an installation; the clock starts when they are up. COPY writes every row that this left in the tables (and each
case and task in its last state only) into copies of them with the same columns, constraints and indexes, without
row security. Both in a database of their own on an embedded server, synced to disk as in production.

    python -m bench.batch [--count 10000]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib.metadata import version
from typing import Any

import click
import psycopg
from psycopg.types.string import TextLoader

from bench.server import VAR, fresh
from yakuba.clock import TOKYO

TOWN = "394262"
COUNT = 100_000
AT = datetime(2025, 3, 3, 10, tzinfo=TOKYO)
VALUE_DATE = date(2025, 3, 10)
SLOWER, MEMORY = 5.0, 1_000
"""Limits: wall time as a multiple of COPY's; peak memory in MB."""
WORKERS = 2
OPENED = 5_000
"""Cases opened in one transaction."""
TABLES = (
    "cases_case",
    "cases_event",
    "cases_task",
    "money_entitlement",
    "money_payment",
    "money_transfer",
    "money_transferfile",
    "money_transferrun",
    "money_approval",
)


def measure(count: int = COUNT) -> list[dict[str, Any]]:
    """Wall time against COPY, and peak memory in MB against its limit."""
    address = fresh("batch")
    _child(address, "prepare", count)
    ours = _child(address, "work", count)
    with psycopg.connect(address) as connection:
        peer, rows = _bare(connection, ours["opened"])
    print(json.dumps({**ours, "rows": rows, "copy": round(peer, 2)}), file=sys.stderr)
    row = {"peer_version": f"psycopg {version('psycopg')}", "command": "python -m bench.batch"}
    ratio, memory = ours["seconds"] / peer, ours["memory"]
    return [
        {"name": "batch.time", "ours": round(ours["seconds"], 2), "peer": round(peer, 2), "ratio": round(ratio, 2),
         "limit": f"<= {SLOWER}", "ok": ratio <= SLOWER, **row},
        {"name": "batch.memory", "ours": memory, "peer": MEMORY, "ratio": round(memory / MEMORY, 2),
         "limit": "<= 1.0", "ok": memory <= MEMORY, **row},
    ]  # fmt: skip


def _child(address: str, what: str, count: int) -> dict[str, Any]:
    """One part in a process of its own, so that its peak memory is its own."""
    environment = os.environ | {"DATABASE_URL": address, "YAKUBA_VAR": str(VAR)}
    command = [sys.executable, "-m", "bench.batch", "--count", str(count), "--only", what]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


# -- ours ----------------------------------------------------------------------------------------
def prepare(count: int) -> dict[str, Any]:
    """Tables, the town's account, and `count` opened cases."""
    from yakuba.access import SYSTEM, towns
    from yakuba.cases import actions, catalogue
    from yakuba.money import actions as money
    from yakuba.site import migrate

    migrate.bring_up_to_date()
    service = catalogue.service("one-off-benefit")
    with towns.inside(TOWN):
        catalogue.keep(TOWN, service, AT)
        money.register_originator(
            code="394262", name="アオゾラチョウ", bank="0001", branch="001", type="1", number="0012345",
            per_transfer=1_000_000, per_run=10**11,
        )  # fmt: skip
    for start in range(0, count, OPENED):
        entries = [_returned(service, number) for number in range(start, min(count, start + OPENED))]
        with towns.inside(TOWN):
            actions.record_many(entries, by=SYSTEM(TOWN), as_of=AT)
    return {}


def _returned(service: Any, number: int) -> Any:
    """A household with up to two children; every tenth letter came without proof of who sent it."""
    from yakuba.cases import actions

    adult = {
        "birth_date": date(1950 + number % 40, 1 + number % 12, 2),
        "taxed": False,
        "dependant_of_taxed": False,
    }
    child = {"birth_date": date(2010 + number % 9, 5, 5), "taxed": False, "dependant_of_taxed": False}
    facts = {
        "applicant": {"name": f"試験 {number}", "address": "青空町 1番地", "postal_code": "7850000"},
        "household": {"registered_on_base_date": True, "paid_elsewhere": False},
        "confirm": {"correct": True, "accept": True},
        "members": [adult, *[child] * (number % 3)],
        "account": {"bank": "0001", "branch": "001", "type": "1", "number": f"{number + 1:07}", "holder": "シケン タロウ"},
    }  # fmt: skip
    return actions.opening(
        service,
        facts,
        channel="paper",
        key=f"returned:{number}",
        applicant=uuid.UUID(int=number + 1),
        identified=number % 10 != 0,
    )


def work(count: int) -> dict[str, Any]:
    """From opened cases to bank files; seconds of each part and the peak memory of all processes together in MB."""
    from yakuba.access import SYSTEM, Worker, towns
    from yakuba.cases import catalogue
    from yakuba.cases.models import Event
    from yakuba.money import actions as money

    people = [
        Worker("staff", f"staff:{name}", TOWN, name, frozenset({"reviewer", "approver"}), strength=2)
        for name in ("kato", "sato")
    ]
    parts: dict[str, float] = {}
    catalogue.current()
    with towns.inside(TOWN):
        opened = Event.objects.order_by("-id").values_list("id", flat=True)[0]
    workers = _Workers()
    with _timed(parts, "decide"):
        workers.do("decide")
    with _timed(parts, "review"):
        for person in people:
            _review(person)
    with _timed(parts, "pay"):
        workers.do("pay")
    memory = _memory() + workers.stop()
    with towns.inside(TOWN):
        with _timed(parts, "run"):
            run = money.create_run(VALUE_DATE, by=SYSTEM(TOWN), as_of=AT)
            for person in people:
                money.approve(run.id, by=person, as_of=AT)
        with _timed(parts, "export"):
            files = money.export(run.id, by=SYSTEM(TOWN), as_of=AT)
    assert sum(file.count for file in files) == count, "not everybody is paid"
    return {
        "seconds": sum(parts.values()),
        "memory": max(memory, _memory()),
        "opened": opened,
        "parts": parts,
    }


class _Workers:
    """Processes that do all waiting tasks of a step whenever they are told one."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "bench.batch", "--only", "worker"]
        self.processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(WORKERS)
        ]
        self._answers()

    def do(self, step: str) -> None:
        """Have all of them work the step until nothing is left."""
        for process in self.processes:
            print(step, file=process.stdin, flush=True)
        self._answers()

    def stop(self) -> int:
        """End them; returns the sum of their peak memory in MB."""
        memory = self._sum_of_last_answers
        for process in self.processes:
            process.communicate()
        return memory

    def _answers(self) -> None:
        self._sum_of_last_answers = sum(int(process.stdout.readline()) for process in self.processes)


def worker() -> None:
    """Work each step that is named on standard input; answer with the peak memory so far in MB."""
    from yakuba.cases import catalogue, jobs

    catalogue.current()
    print(_memory(), flush=True)
    for step in sys.stdin:
        jobs.work_waiting(TOWN, "one-off-benefit", step.strip(), as_of=AT)
        print(_memory(), flush=True)


def _memory() -> int:
    """Peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _review(person: Any) -> None:
    """One person's word on everything that waits, with one reason."""
    from yakuba.access import towns
    from yakuba.cases import actions, queries

    with towns.inside(TOWN):
        waiting = queries.queue(service="one-off-benefit", step="review").values_list("id", flat=True)
        together = actions.bulk_decide(
            list(waiting), by=person, as_of=AT, outcome="granted", reason="住民票と照合"
        )
    assert not together.left, together.left[0]


@contextmanager
def _timed(parts: dict[str, float], name: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    parts[name] = round(time.perf_counter() - begin, 2)


# -- bare ----------------------------------------------------------------------------------------
def _bare(connection: psycopg.Connection, opened: int) -> tuple[float, int]:
    """Seconds that COPY needs for the same rows, all in one transaction, and how many rows."""
    seconds, count = 0.0, 0
    for table in TABLES:
        only = f"where id > {opened}" if table == "cases_event" else ""
        connection.execute(f"create table bare_{table} (like {table} including all)")
        columns, rows = _rows(connection, f"select * from {table} {only}")
        connection.commit()
        begin = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy(f"copy bare_{table} ({columns}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        connection.commit()
        seconds += time.perf_counter() - begin
        count += len(rows)
    return seconds, count


def _rows(connection: psycopg.Connection, query: str) -> tuple[str, list[tuple[Any, ...]]]:
    """The columns and rows, as ready as they can be: JSON is text already and is only passed on."""
    cursor = connection.cursor()
    cursor.adapters.register_loader("jsonb", TextLoader)
    rows = cursor.execute(query).fetchall()
    return ", ".join(f'"{column.name}"' for column in cursor.description or []), rows


@click.command()
@click.option("--count", default=COUNT, show_default=True)
@click.option("--only", type=click.Choice(["prepare", "work", "worker"]), hidden=True)
def main(count: int, only: str | None) -> None:
    """Print one JSON line for each measure; exit 1 when one misses its limit."""
    if only:
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
        django.setup()
        if only == "worker":
            worker()
            return
        print(json.dumps({"prepare": prepare, "work": work}[only](count)))
        return
    rows = measure(count)
    for row in rows:
        print(json.dumps(row))
    sys.exit(0 if all(row["ok"] for row in rows) else 1)


if __name__ == "__main__":
    main()
