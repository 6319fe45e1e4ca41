"""Paying online, with a provider that speaks the real protocol and can be told to fail: nobody is charged twice."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import httpx
import pytest

from tests.money.payments import TOWN, staff, system
from tests.money.permits import KEY, SECRET, cash, clerk, going_back, kept, permit, today, waits_for
from yakuba.cases import actions as cases
from yakuba.clock import now
from yakuba.money import jobs
from yakuba.money.fees import actions, books, queries
from yakuba.money.fees import provider as providers
from yakuba.money.fees.errors import NothingOwed
from yakuba.money.models import PaymentNotice, PaymentOrder, Received, Refund
from yakuba.simulators.payments import Mood
from yakuba.simulators.signing import signed

PAGES = {"what": "看板の許可", "back": "http://town.invalid/back", "tell": "http://127.0.0.1:9/notice"}


@pytest.fixture
def client(provider) -> providers.Http:
    """The town's side of the protocol, with little patience."""
    return providers.Http(provider.address, KEY, patience=0.5)


def begun(case, client) -> PaymentOrder:
    order = actions.order(case.id, by=clerk(), as_of=now())
    return actions.open_page(order, client, **PAGES, as_of=now())


def told(provider, order, *, secret: str = SECRET, at=None) -> None:
    """The provider's notice of an order arrives."""
    body = json.dumps(provider.said(provider.orders[str(order.id)])).encode()
    headers = {
        name.lower(): value for name, value in signed(body, str(order.id), secret, time.time()).items()
    }
    actions.notified(body, headers, as_of=at or now())


def paid_at_the_shop(provider, order) -> None:
    """The resident pays on the provider's page; its notice cannot reach the town of a test."""
    provider.pay(provider.orders[str(order.id)], Mood.TELL_NEVER)


# -- as it should be ------------------------------------------------------------------------------------------
def test_who_pays_on_the_providers_page_has_paid(permits, provider, client):
    case = permit()
    order = begun(case, client)
    assert (order.state, order.page) == ("open", f"{provider.address}/pay/{order.id}")
    paid_at_the_shop(provider, order)
    told(provider, order)
    assert waits_for(case.id) == ["issue"]
    assert kept(case.id) == [("online", 600)]


def test_the_page_of_the_provider_takes_the_money_with_a_plain_form(permits, provider, client):
    order = begun(permit(), client)
    assert "600円" in httpx.get(order.page).text
    for _ in range(2):  # pressed twice
        went = httpx.post(order.page, data={"pay": "1", "mood": "tell_never"})
        assert went.headers["location"] == PAGES["back"]
    assert provider.charged == {str(order.id): 600}


# -- every fault ----------------------------------------------------------------------------------------------
def test_a_payment_that_is_notified_twice_is_one_payment_and_both_notices_are_kept(permits, provider, client):
    case = permit()
    order = begun(case, client)
    paid_at_the_shop(provider, order)
    told(provider, order)
    told(provider, order)
    assert (kept(case.id), going_back(case.id)) == ([("online", 600)], [])
    assert PaymentNotice.objects.filter(order=order.id).count() == 2


def test_a_time_out_leaves_the_order_not_known_and_the_next_try_is_the_same_order(permits, provider, client):
    case = permit()
    provider.mood, provider.time_out_seconds = Mood.TIME_OUT, 1.0
    order = actions.order(case.id, by=clerk(), as_of=now())
    with pytest.raises(providers.Silent):
        actions.open_page(order, client, **PAGES, as_of=now())
    assert queries.order(order.id).state == "new"
    provider.mood = Mood.WELL
    assert begun(case, client).id == order.id
    assert list(provider.orders) == [str(order.id)]


def test_a_payment_of_which_nobody_told_is_found_by_asking(permits, provider, client):
    case = permit()
    paid_at_the_shop(provider, begun(case, client))
    assert actions.ask_all(TOWN, client, as_of=now()) == 0  # not yet time to ask
    assert actions.ask_all(TOWN, client, as_of=now() + timedelta(minutes=2)) == 1
    assert (waits_for(case.id), kept(case.id)) == (["issue"], [("online", 600)])


def test_while_the_provider_is_away_nothing_is_known_and_it_is_asked_again(permits, provider, client):
    case = permit()
    order = begun(case, client)
    paid_at_the_shop(provider, order)
    provider.mood = Mood.FAIL
    later = now() + timedelta(minutes=2)
    assert actions.ask_all(TOWN, client, as_of=later) == 0
    provider.mood = Mood.WELL
    assert actions.ask_all(TOWN, client, as_of=later + timedelta(minutes=3)) == 1
    assert kept(case.id) == [("online", 600)]


@pytest.mark.parametrize("wrong", ["signature", "old", "body", "not signed", "time"])
def test_what_the_provider_did_not_sign_changes_nothing(permits, provider, client, wrong):
    case = permit()
    order = begun(case, client)
    paid_at_the_shop(provider, order)
    body = json.dumps(provider.said(provider.orders[str(order.id)])).encode()
    secret = "whsec_" + "A" * 24 if wrong == "signature" else SECRET
    headers = signed(body, str(order.id), secret, 999_999_999_999 if wrong == "time" else time.time())
    at = now() + timedelta(minutes=6) if wrong == "old" else now()
    if wrong == "body":
        body = body.replace(b"600", b"999")
    with pytest.raises(providers.Forged):
        actions.notified(body, {} if wrong == "not signed" else headers, as_of=at)
    assert kept(case.id) == []
    assert not PaymentNotice.objects.exists()


def test_without_a_secret_no_notice_counts(permits, provider, client, settings):
    order = begun(permit(), client)
    settings.YAKUBA_PAYMENTS = {"url": "", "key": "", "secret": ""}
    with pytest.raises(providers.Forged):
        told(provider, order, secret="whsec_")


def test_a_notice_about_an_order_of_nobody_is_kept_and_changes_nothing(permits, provider, client):
    order = begun(permit(), client)
    provider.orders["7c9e6679-7425-40de-944b-e07fc1f90ae7"] = provider.orders[str(order.id)]
    stranger = PaymentOrder(id="7c9e6679-7425-40de-944b-e07fc1f90ae7")
    body = json.dumps({**provider.said(provider.orders[str(order.id)]), "order": stranger.id}).encode()
    actions.notified(body, signed(body, "n1", SECRET, time.time()), as_of=now())
    assert PaymentNotice.objects.count() == 1
    assert not Received.objects.exists()


def test_an_order_that_the_provider_refuses_can_be_paid_otherwise(permits, provider, client):
    case = permit()
    provider.mood = Mood.REFUSE
    order = actions.order(case.id, by=clerk(), as_of=now())
    with pytest.raises(providers.Refused):
        actions.open_page(order, client, **PAGES, as_of=now())
    actions.refused(order.id)
    provider.mood = Mood.WELL
    assert begun(case, client).id != order.id


def test_an_order_that_never_arrived_is_given_up_after_an_hour(permits, provider, client):
    order = actions.order(permit().id, by=clerk(), as_of=now())
    actions.ask_all(TOWN, client, as_of=now() + timedelta(minutes=61))
    assert queries.order(order.id).state == "over"


def test_a_crash_between_the_provider_and_our_books_charges_nobody_twice(
    permits, provider, client, monkeypatch
):
    case = permit()
    order = begun(case, client)
    paid_at_the_shop(provider, order)
    with monkeypatch.context() as broken:
        broken.setattr(cases, "paid", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            told(provider, order)
    assert (queries.order(order.id).state, kept(case.id)) == ("open", [])
    with pytest.raises(providers.Refused):  # who comes back and presses again finds the same order, paid
        actions.open_page(order, providers.Http(provider.address, "another key"), **PAGES, as_of=now())
    assert actions.order(case.id, by=clerk(), as_of=now()).id == order.id
    told(provider, order)
    assert provider.charged == {str(order.id): 600}
    assert (waits_for(case.id), kept(case.id)) == (["issue"], [("online", 600)])
    with pytest.raises(NothingOwed):
        actions.order(case.id, by=clerk(), as_of=now())


# -- twice, and too late ------------------------------------------------------------------------------------------
def test_who_pays_cash_while_an_order_is_open_can_no_longer_pay_it(permits, provider, client):
    case = permit()
    order = begun(case, client)
    cash(case.id)
    assert actions.ask_all(TOWN, client, as_of=now() + timedelta(seconds=1)) == 1
    assert (queries.order(order.id).state, provider.orders[str(order.id)].state) == ("over", "over")
    with pytest.raises(ValueError, match="paid"):
        provider.pay(provider.orders[str(order.id)])


def test_who_has_paid_online_and_in_cash_gets_one_back_through_the_provider(permits, provider, client):
    case = permit()
    order = begun(case, client)
    paid_at_the_shop(provider, order)
    cash(case.id)
    told(provider, order)
    assert going_back(case.id) == [("twice", 600, "asked")]
    actions.approve(Refund.objects.get().id, by=staff("boss", "manager"), as_of=now())
    provider.mood = Mood.REFUND_SLOWLY
    assert actions.send_all(TOWN, client, as_of=now()) == 0
    assert going_back(case.id) == [("twice", 600, "sending")]
    assert actions.send_all(TOWN, client, as_of=now() + timedelta(minutes=2)) == 1
    assert going_back(case.id) == [("twice", 600, "done")]
    assert list(provider.orders[str(order.id)].refunds.values()) == [600]
    assert waits_for(case.id) == ["issue"]


def test_a_payment_that_is_told_of_after_the_case_was_withdrawn_is_kept_and_goes_back(
    permits, provider, client
):
    case = permit()
    order = begun(case, client)
    paid_at_the_shop(provider, order)
    cases.withdraw(case.id, by=system(), as_of=now())
    told(provider, order)
    assert kept(case.id) == [("online", 600)]
    assert going_back(case.id) == [("ended", 600, "asked")]


def test_a_refund_that_the_provider_refuses_is_paid_out_by_hand(permits, provider, client):
    case = permit()
    order = begun(case, client)
    paid_at_the_shop(provider, order)
    told(provider, order)
    cases.withdraw(case.id, by=system(), as_of=now())
    actions.settle_ended(as_of=now())
    actions.approve(Refund.objects.get().id, by=staff("boss", "manager"), as_of=now())
    provider.mood = Mood.REFUSE_REFUND
    actions.send_all(TOWN, client, as_of=now())
    assert going_back(case.id) == [("ended", 600, "not_sent")]
    actions.pay_out(Refund.objects.get().id, "口座振込", by=staff("mori", "accountant"), as_of=now())
    assert going_back(case.id) == [("ended", 600, "done")]


def test_a_refund_that_is_sent_again_after_a_time_out_is_one_refund(permits, provider, client):
    case = permit()
    order = begun(case, client)
    paid_at_the_shop(provider, order)
    told(provider, order)
    cases.withdraw(case.id, by=system(), as_of=now())
    actions.settle_ended(as_of=now())
    actions.approve(Refund.objects.get().id, by=staff("boss", "manager"), as_of=now())
    provider.mood, provider.time_out_seconds = Mood.TIME_OUT, 1.0
    actions.send_all(TOWN, client, as_of=now())
    provider.mood = Mood.WELL
    actions.send_all(TOWN, client, as_of=now() + timedelta(minutes=3))
    assert provider.orders[str(order.id)].refunds == {str(Refund.objects.get().id): 600}
    assert going_back(case.id) == [("ended", 600, "done")]


# -- the books ------------------------------------------------------------------------------------------------
def test_a_day_agrees_with_the_provider_once_everything_is_known_and_differs_before(
    permits, provider, client
):
    case = permit()
    order = begun(case, client)
    paid_at_the_shop(provider, order)
    (differs,) = books.reconcile(today(), today(), by=system(), provider=client).differences
    assert (differs.about, differs.theirs, differs.ours) == (str(order.id), 600, 0)
    jobs.look_after(TOWN, as_of=now() + timedelta(minutes=2))
    agreed = books.reconcile(today(), today(), by=system(), provider=client)
    assert (agreed.asked, agreed.differences, agreed.received) == (True, [], 600)


def test_a_provider_that_does_not_answer_is_said_to_be_not_asked(permits, provider, client):
    provider.mood = Mood.FAIL
    assert not books.reconcile(today(), today(), by=system(), provider=client).asked


def test_who_does_not_know_the_key_is_told_nothing(provider):
    with pytest.raises(providers.Refused):
        providers.Http(provider.address, "guessed").day(TOWN, today())
