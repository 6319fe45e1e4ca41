"""Workers that are killed (SIGKILL) in the middle of the system's steps, and people who act at the same moment.

Run by `test_power_cut.py` in a process of its own, on a database of its own: nothing here is undone at the end of a
test, as nothing is after a power cut. The workers are real ones, `yakuba work`.

    python -m tests.cases.power kill | clerks | twice
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import django

TOWN = "394262"
CASES, ROUNDS = 40, 4
"""Cases that come in before each kill, and how often a worker is killed."""
PATIENCE = 240
"""Seconds after which a worker that should have done everything is given up: many times what it needs."""


def open_cases() -> None:
    """Requests that the system has not looked at: half of the people have mail, some accounts are wrong."""
    from tests.cases.conftest import ACCOUNT, GOOD, MONDAY
    from yakuba.access import SYSTEM, towns
    from yakuba.cases import actions, catalogue

    for number in range(CASES):
        email = {"email": f"p{number}@example.jp"} if number % 2 else {}
        account = {**ACCOUNT, "branch": "998"} if number % 10 == 0 else ACCOUNT
        facts = {**GOOD, "applicant": {**GOOD["applicant"], **email}, "account": account}
        with towns.inside(TOWN):
            actions.open_case(
                catalogue.service("heating"),
                facts,
                channel="web",
                by=SYSTEM(TOWN),
                as_of=MONDAY,
                key=f"power:{uuid.uuid4()}",
                applicant=uuid.uuid4(),
                identified=True,
            )


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A real worker in a process group of its own; killed at the end, unless it is dead already."""
    command = [sys.executable, "-m", "yakuba.site.cli", "work"]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(true: Callable[[], bool]) -> bool:
    """Wait until something is so; whether it came to be within PATIENCE."""
    end = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    from django.db import connection

    from yakuba.access import towns

    with towns.inside(TOWN), connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def at_work() -> int:
    return rows("select count(*) from procrastinate_jobs where status = 'doing'")[0][0]


def undone() -> list[tuple[Any, ...]]:
    """What waits for the system still, and jobs that nobody has ended."""
    return rows(
        """select 'task', step, "by", holder::text, null::timestamptz::text from cases_task
           where status = 'open' and case when step = 'pay' then holder is null else "by" = 'system' end
           union all
           select 'job', task_name, j.status::text, args::text, last_heartbeat::text
           from procrastinate_jobs j left join procrastinate_workers w on w.id = j.worker_id
           where j.status in ('todo', 'doing') and task_name <> 'sweep'"""
    )


def a_minute_later() -> None:
    """What the clock does by itself: the dead worker's heartbeat is old, and the minute's sweep is due."""
    from yakuba.cases.jobs import sweep

    rows("update procrastinate_workers set last_heartbeat = now() - interval '1 minute' returning id")
    if not rows("select 1 from procrastinate_jobs where task_name = 'sweep' and status = 'todo'"):
        sweep.defer(timestamp=0)


def trial_of_kills(seed: int, sent: Path) -> dict[str, Any]:
    """Kill a worker in the middle, again and again; then let one do what is left."""
    chance, struck = random.Random(seed), 0
    for _ in range(ROUNDS):
        open_cases()
        with worker() as process:
            until(lambda: at_work() > 0)
            time.sleep(chance.uniform(0, 0.8))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        struck += at_work() > 0
    a_minute_later()
    with worker():
        until(lambda: not undone())
        left = undone()
    return {"struck": struck, "left": left, "cases": CASES * ROUNDS, **counted(sent)}


def counted(sent: Path) -> dict[str, Any]:
    """How often everything happened."""
    from email import message_from_bytes

    from yakuba.cases import verify

    kinds = rows(
        "select case_id, kind, coalesce(body->>'step', '') from cases_event where kind <> 'attached'"
    )
    mails = {message_from_bytes(file.read_bytes())["Message-ID"] for file in sent.glob("*.eml")}
    return {
        "twice": [f"{kind} {step}" for (_, kind, step), n in Counter(kinds).items() if n > 1],
        "kinds": dict(Counter(f"{kind} {step}".strip() for _, kind, step in kinds)),
        "payments": rows('select count(*), count(distinct "case") from money_payment')[0],
        "messages": rows('select count(*), count(distinct ("case", template)) from messages_message')[0],
        "mails": [len(mails), rows("select count(*) from messages_message where state = 'sent'")[0][0]],
        "letters": rows(
            "select count(*) from messages_message where carrier = 'letter' and document is null"
        )[0][0],
        "findings": [finding.what for finding in verify.verify(TOWN)[2]],
    }


# -- at the same moment ---------------------------------------------------------------------------
def together(*acts: Callable[[], str]) -> list[str]:
    """Do several things in processes of their own at the same moment; what each says came of it."""
    from django.db import connection

    connection.close()
    gate_out, gate_in = os.pipe()
    told = []
    for act in acts:
        out, into = os.pipe()
        if os.fork() == 0:
            os.close(gate_in)
            os.read(gate_out, 1)  # until the gate is closed
            try:
                os.write(into, act().encode())
            except Exception as error:
                os.write(into, type(error).__name__.encode())
            os._exit(0)
        os.close(into)
        told.append(out)
    os.close(gate_in)
    said = [os.read(out, 1000).decode() for out in told]
    for _ in acts:
        os.wait()
    return sorted(said)


def trial_of_clerks(turns: int) -> dict[str, Any]:
    """Two reviewers decide the same case at once: the same way, and each another way."""
    from tests.cases.conftest import KATO, MONDAY, SATO, UNSURE, open_task
    from yakuba.access import SYSTEM, towns
    from yakuba.cases import actions, catalogue, jobs, verify
    from yakuba.cases.models import Case

    def decided(task: uuid.UUID, by: Any, outcome: str) -> str:
        with towns.inside(TOWN):
            amount = 7000 if outcome == "granted" else None
            actions.decide(task, by=by, as_of=MONDAY, outcome=outcome, amount=amount, reason="確かめた")
        return "decided"

    def taken(task: uuid.UUID, by: Any) -> str:
        with towns.inside(TOWN):
            actions.take(task, by=by, as_of=MONDAY)
        return "taken"

    came: dict[str, list[Any]] = {"same": [], "other": [], "alone": [], "taken": []}
    for turn in range(turns):
        for way in came:
            with towns.inside(TOWN):
                case = actions.open_case(
                    catalogue.service("heating"),
                    UNSURE,
                    channel="web",
                    by=SYSTEM(TOWN),
                    as_of=MONDAY,
                    key=f"clerks:{turn}:{way}",
                    identified=True,
                )
            jobs.drain(TOWN, as_of=MONDAY)
            with towns.inside(TOWN):
                task = open_task(case, "review")
            second = {"same": SATO, "other": SATO, "alone": KATO, "taken": SATO}[way]
            outcome = "refused" if way == "other" else "granted"
            if way == "taken":
                said = together(partial(taken, task, KATO), partial(taken, task, SATO))
            else:
                said = together(
                    partial(decided, task, KATO, "granted"), partial(decided, task, second, outcome)
                )
            with towns.inside(TOWN):
                came[way].append([said, Case.objects.get(id=case.id).decision])
    return {**came, "findings": [finding.what for finding in verify.verify(TOWN)[2]]}


def trial_of_twice(turns: int) -> dict[str, Any]:
    """The same application is sent four times at the same moment."""
    from tests.cases.conftest import GOOD, MONDAY
    from yakuba.access import SYSTEM, towns
    from yakuba.cases import actions, catalogue, verify

    def send(key: str) -> str:
        with towns.inside(TOWN):
            service = catalogue.service("heating")
            case = actions.open_case(
                service, GOOD, channel="web", by=SYSTEM(TOWN), as_of=MONDAY, key=key, identified=True
            )
        return case.reference

    said = [together(*[partial(send, f"twice:{turn}")] * 4) for turn in range(turns)]
    return {
        "references": [len(set(each)) for each in said],
        "failed": [word for each in said for word in each if "-" not in word],
        "cases": rows("select count(*) from cases_case")[0][0],
        "findings": [finding.what for finding in verify.verify(TOWN)[2]],
    }


def main() -> None:
    """Prepare the database, make the trial, print what came of it as JSON."""
    from tests.money.payments import register_town
    from yakuba.access import towns
    from yakuba.register.models import Town
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
    trial, number = sys.argv[1], int(sys.argv[2])
    if trial == "kill":
        from yakuba.simulators import mail

        with tempfile.TemporaryDirectory() as folder:
            server = mail.serve(Path(folder), int(os.environ["YAKUBA_SMTP_URL"].rsplit(":", 1)[1]))
            came = trial_of_kills(number, Path(folder))
            server.stop()
    else:
        came = {"clerks": trial_of_clerks, "twice": trial_of_twice}[trial](number)
    print(json.dumps(came))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
    django.setup()
    main()
