"""One move into the town is registered in three old systems, each by its robot, each exactly once."""

from __future__ import annotations

import pytest

from tests.robots.conftest import SECRETS
from yakuba import clock
from yakuba.access import SYSTEM, Worker
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases.models import Case, Task
from yakuba.robots import actions, queries
from yakuba.robots.worker import shift
from yakuba.simulators import legacy

FACTS = {
    "applicant": {
        "name": "見本　花子", "kana": "ミホン ハナコ", "birth_date": "1990-04-01", "address": "山あい町大字見本1番地",
        "postal_code": "9990001", "phone": "0900000000",
    },
    "move": {
        "date": "2026-06-01", "former_address": "東京都千代田区見本1-2-3", "by_card": True, "insurance": True,
        "water": True,
    },
    "members": [{"name": "見本　一郎", "birth_date": "2020-01-01"}],
}  # fmt: skip


@pytest.fixture
def ledgers(in_town, tmp_path):
    """The three systems; gives what stands in each."""
    folders, servers = {}, []
    for name in ("tax", "health", "water"):
        folders[name] = tmp_path / name
        servers.append(legacy.serve(legacy.Legacy(folders[name], legacy.BOOKS[name])))
        address = f"http://127.0.0.1:{servers[-1].server_port}/"
        actions.set_account(name, address, SECRETS, by=SYSTEM(in_town), as_of=clock.now())
    yield lambda: {name: legacy.read_ledger(folder) for name, folder in folders.items()}
    for server in servers:
        server.shutdown()
        server.server_close()


def moved(town: str, **move: object) -> Case:
    """A notification that a clerk has checked the papers of."""
    case = cases.open_case(
        catalogue.service("move-in"),
        {**FACTS, "move": {**FACTS["move"], **move}},
        channel="counter",
        by=SYSTEM(town),
        as_of=clock.now(),
        key="move",
        identified=True,
        evidence="見本",
    )
    jobs.work_waiting(town, "move-in", "decide", as_of=clock.now())
    clerk = Worker("staff", "staff:1", town, roles=frozenset({"clerk"}), strength=2)
    cases.finish(Task.objects.get(case=case, step="register").id, by=clerk, as_of=clock.now())
    return Case.objects.get(id=case.id)


def work(town: str) -> int:
    """Let every robot of the service do what waits; returns how many tasks."""
    done = 0
    for post in queries.posts("move-in"):
        with shift(town, post, driver="http", beat=60.0) as working:
            done += working.work().done
    return done


def test_three_robots_enter_what_one_family_wrote_once(in_town, ledgers):
    case = moved(in_town)
    assert work(in_town) == 3
    rows = {name: row for name, (row,) in ledgers().items()}
    assert {row[legacy.KEY] for row in rows.values()} == {case.reference}
    assert rows["tax"]["転入日"] == "R080601"
    assert rows["tax"]["フリガナ"] == "ﾐﾎﾝ ﾊﾅｺ"
    assert rows["health"]["加入人数"] == "2"
    assert rows["water"]["使用開始日"] == "20260601"


def test_who_is_insured_elsewhere_and_has_a_well_is_entered_for_tax_only(in_town, ledgers):
    moved(in_town, insurance=False, water=False)
    assert work(in_town) == 1
    assert {name: len(rows) for name, rows in ledgers().items()} == {"tax": 1, "health": 0, "water": 0}


def test_before_a_clerk_saw_the_papers_no_robot_begins(in_town, ledgers):
    cases.open_case(
        catalogue.service("move-in"), FACTS, channel="web", by=SYSTEM(in_town), as_of=clock.now(), key="web"
    )
    jobs.work_waiting(in_town, "move-in", "decide", as_of=clock.now())
    assert work(in_town) == 0
    assert not any(ledgers().values())
