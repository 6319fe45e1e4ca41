"""Accounts are kept as long as money can be claimed, and then only sums and days are."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.db.models import F

from tests.money.payments import AT, MIZUHO, grant, sent_file, system
from yakuba.cases import actions as cases
from yakuba.cases import events as e
from yakuba.cases import retention, verify
from yakuba.cases.models import Event
from yakuba.clock import TOKYO
from yakuba.money import actions
from yakuba.money.models import Entitlement, Payment, ResultRead, Transfer, TransferFile
from yakuba.simulators.bank import answer

pytestmark = pytest.mark.django_db
OVER = datetime(2031, 4, 1, 3, tzinfo=TOKYO)


@pytest.fixture
def paid(gift) -> uuid.UUID:
    """A gift that arrived in December 2025."""
    case = grant(gift, applicant=uuid.uuid4())
    actions.read_result(answer(sent_file(), {}), by=system(), as_of=AT + timedelta(days=20))
    return case


def test_who_got_what_and_where_is_gone_and_the_sum_stays(paid, in_town):
    assert retention.run(in_town, as_of=OVER).due == {"gift": 1}
    kept = f"{[list(model.objects.values()) for model in (Entitlement, Payment, Transfer, TransferFile, ResultRead, Event)]}"
    assert not [part for part in (MIZUHO["number"], "ヤマダ") if part in kept]
    assert list(Payment.objects.values_list("amount", "state")) == [(10_000, "paid")]
    assert verify.verify(in_town)[2] == []


def test_nothing_is_gone_while_the_money_can_be_claimed(paid, in_town):
    Payment.objects.update(paid_on=OVER.date() - timedelta(days=365))
    report = retention.run(in_town, as_of=OVER)
    assert (report.due, report.held) == ({}, {"money": 1})


def test_a_payment_that_has_not_arrived_keeps_its_case(paid, in_town):
    Payment.objects.update(state="failed")
    assert retention.run(in_town, as_of=OVER).held == {"money": 1}


def test_what_is_still_paid_each_month_keeps_its_case(allowance, in_town):
    case = grant(allowance, facts={"children": [{"birth_date": "2025-01-01"}]})
    assert Entitlement.objects.filter(case=case, first__isnull=False).exists()
    assert retention.run(in_town, as_of=OVER).held == {"money": 1}


def test_what_was_refused_afterwards_is_not_kept_for_money_that_nobody_pays(allowance, in_town):
    case = grant(allowance, facts={"children": [{"birth_date": "2025-01-01"}]})
    cases.reopen(case, by=system(), as_of=AT, reason="再調査")
    anew = e.Decided(step="decide", attempt=2, outcome="refused", amount=None, decided_on="2025-11-25")
    cases.record(case, anew, by=system(), as_of=AT, key="test:refused")
    Entitlement.objects.filter(case=case).update(ordered_until=None)
    assert retention.run(in_town, as_of=OVER).due == {"allowance": 1}


def test_what_another_claim_took_over_before_its_first_month_is_not_kept(allowance, in_town):
    person = uuid.uuid4()
    facts = {"children": [{"birth_date": "2025-01-01"}]}
    first, second = (grant(allowance, applicant=person, facts=facts) for _ in range(2))
    over = Entitlement.objects.get(last__lt=F("first"))
    assert over.case in (first, second)
    assert retention.survey(in_town, as_of=OVER).due == {"allowance": 1}
