"""A site of several web and worker processes on one PostgreSQL, whose processes are killed (SIGKILL) at random while requests
come in; then it is counted what came of them.

Run by `test_soak.py` for some seconds and by `python -m bench.soak` for as long as one likes, in a process of its own, on a
server of its own (YAKUBA_VAR): a backend of the database is killed too, which makes the whole server begin anew.

    python -m tests.site.soak SECONDS SEED
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import django
import httpx
import psutil
import psycopg

TOWN = "394262"
WEB, WORKERS, VISITORS = 2, 2, 3
PAUSE = 0.2
"""Seconds between two requests of a visitor."""
KINDS = ("web", "worker", "database backend")
"""Each of these is killed at least once, however slow the machine is."""
MASTER_EVERY = 40.0
"""Seconds between two kills of the process that keeps the web processes."""
BETWEEN_KILLS = (0.6, 1.6)
FACTS = {
    "applicant": {
        "name": "山田 太郎", "birth_date": "1950-01-01", "address": "1番地", "postal_code": "999-0001", "resident": True,
    },
    "members": [{"birth_date": "1950-01-01", "taxed": False}],
    "account": {"bank": "0001", "branch": "001", "type": "1", "number": "1234567", "holder": "ヤマダ タロウ"},
}  # fmt: skip


class Site:
    """The processes of a site. Whoever ends is started again, as systemd would."""

    def __init__(self, port: int):
        self.port, self.ending = port, threading.Event()
        self.web: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.keeper = threading.Thread(target=self._keep)

    def __enter__(self) -> Site:
        self.keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self.keeper.join()
        for each in filter(None, (self.web, *self.workers)):
            for process in (*_children(each.pid), each):
                with suppress(ProcessLookupError, psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL)
            each.wait()

    def _keep(self) -> None:
        from yakuba.site.commands import web_server

        given = os.environ | {"DJANGO_SETTINGS_MODULE": "yakuba.site.settings"}
        while not self.ending.is_set():
            if self.web is None or self.web.poll() is not None:
                self.web = subprocess.Popen(
                    web_server("127.0.0.1", self.port, WEB), env=given, stderr=subprocess.DEVNULL
                )
            self.workers = [each for each in self.workers if each.poll() is None]
            while len(self.workers) < WORKERS:
                command = [sys.executable, "-m", "yakuba.site.cli", "work"]
                self.workers.append(subprocess.Popen(command, env=given, stderr=subprocess.DEVNULL))
            time.sleep(0.1)

    def answers(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=5).status_code == 200
        return False

    def victims(self) -> dict[str, list[int]]:
        """The processes that may be killed, by what they are."""
        web = self.web
        return {
            "web": [child.pid for child in _children(web.pid)] if web else [],
            "web master": [web.pid] if web and web.poll() is None else [],
            "worker": [each.pid for each in self.workers if each.poll() is None],
        }


def _children(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


class Visitors:
    """Other systems that hand requests in over the API, and people at the desk: each tries again until it is acknowledged, with
    the same key, as a client does whose line broke."""

    def __init__(self, port: int, token: str, ending: threading.Event):
        self.port, self.token, self.ending = port, token, ending
        self.sent: list[str] = []
        self.known: dict[str, set[str]] = {}
        self.tries = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._visit, args=(number,)) for number in range(VISITORS)]
        self.threads.append(threading.Thread(target=self._at_the_desk))

    def __enter__(self) -> Visitors:
        for each in self.threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        for each in self.threads:
            each.join()

    def heard(self) -> int:
        """How many requests over the API were acknowledged so far."""
        with self.lock:
            return sum(key.startswith("visitor") for key in self.known)

    def _visit(self, number: int) -> None:
        with httpx.Client(timeout=20) as client:
            turn = 0
            while not self.ending.is_set():
                turn += 1
                key = f"visitor-{number}-{turn}"
                self._sent(key)
                self._until_acknowledged(key, lambda key=key: self._post(client, key))
                if turn % 3 == 0:  # the answer was lost on the way, so it is sent once more
                    self._until_acknowledged(key, lambda key=key: self._post(client, key))
                time.sleep(PAUSE)

    def _post(self, client: httpx.Client, key: str) -> str:
        answer = client.post(
            f"http://127.0.0.1:{self.port}/{TOWN}/api/v1/services/heating/requests",
            json={"facts": FACTS},
            headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": key},
        )
        answer.raise_for_status()
        return str(answer.json()["reference"])

    def _at_the_desk(self) -> None:
        from django.db import connection

        turn = 0
        while not self.ending.is_set():
            turn += 1
            key = f"desk-{turn}"
            self._sent(key)
            self._until_acknowledged(key, lambda key=key: _open_identified(key))
            time.sleep(PAUSE)
        connection.close()

    def _sent(self, key: str) -> None:
        with self.lock:
            self.sent.append(key)

    def _until_acknowledged(self, key: str, send: Callable[[], str]) -> None:
        from django.db import Error, connection

        while True:
            with self.lock:
                self.tries += 1
            try:
                reference = send()
            except (httpx.HTTPError, Error, psycopg.Error):
                connection.close()
                time.sleep(0.1)
            else:
                with self.lock:
                    self.known.setdefault(key, set()).add(reference)
                return


def _open_identified(key: str) -> str:
    """Somebody with a card: decided, paid and told by the system alone."""
    from tests.cases.conftest import GOOD, MONDAY
    from yakuba.access import SYSTEM, towns
    from yakuba.cases import actions, catalogue

    number = int(key.rpartition("-")[2])
    email = {"email": f"p{number}@example.jp"} if number % 2 else {}
    with towns.inside(TOWN):
        case = actions.open_case(
            catalogue.service("heating"), {**GOOD, "applicant": {**GOOD["applicant"], **email}}, channel="counter",
            by=SYSTEM(TOWN), as_of=MONDAY, key=key, applicant=uuid.uuid5(uuid.NAMESPACE_OID, key), identified=True,
        )  # fmt: skip
    return case.reference


def kill_a_backend(address: str, chance: random.Random) -> bool:
    """Kill one of the database's own processes that serve us: PostgreSQL then begins anew, with what was committed."""
    with (
        suppress(psycopg.Error, ProcessLookupError),
        psycopg.connect(address, connect_timeout=30) as connection,
    ):
        found = connection.execute(
            "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
        ).fetchall()
        if found:
            os.kill(chance.choice(found)[0], signal.SIGKILL)
            return True
    return False


def soak(seconds: float, seed: int, sent: Path) -> dict[str, Any]:
    """Let it run, kill, let it come to rest, count."""
    from django.db import connection

    from tests.cases import power
    from yakuba.access import SYSTEM, actions, towns

    with towns.inside(TOWN):
        _, token, _ = actions.add_client("school system", webhook="", by=SYSTEM(TOWN))
    connection.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chance, kills, address = random.Random(seed), Counter[str](), os.environ["YAKUBA_DB_ADDRESS"]
    with Site(port) as site:
        power.until(
            lambda: site.answers() and len(power.rows("select 1 from procrastinate_workers")) >= WORKERS
        )
        began = time.monotonic()
        with Visitors(port, token, threading.Event()) as visitors:
            master_at, answered = seconds * chance.uniform(0.5, 0.9), 0
            while (now := time.monotonic() - began) < seconds or (
                not all(kills[kind] for kind in KINDS) and now < power.PATIENCE
            ):
                kind = chance.choice([kind for kind in KINDS if not kills[kind]] or ["web", "worker"])
                if now > master_at:  # the site is away until it has started again
                    kind, master_at = "web master", now + MASTER_EVERY
                if kind == "web" and visitors.heard() == answered:
                    pass  # it has not answered since the last of its processes was killed: it would never get to work
                elif kind == "database backend":
                    kills[kind] += kill_a_backend(address, chance)
                elif there := site.victims()[kind]:
                    with suppress(ProcessLookupError):
                        os.kill(chance.choice(there), signal.SIGKILL)
                        kills[kind] += 1
                        answered = visitors.heard() if kind.startswith("web") else answered
                time.sleep(chance.uniform(*BETWEEN_KILLS))
        connection.close()
        power.until(lambda: site.answers() and len(site.victims()["worker"]) == WORKERS)
        power.a_minute_later()
        power.until(lambda: not power.undone())
        left = power.undone()
    acknowledged = {key: next(iter(found)) for key, found in visitors.known.items()}
    there = dict(power.rows("select reference, count(*) from cases_case group by 1"))
    count = power.counted(sent)
    return {
        "kills": dict(kills),
        "sent": len(visitors.sent),
        "tries": visitors.tries,
        "not acknowledged": sorted(set(visitors.sent) - set(acknowledged)),
        "two cases for one": [key for key, found in visitors.known.items() if len(found) > 1],
        "cases": sum(there.values()),
        "lost": sorted(key for key, reference in acknowledged.items() if reference not in there),
        "over the API": visitors.heard(),
        "desk": sum(key.startswith("desk") for key in visitors.sent),
        "mailed": sum(key.startswith("desk") and int(key.rpartition("-")[2]) % 2 for key in visitors.sent),
        "left": left,
        "keys twice": power.rows("select key from cases_event group by key having count(*) > 1"),
        **count,
    }


def main(seconds: float, seed: int) -> dict[str, Any]:
    from tests.money.payments import register_town
    from yakuba.access import towns
    from yakuba.register.models import Town
    from yakuba.simulators import mail
    from yakuba.site import migrate

    migrate.bring_up_to_date()
    with towns.inside(TOWN):
        Town.objects.create(
            code=TOWN,
            name="山あい町",
            prefecture="高知県",
            mayor_title="町長",
            contact="住民課",
            synthetic=True,
        )
        register_town()
    with tempfile.TemporaryDirectory() as folder:
        server = mail.serve(Path(folder), int(os.environ["YAKUBA_SMTP_URL"].rsplit(":", 1)[1]))
        came = soak(seconds, seed, Path(folder))
        server.stop()
    return came


def begin(var: Path, seconds: float, seed: int) -> dict[str, Any]:
    """Run it in a process of its own, on a server in that folder; what came of it."""
    from yakuba.site import database

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    var.mkdir(parents=True, exist_ok=True)
    try:
        given = {
            "YAKUBA_VAR": str(var),
            "DATABASE_URL": "",
            "YAKUBA_DB_ADDRESS": database.embedded(var / "postgres"),
            "YAKUBA_SERVICES": str(Path(__file__).parents[1] / "small" / "services"),
            "YAKUBA_SMTP_URL": f"smtp://127.0.0.1:{port}",
        }
        command = [sys.executable, "-m", "tests.site.soak", str(seconds), str(seed)]
        done = subprocess.run(command, env=os.environ | given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))
    finally:
        database.stop(var / "postgres")


def whole(came: dict[str, Any]) -> list[str]:
    """What is not as it has to be; empty when every request became one case and everything happened once."""
    wrong = [
        f"{name}: {came[name]}"
        for name in (
            "not acknowledged",
            "two cases for one",
            "lost",
            "left",
            "keys twice",
            "twice",
            "findings",
        )
        if came[name]
    ]
    expected = {
        "cases": came["sent"],
        "payments": [came["desk"], came["desk"]],
        "mails": [2 * came["mailed"], 2 * came["mailed"]],
        "letters": 0,
    }
    wrong += [
        f"{name}: {came[name]} and not {value}" for name, value in expected.items() if came[name] != value
    ]
    if came["messages"][0] != came["messages"][1]:
        wrong.append(f"messages: {came['messages']}")
    return wrong


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
    django.setup()
    print(json.dumps(main(float(sys.argv[1]), int(sys.argv[2]))))
