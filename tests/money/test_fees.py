"""What is owed is computed, paid once, kept whatever happens, and goes back where it is too much."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum import luhn

from tests.money.payments import TOWN, staff, system
from tests.money.permits import (
    ask_anew,
    cash,
    clerk,
    collection,
    going_back,
    kept,
    permit,
    today,
    waits_for,
)
from yakuba.access import Denied
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.cases.errors import NeedsPayment
from yakuba.clock import TOKYO, now
from yakuba.money.fees import actions, books, charging, queries
from yakuba.money.fees.errors import AnotherAmount, NothingOwed, TooLittle
from yakuba.money.models import Fee, Received, Refund


# -- what is owed ------------------------------------------------------------------------------------------
def test_a_fee_is_computed_by_the_rules_of_its_service(permits):
    assert queries.bill(permit(3).id).due == 900


def test_a_fee_of_nought_needs_no_payment(permits):
    case = permit(0)
    assert waits_for(case.id) == ["issue"]
    assert queries.bill(case.id) is None


def test_a_step_that_takes_a_fee_cannot_be_ticked_off(permits):
    case = permit()
    (task,) = [task for task in case_queries.tasks_of(case.id) if task.status == "open"]
    with pytest.raises(NeedsPayment):
        cases.finish(task.id, by=clerk(), as_of=now())
    assert waits_for(case.id) == ["charge"]


def test_what_is_owed_is_kept_since_the_day_on_which_the_step_opened(permits):
    before = datetime(2025, 11, 25, 10, tzinfo=TOKYO)
    case = permit(at=before)
    actions.assess_waiting(as_of=now())
    actions.assess_waiting(as_of=now())
    assert Fee.objects.get(case=case.id).since == before.date()


# -- at the counter ----------------------------------------------------------------------------------------
def test_cash_ends_the_step_gives_change_and_a_receipt_with_the_next_number(permits):
    first, second = permit(), permit(1)
    money, change = actions.take_cash(first.id, 1000, shown=600, by=clerk(), as_of=now())
    assert (money.amount, change, money.number) == (600, 400, 1)
    assert waits_for(first.id) == ["issue"]
    assert cash(second.id).number == 2
    done = case_queries.history(first.id)[-1]
    assert (done.by_id, done.event.outcome) == ("staff:kato", "fee_paid")
    assert "窓口（現金） 600円" in done.event.note


@pytest.mark.parametrize(("tendered", "shown", "error"), [(500, 600, TooLittle), (1000, 300, AnotherAmount)])
def test_too_little_cash_or_an_old_amount_is_refused_and_nothing_is_recorded(permits, tendered, shown, error):
    case = permit()
    with pytest.raises(error):
        actions.take_cash(case.id, tendered, shown=shown, by=clerk(), as_of=now())
    assert kept(case.id) == []


def test_cash_is_taken_once(permits):
    case = permit()
    cash(case.id)
    with pytest.raises(NothingOwed):
        cash(case.id)
    assert kept(case.id) == [("counter", 600)]


def test_only_who_may_take_money_takes_it(permits):
    case = permit()
    with pytest.raises(Denied):
        actions.take_cash(case.id, 600, shown=600, by=staff("sato", "reviewer"), as_of=now())


def test_another_town_sees_nothing_of_it(permits, other_town):
    cash(permit().id)
    with other_town:
        assert not Received.objects.exists()
        assert not Fee.objects.exists()


# -- a case that is decided anew ------------------------------------------------------------------------------
def test_who_has_paid_and_is_decided_anew_does_not_pay_again(permits):
    case = permit()
    cash(case.id)
    ask_anew(case.id, copies=2)
    assert waits_for(case.id) == ["issue"]
    assert (kept(case.id), going_back(case.id)) == ([("counter", 600)], [])


def test_who_asks_for_more_pays_the_difference(permits):
    case = permit()
    cash(case.id)
    ask_anew(case.id, copies=3)
    assert queries.bill(case.id).due == 300
    cash(case.id)
    assert waits_for(case.id) == ["issue"]
    assert kept(case.id) == [("counter", 600), ("counter", 300)]


def test_who_asks_for_less_gets_the_difference_back(permits):
    case = permit()
    cash(case.id)
    ask_anew(case.id, copies=1)
    assert waits_for(case.id) == ["issue"]
    assert going_back(case.id) == [("lowered", 300, "asked")]


# -- money goes back ------------------------------------------------------------------------------------------
@pytest.fixture
def withdrawn(permits):
    """A case that was paid in cash and then withdrawn; its money is asked back."""
    case = permit()
    cash(case.id)
    cases.withdraw(case.id, by=system(), as_of=now())
    actions.settle_ended(as_of=now())
    actions.settle_ended(as_of=now())
    return case


def test_the_money_of_a_case_that_is_withdrawn_is_asked_back_once(withdrawn):
    assert going_back(withdrawn.id) == [("ended", 600, "asked")]


def test_a_refund_is_approved_by_one_and_paid_out_by_another(withdrawn):
    refund = Refund.objects.get()
    boss, accountant = staff("boss", "manager", "accountant"), staff("mori", "accountant")
    actions.approve(refund.id, by=boss, as_of=now())
    with pytest.raises(Denied):
        actions.pay_out(refund.id, "現金", by=boss, as_of=now())
    actions.pay_out(refund.id, "現金、受領書 3", by=accountant, as_of=now())
    assert going_back(withdrawn.id) == [("ended", 600, "done")]
    assert "還付しました" in case_queries.history(withdrawn.id)[-1].event.text


def test_who_took_the_cash_does_not_approve_that_it_goes_back(permits):
    both = staff("both", "clerk", "accountant", "manager")
    case = permit()
    cash(case.id, by=both)
    cases.withdraw(case.id, by=system(), as_of=now())
    actions.settle_ended(as_of=now())
    with pytest.raises(Denied):
        actions.approve(Refund.objects.get().id, by=both, as_of=now())


def test_a_refund_that_is_declined_is_not_asked_for_again(withdrawn):
    actions.decline(Refund.objects.get().id, "交付済み", by=staff("boss", "manager"), as_of=now())
    actions.settle_ended(as_of=now())
    assert going_back(withdrawn.id) == [("ended", 600, "declined")]


def test_a_case_that_was_paid_back_and_is_taken_up_again_owes_its_fee_again(withdrawn):
    cases.reopen(withdrawn.id, by=staff("boss", "manager"), as_of=now(), reason="取下げは誤り")
    (task,) = [task for task in case_queries.tasks_of(withdrawn.id) if task.status == "open"]
    cases.decide(task.id, by=staff("sato", "reviewer"), as_of=now(), outcome="granted", reason="確かめた")
    assert waits_for(withdrawn.id) == ["charge"]
    assert queries.bill(withdrawn.id).due == 600


# -- numbers --------------------------------------------------------------------------------------------------
@given(st.integers(0, 999_999_999))
def test_every_number_of_a_slip_has_its_town_and_a_right_check_digit(count):
    number = charging.slip_number(TOWN, count)
    assert len(number) == 16
    assert number.startswith(TOWN)
    assert luhn.is_valid(number)


def test_a_receipt_that_was_made_before_is_marked(permits):
    money = cash(permit().id)
    assert not actions.printed(money, as_of=now())
    assert actions.printed(money, as_of=now())


# -- the books ------------------------------------------------------------------------------------------------
PAYING = st.lists(st.sampled_from(["cash", "slip", "slip twice", "nothing", "withdrawn"]), max_size=5)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PAYING)
def test_the_books_of_a_day_add_up_whatever_people_did(permits, paying):
    before = books.reconcile(today(), today(), by=system())
    rows, expected = [], 0
    for how in paying:
        case = permit(1)
        if how in ("cash", "withdrawn"):
            cash(case.id)
            expected += 300
        if how == "withdrawn":
            cases.withdraw(case.id, by=system(), as_of=now())
        if how.startswith("slip"):
            slip = actions.issue_slip(case.id, by=clerk(), as_of=now())
            times = 2 if how == "slip twice" else 1
            rows += [(slip.number, 300, today(), f"{case.id.hex[:16]}-{n}") for n in range(times)]
            expected += 300 * times
    read = actions.collect(
        collection([*rows, ("9999", 50, today(), f"x-{rows}"[:40])]), by=system(), as_of=now()
    )
    assert read.rows == read.matched + read.held + read.before
    actions.settle_ended(as_of=now())
    after = books.reconcile(today(), today(), by=system())
    assert after.received - before.received == expected
    assert sum(one.received for one in after.days) == sum(
        Received.objects.filter(on=today()).values_list("amount", flat=True)
    )
    asked = sum(Refund.objects.values_list("amount", flat=True))
    owed_and_paid = sum(
        bill.target for fee in Fee.objects.all() if (bill := queries.bill(fee.case)) and not bill.due
    )
    assert after.received == owed_and_paid + asked


def test_the_fiscal_year_begins_the_numbers_of_receipts_anew(permits):
    last = datetime(2026, 3, 31, 10, tzinfo=TOKYO)
    for case, at in ((permit(), last), (permit(), last + timedelta(days=1))):
        money, _ = actions.take_cash(case.id, 600, shown=600, by=clerk(), as_of=at)
        assert money.number == 1
    assert actions.receipt_number(money) == "令和8年度 第1号"
