"""What a town has published lies over the files; every process learns of it with its next transaction, and pays nothing
for it where nothing is published."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.cases.conftest import SMALL
from tests.workbench.conftest import BOSS, HANAKO, NOW, published, renamed
from yakuba.access import towns
from yakuba.cases import catalogue
from yakuba.clock import TOKYO
from yakuba.workbench import actions

TOWN = "394262"


def name() -> str:
    return catalogue.service("heating").name.ja


def test_a_transaction_asks_once_whether_something_was_published(small, in_town):
    name()
    with CaptureQueriesContext(connection) as made:
        for _ in range(5):
            name()
            catalogue.offered()
    assert len(made) == 0
    catalogue.changed()
    with CaptureQueriesContext(connection) as made:
        name()
    assert [one["sql"].split(" from ")[0] for one in made] == ["select coalesce(max(id), 0)"]


def test_a_town_without_publications_shares_the_services_that_were_read(small, in_town):
    assert catalogue.service("heating") is catalogue.national().services["heating"]


def test_what_was_not_committed_is_never_seen_afterwards(small, in_town):
    before = name()
    with transaction.atomic():
        published("取り消した名前")
        assert name() == "取り消した名前"
        transaction.set_rollback(True)
    catalogue.changed()
    assert name() == before
    published("残った名前")
    assert name() == "残った名前"


def _other(orders, answers) -> None:
    """Another process that serves the town."""
    from django.db import connections

    connections.close_all()
    while orders.get() == "look":
        with towns.inside(TOWN):
            answers.put(name())
    connections.close_all()


def _killed_within(told) -> None:
    """Another process, which is killed after it published and before that was committed."""
    from django.db import connections

    connections.close_all()
    with towns.inside(TOWN):
        published("途中で消えた名前")
        told.put("published")
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.kill
def test_another_process_sees_a_publication_at_once_and_one_that_was_killed_in_the_middle_never(
    transactional_db, settings
):
    settings.YAKUBA_SERVICES = SMALL
    catalogue.forget()
    connection.close()
    fork = multiprocessing.get_context("fork")
    orders, answers, told = fork.Queue(), fork.Queue(), fork.Queue()
    other = fork.Process(target=_other, args=(orders, answers))
    other.start()

    def seen() -> str:
        orders.put("look")
        return answers.get(timeout=60)

    before = seen()
    killed = fork.Process(target=_killed_within, args=(told,))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    assert seen() == before
    with towns.inside(TOWN):
        draft = actions.begin("heating", by=HANAKO, as_of=NOW)
        actions.save("heating", draft.number, renamed("二つ目の名前"), "name", by=HANAKO, as_of=NOW)
        proposal = actions.propose("heating", draft.number + 1, "x", by=HANAKO, as_of=NOW)
    assert seen() == before
    with towns.inside(TOWN):
        actions.publish("heating", proposal.id, by=BOSS, as_of=datetime(2026, 4, 2, 9, tzinfo=TOKYO))
    assert seen() == "二つ目の名前"
    orders.put("end")
    other.join(60)
    catalogue.forget()
