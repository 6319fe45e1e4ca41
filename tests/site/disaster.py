"""A town hall at work on a server of its own, backed up meanwhile, until somebody destroys its rows.

Run by `test_backup.py` in a process of its own; prints what was there at which moment as JSON.

    python -m tests.site.disaster BACKUP_FOLDER
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django
import psutil
import psycopg

TOWN = "394262"
SOON = timedelta(seconds=0.2)


def rows(address: str) -> dict[str, Any]:
    """What is there: how many rows, and a digest of every event and of everything that is derived."""
    told: dict[str, Any] = {}
    with psycopg.connect(address) as connection:
        for table in ("cases_case", "cases_event", "cases_task", "money_payment", "messages_message"):
            found = [row for (row,) in connection.execute(f"select t::text from {table} t order by 1")]
            told[table] = [len(found), hashlib.sha256("\n".join(found).encode()).hexdigest()]
    return told


def moment(address: str) -> str:
    """Now, by the database's clock; nothing that came before has the same time, and nothing that comes after."""
    time.sleep(0.02)
    with psycopg.connect(address) as connection:
        (at,) = connection.execute("select clock_timestamp()").fetchone()
    time.sleep(0.02)
    return at.isoformat()


def work(number: int) -> None:
    """So many rounds of requests come in and are worked through; then the logs are signed."""
    from tests.cases.power import open_cases
    from yakuba import clock
    from yakuba.access import seals, towns
    from yakuba.cases import jobs, verify

    for _ in range(number):
        open_cases()
        jobs.drain(TOWN, as_of=clock.now())
    verify.checkpoint(TOWN, as_of=clock.now())
    with towns.inside(TOWN):
        seals.seal(TOWN, as_of=clock.now() + timedelta(hours=1))


def look_at_somebody() -> None:
    """A look that the access log keeps."""
    from tests.cases.conftest import KATO
    from yakuba import clock
    from yakuba.access import log, towns
    from yakuba.access.policy import Resource

    with towns.inside(TOWN):
        log.record(KATO, "case.read", Resource("Case", "1", TOWN), log.ALLOWED, as_of=clock.now())


def kill_the_receiver(folder: Path) -> bool:
    """What fetches the log dies in the middle; where it has not begun yet, as soon as it has. Whether it did."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for process in psutil.process_iter(["name", "cmdline"]):
            if (
                process.info["name"] == "pg_receivewal"
                and f"--directory={folder}/wal" in process.info["cmdline"]
            ):
                process.send_signal(signal.SIGKILL)
                return True
        time.sleep(0.05)
    return False


def destroy(address: str) -> None:
    """Somebody with the owner's rights makes cases disappear, and changes what was decided."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("delete from cases_event where id % 3 = 0")
        connection.execute("update cases_event set body = '{}' where id % 3 = 1")
        connection.execute("delete from cases_case where ctid in (select ctid from cases_case limit 5)")
        connection.execute("truncate money_payment cascade")


def main(kept: Path) -> dict[str, Any]:
    from tests.money.payments import register_town
    from yakuba.access import towns
    from yakuba.cases.signing import signing_key
    from yakuba.command_line import var_folder
    from yakuba.register.models import Town
    from yakuba.site import migrate
    from yakuba.site.backup import taking
    from yakuba.site.backup.folder import Folder
    from yakuba.site.backup.proving import witness

    address, told = os.environ["YAKUBA_DB_ADDRESS"], threading.Event()
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
    (var_folder() / "answers").mkdir()
    (var_folder() / "answers" / "town.yaml").write_text("offices: []\n")
    (var_folder() / "answers" / "shared").symlink_to("/srv/shared")
    said, folder = list[str](), Folder(kept)
    source = taking.Source(address, var_folder(), signing_key(), witness)
    before = moment(address)
    look_at_somebody()
    work(1)
    taking.take(source, folder, keep=timedelta(days=35), say=said.append)
    follower = threading.Thread(
        target=taking.follow, args=(source, folder), kwargs={"told": told, "say": said.append, "every": SOON}
    )
    taking.TRY_AGAIN, taking.FILES_EVERY = 0.2, SOON
    (var_folder() / "answers" / "town.yaml").write_text("offices: [later]\n")
    follower.start()
    look_at_somebody()
    work(1)
    killed = kill_the_receiver(kept)
    at, there = moment(address), rows(address)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("select pg_switch_wal()")
    work(1)
    destroy(address)
    destroyed = datetime.fromisoformat(moment(address))
    arrived = lambda: folder.read().until > destroyed  # noqa: E731
    end = time.monotonic() + 60
    while not arrived() and time.monotonic() < end:
        time.sleep(0.1)
    told.set()
    follower.join()
    return {
        "before": before,
        "at": at,
        "there": there,
        "destroyed": destroyed.isoformat(),
        "killed": killed,
    }


if __name__ == "__main__":
    from yakuba.command_line import var_folder
    from yakuba.site import database

    os.environ["YAKUBA_DB_ADDRESS"] = database.url(var_folder())
    os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
    django.setup()
    print(json.dumps(main(Path(sys.argv[1]))))
