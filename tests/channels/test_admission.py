"""Requests that are sent at the same time are opened together; a crowd waits in line, and nobody meets an error."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence

import pytest

from tests.conftest import OTHER_TOWN, TOWN
from yakuba.access import PUBLIC
from yakuba.channels import admission
from yakuba.channels.actions import Sent
from yakuba.channels.admission import Line
from yakuba.clock import now

LONG = 30.0


@pytest.fixture(autouse=True)
def committed(monkeypatch):
    """What is done is committed at once: these tests are about the line, not about the database."""

    class Transaction:
        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(admission.transaction, "atomic", Transaction)
    monkeypatch.setattr(admission.transaction, "on_commit", lambda tell: tell())


def sent(town: str = TOWN) -> Sent:
    return Sent(uuid.uuid4(), PUBLIC(town), now())


def all_opened(batch: Sequence[Sent]) -> list[uuid.UUID]:
    """Every draft becomes a case with the same id."""
    return [one.draft for one in batch]


class Crowd:
    """People who send one request each, at the same time."""

    def __init__(self, line: Line):
        self.line = line
        self.outcomes: dict[uuid.UUID, object] = {}
        self.people: list[threading.Thread] = []

    def comes(self, one: Sent, open_many: Callable, town: str = TOWN) -> None:
        def stand() -> None:
            try:
                self.outcomes[one.draft] = self.line.stand(town, one, open_many)
            except ValueError as error:
                self.outcomes[one.draft] = error

        self.people.append(threading.Thread(target=stand))
        self.people[-1].start()

    def goes(self) -> dict[uuid.UUID, object]:
        for person in self.people:
            person.join(LONG)
        return self.outcomes


def waiting(line: Line, number: int) -> None:
    """Wait until so many stand in line."""
    ready = threading.Event()
    while len(line._waiting) < number:
        ready.wait(0.005)


class Slow:
    """Opens requests once it is let; remembers what it was given."""

    def __init__(self) -> None:
        self.begun, self.go, self.batches = threading.Event(), threading.Event(), list[list[Sent]]()

    def __call__(self, batch: Sequence[Sent]) -> list[uuid.UUID]:
        self.batches.append(list(batch))
        self.begun.set()
        self.go.wait(LONG)
        return all_opened(batch)


def test_who_comes_alone_is_opened_at_once():
    one = sent()
    assert Line(moment=3600).stand(TOWN, one, all_opened) == one.draft, (
        "waiting for others would take an hour"
    )


def test_those_who_come_while_one_is_opened_are_opened_together_after_it():
    line, slow = Line(patience=LONG), Slow()
    crowd, requests = Crowd(line), [sent() for _ in range(6)]
    crowd.comes(requests[0], slow)
    slow.begun.wait(LONG)
    for one in requests[1:]:
        crowd.comes(one, slow)
    waiting(line, 5)
    slow.go.set()
    assert crowd.goes() == {one.draft: one.draft for one in requests}
    assert [len(batch) for batch in slow.batches] == [1, 5]


def three_opened_together(line: Line) -> None:
    """What a crowd leaves behind: the last time three stood here."""
    slow = Slow()
    crowd = Crowd(line)
    crowd.comes(sent(), slow)
    slow.begun.wait(LONG)
    for _ in range(3):
        crowd.comes(sent(), slow)
    waiting(line, 3)
    slow.go.set()
    crowd.goes()


def test_while_a_crowd_sends_as_many_as_last_time_are_opened_together():
    line, slow = Line(patience=LONG, moment=LONG), Slow()
    three_opened_together(line)
    slow.go.set()
    crowd = Crowd(line)
    for number in range(3):
        assert slow.batches == [], "the first waits for the others"
        crowd.comes(sent(), slow)
        if number < 2:
            waiting(line, number + 1)
    crowd.goes()
    assert [len(batch) for batch in slow.batches] == [3]


def test_when_the_crowd_has_gone_the_last_is_opened_after_a_moment():
    line, last = Line(patience=LONG, moment=0.01), sent()
    three_opened_together(line)
    assert line.stand(TOWN, last, all_opened) == last.draft
    line._moment = 3600
    assert line.stand(TOWN, last, all_opened) == last.draft, "and who comes after it waits for nobody"


def test_who_finds_the_line_full_is_turned_away_at_once():
    line, slow = Line(most=1, patience=3600), Slow()
    crowd = Crowd(line)
    crowd.comes(sent(), slow)
    slow.begun.wait(LONG)
    crowd.comes(sent(), slow)
    waiting(line, 1)
    assert line.stand(TOWN, sent(), all_opened) is None  # whoever would wait here would wait an hour
    slow.go.set()
    crowd.goes()


def test_who_has_waited_long_enough_goes_and_is_opened_by_nobody():
    line, slow, impatient = Line(patience=0.01), Slow(), sent()
    crowd = Crowd(line)
    crowd.comes(sent(), slow)
    slow.begun.wait(LONG)
    assert line.stand(TOWN, impatient, all_opened) is None
    slow.go.set()
    crowd.goes()
    assert impatient not in [one for batch in slow.batches for one in batch]


def test_one_that_cannot_be_opened_turns_the_others_away_and_fails_alone():
    line, slow, bad = Line(patience=LONG), Slow(), sent()
    crowd, fine = Crowd(line), [sent() for _ in range(2)]

    def picky(batch: Sequence[Sent]) -> list[uuid.UUID]:
        if bad in batch:
            raise ValueError("it cannot be opened")
        return all_opened(batch)

    crowd.comes(sent(), slow)
    slow.begun.wait(LONG)
    crowd.comes(bad, picky)
    waiting(line, 1)
    for number, one in enumerate(fine, start=2):
        crowd.comes(one, picky)
        waiting(line, number)
    slow.go.set()
    outcomes = crowd.goes()
    assert isinstance(outcomes[bad.draft], ValueError)
    assert [outcomes[one.draft] for one in fine] == [None, None]
    assert line.stand(TOWN, one, picky) == one.draft, "and the line goes on"


def test_towns_are_opened_apart():
    line, slow = Line(patience=LONG), Slow()
    crowd, here, there = Crowd(line), [sent(), sent()], [sent(OTHER_TOWN), sent(OTHER_TOWN)]
    crowd.comes(sent(), slow)
    slow.begun.wait(LONG)
    for number, (one, town) in enumerate(
        [(here[0], TOWN), (there[0], OTHER_TOWN), (here[1], TOWN), (there[1], OTHER_TOWN)]
    ):
        crowd.comes(one, slow, town)
        waiting(line, number + 1)
    slow.go.set()
    crowd.goes()
    assert slow.batches[1:] == [here, there]
