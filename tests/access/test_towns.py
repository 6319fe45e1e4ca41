"""What is found out once in a transaction is of that transaction, that town and that connection alone."""

from __future__ import annotations

import threading

import pytest

from tests.conftest import OTHER_TOWN, TOWN
from yakuba.access import towns


def counting():
    asked = []

    def read() -> int:
        asked.append(1)
        return len(asked)

    return read


def test_it_is_read_once_and_again_when_it_changed(in_town, other_town):
    read = counting()
    assert [towns.once("x", read), towns.once("x", read)] == [1, 1]
    with other_town:
        assert towns.once("x", read) == 2
    assert towns.once("x", read) == 1
    towns.ask_again("x")
    assert towns.once("x", read) == 3


def test_outside_of_a_town_there_is_nothing_to_find_out(db):
    with pytest.raises(towns.OutsideOfTown):
        towns.once("x", counting())


def test_the_next_transaction_reads_anew_and_another_thread_has_its_own(transactional_db):
    read = counting()
    with towns.inside(TOWN):
        assert towns.once("x", read) == 1
        found: list[int] = []

        def elsewhere() -> None:
            from django.db import connection

            with towns.inside(TOWN):
                found.append(towns.once("x", read))
            connection.close()

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert found == [2]
        assert towns.once("x", read) == 1
    with towns.inside(TOWN):
        assert towns.once("x", read) == 3
    with towns.inside(OTHER_TOWN):
        assert towns.once("x", read) == 4
