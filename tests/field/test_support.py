"""A device fails: calls, the exchange as one act, what becomes of the failed unit, and the contract's clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.field.hall import EVENING, Hall, at
from yakuba import access
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.field import actions, customers, figures, onsite, queries, support
from yakuba.field.errors import NoSpare, NoSuchDevice, OfAnotherOrder, OutOfTurn, WrongUnit


@pytest.fixture
def broken(hall: Hall, centre):
    """S-1 is at the customer C-1; two spares are at the depot, kita can go."""
    centre.now = EVENING - timedelta(days=2)
    hall.installed("S-1", centre)
    hall.stock(centre, "SP-1", "SP-2")
    hall.technician("kita")
    return "S-1"


def exchanged(hall: Hall, centre, serial: str):
    """The whole way up to the moment when the customer can work again; returns the case and the spare."""
    case = hall.call(serial, at(8))
    spare = hall.decide(case, "exchange", at(8, 10))
    assert spare is not None
    hall.set_up(centre, spare, at(8, 30))
    hall.plan(at(8, 45))
    one = hall.visit(case)
    kita = hall.person("technician", "kita")
    onsite.arrive(one.task, by=kita, as_of=at(10))
    found = {"finding": "交換した", "signed_by": "担当", "installed": spare.serial, "removed": serial}
    onsite.finish(one.task, {"visit": found}, [], by=kita, as_of=at(10, 30))
    return case, spare


def test_a_call_finds_the_customer_and_the_contract_by_the_serial_number(hall: Hall, broken) -> None:
    case = hall.call(broken, at(8))
    assert case_queries.state(case_queries.one(case)).facts["customer"] == {"code": "C-1", "contract": "MC-1"}


def test_a_call_without_a_contract_is_kept(hall: Hall) -> None:
    case = hall.call("NEVER-SEEN", at(8))
    assert (case_queries.waiting_step(case) or ("", ""))[1] == "triage"
    assert "customer" not in case_queries.state(case_queries.one(case)).facts
    assert customers.levels([case], at(9)) == {}


def test_what_is_put_right_by_phone_needs_nobody_to_go(hall: Hall, broken) -> None:
    case = hall.call(broken, at(8))
    hall.decide(case, "remote", at(8, 10))
    task, _ = case_queries.waiting_step(case) or (case, "")
    cases.finish(task, by=hall.agent, as_of=at(8, 30), facts={"trouble": {"answer": "再起動"}})
    assert case_queries.one(case).state == "closed"
    assert {one.level: one.met for one in customers.levels([case], at(9))[case]} == {
        "respond": True,
        "restore": True,
    }


def test_what_did_not_help_by_phone_is_decided_anew(hall: Hall, broken) -> None:
    case = hall.call(broken, at(8))
    hall.decide(case, "remote", at(8, 10))
    task, _ = case_queries.waiting_step(case) or (case, "")
    cases.fail(task, by=hall.agent, as_of=at(8, 20), reason="直らない", final=True)
    spare = hall.decide(case, "exchange", at(8, 25))
    assert spare is not None
    assert (case_queries.waiting_step(case) or ("", ""))[1] == "prepare"


def test_the_exchange_is_one_act_from_the_call_to_the_unit_in_the_pool(hall: Hall, centre, broken) -> None:
    case, spare = exchanged(hall, centre, broken)
    assert [held.holder for held in queries.custody(broken)][-2:] == ["customer:C-1", "staff:kita"]
    assert [held.holder for held in queries.custody(spare.serial)] == [
        "depot:高知", "depot:高知", "carrier:T-EX", "staff:kita", "customer:C-1",
    ]  # fmt: skip
    levels = {one.level: (one.at, one.met) for one in customers.levels([case], at(18))[case]}
    assert levels == {"respond": (at(8, 10), True), "arrive": (at(10), True), "restore": (at(10, 30), True)}
    support.take_back(broken, "高知", by=hall.kitter, as_of=at(17))
    support.erased(broken, "purge", "ER-1", by=hall.kitter, as_of=at(17, 30))
    order = support.mended(broken, by=hall.kitter, as_of=at(18))
    assert case_queries.one(case).state == "closed"
    assert figures.spares() == {"高知": {centre.profile.profile: 2}}
    assert order.startswith("POOL-")
    assert case_queries.state(case_queries.one(case)).facts["erasure"] == {
        "method": "purge",
        "certificate": "ER-1",
    }


def test_a_spare_is_set_up_for_the_user_of_the_failed_unit(hall: Hall, broken) -> None:
    case = hall.call(broken, at(8))
    spare = hall.decide(case, "exchange", at(8, 10))
    assert spare is not None
    ((serial, order, place, person),) = queries.wanted()
    assert (serial, order, place) == (spare.serial, spare.order, "高知")
    assert (person.hostname, person.account) == ("YKB-00001", "user0001")


def test_a_spare_is_reserved_once_and_without_one_nothing_happens(hall: Hall, centre, broken) -> None:
    taken = [hall.decide(hall.call(broken, at(8, n)), "exchange", at(9)) for n in range(2)]
    assert {one.serial for one in taken if one} == {"SP-1", "SP-2"}
    case = hall.call(broken, at(10))
    before = len(case_queries.history(case))
    with pytest.raises(NoSpare):
        hall.decide(case, "exchange", at(10, 5))
    assert len(case_queries.history(case)) == before
    assert (case_queries.waiting_step(case) or ("", ""))[1] == "triage"


def test_the_spare_of_the_nearest_depot_is_taken(hall: Hall, centre, broken) -> None:
    from yakuba.field import dispatching
    from yakuba.field.dispatch.travel import Place

    far = hall.person("technician", "sapporo")
    dispatching.enrol(far.id, "sapporo", "札幌", Place(43.06, 141.35), by=hall.system)
    hall.stock(centre, "SP-0", depot="札幌")
    spare = hall.decide(hall.call(broken, at(8)), "exchange", at(8, 10))
    assert spare is not None
    assert spare.depot == "高知"


def test_a_device_that_nobody_kitted_cannot_be_exchanged(hall: Hall, broken) -> None:
    with pytest.raises(NoSpare):
        hall.decide(hall.call("NEVER-SEEN", at(8)), "exchange", at(8, 10))


def test_another_unit_than_the_one_that_was_made_ready_is_refused(hall: Hall, centre, broken) -> None:
    case = hall.call(broken, at(8))
    spare = hall.decide(case, "exchange", at(8, 10))
    assert spare is not None
    hall.set_up(centre, spare, at(8, 30))
    hall.plan(at(8, 45))
    one, kita = hall.visit(case), hall.person("technician", "kita")
    found = {"finding": "交換した", "installed": "SP-2", "removed": broken}
    with pytest.raises(WrongUnit, match="SP-2"):
        onsite.finish(one.task, {"visit": found}, [], by=kita, as_of=at(10))
    with pytest.raises(WrongUnit):
        onsite.finish(one.task, {"visit": {"finding": "交換した"}}, [], by=kita, as_of=at(10))
    assert hall.visit(case).progress.status == "open"
    device = queries.device(broken)
    assert device is not None
    assert device.holder == "customer:C-1"


def test_a_visit_of_an_exchange_waits_until_its_spare_is_ready(hall: Hall, broken) -> None:
    case = hall.call(broken, at(8))
    hall.decide(case, "exchange", at(8, 10))
    assert hall.plan(at(8, 30)).asked == 0
    assert (case_queries.waiting_step(case) or ("", ""))[1] == "prepare"


def test_a_reserved_spare_is_received_by_no_other_order(hall: Hall, centre, broken) -> None:
    spare = hall.decide(hall.call(broken, at(8)), "exchange", at(8, 10))
    assert spare is not None
    centre.order("K-OTHER")
    with pytest.raises(OfAnotherOrder):
        actions.receive(spare.serial, "K-OTHER", "高知", by=hall.kitter, as_of=at(8, 20))


def test_the_steps_of_the_failed_unit_come_in_their_order(hall: Hall, centre, broken) -> None:
    exchanged(hall, centre, broken)
    with pytest.raises(OutOfTurn):
        support.erased(broken, "clear", "ER-1", by=hall.kitter, as_of=at(17))
    with pytest.raises(NoSuchDevice):
        support.take_back("NEVER-SEEN", "高知", by=hall.kitter, as_of=at(17))
    support.take_back(broken, "高知", by=hall.kitter, as_of=at(17))
    support.erased(broken, "destroy", "ER-1", by=hall.kitter, as_of=at(17, 10))
    support.scrapped(broken, by=hall.kitter, as_of=at(17, 20))
    assert queries.custody(broken)[-1].holder == "scrapped"


def test_the_clock_stands_still_for_parts(hall: Hall, broken) -> None:
    case = hall.call(broken, at(8))
    before = {one.level: one.due for one in customers.levels([case], at(9))[case]}
    cases.pause(case, "parts", by=hall.agent, as_of=at(9))
    cases.resume(case, "parts", by=hall.agent, as_of=at(11))
    after = {one.level: one.due for one in customers.levels([case], at(11))[case]}
    assert after["restore"] - before["restore"] == timedelta(hours=2)


def test_what_is_overdue_and_not_done_is_not_kept(hall: Hall, broken) -> None:
    case = hall.call(broken, at(8))
    assert {one.level: one.met for one in customers.levels([case], at(13))[case]} == {
        "respond": False, "arrive": False, "restore": None,
    }  # fmt: skip


def test_agents_open_device_work_and_nothing_else(hall: Hall) -> None:
    from yakuba.cases import catalogue

    with pytest.raises(access.Denied):
        cases.open_case(
            catalogue.service("dog-registration"),
            {},
            channel="phone",
            by=hall.agent,
            as_of=at(8),
            key="test:no",
        )


def test_an_order_of_spares_says_so_by_its_number(hall: Hall, centre) -> None:
    order = actions.Order("K-1", centre.profile, "pool", [])
    with pytest.raises(ValueError, match="POOL-"):
        support.stock(order, "高知", by=hall.kitter, as_of=at(8))
