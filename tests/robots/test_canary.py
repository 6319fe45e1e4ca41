"""Robots look at their screens at night, and do nothing there."""

from __future__ import annotations

import pytest

from tests.robots.conftest import SYSTEM_FILE
from yakuba.robots import canary, queries
from yakuba.robots.models import Proposal
from yakuba.simulators.legacy import Layout, Legacy, read_ledger

pytestmark = pytest.mark.long


@pytest.fixture
def post(in_town) -> queries.Post:
    (found,) = queries.posts("child-allowance", "ledger")
    return queries.Post(found.service, found.step, found.robot, SYSTEM_FILE)


@pytest.fixture
def worked(queue, shift) -> None:
    """The robot has worked once and knows its screens."""
    queue(1)
    one = shift()
    one.work()
    one.close()


def test_screens_as_they_were_are_known_and_nothing_is_entered(worked, post, in_town, welfare):
    assert canary.look(in_town, post).outcome == canary.KNOWN
    assert len(read_ledger(welfare.folder)) == 1


def test_a_changed_screen_is_proposed_before_anybody_works_with_it(worked, post, in_town, welfare):
    welfare.legacy.mood.layout = 3
    found = canary.look(in_town, post)
    assert (found.outcome, found.why) == (canary.CHANGED, "氏名 → 受給者の氏名")
    assert Proposal.objects.get().label == "氏名"


def test_a_screen_that_lost_a_field_is_said(worked, post, in_town, monkeypatch):
    gone = Layout("without", without=("氏名",))
    monkeypatch.setattr(Legacy, "layout", property(lambda self: gone))
    found = canary.look(in_town, post)
    assert found.outcome == canary.LOST
    assert "氏名" in found.why


def test_a_robot_that_never_did_anything_has_nothing_to_look_with(queue, post, in_town):
    assert canary.look(in_town, post).outcome == canary.SKIPPED
