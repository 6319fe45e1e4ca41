"""What a town hands to a partner: the step, what is disclosed, nothing else; and what comes back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import OTHER_TOWN, TOWN
from tests.field.test_onsite import photo
from yakuba import access
from yakuba.access import PUBLIC, SYSTEM, Worker, towns
from yakuba.access.models import AccessEvent
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.errors import CaseError
from yakuba.cases.models import Case, Event, Task
from yakuba.clock import TOKYO
from yakuba.declare import NotOutsourced, disclosed
from yakuba.field import dispatching, onsite, outsourcing, visits
from yakuba.field.dispatch.travel import Place
from yakuba.field.errors import NoSuchVisit
from yakuba.field.models import Contract, Outsourced
from yakuba.register.models import Town

PARTNER, RIVAL = "900001", "900002"
NOW = datetime(2025, 10, 10, 9, tzinfo=TOKYO)
FACTS = {
    "applicant": {
        "name": "山田 太郎",
        "phone": "0889-00-0000",
        "birth_date": "1950-01-01",
        "address": "本町1",
    },
    "disaster": {"name": "10月3日の大雨", "kind": "flood", "date": "2025-10-03"},
    "house": {"in_town": True, "lived_in": True, "role": "resident", "address": "山あい町本町1番地"},
    "damage": {"minor_agreed": False, "description": "床上浸水。持病があり避難中"},
}


def staff(town: str, *roles: str) -> Worker:
    return Worker("staff", f"staff:{town}", town, "係", frozenset(roles), strength=2)


@pytest.fixture
def halls(db: None) -> None:
    """Two towns and two partners, each a hall of its own; nobody is in any of them yet."""
    for code, name in ((TOWN, "山あい町"), (OTHER_TOWN, "隣町"), (PARTNER, "デモ保守"), (RIVAL, "別の会社")):
        Town.objects.create(
            code=code, name=name, prefecture="高知県", mayor_title="", contact="", synthetic=True
        )


def apply(town: str = TOWN, number: int = 1) -> Case:
    with towns.inside(town):
        case = cases.open_case(
            catalogue.service("disaster-certificate"), FACTS, channel="web", by=PUBLIC(town), as_of=NOW,
            key=f"test:{number}",
        )  # fmt: skip
    jobs.drain(town, as_of=NOW)
    return case


def agree(town: str = TOWN, partner: str = PARTNER) -> Contract:
    with towns.inside(town):
        by = staff(town, "manager")
        return outsourcing.agree(partner, "disaster-certificate", "visit", since=date(2025, 10, 1), by=by)


def waiting(hall: str) -> list:
    with towns.inside(hall):
        return list(case_queries.queue(service="disaster-certificate--visit"))


def survey(hall: str, ratio: float) -> None:
    """The partner's technician does what waits."""
    (task,) = waiting(hall)
    with towns.inside(hall):
        by = staff(hall, "technician")
        cases.take(task.id, by=by, as_of=NOW)
        cases.finish(task.id, by=by, as_of=NOW, facts={"damage": {"ratio": ratio}})


def test_a_survey_goes_to_the_partner_and_its_result_decides_the_towns_case(halls: None) -> None:
    agree()
    case = apply()
    assert outsourcing.exchange(TOWN, as_of=NOW) == (1, 0)
    survey(PARTNER, 55.0)
    assert outsourcing.exchange(TOWN, as_of=NOW + timedelta(hours=1)) == (0, 1)
    jobs.drain(TOWN, as_of=NOW + timedelta(hours=1))
    with towns.inside(TOWN):
        found = case_queries.one(case.id)
        assert found.decision == "granted"
        assert case_queries.state(found).facts["damage"]["ratio"] == 55.0
        done = [one for one in case_queries.history(case.id) if one.by_kind == "partner"]
        assert [one.event.kind for one in done] == ["task_taken", "disclosed", "step_done"]
        assert {one.by_id for one in done} == {f"partner:{PARTNER}"}


def test_the_partner_gets_what_is_disclosed_and_nothing_else(halls: None) -> None:
    agree()
    case = apply()
    outsourcing.exchange(TOWN, as_of=NOW)
    with towns.inside(PARTNER):
        (mine,) = Case.objects.all()
        facts = case_queries.state(mine).facts
        assert facts == {
            "applicant": {"name": "山田 太郎", "phone": "0889-00-0000"},
            "house": {"address": "山あい町本町1番地"},
            "errand": {"town": "山あい町", "code": TOWN, "reference": case.reference},
        }
        kept = " ".join(f"{one.body} {one.private}" for one in Event.objects.all())
        assert "1950-01-01" not in kept
        assert "持病" not in kept
        assert set(case_queries.service_of(mine).facts) == {
            "applicant.name", "applicant.phone", "house.address", "damage.ratio", "errand.town", "errand.code",
            "errand.reference",
        }  # fmt: skip
    with towns.inside(TOWN):
        (shown,) = [one.event for one in case_queries.history(case.id) if one.event.kind == "disclosed"]
        assert shown.names == ["applicant.name", "applicant.phone", "case.reference", "house.address"]


def test_a_partner_sees_nothing_of_another_partner_nor_of_the_town(halls: None) -> None:
    agree()
    case = apply()
    outsourcing.exchange(TOWN, as_of=NOW)
    (task,) = waiting(PARTNER)
    assert waiting(RIVAL) == []
    with towns.inside(RIVAL):
        assert Case.objects.filter(id=task.case_id).first() is None
        with pytest.raises(cases.NotOpen):
            cases.take(task.id, by=staff(RIVAL, "technician"), as_of=NOW)
    with towns.inside(PARTNER):
        assert Case.objects.filter(id=case.id).first() is None
        with pytest.raises(access.Denied):
            cases.take(task.id, by=staff(RIVAL, "technician"), as_of=NOW)


def test_a_technician_who_works_in_a_town_sees_no_residents_case(halls: None) -> None:
    case = apply()
    resource = access.Resource("Case", str(case.id), TOWN, {"service": "disaster-certificate"})
    assert not access.may(staff(TOWN, "technician"), "case.read", resource)
    errand = access.Resource("Case", str(case.id), TOWN, {"service": "disaster-certificate--visit"})
    assert access.may(staff(TOWN, "technician"), "case.read", errand)
    assert not access.may(staff(PARTNER, "technician"), "case.read", errand)


def test_while_the_partner_has_it_nobody_in_the_town_does_it_too(halls: None) -> None:
    agree()
    case = apply()
    outsourcing.exchange(TOWN, as_of=NOW)
    with towns.inside(TOWN):
        (task,) = [one for one in case_queries.tasks_of(case.id) if one.status == "open"]
        assert task.holder == f"partner:{PARTNER}"
        with pytest.raises(cases.NotYours):
            cases.finish(task.id, by=staff(TOWN, "clerk"), as_of=NOW, facts={"damage": {"ratio": 1.0}})


def test_whatever_part_is_repeated_nothing_happens_twice(halls: None) -> None:
    agree()
    apply()
    outsourcing.hand_on(TOWN, as_of=NOW)  # and the power fails before the partner's case is opened
    for _ in range(3):
        outsourcing.exchange(TOWN, as_of=NOW)
    survey(PARTNER, 55.0)
    assert [outsourcing.exchange(TOWN, as_of=NOW)[1] for _ in range(3)] == [1, 0, 0]
    with towns.inside(PARTNER):
        assert Case.objects.count() == 1
    with towns.inside(TOWN):
        assert Outsourced.objects.get().back_at is not None


def test_a_request_that_is_withdrawn_ends_at_the_partner_too(halls: None) -> None:
    agree()
    case = apply()
    outsourcing.exchange(TOWN, as_of=NOW)
    with towns.inside(TOWN):
        cases.withdraw(case.id, by=staff(TOWN, "clerk"), as_of=NOW, reason="別の家に移った")
    outsourcing.exchange(TOWN, as_of=NOW)
    assert waiting(PARTNER) == []
    with towns.inside(PARTNER):
        assert Case.objects.get().state == "closed"


def test_towns_hand_on_to_the_partner_of_their_own_contract(halls: None) -> None:
    agree(TOWN, PARTNER)
    agree(OTHER_TOWN, RIVAL)
    apply(TOWN)
    apply(OTHER_TOWN)
    for town in (TOWN, OTHER_TOWN):
        outsourcing.exchange(town, as_of=NOW)
    assert (len(waiting(PARTNER)), len(waiting(RIVAL))) == (1, 1)


def test_without_a_contract_in_force_nothing_is_handed_on(halls: None) -> None:
    apply()
    assert outsourcing.exchange(TOWN, as_of=NOW) == (0, 0)
    contract = agree()
    with towns.inside(TOWN):
        Contract.objects.filter(id=contract.id).update(until=date(2025, 10, 9))
    assert outsourcing.exchange(TOWN, as_of=NOW) == (0, 0)


def test_a_contract_needs_a_partner_a_step_that_may_go_and_a_manager(halls: None) -> None:
    with towns.inside(TOWN):
        manager, since = staff(TOWN, "manager"), date(2025, 10, 1)
        with pytest.raises(outsourcing.NoPartner, match=OTHER_TOWN):
            outsourcing.agree(OTHER_TOWN, "disaster-certificate", "visit", since=since, by=manager)
        with pytest.raises(outsourcing.NoPartner, match="900009 is no partner"):
            outsourcing.agree("900009", "disaster-certificate", "visit", since=since, by=manager)
        with pytest.raises(NotOutsourced, match="review"):
            outsourcing.agree(PARTNER, "disaster-certificate", "review", since=since, by=manager)
        with pytest.raises(access.Denied):
            outsourcing.agree(PARTNER, "disaster-certificate", "visit", since=since, by=staff(TOWN, "clerk"))


def test_a_step_that_is_not_declared_so_is_never_disclosed() -> None:
    with pytest.raises(NotOutsourced, match="ledger"):
        disclosed(catalogue.service("child-allowance"), "ledger")


def test_contracts_and_what_was_handed_on_are_the_towns_own(halls: None) -> None:
    agree()
    apply()
    outsourcing.exchange(TOWN, as_of=NOW)
    with towns.inside(PARTNER), connection.cursor() as cursor:
        for table in ("contract", "outsourced"):
            cursor.execute(f"select count(*) from field_{table}")
            assert cursor.fetchone() == (0,)
    assert SYSTEM(PARTNER).town == PARTNER


def test_many_errands_cost_no_more_queries_than_one(halls: None) -> None:
    agree()
    counts = []
    for number in (1, 5):
        for one in range(number):
            apply(number=10 * number + one)
        outsourcing.exchange(TOWN, as_of=NOW)
        with CaptureQueriesContext(connection) as queries:
            outsourcing.exchange(TOWN, as_of=NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# -- a visit ---------------------------------------------------------------------------------------------
ON = date(2025, 10, 11)
VISIT = {
    "customer": {"code": TOWN},
    "site": {
        "name": "本庁舎", "address": "本町1", "latitude": 33.57, "longitude": 133.54, "contact": "情報 六輔",
        "phone": "0889-00-0000",
    },
    "visit": {"kind": "lecture", "date": ON.isoformat(), "earliest": "09:00", "latest": "16:00"},
}  # fmt: skip
PHOTO = cases.Paper("photo", "after.png", photo())


@pytest.fixture
def visited(halls: None):
    """A visit that the town asked for and that the partner has planned: its case in the town, and as the partner has it."""
    with towns.inside(TOWN):
        manager = staff(TOWN, "manager")
        outsourcing.agree(PARTNER, "device-visit", "visit", since=date(2025, 10, 1), by=manager)
        case = cases.open_case(
            catalogue.service("device-visit"),
            VISIT,
            channel="phone",
            by=SYSTEM(TOWN),
            as_of=NOW,
            key="test:visit",
        )
    outsourcing.exchange(TOWN, as_of=NOW)
    return case, planned()


def planned() -> visits.Visit:
    with towns.inside(PARTNER):
        kita = staff(PARTNER, "technician")
        dispatching.enrol(kita.id, "北 一", "高知", Place(33.56, 133.53), by=SYSTEM(PARTNER))
        dispatching.plan(ON, by=SYSTEM(PARTNER), as_of=NOW, seconds=1)
        (one,) = visits.of_day(ON)
        return one


def test_a_towns_visit_is_planned_by_the_partner_and_accepted_by_its_photos(visited) -> None:
    case, one = visited
    assert one.service.id == "device-visit--visit"
    assert one.who == [f"staff:{PARTNER}"]
    assert one.fact("errand", "code") == TOWN
    with towns.inside(PARTNER):
        found = {"visit": {"finding": "説明した", "satisfaction": 4}}
        onsite.finish(
            one.task, found, [PHOTO], by=staff(PARTNER, "technician"), as_of=NOW + timedelta(days=1)
        )
    assert outsourcing.exchange(TOWN, as_of=NOW + timedelta(days=1)) == (0, 1)
    assert outsourcing.exchange(TOWN, as_of=NOW + timedelta(days=1)) == (0, 0)
    with towns.inside(TOWN):
        assert case_queries.state(case_queries.one(case.id)).facts["visit"]["finding"] == "説明した"
        assert [paper.purpose for paper, _ in case_queries.documents_of(case.id)] == ["photo"]
        task, step = case_queries.waiting_step(case.id) or (case.id, "")
        assert step == "accept"
        cases.finish(task, by=staff(TOWN, "manager"), as_of=NOW + timedelta(days=2), outcome="accepted")
        assert case_queries.one(case.id).state == "closed"


def test_nobody_at_home_is_between_the_partner_and_the_customer(visited) -> None:
    case, one = visited
    with towns.inside(PARTNER):
        onsite.nobody_there(one.task, "不在", by=staff(PARTNER, "technician"), as_of=NOW + timedelta(days=1))
        (task,) = case_queries.queue(step="rebook")
        later = {"visit": {"date": "2025-10-14"}}
        cases.finish(task.id, by=staff(PARTNER, "dispatcher"), as_of=NOW + timedelta(days=1), facts=later)
        (again,) = visits.of_day(date(2025, 10, 14))
        assert again.progress.attempt == 2
    assert outsourcing.exchange(TOWN, as_of=NOW + timedelta(days=1)) == (0, 0)
    with towns.inside(TOWN):
        assert (case_queries.waiting_step(case.id) or ("", ""))[1] == "visit"


def test_a_visit_that_the_town_withdraws_is_taken_out_of_the_partners_day(visited) -> None:
    case, _ = visited
    with towns.inside(TOWN):
        cases.withdraw(case.id, by=SYSTEM(TOWN), as_of=NOW, reason="不要になった")
    outsourcing.exchange(TOWN, as_of=NOW)
    with towns.inside(PARTNER):
        assert visits.of_day(ON) == []


def test_another_partner_sees_nothing_of_the_visit(visited) -> None:
    _, one = visited
    with towns.inside(RIVAL):
        assert visits.of_day(ON) == []
        assert visits.of_task(one.task) is None
        with pytest.raises(NoSuchVisit):
            onsite.arrive(one.task, by=staff(RIVAL, "technician"), as_of=NOW)
        with pytest.raises(NoSuchVisit):
            dispatching.move(one.task, None, 0, one.mark(), by=staff(RIVAL, "dispatcher"), as_of=NOW, do=True)


def test_a_visit_is_no_errand_to_be_taken(visited) -> None:
    with towns.inside(PARTNER):
        assert case_queries.handed_on("--", "technician") == []


def end_yesterday() -> None:
    """The partner's contract ended yesterday."""
    with towns.inside(TOWN):
        ended = outsourcing.end(
            PARTNER, "disaster-certificate", "visit", last=date(2025, 10, 9), by=staff(TOWN, "manager")
        )
    assert ended == 1


def test_what_a_partner_has_not_done_when_its_contract_ended_is_the_towns_again(halls: None) -> None:
    agree()
    case = apply()
    outsourcing.exchange(TOWN, as_of=NOW)
    (task,) = waiting(PARTNER)
    end_yesterday()
    assert outsourcing.exchange(TOWN, as_of=NOW) == (0, 0)
    assert waiting(PARTNER) == []
    with towns.inside(PARTNER), pytest.raises(CaseError):
        cases.take(task.id, by=staff(PARTNER, "technician"), as_of=NOW)
    with towns.inside(TOWN):
        (open_task,) = case_queries.open_tasks([one.id for one in Task.objects.filter(case=case.id)])
        assert Task.objects.get(id=open_task).holder is None
        lost = AccessEvent.objects.get(action="partner.hand_on", outcome="ended")
    assert (lost.worker_id, lost.resource_id) == (f"partner:{PARTNER}", str(open_task))


def test_what_a_partner_did_after_its_contract_ended_does_not_count(halls: None) -> None:
    agree()
    apply()
    outsourcing.exchange(TOWN, as_of=NOW)
    survey(PARTNER, 55.0)  # today, before the exchange that takes it back
    end_yesterday()
    assert outsourcing.exchange(TOWN, as_of=NOW) == (0, 0)
    with towns.inside(TOWN):
        assert Task.objects.filter(step="visit", status="open", holder=None).count() == 1


def test_what_a_partner_did_on_the_last_day_counts_the_day_after(halls: None) -> None:
    agree()
    case = apply()
    outsourcing.exchange(TOWN, as_of=NOW)
    survey(PARTNER, 55.0)
    with towns.inside(TOWN):
        outsourcing.end(PARTNER, "disaster-certificate", "visit", last=NOW.date(), by=staff(TOWN, "manager"))
    assert outsourcing.exchange(TOWN, as_of=NOW + timedelta(days=1)) == (0, 1)
    with towns.inside(TOWN):
        assert case_queries.state(case_queries.one(case.id)).facts["damage"]["ratio"] == 55.0


def test_what_came_back_goes_to_the_next_partner_and_to_the_same_one_again(halls: None) -> None:
    agree()
    apply()
    outsourcing.exchange(TOWN, as_of=NOW)
    end_yesterday()
    agree(partner=RIVAL)
    assert outsourcing.exchange(TOWN, as_of=NOW) == (1, 0)
    assert (len(waiting(PARTNER)), len(waiting(RIVAL))) == (0, 1)
    with towns.inside(TOWN):
        outsourcing.end(
            RIVAL, "disaster-certificate", "visit", last=date(2025, 10, 9), by=staff(TOWN, "manager")
        )
    agree(partner=PARTNER)
    assert outsourcing.exchange(TOWN, as_of=NOW + timedelta(minutes=1)) == (1, 0)
    assert (len(waiting(PARTNER)), len(waiting(RIVAL))) == (1, 0)
    survey(PARTNER, 55.0)
    assert outsourcing.exchange(TOWN, as_of=NOW + timedelta(minutes=2)) == (0, 1)
    with towns.inside(TOWN):
        assert Event.objects.filter(kind="disclosed").count() == 3


def test_a_clerk_ends_no_contract(halls: None) -> None:
    with towns.inside(TOWN), pytest.raises(access.Denied):
        outsourcing.end(PARTNER, "disaster-certificate", "visit", last=NOW.date(), by=staff(TOWN, "clerk"))
