"""What a town would want to be told opens a case, once; and no more than that."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from tests.access.people import make_staff
from tests.cases.conftest import KATO, SMALL, tamper
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import PUBLIC, Denied, Worker, actions, limits, log, require, seals
from yakuba.access.models import AccessEvent, Staff
from yakuba.audit import alarms, delivery, jobs, keeping
from yakuba.cases import catalogue, outside, verify
from yakuba.cases import queries as cases
from yakuba.cases.log import case_resource
from yakuba.cases.models import Case, Task

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def declared(tmp_path_factory):
    """A catalogue with the alarm alone."""
    from django.conf import settings

    services = tmp_path_factory.mktemp("services")
    root = Path(__file__).parents[2] / "services"
    for name in ("shared", "security-alarm"):
        (services / name).symlink_to(root / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "YAKUBA_SERVICES", services)
        catalogue.forget()
        yield
    catalogue.forget()


@pytest.fixture(autouse=True)
def own_key(settings, tmp_path, in_town):
    """A key of this test alone."""
    settings.YAKUBA_CHECKPOINT_KEY = tmp_path / "checkpoint.key"


def rows(count: int, worker: Worker = KATO, action: str = "case.read", outcome: str = log.DENIED, **about):
    """So many rows of now."""
    made = [
        AccessEvent(
            town=TOWN, at=clock.now(), worker_kind=worker.kind, worker_id=worker.id, action=action, outcome=outcome,
            resource_type=about.get("type", "Case"), resource_id=about.get("id") or str(uuid.uuid4()),
        )
        for _ in range(count)
    ]  # fmt: skip
    AccessEvent.objects.bulk_create(made)


def tried(count: int, account: str) -> None:
    rows(count, PUBLIC(TOWN), "sign_in", log.FAILED, type="Staff", id=account)


def look() -> list[tuple[str, str, int]]:
    """Look for alarms; all that there are."""
    alarms.look(TOWN, as_of=clock.now())
    told = [cases.state(case).facts["alarm"] for case in Case.objects.order_by("opened_at", "reference")]
    return sorted((one["cause"], one.get("who", ""), one["count"]) for one in told)


def test_nothing_is_no_alarm():
    rows(19)
    tried(19, "staff:a")
    assert look() == []


def test_many_failed_sign_ins_of_one_account_are_one_alarm_however_often_it_is_looked():
    tried(20, "staff:a")
    assert look() == [("sign-ins", "staff:a", 20)]
    tried(30, "staff:a")
    assert look() == [("sign-ins", "staff:a", 20)]


def test_ten_thousand_tries_of_which_few_rows_were_written_are_counted():
    tried(60, "staff:a")
    for many in (64, 1024, 8192):
        tried(1, f"staff:a ×{many}")
    found = {cause: count for cause, _, count in look()}
    assert found["sign-ins"] == 8192


def test_somebody_who_really_tries_out_passwords_raises_the_alarm():
    make_staff("clerk", login="hanako")
    for number in range(150):
        with pytest.raises((actions.WrongCredentials, limits.TooMany)):
            actions.check_password_of(
                "hanako", "wrong", town=TOWN, address=f"10.0.{number}.1", as_of=clock.now()
            )
    found = {cause: count for cause, _, count in look()}
    assert found["sign-ins"] >= 128
    assert AccessEvent.objects.count() < 70


def test_few_tries_at_many_accounts_are_an_alarm_too():
    for number in range(50):
        tried(2, f"staff:{number}")
    assert look() == [("sign-ins-everywhere", "", 100)]


def test_one_try_at_a_closed_account_is_an_alarm():
    gone = Staff.objects.create(town=TOWN, login="gone", name="x", roles=[], is_active=False, password="!")
    here = Staff.objects.create(town=TOWN, login="here", name="x", roles=[], password="!")
    tried(1, f"staff:{gone.id}")
    tried(1, f"staff:{here.id}")
    assert look() == [("closed-account", f"staff:{gone.id}", 1)]


def test_somebody_who_tries_out_reference_numbers_is_an_alarm():
    rows(29, PUBLIC(TOWN), "status.read", log.FAILED, id="123456789012")
    assert look() == []
    rows(1, PUBLIC(TOWN), "status.read", log.FAILED, id="123456789013")
    assert look() == [("references", "", 30)]


def test_one_worker_who_is_refused_again_and_again_is_an_alarm():
    rows(20)
    rows(19, Worker("staff", "staff:other", TOWN))
    rows(30, PUBLIC(TOWN))
    assert look() == [("refusals", KATO.id, 20)]


def test_one_worker_who_opens_very_many_people_is_an_alarm_and_one_who_opens_one_very_often_is_not():
    rows(200, action="register.read", outcome=log.ALLOWED, type="Person")
    rows(400, Worker("staff", "staff:busy", TOWN), "case.read", log.ALLOWED, id=str(uuid.uuid4()))
    rows(300, Worker("staff", "staff:lists", TOWN), "register.search", log.ALLOWED, type="Town")
    assert look() == [("many-people", KATO.id, 200)]


def test_break_glass_access_is_an_alarm_at_its_first_use_where_nobody_reviews_each():
    rows(1, action="break-glass.use", outcome=log.ALLOWED, type="Town", id=TOWN)
    assert look() == [("break-glass", KATO.id, 1)]


def test_a_broken_chain_and_a_clock_that_was_wrong_are_alarms():
    rows(3)
    seals.seal_all(TOWN, as_of=clock.now() + seals.SETTLED * 2)
    tamper(
        "update access_accessevent set worker_id = 'x', at = at - interval '1 day' where id = (select max(id) from access_accessevent)"
    )
    assert [cause for cause, *_ in look()] == ["broken-chain", "clock"]


def test_the_proof_of_each_night_is_kept_and_raises_an_alarm():
    rows(3)
    seals.seal_all(TOWN, as_of=clock.now() + seals.SETTLED * 2)
    assert alarms.prove(TOWN, as_of=clock.now()).found == 0
    tamper("delete from access_accessevent where id = (select min(id) from access_accessevent)")
    assert alarms.prove(TOWN, as_of=clock.now()).found == 1
    assert "is missing" in alarms.last_proof().findings[0]
    assert [cases.state(case).facts["alarm"]["cause"] for case in Case.objects.all()] == ["broken-chain"]


def test_a_proof_that_breaks_off_is_an_alarm_of_its_own(monkeypatch):
    def breaks_off(town, *, as_of):
        raise OSError("no space left on device")

    monkeypatch.setattr(alarms, "prove", breaks_off)
    jobs.audit_town(TOWN)
    (said,) = [cases.state(case).facts["alarm"] for case in Case.objects.all()]
    assert (said["cause"], said["what"]) == ("no-proof", "OSError: no space left on device")


def test_an_alarm_is_a_task_for_a_manager_that_is_due_and_other_staff_do_not_see():
    rows(20)
    look()
    (task,) = Task.objects.all()
    assert (task.role, task.status, task.due_at is not None) == ("manager", "open", True)
    case = cases.one(task.case_id)
    about = case_resource(case.id, cases.state(case), TOWN)
    for role in ("manager", "auditor"):
        require(Worker("staff", "staff:m", TOWN, roles=frozenset({role}), strength=2), "case.read", about)
    everybody_else = frozenset({"clerk", "reviewer", "approver", "accountant"})
    with pytest.raises(Denied, match="alarms-for-managers"):
        require(Worker("staff", "staff:c", TOWN, roles=everybody_else, strength=2), "case.read", about)


def test_a_storm_of_tries_at_many_accounts_is_one_alarm_and_not_one_for_each():
    for number in range(alarms.MOST_ACCOUNTS + 1):
        tried(20, f"staff:{number}")
    assert look() == [("sign-ins-everywhere", "", 20 * (alarms.MOST_ACCOUNTS + 1))]


def test_the_jobs_do_all_of_it_for_every_town(settings, tmp_path):
    settings.YAKUBA_CHECKPOINT_FOLDER = str(tmp_path)
    rows(20)
    jobs.seal_and_look(0)
    jobs.audit_town(TOWN)
    assert Case.objects.count() == 1
    assert alarms.last_proof().found == 0
    assert len(list(tmp_path.glob("checkpoint-*.json"))) == 1


def test_a_town_that_has_not_declared_alarms_has_none(settings):
    settings.YAKUBA_SERVICES = SMALL
    catalogue.forget()
    rows(20)
    assert alarms.look(TOWN, as_of=clock.now()) == 0
    catalogue.forget()


# -- what leaves the server, and what is removed -----------------------------------------------------
def test_the_days_checkpoint_goes_into_the_folder_and_by_mail(settings, tmp_path, mailoutbox):
    settings.YAKUBA_CHECKPOINT_FOLDER, settings.YAKUBA_CHECKPOINT_MAIL = str(tmp_path), ["kansa@example.jp"]
    made = delivery.daily(TOWN, as_of=clock.now())
    (path,) = tmp_path.glob("checkpoint-*.json")
    assert outside.read(path) == made
    (mail,) = mailoutbox
    assert made["signature"] in mail.body
    assert mail.attachments[0][0] == path.name


def test_a_folder_that_is_away_does_not_stop_the_mail(settings, tmp_path, mailoutbox):
    settings.YAKUBA_CHECKPOINT_FOLDER = str(tmp_path / "away")
    settings.YAKUBA_CHECKPOINT_MAIL = ["kansa@example.jp"]
    delivery.daily(TOWN, as_of=clock.now())
    assert len(mailoutbox) == 1


def test_rows_past_their_keeping_time_are_removed_and_the_rest_is_still_proved(settings):
    rows(4)
    seals.seal_all(TOWN, as_of=clock.now() + seals.SETTLED * 2)
    much_later = clock.now() + timedelta(days=366 * 7)
    assert keeping.cut(TOWN, as_of=clock.now()) is None
    rows(2)
    seals.seal_all(TOWN, as_of=much_later - timedelta(days=2))
    keeping.cut(TOWN, as_of=much_later)
    assert AccessEvent.objects.count() == 2
    file = outside.make(TOWN, as_of=clock.now())
    done = verify.whole(TOWN)
    assert (done.findings, done.looks) == ([], 6)
    assert keeping.cut(TOWN, as_of=much_later) is None
    tamper("update access_accesscut set statement = replace(statement, '\"rows\":4', '\"rows\":3')")
    assert "its signature is not valid" in verify.whole(TOWN).findings[0].what
    tamper("delete from access_accesscut")
    assert any("is missing" in one.what for one in verify.whole(TOWN).findings)
    assert outside.against(TOWN, file) == []


def test_a_row_that_came_back_after_it_was_removed_is_found():
    rows(2)
    seals.seal_all(TOWN, as_of=clock.now() + seals.SETTLED * 2)
    kept = AccessEvent.objects.order_by("id").values().first()
    keeping.cut(TOWN, as_of=clock.now() + timedelta(days=366 * 7))
    AccessEvent(**kept).save(force_insert=True)
    assert "though all of these were removed" in verify.whole(TOWN).findings[0].what
