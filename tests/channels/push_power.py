"""An asking that is killed (SIGKILL) in the middle, again and again, and then run to its end.

Run by `test_push_power.py` in a process of its own, on a database of its own: nothing is undone at the end.

    python -m tests.channels.push_power trial | run
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date, datetime
from typing import Any

import django

TOWN, PEOPLE, KILLS, BATCH = "394262", 2500, 3, 2
"""Batches are small, so that there is a middle to be killed in."""
DAY = date(2026, 10, 15)
PATIENCE = 120
"""Seconds after which a run that should have begun is given up: many times what it needs."""


def run() -> dict[str, Any]:
    """Ask everybody."""
    from yakuba.access import SYSTEM
    from yakuba.cases import catalogue
    from yakuba.channels import push
    from yakuba.clock import TOKYO

    at = datetime(2026, 10, 15, 9, tzinfo=TOKYO)
    report = push.run(
        TOWN, catalogue.service("one-off-benefit"), base=DAY, by=SYSTEM(TOWN), as_of=at, batch=BATCH
    )
    return {"asked": report.asked, "opened": report.opened, "letters": report.letters}


def rows(query: str) -> list[tuple[Any, ...]]:
    from django.db import connection

    from yakuba.access import towns

    with towns.inside(TOWN), connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def opened() -> int:
    return rows("select count(*) from cases_case where service = 'one-off-benefit'")[0][0]


def killed(chance: random.Random) -> bool:
    """Begin to ask, and kill it once it has asked somebody more; whether it was still at it."""
    before, end = opened(), time.monotonic() + PATIENCE
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.channels.push_power", "run"], stdout=subprocess.DEVNULL
    )
    while opened() == before and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(chance.uniform(0, 0.15))
    at_it = process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return at_it


def trial(seed: int) -> dict[str, Any]:
    """Kill it again and again; then let it end, twice."""
    from yakuba.cases import verify
    from yakuba.register import actions as register

    register.create_town(TOWN, PEOPLE, seed, as_of=DAY)
    chance = random.Random(seed)
    struck = [killed(chance) for _ in range(KILLS)]
    left = opened()
    last, again = run(), run()
    return {
        "struck": sum(struck),
        "left": left,
        "last": last,
        "again": again,
        "cases": rows(
            "select count(*), count(distinct applicant) from cases_case where service = 'one-off-benefit'"
        )[0],
        "messages": rows('select count(*), count(distinct "case") from messages_message')[0],
        "campaigns": rows("select count(*) from cases_case where service = 'benefit-campaign'")[0][0],
        "asking": rows(
            "select status, outcome from cases_task where service = 'benefit-campaign' and step = 'ask'"
        )[0],
        "findings": [finding.what for finding in verify.verify(TOWN)[2]],
    }


def main() -> None:
    """Prepare the database, make the trial, print what came of it as JSON."""
    if sys.argv[1] == "run":
        print(json.dumps(run()))
        return
    from yakuba.site import migrate

    migrate.bring_up_to_date()
    print(json.dumps(trial(int(sys.argv[2]))))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
    django.setup()
    main()
