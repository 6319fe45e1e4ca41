"""What was paid and is no longer due is found, asked back once, and comes back from later payments or in instalments."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.money.payments import AT, grant, sent_file, staff, system
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs, verify
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case, Task
from yakuba.clock import TOKYO
from yakuba.money import actions, giving_back, overpaid
from yakuba.money.fees import actions as fees
from yakuba.money.models import Correction, Entitlement, Payment, SetOff
from yakuba.simulators.bank import answer

PERSON = uuid.UUID("00000000-0000-4000-8000-000000000001")
CHILD = {"applicant": {"resident": True}, "members": [{"birth_date": "2020-01-15"}]}
TOWN = "394262"


# -- instalments, pure ---------------------------------------------------------------------------------
@given(st.integers(1, 10**8), st.integers(1, 60), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_instalments_are_the_whole_sum_in_nearly_equal_parts_a_month_apart(amount, count, first):
    plan = giving_back.instalments(amount, count, first)
    yen, days = [one for one, _ in plan], [day for _, day in plan]
    assert (sum(yen), len(yen), max(yen) - min(yen) <= 1) == (amount, count, True)
    assert days[0] == first
    assert {(b.year - a.year) * 12 + b.month - a.month for a, b in pairwise(days)} <= {1}


# -- finding -----------------------------------------------------------------------------------------
pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(allowance) -> uuid.UUID:
    """10,000 yen a month since December 2025, paid in February, April and June of 2026, 11,000 since April."""
    case = grant(allowance, applicant=PERSON, facts=CHILD)
    for month in (2, 4, 6):
        at = datetime(2026, month, 1, 10, tzinfo=TOKYO)
        data = answer(sent_file(date(2026, month, 10)), {})
        actions.read_result(data, by=system(), as_of=at)
    assert list(Payment.objects.order_by("period").values_list("period", "amount")) == [
        ("2026-02", 20_000),
        ("2026-04", 20_000),
        ("2026-06", 22_000),
    ]
    return case


def end(
    day: str, *, at: datetime = datetime(2026, 7, 1, 10, tzinfo=TOKYO), person: uuid.UUID | None = PERSON
) -> Case:
    """Somebody tells that the allowance has ended."""
    case = cases.open_case(
        catalogue.service("allowance-end"),
        {"ended": {"date": day}},
        channel="counter",
        by=system(),
        as_of=at,
        key=f"end:{day}",
        applicant=person,
        identified=person is not None,
    )
    jobs.drain(TOWN, as_of=at)
    return Case.objects.get(id=case.id)


JULY = datetime(2026, 7, 2, 3, tzinfo=TOKYO)


def found() -> dict[str, Any]:
    """The facts of the one case that was opened."""
    [case] = overpaid.find(TOWN, as_of=JULY)
    return case_queries.states([case])[case].facts["overpaid"]


def test_after_its_end_nothing_more_is_ordered(paid):
    case = end("2026-05-20")
    assert case.outcome == "granted"
    assert Entitlement.objects.get(case=paid).last == date(2026, 5, 1)
    assert actions.order_due(until=date(2026, 12, 31), as_of=JULY) == 0


def test_an_end_in_the_month_that_was_paid_last_leaves_nothing_overpaid(paid):
    end("2026-05-20")
    assert overpaid.find(TOWN, as_of=JULY) == []


def test_months_that_were_paid_after_the_end_are_found(paid):
    end("2026-02-20")
    assert found()["amount"] == 10_000 + 22_000
    assert list(Correction.objects.order_by("period").values_list("period", "amount")) == [
        ("2026-04", 10_000),
        ("2026-06", 22_000),
    ]


def test_what_was_asked_back_is_not_asked_back_again(paid):
    end("2026-04-20")
    assert found()["amount"] == 11_000
    assert overpaid.find(TOWN, as_of=JULY + timedelta(days=1)) == []
    end("2026-03-20")
    assert found()["amount"] == 11_000


def test_the_end_of_nobody_is_looked_at_by_somebody(paid):
    case = end("2026-05-20", person=None)
    assert case.tasks.filter(status="open", step="attend").exists()
    assert Entitlement.objects.get(case=paid).last is None


def test_a_single_payment_is_asked_back_once_its_case_is_decided_otherwise_and_not_before(gift):
    case = grant(gift, applicant=PERSON)
    actions.read_result(answer(sent_file(), {}), by=system(), as_of=AT)
    cases.reopen(case, by=staff("goto", "manager"), as_of=AT, reason="転入前だった")
    assert overpaid.find(TOWN, as_of=JULY) == []
    task = Task.objects.get(case_id=case, step="review", status="open")
    cases.decide(task.id, by=staff("kato", "reviewer"), as_of=AT, outcome="refused", reason="転入前だった")
    [opened] = overpaid.find(TOWN, as_of=JULY)
    assert case_queries.states([opened])[opened].facts["overpaid"]["amount"] == 10_000


# -- coming back -------------------------------------------------------------------------------------------
def agreed(paid: uuid.UUID, **plan: Any) -> Case:
    """32,000 yen were overpaid; how they come back was settled and decided by two people."""
    end("2026-02-20")
    [opened] = overpaid.find(TOWN, as_of=JULY)
    task = Task.objects.get(case_id=opened, step="plan")
    cases.finish(task.id, by=staff("kato", "clerk"), as_of=JULY, facts={"plan": plan})
    jobs.drain(TOWN, as_of=JULY)
    review = Task.objects.get(case_id=opened, step="review")
    for name in ("kato", "sato"):
        cases.decide(review.id, by=staff(name, "reviewer"), as_of=JULY, outcome="granted", amount=32_000)
    jobs.drain(TOWN, as_of=JULY)
    return Case.objects.get(id=opened)


def test_it_is_taken_from_later_payments_until_nothing_is_left(paid, allowance, in_town):
    case = agreed(paid, way="set_off")
    again = grant(
        allowance, applicant=PERSON, amount=11_000, facts=CHILD, at=datetime(2026, 7, 5, 10, tzinfo=TOKYO)
    )
    actions.order_due(until=date(2026, 12, 31), as_of=datetime(2026, 12, 1, tzinfo=TOKYO))
    later = Payment.objects.filter(case=again).order_by("period")
    assert list(later.values_list("period", "amount")) == [("2026-12", 12_000)]
    assert SetOff.objects.get().left == 0
    assert Case.objects.get(id=case.id).outcome == "granted"
    assert verify.verify(in_town)[2] == []


def test_what_was_taken_before_the_case_was_decided_anew_is_not_taken_again(paid, allowance, in_town):
    case = agreed(paid, way="set_off")
    grant(allowance, applicant=PERSON, amount=11_000, facts=CHILD, at=datetime(2026, 7, 5, 10, tzinfo=TOKYO))
    october = datetime(2026, 10, 1, tzinfo=TOKYO)
    actions.order_due(until=date(2026, 10, 31), as_of=october)
    cases.record(case.id, e.Reopened(reason="再調査"), by=system(), as_of=october, key="test:reopened")
    review = Task.objects.get(case=case, step="review", status="open")
    for name in ("kato", "sato"):
        cases.decide(review.id, by=staff(name, "reviewer"), as_of=october, outcome="granted", amount=32_000)
    jobs.drain(TOWN, as_of=october)
    actions.order_due(until=date(2026, 12, 31), as_of=datetime(2026, 12, 1, tzinfo=TOKYO))
    assert list(Payment.objects.filter(period="2026-12").values_list("amount", flat=True)) == [12_000]
    assert Case.objects.get(id=case.id).outcome == "granted"
    assert verify.verify(in_town)[2] == []


def test_a_set_off_whose_case_was_ended_takes_nothing(paid, allowance):
    case = agreed(paid, way="set_off")
    cases.withdraw(case.id, by=staff("kato", "clerk"), as_of=JULY, reason="免除")
    grant(allowance, applicant=PERSON, amount=11_000, facts=CHILD, at=datetime(2026, 7, 5, 10, tzinfo=TOKYO))
    actions.order_due(until=date(2026, 10, 31), as_of=datetime(2026, 10, 1, tzinfo=TOKYO))
    assert list(Payment.objects.filter(period="2026-10").values_list("amount", flat=True)) == [22_000]


def test_each_instalment_is_asked_for_before_it_is_due_and_the_last_one_ends_it(paid, in_town):
    case = agreed(paid, way="repay", count=3, first="2026-07-31")
    asked = Case.objects.filter(service="repayment").order_by("opened_at")
    assert [case_queries.state(one).facts["instalment"]["amount"] for one in asked] == [10_667]
    for day in (datetime(2026, 8, 10, tzinfo=TOKYO), datetime(2026, 9, 10, tzinfo=TOKYO)):
        giving_back.follow(in_town, as_of=day)
        jobs.drain(in_town, as_of=day)
    assert sorted(case_queries.state(one).facts["instalment"]["amount"] for one in asked.all()) == [
        10_666,
        10_667,
        10_667,
    ]
    for task in Task.objects.filter(service="repayment", step="charge", status="open"):
        owed = case_queries.state(task.case).amount or 0
        fees.take_cash(
            task.case_id,
            owed,
            shown=owed,
            by=staff("kato", "clerk"),
            as_of=datetime(2026, 9, 20, tzinfo=TOKYO),
        )
    assert giving_back.follow(in_town, as_of=datetime(2026, 9, 21, tzinfo=TOKYO)) == 1
    assert Case.objects.get(id=case.id).state == "closed"
    assert verify.verify(in_town)[2] == []


def test_what_was_granted_without_a_plan_waits_for_a_person(paid):
    case = agreed(paid, way="repay")
    assert not Case.objects.filter(service="repayment").exists()
    assert case.tasks.filter(step="attend", status="open").exists()


def test_followed_again_nothing_is_asked_twice(paid, in_town):
    agreed(paid, way="repay", count=3, first="2026-07-31")
    for _ in range(2):
        giving_back.follow(in_town, as_of=JULY)
    assert Case.objects.filter(service="repayment").count() == 1
