"""The queue of a town's staff, with 49 other towns in the same database and with none; and what keeping them apart costs.

Both databases are filled by generated SQL: a real case that waits for a reviewer, copied 20,000 times for each town, of
which 2,000 are open; tasks with them, the events of their log not, which the page does not read. What is measured is the
whole page as Django's test client gets it (queries, policy, template), signed in, in one process.

towns.queue: 50 towns, one after the other, so that no town's rows are in memory because they were just read; beside the same
page of one town that is alone; twice, by turns, and the better one of each counts. towns.security: the page of the town that is alone, where it makes no difference what is found,
as the application's role and as one that row-level security does not bind, in alternating rounds on the same server.

    python -m bench.towns [--towns 50] [--cases 20000]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from datetime import datetime
from typing import Any

import click
import psycopg

from bench.server import VAR, fresh
from yakuba.clock import TOKYO

TOWNS, CASES, OPEN = 50, 20_000, 0.1
SLOWER, DEARER = 1.3, 1.15
"""Limits: the page among 50 towns, and the page with row-level security, as a multiple of the page without."""
PAGES, ROUNDS = 100, 10
AT = datetime(2026, 10, 15, 9, tzinfo=TOKYO)
UNBOUND = "yakuba_bench_unbound"


def measure(towns: int = TOWNS, cases: int = CASES) -> list[dict[str, Any]]:
    """The page among many towns beside that of one alone; the page bound by row-level security beside that which is not."""
    alone, many = fresh("towns_alone"), fresh("towns_many")
    print(
        json.dumps({"filled": {"alone": _fill(alone, 1, cases), "many": _fill(many, towns, cases)}}),
        file=sys.stderr,
    )
    turns = [(_child(alone, "pages"), _child(many, "pages")) for _ in range(2)]
    one, among = (min(found, key=lambda one: one["median"]) for found in zip(*turns, strict=True))
    bound = _child(alone, "security")
    print(json.dumps({"alone": one, "many": among, "security": bound}), file=sys.stderr)
    ratio, cost = among["median"] / one["median"], bound["bound"] / bound["unbound"]
    row = {"command": "python -m bench.towns"}
    return [
        {"name": "towns.queue (ms)", "ours": among["median"], "peer": one["median"], "ratio": round(ratio, 2),
         "peer_version": f"one town alone; p95 {among['p95']} and {one['p95']}", "limit": f"<= {SLOWER}",
         "ok": ratio <= SLOWER, **row},
        {"name": "towns.security (ms)", "ours": bound["bound"], "peer": bound["unbound"], "ratio": round(cost, 2),
         "peer_version": "the same page, role with bypassrls", "limit": f"<= {DEARER}", "ok": cost <= DEARER, **row},
    ]  # fmt: skip


def _child(address: str, what: str, *more: str) -> dict[str, Any]:
    """One part in a process of its own: a process serves one database."""
    environment = os.environ | {"DATABASE_URL": address, "YAKUBA_VAR": str(VAR), "YAKUBA_MEANING": "0"}
    command = [sys.executable, "-m", "bench.towns", "--only", what, *more]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


# -- filling ---------------------------------------------------------------------------------------
def code(number: int) -> str:
    """The code of a town of the benchmark."""
    return f"38{number:04}"


def prepare(count: int) -> dict[str, Any]:
    """Tables; towns with a reviewer each; in the first one real case that waits for a person."""
    from yakuba.access import SYSTEM, towns
    from yakuba.access import actions as access
    from yakuba.cases import actions, catalogue, jobs
    from yakuba.register.models import Town
    from yakuba.site import migrate

    migrate.bring_up_to_date()
    Town.objects.bulk_create(
        Town(code=code(n), name=f"見本{n}町", prefecture="", mayor_title="", contact="", synthetic=True)
        for n in range(count)
    )
    for n in range(count):
        with towns.inside(code(n)):
            access.add_staff(
                "reviewer", "審査 一郎", ("clerk", "reviewer"), "Kaze-to-Nami-2026", by=SYSTEM(code(n))
            )
    with towns.inside(code(0)):
        service = catalogue.service("child-allowance")
        example = catalogue.current().examples[service.id][0]
        actions.open_case(service, example.facts, channel="web", by=SYSTEM(code(0)), as_of=AT, key="bench:1")
    jobs.drain(code(0), as_of=AT)
    return {}


_CASES = """
insert into cases_case ({columns})
select {values} from cases_case t, generate_series(1, %(cases)s) as n where t.town = %(first)s and t.id = %(case)s"""
_CASE = {
    "town": "%(town)s::varchar",
    "id": "gen_random_uuid()",
    "reference": "overlay(overlay(to_char(n, 'FM000000000000') placing '-' from 5 for 0) placing '-' from 10 for 0)",
    "opened_at": "t.opened_at + n * interval '7 minutes'",
    "norm_due": "t.opened_at + n * interval '7 minutes' + interval '3 days'",
    "state": "case when n <= %(open)s then 'open' else 'closed' end",
}
_TASKS = """
insert into cases_task ({columns})
select {values} from cases_case c, cases_task t
where c.town = %(town)s::varchar and c.id <> %(case)s and t.case_id = %(case)s and t.status in ('open', 'done')"""
_TASK = {
    "town": "%(town)s::varchar",
    "id": "gen_random_uuid()",
    "case_id": "c.id",
    "opened_at": "c.opened_at",
    "due_at": "c.norm_due",
    "status": "case when c.state = 'open' then t.status else 'done' end",
}


def _fill(address: str, towns: int, cases: int) -> dict[str, Any]:
    """Fill a database, as its owner; seconds and rows."""
    begin = time.perf_counter()
    _child(address, "prepare", "--towns", str(towns))
    with psycopg.connect(address, autocommit=True) as owner:
        (case,) = owner.execute(
            "select case_id from cases_task where status = 'open' and \"by\" = 'staff'"
        ).fetchone()
        said = {"case": case, "first": code(0), "cases": cases - 1, "open": round(cases * OPEN)}
        for n in range(towns):
            for text, table, given in ((_CASES, "cases_case", _CASE), (_TASKS, "cases_task", _TASK)):
                columns = [
                    name
                    for (name,) in owner.execute(
                        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
                        [table],
                    )
                ]
                values = [given.get(name, f't."{name}"') for name in columns]
                listed = ", ".join(f'"{name}"' for name in columns)
                owner.execute(text.format(columns=listed, values=", ".join(values)), said | {"town": code(n)})
        owner.execute("vacuum analyze")
        counted = {
            table: owner.execute(f"select count(*) from {table}").fetchone()[0]
            for table in ("cases_case", "cases_task")
        }
    return {"seconds": round(time.perf_counter() - begin), **counted}


# -- the page --------------------------------------------------------------------------------------
def _browser(town: str) -> Any:
    """A browser in which the town's reviewer is signed in."""
    from django.test import Client

    from yakuba.access import queries, towns
    from yakuba.access.sessions import SessionStore

    client = Client()
    with towns.inside(town):
        session = SessionStore()
        session.begin(staff=str(queries.all_staff()[0].id))
        session.save()
    client.cookies["yakuba_session"] = session.session_key
    return client


def _page(client: Any, town: str) -> float:
    begin = time.perf_counter()
    answer = client.get(f"/{town}/staff/queue/")
    seconds = time.perf_counter() - begin
    assert answer.status_code == 200, answer
    return seconds * 1000


def pages(_: int) -> dict[str, Any]:
    """Milliseconds of the page, one town after the other."""
    from yakuba.register import queries as register

    browsers = {town: _browser(town) for town in register.town_codes()}
    took: list[float] = []
    turns = max(4, PAGES // len(browsers) + 1)
    for turn in range(turns):
        found = [_page(client, town) for town, client in browsers.items()]
        took += found if turn or len(browsers) == 1 else []  # the first round only warms up
    took = took[20:] if len(browsers) == 1 else took
    return {
        "median": round(statistics.median(took), 2),
        "p95": round(statistics.quantiles(took, n=20)[-1], 2),
        "pages": len(took),
    }


def security(_: int) -> dict[str, Any]:
    """Milliseconds of the page as the application's role and as one that row-level security does not bind, by turns."""
    from django.db import connection

    from yakuba.site import migrate

    with psycopg.connect(autocommit=True, **migrate.owner(connection)) as owner:
        if not owner.execute("select 1 from pg_roles where rolname = %s", [UNBOUND]).fetchone():
            owner.execute(f"create role {UNBOUND} nologin bypassrls in role {migrate.ROLE}")
        owner.execute(f"grant {UNBOUND} to current_user")
    client, options = _browser(code(0)), connection.settings_dict["OPTIONS"]
    bound = options["options"]
    took: dict[str, list[float]] = {"bound": [], "unbound": []}
    for turn in range(2 * (ROUNDS + 1)):
        name = ("bound", "unbound")[turn % 2]
        connection.close()
        options["options"] = bound if name == "bound" else bound.replace(migrate.ROLE, UNBOUND)
        found = [_page(client, code(0)) for _ in range(PAGES // ROUNDS + 5)][5:]
        took[name] += found if turn > 1 else []
    connection.close()
    options["options"] = bound
    return {name: round(statistics.median(found), 2) for name, found in took.items()}


PARTS = {"prepare": prepare, "pages": pages, "security": security}


@click.command()
@click.option("--towns", default=TOWNS, show_default=True)
@click.option("--cases", default=CASES, show_default=True)
@click.option("--only", type=click.Choice(list(PARTS)), hidden=True)
def main(towns: int, cases: int, only: str | None) -> None:
    """Print one JSON line for each measure; exit 1 when one misses its limit."""
    if only:
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
        django.setup()
        print(json.dumps(PARTS[only](towns)))
        return
    rows = measure(towns, cases)
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))
    sys.exit(0 if all(row["ok"] for row in rows) else 1)


if __name__ == "__main__":
    main()
