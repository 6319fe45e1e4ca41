"""A robot takes tasks from the queue and does each exactly once, wherever it dies."""

from __future__ import annotations

import pytest

from tests.robots.conftest import SYSTEM_FILE
from yakuba import clock
from yakuba.access import SYSTEM, Worker
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.cases import verify
from yakuba.cases.errors import NotByHand, NotYours
from yakuba.cases.models import Case, Document, Event, Task
from yakuba.declare import Hours, RobotFile
from yakuba.robots import actions, queries
from yakuba.robots.errors import LeaseLost, NotAFact, NotNow
from yakuba.robots.models import Compiled, Run
from yakuba.robots.worker import Shift, _typed
from yakuba.simulators.legacy import KEY, read_ledger


class Killed(BaseException):
    """The process is gone: nothing after this runs."""


def kinds(case: Case) -> list[str]:
    """What happened to the case since it was decided."""
    every = [one.event.kind for one in case_queries.history(case.id)]
    return [kind for kind in every[every.index("decided") + 1 :] if kind != "attached"]


def registered(welfare) -> list[str]:
    """Reference numbers in the ledger, as often as they stand there."""
    return [row[KEY] for row in read_ledger(welfare.folder)]


def ledger_task(case: Case) -> Task:
    return Task.objects.filter(case=case, step="ledger").latest("attempt")


def test_a_queue_is_worked_to_its_end_and_every_effect_is_said_before_and_after(queue, shift, welfare):
    queue(3)
    report = shift().work()
    assert (report.done, report.held, report.failed) == (3, 0, 0)
    assert sorted(registered(welfare)) == sorted(Case.objects.values_list("reference", flat=True))
    for case in Case.objects.all():
        assert kinds(case)[-4:] == ["task_taken", "intended", "acted", "step_done"]


def test_the_log_is_whole_and_can_be_replayed_afterwards(queue, shift, in_town):
    queue(2)
    shift().work()
    assert verify.verify(in_town)[2] == []


def test_pictures_of_before_and_after_belong_to_the_case(queue, shift):
    queue(1)
    shift().work()
    purposes = [attached.purpose for attached, _ in case_queries.documents_of(Case.objects.get().id)]
    assert purposes == ["robot.before", "robot.after"]


def test_what_stands_for_a_missing_character_is_said_in_the_log(queue, shift, welfare, monkeypatch):
    from yakuba.site import rehearsal

    made = rehearsal.parent
    monkeypatch.setattr(
        rehearsal,
        "parent",
        lambda n, day: {**made(n, day), "applicant": {**made(n, day)["applicant"], "name": "𠮷田"}},
    )
    queue(1)
    shift().work()
    assert Event.objects.get(kind="intended").body["replaced"] == [["𠮷", "吉"]]
    assert read_ledger(welfare.folder)[0]["氏名"] == "吉田"


def test_a_dry_run_enters_nothing_and_leaves_the_queue_as_it_was(queue, shift, welfare):
    queue(2)
    assert shift(dry_run=True).work().done == 2
    assert registered(welfare) == []
    assert case_queries.queue(by="robot").filter(holder=None).count() == 2


# -- dying ---------------------------------------------------------------------------------------------------
def die_at(monkeypatch, where: str, after: bool) -> None:
    """The process dies before or after it says something."""
    real = getattr(cases, where)

    def dying(*args, **kwargs):
        if after:
            real(*args, **kwargs)
        monkeypatch.setattr(cases, where, real)
        raise Killed

    monkeypatch.setattr(cases, where, dying)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("where", ["take_waiting", "intend", "acted", "finish"])
def test_a_robot_that_dies_anywhere_leaves_work_that_is_done_once(
    where, after, queue, shift, welfare, monkeypatch
):
    queue(1)
    dying = shift()
    die_at(monkeypatch, where, after)
    with pytest.raises(Killed):
        dying.work()
    dying._heart.stop()
    Run.objects.filter(id=dying.run.id).update(beat_at="2020-01-01T00:00:00Z")
    report = shift().work()
    assert report.held == report.failed == 0
    assert registered(welfare) == [Case.objects.get().reference]
    assert ledger_task(Case.objects.get()).status == "done"


def test_a_lost_answer_is_looked_up_and_not_repeated(queue, shift, welfare, monkeypatch):
    monkeypatch.setattr("yakuba.robots.worker.WAIT_FIRST", 0.01)
    queue(1)
    welfare.legacy.mood.lose_commit = 1
    report = shift().work()
    assert (report.done, report.failed, report.found) == (1, 1, 0)
    assert len(registered(welfare)) == 1


def test_a_robot_that_was_given_up_enters_nothing_more(queue, shift, welfare):
    queue(1)
    slow = shift()
    tasks = slow.take(1)
    Run.objects.filter(id=slow.run.id).update(beat_at="2020-01-01T00:00:00Z")
    assert actions.bury(as_of=clock.now()) == 1
    assert not actions.beat(slow.run)
    slow.one_task(tasks[0])
    assert slow.report.gone == 1
    assert registered(welfare) == []


def test_a_robot_that_knows_that_it_was_given_up_stops(queue, shift):
    queue(1)
    slow = shift()
    slow._heart.lost.set()
    with pytest.raises(LeaseLost):
        slow.work()


def test_two_robots_never_hold_the_same_task(queue, shift):
    queue(5)
    held = [one.task.id for working in (shift(), shift()) for one in working.take(3)]
    assert len(held) == len(set(held)) == 5


def test_a_held_task_is_nobody_elses(queue, shift, in_town):
    queue(1)
    (one,) = shift().take(1)
    other = Worker("robot", "robot:other", in_town)
    with pytest.raises(NotYours):
        cases.finish(one.task.id, by=other, as_of=clock.now())
    clerk = Worker("staff", "staff:1", in_town, roles=frozenset({"clerk"}), strength=2)
    with pytest.raises((NotYours, NotByHand)):
        cases.finish(one.task.id, by=clerk, as_of=clock.now())


# -- a system that cannot be asked -----------------------------------------------------------------------------
@pytest.fixture
def blind(monkeypatch) -> RobotFile:
    """The robot without a way to look whether its work is there."""
    from tests.robots import conftest

    found = conftest.ROBOT.model_copy(update={"find": [], "check": []})
    real = queries.posts
    monkeypatch.setattr(
        queries, "posts", lambda *a: [queries.Post(p.service, p.step, found, SYSTEM_FILE) for p in real(*a)]
    )
    return found


def test_without_a_way_to_look_the_work_is_done_all_the_same(blind, queue, shift, welfare):
    queue(2)
    assert shift().work().done == 2
    assert len(registered(welfare)) == 2


def test_without_a_way_to_look_what_was_begun_is_in_doubt_and_never_repeated(
    blind, queue, shift, welfare, monkeypatch
):
    queue(1)
    dying = shift()
    die_at(monkeypatch, "acted", after=False)
    with pytest.raises(Killed):
        dying.work()
    dying._heart.stop()
    Run.objects.filter(id=dying.run.id).update(beat_at="2020-01-01T00:00:00Z")
    report = shift().work()
    assert report.reasons == {"in_doubt": 1}
    assert len(registered(welfare)) == 1
    assert Task.objects.get(step="ledger-by-hand").status == "open"


def test_what_was_recorded_before_it_died_is_not_in_doubt(blind, queue, shift, welfare, monkeypatch):
    queue(1)
    dying = shift()
    die_at(monkeypatch, "finish", after=False)
    with pytest.raises(Killed):
        dying.work()
    dying._heart.stop()
    Run.objects.filter(id=dying.run.id).update(beat_at="2020-01-01T00:00:00Z")
    assert shift().work().done == 1
    assert len(registered(welfare)) == 1


# -- people and robots ---------------------------------------------------------------------------------------------
def withdraw(case: Case) -> None:
    cases.withdraw(case.id, by=SYSTEM(case.town), as_of=clock.now())


def test_a_case_that_is_withdrawn_while_the_robot_types_is_not_entered(queue, shift, welfare):
    queue(1)
    working = shift()
    (one,) = working.take(1)
    withdraw(Case.objects.get())
    working.one_task(one)
    assert working.report.gone == 1
    assert registered(welfare) == []


def test_a_case_that_is_withdrawn_after_the_press_gives_a_person_the_task_to_undo_it(
    queue, shift, welfare, monkeypatch
):
    queue(1)
    real = cases.acted

    def late(*args, **kwargs):
        withdraw(Case.objects.get())
        real(*args, **kwargs)

    monkeypatch.setattr(cases, "acted", late)
    shift().work()
    assert len(registered(welfare)) == 1
    assert Task.objects.get(step="attend").status == "open"
    assert Case.objects.get().outcome == "withdrawn"


@pytest.fixture
def held(queue, shift, monkeypatch) -> Case:
    """A case of which the robot cannot type the name."""
    from yakuba.site import rehearsal

    made = rehearsal.parent
    monkeypatch.setattr(
        rehearsal,
        "parent",
        lambda n, day: {**made(n, day), "applicant": {**made(n, day)["applicant"], "name": "葛\U000e0100城"}},
    )
    queue(1)
    assert shift().work().reasons == {"cannot_be_written": 1}
    return Case.objects.get()


def clerk(town: str) -> Worker:
    return Worker("staff", "staff:1", town, roles=frozenset({"clerk"}), strength=2)


def test_what_the_robot_cannot_do_a_person_gets_with_the_reason(held):
    (failed,) = [one.event for one in case_queries.history(held.id) if one.event.kind == "step_failed"]
    assert "福祉システム（見本） に無い文字" in failed.reason
    assert Task.objects.get(step="ledger-by-hand").status == "open"


def test_what_a_person_did_by_hand_the_robot_does_not_do_again(held, shift, in_town):
    task = Task.objects.get(step="ledger-by-hand")
    cases.finish(task.id, by=clerk(in_town), as_of=clock.now(), outcome="by_hand")
    assert ledger_task(held).outcome == "by_hand"
    assert shift().work().done == 0


def test_a_person_may_take_over_what_waits_for_a_robot(queue, shift, in_town, welfare):
    queue(1)
    cases.hand_over(ledger_task(Case.objects.get()).id, by=clerk(in_town), as_of=clock.now(), reason="急ぎ")
    assert shift().work().done == 0
    task = Task.objects.get(step="ledger-by-hand")
    cases.finish(task.id, by=clerk(in_town), as_of=clock.now(), outcome="by_hand")
    assert ledger_task(Case.objects.get()).outcome == "by_hand"
    assert registered(welfare) == []


def test_what_a_robot_is_at_nobody_takes_over(queue, shift, in_town):
    queue(1)
    (one,) = shift().take(1)
    with pytest.raises(NotYours):
        cases.hand_over(one.task.id, by=clerk(in_town), as_of=clock.now(), reason="急ぎ")


def test_only_a_robots_task_is_handed_over(held, in_town):
    task = Task.objects.get(step="ledger-by-hand")
    with pytest.raises(NotByHand):
        cases.hand_over(task.id, by=clerk(in_town), as_of=clock.now(), reason="")


def test_a_person_may_let_the_robot_try_again(held, shift, in_town):
    task = Task.objects.get(step="ledger-by-hand")
    cases.finish(task.id, by=clerk(in_town), as_of=clock.now(), outcome="again")
    assert (ledger_task(held).status, ledger_task(held).attempt) == ("open", 2)


def test_what_somebody_entered_by_hand_in_the_same_way_counts_as_done(queue, shift, welfare):
    queue(1)
    working = shift()
    (one,) = working.take(1)
    working._signed_in().do(one.item, lambda picture: None)
    working.one_task(one)
    assert (working.report.done, working.report.found) == (1, 1)
    assert len(registered(welfare)) == 1


def test_what_somebody_entered_in_another_way_goes_to_a_person(queue, shift, welfare):
    queue(1)
    working = shift()
    (one,) = working.take(1)
    typed = dict(one.item.values)
    typed["amount"] = typed["children"]
    working._signed_in().do(type(one.item)(one.item.key, typed), lambda picture: None)
    working.one_task(one)
    assert working.report.reasons == {"read_back_differs": 1}
    assert len(registered(welfare)) == 1


def test_a_clerk_who_watches_says_before_each_effect_whether_it_is_to_be(queue, shift, welfare):
    queue(2)
    asked = []

    def ask(item) -> bool:
        asked.append(item.key)
        return len(asked) == 1

    report = shift(ask=ask).work()
    assert (report.done, report.reasons) == (1, {"declined": 1})
    assert registered(welfare) == asked[:1]


def test_a_robot_that_is_told_to_end_finishes_what_it_is_at_and_gives_back_the_rest(queue, shift, welfare):
    queue(3)
    working = shift()
    report = working.work(told=lambda: working.report.done >= 1)
    working.close()
    assert report.done == len(registered(welfare)) == 1
    assert case_queries.queue(by="robot").filter(holder=None).count() == 2


# -- not now --------------------------------------------------------------------------------------------------------
def test_a_paused_robot_begins_nothing_and_goes_on_afterwards(queue, shift, in_town, welfare):
    queue(1)
    working = shift()
    actions.pause(by=SYSTEM(in_town), as_of=clock.now(), reason="点検")
    assert working.work().done == 0
    with pytest.raises(NotNow, match="点検"):
        shift()
    assert actions.resume(by=SYSTEM(in_town)) == 1
    assert working.work().done == 1


@pytest.mark.parametrize(
    ("from_", "until", "at", "is_open"),
    [
        ("06:00", "23:30", "12:00", True),
        ("06:00", "23:30", "23:30", False),
        ("06:00", "23:30", "05:59", False),
        ("20:00", "05:00", "02:00", True),
        ("20:00", "05:00", "05:00", False),
    ],
)
def test_a_system_has_its_hours(from_, until, at, is_open):
    from datetime import time

    hours = Hours.model_validate({"from": from_, "until": until})
    assert hours.open_at(time.fromisoformat(at)) is is_open


def test_no_more_robots_sign_in_than_the_system_allows(queue, shift):
    queue(1)
    for _ in range(SYSTEM_FILE.sessions):
        shift()
    with pytest.raises(NotNow, match="4 sessions"):
        shift()


def test_a_dead_robots_session_counts_no_more(queue, shift):
    queue(1)
    for _ in range(SYSTEM_FILE.sessions):
        shift()
    Run.objects.update(beat_at="2020-01-01T00:00:00Z")
    assert shift().work().done == 1


# -- the old system in a bad mood ------------------------------------------------------------------------------------
def test_a_technical_error_is_tried_again_and_then_done(queue, shift, welfare, monkeypatch):
    monkeypatch.setattr("yakuba.robots.worker.WAIT_FIRST", 0.01)
    queue(1)
    welfare.legacy.mood.fail_commit = 2
    report = shift().work()
    assert (report.done, report.failed, report.reasons) == (1, 2, {"E910": 2})
    assert len(registered(welfare)) == 1


def test_after_five_failures_a_person_takes_over(queue, shift, welfare, monkeypatch):
    monkeypatch.setattr("yakuba.robots.worker.WAIT_FIRST", 0.01)
    queue(1)
    welfare.legacy.mood.fail_commit = 99
    report = shift().work()
    assert (report.done, report.held) == (0, 1)
    assert Task.objects.get(step="ledger-by-hand").status == "open"


def test_what_it_did_until_it_failed_is_kept_with_the_case_and_nothing_of_what_it_typed(
    queue, shift, welfare, monkeypatch
):
    monkeypatch.setattr("yakuba.robots.worker.WAIT_FIRST", 0.01)
    queue(2)
    welfare.legacy.mood.fail_commit = 1
    assert shift().work().failed == 1
    kept = [paper.id for case in Case.objects.all() for _, paper in case_queries.documents_of(case.id)]
    traces = [bytes(one.content).decode() for one in Document.objects.filter(id__in=kept, name="trace.txt")]
    assert len(traces) == 1
    steps = [line.split(" ", 1)[1] for line in traces[0].splitlines()]
    assert steps[-1] == "commit 登録"
    assert steps.count("open 新規登録") == 1
    typed = Event.objects.filter(kind="intended").first().private["typed"]
    assert not [text for text in typed.values() if len(text) > 2 and text in traces[0]]


def test_a_session_that_is_lost_at_the_confirm_page_costs_nothing(queue, shift, welfare):
    queue(2)
    welfare.legacy.mood.expire_at_confirm = 1
    report = shift().work()
    assert (report.done, report.failed) == (2, 0)
    assert len(registered(welfare)) == 2


def test_when_evidence_cannot_be_kept_nothing_is_entered_and_a_person_gets_the_reason(
    queue, shift, welfare, monkeypatch
):
    from django.db import DatabaseError

    queue(1)

    def full(*args, **kwargs):
        raise DatabaseError("could not extend file: No space left on device")

    monkeypatch.setattr("yakuba.robots.worker.WAIT_FIRST", 0.01)
    monkeypatch.setattr(cases, "store_evidence", full)
    report = shift().work()
    assert (report.done, report.held, report.reasons) == (0, 1, {"evidence_not_kept": 5})
    assert registered(welfare) == []
    failed = [
        one.event for one in case_queries.history(Case.objects.get().id) if one.event.kind == "step_failed"
    ]
    assert "No space left" in failed[-1].reason


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "１２,５００円", 12500),
        ("number", "1.5", 1.5),
        ("date", "令和8年4月1日", "2026-04-01"),
        ("text", " 課税 ", " 課税 "),
    ],
)
def test_what_was_read_becomes_a_fact_of_its_kind(kind, text, value):
    from types import SimpleNamespace

    assert _typed(SimpleNamespace(type=kind), "tax.amount", text) == value


@pytest.mark.parametrize(("kind", "text"), [("int", "なし"), ("date", "13月"), ("number", "")])
def test_what_cannot_be_read_as_the_fact_goes_to_a_person(kind, text):
    from types import SimpleNamespace

    with pytest.raises(NotAFact, match=r"tax\.amount"):
        _typed(SimpleNamespace(type=kind), "tax.amount", text)


# -- the fast path -------------------------------------------------------------------------------------------------------
def compiled(in_town: str, shapes: set[str]) -> None:
    (post,) = queries.posts("child-allowance", "ledger")
    actions.keep_compiled(post, shapes, 3, as_of=clock.now())


def test_a_compiled_robot_that_meets_another_screen_goes_back_to_the_browser(queue, shift, in_town, welfare):
    queue(2)
    compiled(in_town, {"another"})
    working: Shift = shift(driver="")
    assert working.driver_name == "http"
    assert working.work().done == 2
    assert working.driver_name == "browser"
    assert not Compiled.objects.exists()
    assert len(registered(welfare)) == 2


def test_a_robot_whose_file_was_changed_is_not_compiled_any_more(in_town):
    compiled(in_town, {"a"})
    (post,) = queries.posts("child-allowance", "ledger")
    assert queries.compiled(post) == {"a"}
    changed = queries.Post(post.service, post.step, post.robot.model_copy(update={"check": []}), post.system)
    assert queries.compiled(changed) is None


def test_a_task_that_another_robot_took_while_the_statement_ran_is_not_taken_again(queue, shift, monkeypatch):
    from yakuba.cases import log

    queue(1)
    (one,) = shift().take(1)
    seen = [[], [(one.task.id, one.task.case, 1)]]
    monkeypatch.setattr(log, "_lock_waiting", lambda *args: seen.pop())
    assert shift().take(1) == []
    assert Event.objects.filter(kind="task_taken").count() == 1
