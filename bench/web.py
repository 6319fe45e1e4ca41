"""Applications sent a second through the real site, beside a bare Django view that inserts one row; and a crowd.

The request that is measured is the sending of a filled-in draft for child allowance by a browser with its session
and CSRF token: everything is validated, the register asked, the case opened and its hash-chained event written. Both
sites run under the site's own gunicorn command with two workers, on one embedded server synced to disk as in
production; the load comes from a process of its own. Rounds alternate, the median counts. No worker runs meanwhile.
A request that was only remembered, because there was no room for it, does not count.

The crowd: CROWD times that rate for SECONDS, each visitor on a connection of their own, following the redirect.
Everybody must see a reference number or the waiting page; then the worker's job opens what waits, and there must be
one case for each draft sent.

    python -m bench.web
"""

from __future__ import annotations

import json
import os
import secrets
import statistics
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from random import Random
from typing import Any

import click
import psycopg

from bench.server import VAR, fresh

TOWN, SERVICE = "394262", "child-allowance"
POPULATION, FAMILIES = 4000, 40
WORKERS, CONNECTIONS = 2, 56
"""As many browsers at a time as both processes have room for: the rate is that of a full town hall."""
ROUNDS, OURS_A_ROUND, BARE_A_ROUND = 5, 2000, 4000
CROWD, SECONDS = 20, 2
LIMIT = 0.4
PORTS = {"ours": 8071, "bare": 8072}
FILE = VAR / "visits.json"


def measure(rounds: int = ROUNDS, ours: int = OURS_A_ROUND, bare: int = BARE_A_ROUND) -> list[dict[str, Any]]:
    """The rate beside the bare view's, and what became of everybody in the crowd."""
    address = fresh("web")
    with psycopg.connect(address) as connection:
        connection.execute("create table bare_row (id bigserial primary key, name text, at timestamptz)")
    _child(address, "prepare")
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    with _served(address, "yakuba.site.wsgi", "ours"), _served(address, "bench.bare", "bare"):
        for _ in range(rounds + 1):
            _child(address, "drafts", ours)
            took = _load("ours", {"302", "503"}, connections=CONNECTIONS)
            rates["ours"].append((ours - _child(address, "open")["waited"]) / took)
            FILE.write_text(json.dumps([["/", "", f"name={uuid.uuid4()}"] for _ in range(bare)]))
            rates["bare"].append(bare / _load("bare", {"200"}, connections=CONNECTIONS))
        # the first round of each only warms up
        mine, peer = (statistics.median(rates[name][1:]) for name in ("ours", "bare"))
        crowd = _crowd(address, mine)
    about = {"command": "python -m bench.web"}
    return [
        {"name": "web.rate (1/s)", "ours": round(mine), "peer": round(peer),
         "peer_version": f"Django {version('django')}, gunicorn {version('gunicorn')}, one row",
         "ratio": mine / peer, "limit": f">= {LIMIT}", "ok": mine / peer >= LIMIT, **about},
        {"name": "web.crowd (cases)", **crowd, **about},
    ]  # fmt: skip


def _crowd(address: str, rate: float) -> dict[str, Any]:
    """A crowd of CROWD times the rate for SECONDS, and what became of it."""
    sent = round(rate * CROWD * SECONDS)
    _child(address, "drafts", sent)
    before = _child(address, "count")
    seen = _burst(rate * CROWD)
    after = _child(address, "open")
    print(json.dumps({"sent": sent, **seen, **after}), file=sys.stderr)
    opened = after["cases"] - before["cases"]
    fine = set(seen["answers"]) <= {"reference", "waiting"}
    waited = seen["answers"].get("waiting", 0)
    return {
        "ours": opened,
        "peer": sent,
        "peer_version": f"{CROWD} x the rate for {SECONDS} s: {waited} saw the waiting page, all answered in {seen['seconds']:.0f} s"
        if fine
        else f"not answered: {seen['answers']}",
        "ratio": opened / sent,
        "limit": "= 1",
        "ok": fine and opened == sent and after["drafts_without_case"] == 0,
    }


# -- the two sites and their visitors -----------------------------------------------------------
@contextmanager
def _served(address: str, application: str, name: str) -> Iterator[None]:
    """The application under the site's own gunicorn command, while it is needed."""
    from yakuba.site.commands import web_server

    command = [*web_server("127.0.0.1", PORTS[name], WORKERS)[:-1], application]
    server = subprocess.Popen(command, env=_environment(address))
    try:
        _wait_for(name)
        yield
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait_for(name: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORTS[name]}/healthz", timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"the {name} site does not answer on port {PORTS[name]}; is the port taken?")


def _load(name: str, expected: set[str], *, connections: int) -> float:
    """Seconds to send everything in FILE; every answer must have an expected status."""
    found = _generate(PORTS[name], "--connections", str(connections))
    assert set(found["answers"]) <= expected, f"{name}: {found['answers']}"
    return found["seconds"]


def _burst(rate: float) -> dict[str, Any]:
    return _generate(PORTS["ours"], "--rate", f"{rate:.1f}")


def _generate(port: int, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.load", str(port), str(FILE), *options]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


# -- what needs Django, in a process of its own ---------------------------------------------------
def _environment(address: str) -> dict[str, str]:
    """`CRITICAL`: Django would log every waiting page."""
    return os.environ | {"DATABASE_URL": address, "YAKUBA_VAR": str(VAR), "YAKUBA_LOG_LEVEL": "CRITICAL"}


def _child(address: str, what: str, count: int = 0) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.web", "--count", str(count), "--only", what]
    done = subprocess.run(command, env=_environment(address), check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def prepare(count: int) -> dict[str, Any]:
    """The tables, and a synthetic town."""
    from yakuba import clock
    from yakuba.register import actions as register
    from yakuba.site import migrate

    migrate.bring_up_to_date()
    register.create_town(TOWN, POPULATION, 1, as_of=clock.now().date())
    return {}


def drafts(count: int) -> dict[str, Any]:
    """So many filled-in drafts, each with the session of the browser that wrote it; FILE sends them."""
    from yakuba import clock
    from yakuba.access import towns
    from yakuba.access.models import Session
    from yakuba.access.sessions import SessionStore
    from yakuba.channels.models import Draft

    now = clock.now()
    seen = int(now.timestamp())
    with towns.inside(TOWN):
        answers = _answers(now)
        made, sessions, visits = [], [], []
        for number in range(count):
            draft = Draft(
                town=TOWN, service=SERVICE, channel="web", language="ja",
                facts=answers[number % len(answers)], began_at=now, changed_at=now,
            )  # fmt: skip
            store, token = SessionStore(), secrets.token_hex(16)
            data = {"drafts": {str(draft.id): SERVICE}, "began": seen, "seen": seen}
            sessions.append(store.create_model_instance(data))
            made.append(draft)
            cookie = f"yakuba_session={store.session_key}; csrftoken={token}"
            visits.append([f"/{TOWN}/draft/{draft.id}/send/", cookie, f"csrfmiddlewaretoken={token}"])
        Draft.objects.bulk_create(made, batch_size=1000)
        Session.objects.bulk_create(sessions, batch_size=1000)
    FILE.write_text(json.dumps(visits))
    return {}


def _answers(now: Any) -> list[dict[str, Any]]:
    """Whole sets of answers of families of the town."""
    from yakuba.cases import catalogue
    from yakuba.channels.actions import from_register
    from yakuba.register.models import Person
    from yakuba.site.visitors import Visitor

    service, random, day = catalogue.service(SERVICE), Random(1), now.date()
    parents = Person.objects.filter(relation="head", household__people__relation="child").distinct()
    found = []
    for parent in parents.order_by("id")[:FAMILIES]:
        known = from_register(service, parent.id, day)
        visitor = Visitor(random, known, day, mail=False)
        found.append(visitor.fill_in(service, {}))
    return found


def count(_: int) -> dict[str, Any]:
    """How many cases there are, and how many drafts have none."""
    from yakuba.access import towns
    from yakuba.cases.models import Case
    from yakuba.channels.models import Draft

    with towns.inside(TOWN):
        return {"cases": Case.objects.count(), "drafts_without_case": Draft.objects.filter(case=None).count()}


def open_waiting(_: int) -> dict[str, Any]:
    """Do the worker's job: open what waits."""
    from yakuba.channels.jobs import open_wanted

    waited = count(0)["drafts_without_case"]
    begin = time.perf_counter()
    open_wanted(TOWN)
    return {**count(0), "waited": waited, "opening_seconds": round(time.perf_counter() - begin, 1)}


PARTS = {"prepare": prepare, "drafts": drafts, "count": count, "open": open_waiting}


@click.command()
@click.option("--count", default=0, hidden=True)
@click.option("--only", type=click.Choice(list(PARTS)), hidden=True)
def main(count: int, only: str | None) -> None:
    """Print one JSON line for each measure; exit 1 when one misses its limit."""
    if only:
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
        django.setup()
        print(json.dumps(PARTS[only](count)))
        return
    rows = measure()
    for row in rows:
        print(json.dumps(row))
    sys.exit(0 if all(row["ok"] for row in rows) else 1)


if __name__ == "__main__":
    main()
