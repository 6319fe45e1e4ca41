"""The system's steps are done later: what breaks is contained, and what a dead worker left comes back."""

from __future__ import annotations

import shutil

import pytest
from django.db import OperationalError, connection

from tests.cases.conftest import KATO, MONDAY, SMALL, open_task
from yakuba.access import towns
from yakuba.cases import actions, catalogue, jobs, log, verify, work
from yakuba.cases.models import Case

pytestmark = pytest.mark.django_db


def rows(query: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def test_a_full_disk_changes_nothing_and_everything_is_done_once_there_is_room(apply, in_town, monkeypatch):
    case = apply(worked=False)

    def full(tasks, *, as_of):
        raise OperationalError("could not extend file: No space left on device")

    with monkeypatch.context() as broken:
        broken.setitem(work._HANDLERS, "decide", full)
        with pytest.raises(OperationalError):
            jobs.work_waiting(in_town, "heating", "decide", as_of=MONDAY)
    assert case.tasks.get(step="decide").tries == 0
    assert verify.verify(in_town)[2] == []
    jobs.drain(in_town, as_of=MONDAY)
    assert Case.objects.get(id=case.id).decision == "granted"


def test_one_case_that_breaks_its_step_does_not_hold_up_the_others_and_goes_to_a_person(
    apply, in_town, monkeypatch
):
    bad, good = apply(worked=False), apply(worked=False)
    decide = work.handler("decide")

    def breaks(tasks, *, as_of):
        if any(task.case == bad.id for task in tasks):
            raise ValueError("cannot be")
        decide(tasks, as_of=as_of)

    monkeypatch.setitem(work._HANDLERS, "decide", breaks)
    jobs.work_waiting(in_town, "heating", "decide", as_of=MONDAY)
    assert Case.objects.get(id=good.id).decision == "granted"
    assert bad.tasks.get(step="decide").tries == 1
    for _ in range(jobs.MAX_TRIES - 1):
        jobs.work_waiting(in_town, "heating", "decide", as_of=MONDAY)
    assert bad.tasks.get(step="decide").status == "failed"
    monkeypatch.undo()
    actions.finish(open_task(bad, "attend"), by=KATO, as_of=MONDAY)
    jobs.drain(in_town, as_of=MONDAY)
    assert Case.objects.get(id=bad.id).decision == "granted"


def test_tasks_that_are_left_as_they_were_are_not_tried_for_ever(apply, in_town, monkeypatch):
    apply(worked=False), apply(worked=False)
    monkeypatch.setattr(jobs, "BATCH", 2)
    monkeypatch.setitem(work._HANDLERS, "decide", lambda tasks, *, as_of: None)
    assert jobs.work_waiting(in_town, "heating", "decide", as_of=MONDAY) == 4


def test_a_step_whose_cases_are_busy_with_another_is_come_back_to_once(apply, in_town, monkeypatch):
    case = apply(worked=False)
    rows("delete from procrastinate_jobs returning id")
    with monkeypatch.context() as busy:
        busy.setattr(log, "lock_waiting", lambda *_: [])
        jobs.work_step(in_town, "heating", "decide")
        jobs.work_step(in_town, "heating", "decide")
    assert rows("select args->>'step', scheduled_at > now() from procrastinate_jobs") == [("decide", True)]
    rows("delete from procrastinate_jobs returning id")
    jobs.work_step(in_town, "heating", "decide")
    assert Case.objects.get(id=case.id).decision == "granted"
    assert rows("select 1 from procrastinate_jobs where args->>'step' = 'decide'") == []


def test_a_job_whose_worker_died_comes_back_and_one_whose_worker_lives_is_left_to_it(apply):
    jobs.wake("394262", "heating", "decide")
    jobs.wake("394262", "heating", "pay")
    ((dead,),) = rows(
        "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 minute') returning id"
    )
    ((alive,),) = rows("insert into procrastinate_workers (last_heartbeat) values (now()) returning id")
    for worker, step in ((dead, "decide"), (alive, "pay")):
        rows(
            "update procrastinate_jobs set status = 'doing', worker_id = %s, lock = args->>'step'"
            " where args->>'step' = %s returning id",
            worker,
            step,
        )
    assert jobs.clear_dead_jobs() == 1
    assert rows("select args->>'step', status::text, lock from procrastinate_jobs order by 1") == [
        ("decide", "todo", None),
        ("pay", "doing", "pay"),
    ]


def test_a_dead_workers_sweep_is_left_to_the_next_minute(apply):
    rows(
        "insert into procrastinate_jobs (queue_name, task_name, queueing_lock, args, status)"
        " values ('steps', 'sweep', 'sweep', '{\"timestamp\": 1}', 'doing') returning id"
    )
    jobs.sweep(2)
    assert rows("select count(*) from procrastinate_jobs where task_name = 'sweep'") == [(0,)]


def test_a_running_case_keeps_its_version_when_its_service_is_changed_and_when_it_is_gone(
    apply, in_town, tmp_path, settings
):
    case, later = apply(worked=False), apply(worked=False, key="later")
    changed = tmp_path / "changed"
    shutil.copytree(settings.YAKUBA_SERVICES, changed)
    file = changed / "heating" / "service.yaml"
    file.write_text(file.read_text().replace("2025-04-01: 6000", "2025-04-01: 1"))
    gone = tmp_path / "gone"
    shutil.copytree(settings.YAKUBA_SERVICES / "shared", gone / "shared")
    shutil.copytree(SMALL.parents[1] / "money" / "services" / "gift", gone / "gift")
    for services, one in ((changed, case), (gone, later)):
        settings.YAKUBA_SERVICES = services
        catalogue.forget()
        (task,) = one.tasks.filter(step="decide").values_list("id", flat=True)
        with towns.inside(in_town):
            work.handler("decide")(log.lock_waiting("heating", "decide", 1, [task]), as_of=MONDAY)
        assert Case.objects.get(id=one.id).amount == 7000
    jobs.drain(in_town, as_of=MONDAY)
    assert later.tasks.get(step="tell").status == "done"
