"""Robots on the desk: who may look, stop and judge, and what that does."""
# ruff: noqa: F401, F811  (fixtures of another folder are named where they are used)

from __future__ import annotations

import pytest

from tests.robots.conftest import queue, shift, welfare  # fixtures
from yakuba.robots.models import Pause, Proposal
from yakuba.robots.savings import ENOUGH

ROBOTS = "/394262/staff/robots/"


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_manager_sees_what_waits_and_what_was_done(desk, queue, shift):
    queue(3)
    shift().work(limit=2)
    page = text(desk("manager").get(ROBOTS))
    assert "児童手当を福祉システムに登録する" in page
    assert "福祉システム（見本）" in page
    assert '処理待ち">1<' in page or ">1</td>" in page
    assert f"職員の作業が{ENOUGH}件より少ない" in page


def test_a_robot_is_paused_and_let_work_again(desk, queue):
    manager = desk("manager")
    page = text(
        manager.post(f"{ROBOTS}pause/", {"service": "child-allowance", "robot": "ledger"}, follow=True)
    )
    assert "停止中" in page
    assert Pause.objects.get().by.startswith("staff:")
    manager.post(f"{ROBOTS}resume/", {"service": "child-allowance", "robot": "ledger"})
    assert not Pause.objects.exists()


def test_all_are_paused_with_a_reason_that_everybody_reads(desk):
    page = text(desk("admin").post(f"{ROBOTS}pause/", {"reason": "システムの点検"}, follow=True))
    assert "すべてのロボットを止めています" in page
    assert "システムの点検" in page


@pytest.mark.parametrize("role", ["clerk", "reviewer", "accountant"])
def test_others_neither_look_nor_stop(desk, role):
    other = desk(role)
    assert other.get(ROBOTS).status_code == 403
    assert other.post(f"{ROBOTS}pause/", {}).status_code == 403
    assert not Pause.objects.exists()


@pytest.fixture
def changed(queue, shift, welfare) -> Proposal:
    """A screen that changed since the robot last worked."""
    queue(1, "before")
    first = shift()
    first.work()
    first.close()
    welfare.legacy.mood.layout = 3
    queue(1, "after")
    second = shift()
    assert second.work().done == 1
    second.close()
    return Proposal.objects.get()


def test_a_changed_screen_is_shown_with_both_pictures(desk, changed):
    manager = desk("manager")
    page = text(manager.get(ROBOTS))
    assert "氏名 → 受給者の氏名" in page
    for document in (changed.before, changed.after):
        assert f"{ROBOTS}picture/{document}/" in page
        assert manager.get(f"{ROBOTS}picture/{document}/").status_code == 200


def test_no_picture_of_a_screen_shows_what_was_typed(desk, changed):
    shown = desk("manager").get(f"{ROBOTS}picture/{changed.after}/").content.decode()
    assert "受給者の氏名" in shown
    assert "見本" not in shown


def test_a_picture_of_a_case_is_not_shown_here(desk, changed):
    from yakuba.cases.models import Document

    other = Document.objects.exclude(id__in=[changed.before, changed.after]).first()
    assert desk("manager").get(f"{ROBOTS}picture/{other.id}/").status_code == 404


def test_what_is_said_to_be_right_is_not_asked_again(desk, changed, queue, shift, welfare):
    manager = desk("manager")
    manager.get(f"{ROBOTS}picture/{changed.after}/")
    manager.post(f"{ROBOTS}proposal/{changed.id}/", {"right": "yes"})
    changed.refresh_from_db()
    assert (changed.state, changed.taken_at is not None, changed.closed_at is not None) == (
        "accepted",
        True,
        True,
    )
    queue(1, "again")
    again = shift()
    assert again.work().done == 1
    again.close()
    assert Proposal.objects.count() == 1


def test_what_is_said_to_be_wrong_is_not_taken_again(desk, changed, queue, shift, monkeypatch):
    monkeypatch.setattr("yakuba.robots.worker.WAIT_FIRST", 0.01)
    desk("manager").post(f"{ROBOTS}proposal/{changed.id}/", {"right": "no"})
    queue(1, "again")
    again = shift()
    report = again.work()
    assert (report.done, report.held) == (0, 1)
    assert "screen_changed" in report.reasons


def test_a_clerk_takes_over_what_waits_for_a_robot(desk, queue):
    from yakuba.cases.models import Case, Task

    queue(1)
    case, clerk = Case.objects.get(), desk("clerk")
    assert "ロボットの代わりに人がする" in text(clerk.get(f"/394262/staff/case/{case.id}/"))
    task = Task.objects.get(step="ledger")
    page = text(
        clerk.post(
            f"/394262/staff/case/{case.id}/hand-over/", {"task": task.id, "reason": "急ぎ"}, follow=True
        )
    )
    assert "福祉システムへの登録を確かめる" in page
    assert Task.objects.get(step="ledger-by-hand").status == "open"
