"""Running cases move to the version of their service that counts now: looked at first, then done, and none is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases.conftest import GOOD, KATO, MONDAY, SATO, SMALL, UNSURE, open_task, staff
from yakuba.access import SYSTEM, Denied
from yakuba.cases import actions, catalogue, jobs, moving, queries, replay, verify
from yakuba.cases.errors import OtherThanSeen
from yakuba.cases.models import Case, Task
from yakuba.declare import Service

pytestmark = pytest.mark.django_db
MANAGER = staff("goto", "manager")
REVIEW = "{id: review, by: staff, do: review, role: reviewer"
TELL = "  - {id: tell, by: system, do: letter, letter: decision, after: [review]}"
CHECK = "  - {id: check, name: {ja: 家を見る, easy: 家を 見る, en: Look at the house}, by: staff, do: work, role: clerk, after: [review]}\n"
Publish = Callable[..., Service]


@pytest.fixture
def publish(small, in_town, settings, tmp_path) -> Publish:
    """`publish((old, new), …)`: the service with these words in it replaced counts from now on."""

    def publish(*changes: tuple[str, str]) -> Service:
        folder = Path(tmp_path) / f"services{len(list(Path(tmp_path).iterdir()))}"
        shutil.copytree(SMALL, folder)
        file = folder / "heating" / "service.yaml"
        text = file.read_text("utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file.write_text(text, "utf-8")
        (folder / "heating" / "examples.yaml").unlink(missing_ok=True)
        settings.YAKUBA_SERVICES = folder
        catalogue.forget()
        return catalogue.service("heating")

    return publish


def move(service: Service, **more) -> moving.Report:
    return moving.run("394262", service, by=MANAGER, as_of=MONDAY, reason="要綱の改正", **more)


def now(case: Case) -> Case:
    return Case.objects.get(id=case.id)


def steps(case: Case) -> dict[str, str]:
    return {name: one.status for name, one in queries.state(now(case)).steps.items()}


def test_a_step_that_is_new_is_opened_when_it_is_its_turn(apply, publish, in_town):
    case = apply(UNSURE)
    newer = publish((TELL, CHECK + TELL))
    assert move(newer).moves == 1
    assert now(case).version == newer.version
    assert steps(case)["check"] == "waiting"
    for who in (KATO, SATO):
        actions.decide(open_task(case, "review"), by=who, as_of=MONDAY, outcome="refused", reason="対象外")
    assert steps(case)["check"] == "open"


def test_a_dry_run_says_the_same_and_changes_nothing(apply, publish):
    case = apply(UNSURE)
    newer = publish((TELL, CHECK + TELL))
    before = list(Case.objects.values())
    report = moving.survey(newer)
    assert list(Case.objects.values()) == before
    assert move(newer, seen=report.checksum).moves == report.moves == 1
    assert now(case).version == newer.version


def test_what_happened_since_the_dry_run_is_not_overrun(apply, publish):
    case = apply(UNSURE)
    newer = publish((TELL, CHECK + TELL))
    seen = moving.survey(newer).checksum
    actions.note(case.id, "電話あり", by=KATO, as_of=MONDAY)
    with pytest.raises(OtherThanSeen):
        move(newer, seen=seen)
    assert now(case).version != newer.version


def test_a_case_at_a_step_that_is_gone_stays_and_is_named(apply, publish):
    older = publish((TELL, CHECK + TELL))
    assert older.step("check")
    case = apply(UNSURE)
    for who in (KATO, SATO):
        actions.decide(open_task(case, "review"), by=who, as_of=MONDAY, outcome="refused", reason="対象外")
    newer = publish((TELL, "\n" + TELL))
    assert move(newer).blocked == {moving.GONE: [case.reference]}
    assert now(case).version == older.version


def test_a_step_that_others_do_now_is_given_out_anew(apply, publish):
    case = apply(UNSURE)
    move(publish((REVIEW, "{id: review, by: staff, do: review, role: approver")))
    tasks = Task.objects.filter(case=case, step="review").order_by("attempt")
    assert [(one.role, one.status) for one in tasks] == [("reviewer", "cancelled"), ("approver", "open")]


def test_a_step_that_somebody_is_at_is_not_taken_from_them(apply, publish):
    case = apply(UNSURE)
    actions.take(open_task(case, "review"), by=KATO, as_of=MONDAY)
    newer = publish((REVIEW, "{id: review, by: staff, do: review, role: approver"))
    assert move(newer).blocked == {moving.AT_WORK: [case.reference]}


def test_a_request_of_a_day_before_the_new_rules_keeps_the_old_ones(apply, publish):
    case = apply(UNSURE)
    newer = publish(("versions: {from: ", "versions: {from: 2030-01-01} # "))
    assert move(newer).blocked == {moving.OTHER_LAW: [case.reference]}


def test_run_again_it_moves_nobody_twice(apply, publish):
    apply(UNSURE)
    newer = publish((TELL, CHECK + TELL))
    assert (move(newer).moves, move(newer).moves) == (1, 0)


def test_a_clerk_cannot_move_cases(apply, publish):
    newer = publish((TELL, CHECK + TELL))
    with pytest.raises(Denied):
        moving.run("394262", newer, by=KATO, as_of=MONDAY, reason="改正")


# -- a published mistake --------------------------------------------------------------------------------
OLDER_AGE = ("age(applicant.birth_date, as_of) >= param.age", "age(applicant.birth_date, as_of) >= 90")


@pytest.fixture
def mistaken(apply, publish, in_town) -> tuple[Case, Service]:
    """Refused by a rule with a mistake in it, told so, and closed; the mistake is mended now."""
    publish(OLDER_AGE)
    case = apply(GOOD)
    jobs.drain(in_town, as_of=MONDAY)
    assert (now(case).state, now(case).decision) == ("closed", "refused")
    return case, publish()


def test_whom_a_mistake_touched_is_named_and_their_cases_stay_closed(mistaken):
    case, mended = mistaken
    report = moving.survey(mended, correct=True)
    [one] = report.differs
    assert (one.reference, one.before, one.after, one.by_person) == (
        case.reference,
        "refused",
        "granted",
        False,
    )
    assert now(case).state == "closed"


def test_what_a_mistake_decided_is_decided_anew(mistaken, in_town):
    case, mended = mistaken
    assert move(mended, correct=True).anew == 1
    jobs.drain(in_town, as_of=MONDAY)
    assert now(case).decision == "granted"
    assert verify.verify(in_town)[2] == []
    before = list(Case.objects.values()), list(Task.objects.order_by("id").values())
    replay.rebuild(in_town)
    assert (list(Case.objects.values()), list(Task.objects.order_by("id").values())) == before


def test_without_being_told_so_a_move_leaves_decisions_alone(mistaken):
    case, mended = mistaken
    assert move(mended).differs == []
    assert now(case).decision == "refused"


def test_what_a_person_decided_is_named_and_left_to_people(apply, publish, in_town):
    publish(OLDER_AGE)
    case = apply(GOOD, identified=False)
    task = open_task(case, "review")
    for who in (KATO, SATO):
        actions.decide(task, by=who, as_of=MONDAY, outcome="granted", amount=7000, reason="町長の判断")
    report = move(publish(), correct=True)
    assert [(one.reference, one.by_person) for one in report.differs] == [(case.reference, True)]
    assert report.anew == 0
    assert now(case).decision == "granted"


def test_the_cases_of_a_service_are_moved_some_at_a_time(apply, publish, monkeypatch, in_town):
    monkeypatch.setattr(moving, "BATCH", 2)
    for _ in range(5):
        apply(UNSURE)
    newer = publish((TELL, CHECK + TELL))
    assert move(newer).moves == 5
    assert set(Case.objects.values_list("version", flat=True)) == {newer.version}
    assert verify.verify(in_town)[2] == []


def test_who_moves_cases_says_why_and_it_stays_in_each(apply, publish, in_town):
    case = apply(UNSURE)
    moving.run(in_town, publish((TELL, CHECK + TELL)), by=SYSTEM(in_town), as_of=MONDAY, reason="要綱の改正")
    assert queries.history(case.id)[-1].event.reason == "要綱の改正"
