"""Payment runs whose process is killed (SIGKILL) at random moments, or which two processes make at once.

Run by `test_power_cut.py` in a process of its own, on a database of its own: nothing here is undone at the end of a
test, as nothing is after a power cut. Each phase runs in a forked process; what it left is looked at from here.

    python -m tests.money.power cut | race
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
import uuid
from collections.abc import Callable

import django

PEOPLE, ROUNDS = 40, 4
"""Granted cases of a round, and rounds: each phase of each round is cut once."""


def child(act: Callable[[], object]) -> int:
    """Start a process that does `act`; returns its id."""
    from django.db import connection

    connection.close()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            act()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid


def cut(act: Callable[[], object], after: float) -> bool:
    """Do `act` in a process and kill it after so many seconds; whether it was still at work then."""
    pid = child(act)
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


def grant_many() -> None:
    """Cases that were granted and whose pay step waits."""
    from tests.money.payments import AT, MIZUHO, TOWN, system
    from yakuba.access import towns
    from yakuba.cases import actions, catalogue
    from yakuba.cases import events as e

    service = catalogue.service("gift")
    with towns.inside(TOWN):
        catalogue.keep(TOWN, service, AT)
        opened = [
            actions.opening(
                service,
                {"applicant": {"resident": True}, "account": MIZUHO},
                channel="web",
                key=f"power:{uuid.uuid4()}",
                applicant=uuid.uuid4(),
                identified=True,
            )
            for _ in range(PEOPLE)
        ]
        granted = e.Decided(
            step="decide", attempt=1, outcome="granted", amount=10_000, decided_on="2025-11-25"
        )
        decided = [actions.Entry(each.case, granted, f"decided:{each.case}") for each in opened]
        actions.record_many([*opened, *decided], by=system(), as_of=AT)


# -- the phases, each as somebody would take it up again after a power cut -------------------------
def order() -> None:
    from tests.money.payments import AT, TOWN
    from yakuba.cases import jobs

    jobs.work_waiting(TOWN, "gift", "pay", as_of=AT)


def make_run() -> None:
    from tests.money import payments
    from yakuba.access import towns
    from yakuba.money import queries

    with towns.inside(payments.TOWN):
        if not queries.runs().filter(state="draft").exists():
            payments.make_run()


def export() -> None:
    from tests.money import payments
    from yakuba.access import towns
    from yakuba.money import actions, queries

    with towns.inside(payments.TOWN):
        for run in queries.runs().filter(state__in=["approved", "exported"]):
            actions.export(run.id, by=payments.system(), as_of=payments.AT)


def read_result() -> None:
    from tests.money import payments
    from yakuba.access import towns
    from yakuba.money import actions, queries
    from yakuba.simulators.bank import answer

    with towns.inside(payments.TOWN):
        for run in queries.runs().filter(state="sent"):
            for file in queries.files(run.id):
                told = answer(bytes(queries.file_content(file.id).content), {})
                actions.read_result(told, by=payments.system(), as_of=payments.AT)


def approve() -> None:
    from tests.money import payments
    from yakuba.access import towns
    from yakuba.money import queries

    with towns.inside(payments.TOWN):
        for run in queries.runs().filter(state="draft"):
            payments.approve_twice(run)


def send() -> None:
    from tests.money import payments
    from yakuba.access import towns
    from yakuba.money import actions, queries

    with towns.inside(payments.TOWN):
        for run in queries.runs().filter(state="exported"):
            actions.mark_sent(run.id, by=payments.system(), as_of=payments.AT)


# -- what must be so at any moment ----------------------------------------------------------------
def faults() -> list[str]:
    """Everything that is lost, double, or half done."""
    from tests.money.payments import TOWN
    from yakuba.access import towns

    with towns.inside(TOWN):
        return [f"{name}: {found}" for name, query in _NEVER.items() if (found := _count(query))]


_NEVER = {
    "periods paid twice": "select count(*) - count(distinct (key, period)) from money_payment",
    "payments with two live transfers": """
        select count(*) from (select payment_id from money_transfer where state in ('in_run', 'paid')
        group by 1 having count(*) > 1) x""",
    "payments and transfers that disagree": """
        select count(*) from money_payment p left join money_transfer t
          on t.payment_id = p.id and t.state in ('in_run', 'paid')
        where p.state is distinct from coalesce(t.state, 'waiting')""",
    "runs whose count or total is not that of their transfers": """
        select count(*) from money_transferrun r,
          lateral (select count(*) as n, sum(amount) as yen from money_transfer t where t.run_id = r.id) t
        where (r.count, r.total) is distinct from (t.n, t.yen)""",
    "written runs with a transfer in no file": """
        select count(*) from money_transfer t join money_transferrun r on r.id = t.run_id
        where r.state in ('exported', 'sent', 'settled') and t.file_id is null""",
    "files without content": "select count(*) from money_transferfile where length(content) = 0",
    "paid payments whose case waits still": """
        select count(*) from money_payment p join cases_task t on t.case_id = p."case"
        where p.state = 'paid' and t.step = 'pay' and t.status = 'open'""",
    "finished cases whose payment is not paid": """
        select count(*) from money_payment p join cases_task t on t.case_id = p."case"
        where p.state <> 'paid' and t.step = 'pay' and t.outcome = 'paid'""",
}


def _count(query: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def standing() -> dict[str, int]:
    """How many cases, payments by state, and yen in the files."""
    from tests.money.payments import TOWN
    from yakuba.access import towns
    from yakuba.money import queries

    with towns.inside(TOWN):
        return {
            **queries.counts(),
            "cases": _count("select count(*) from cases_case"),
            "written": _count("select coalesce(sum(total), 0) from money_transferfile"),
        }


# -- the two trials -------------------------------------------------------------------------------
def trial_of_cuts(seed: int) -> dict[str, object]:
    """Cut every phase at a random moment, look, take it up again, look again."""
    chance, found, struck = random.Random(seed), [], 0
    usual: dict[str, float] = {}
    for turn in range(ROUNDS + 1):
        grant_many()
        for phase in (order, make_run, approve, export, send, read_result):
            if turn:
                struck += cut(phase, chance.uniform(0.1, 1.0) * usual[phase.__name__])
                found += faults()
            begin = time.perf_counter()
            _, status = os.waitpid(child(phase), 0)
            found += [f"{phase.__name__} could not be taken up again"] * (status != 0)
            usual.setdefault(phase.__name__, time.perf_counter() - begin)
            found += faults()
    return {"struck": struck, "faults": found, "people": PEOPLE * (ROUNDS + 1), **standing()}


def trial_of_races() -> dict[str, object]:
    """Two processes order and make runs at the same time."""
    grant_many()
    found = []
    for phase in (order, make_run, approve, export, send, read_result):
        both = [child(phase), child(phase)]
        for pid in both:
            os.waitpid(pid, 0)
        found += faults()
    return {"faults": found, "people": PEOPLE, **standing()}


def main() -> None:
    """Prepare the database, make the trial, print what came of it as JSON."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
    django.setup()
    from tests.money.payments import TOWN, register_town
    from yakuba.access import towns
    from yakuba.site import migrate

    migrate.bring_up_to_date()
    with towns.inside(TOWN):
        register_town()
    trials = {"cut": lambda: trial_of_cuts(int(sys.argv[2])), "race": trial_of_races}
    print(json.dumps(trials[sys.argv[1]]()))


if __name__ == "__main__":
    main()
