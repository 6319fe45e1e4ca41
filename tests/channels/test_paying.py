"""A resident pays a fee from the status page, without JavaScript; a clerk takes cash; accountants keep the books."""

from __future__ import annotations

import json
import time

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.channels.browser import Visitor
from tests.conftest import TOWN
from tests.money.conftest import made_up_services, offered, permits, provider  # noqa: F401  (fixtures)
from tests.money.permits import KEY, SECRET, cash, collection, kept, permit, today, waits_for
from yakuba.access import SYSTEM
from yakuba.cases import actions as cases
from yakuba.clock import now
from yakuba.money.fees import actions, queries
from yakuba.money.models import PaymentOrder, Received, Refund, Slip
from yakuba.simulators.payments import Mood
from yakuba.simulators.signing import signed


def by_reference(case) -> Visitor:
    browser = Visitor(Client())
    browser.send(to=f"/{TOWN}/sign-in/reference/", reference=case.reference, born="昭和25年1月1日")
    return browser


@pytest.fixture
def owing(permits, household):  # noqa: F811
    """A case that waits for 600 yen."""
    return permit()


@pytest.fixture
def at_home(owing) -> Visitor:
    """Its resident, on the status page by reference number and birth date."""
    return by_reference(owing)


def notice(provider, order, **headers) -> int:  # noqa: F811
    """The provider posts its notice; the status of the answer."""
    body = json.dumps(provider.said(provider.orders[str(order.id)])).encode()
    head = signed(body, str(order.id), SECRET, time.time())
    sent = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in head.items()}
    sent |= headers
    posted = Client(enforce_csrf_checks=True).post(
        f"/{TOWN}/payments/notice/", body, content_type="application/json", **sent
    )
    return posted.status_code


# -- the resident ----------------------------------------------------------------------------------------
def test_who_owes_a_fee_sees_how_much_and_every_way_to_pay(at_home, owing, provider):  # noqa: F811
    at_home.open(f"status/{owing.reference}/")
    for words in ("手数料のお支払い", "600円", "オンラインで支払う", "窓口で現金で", "納付書"):
        assert words in at_home.text


def test_where_no_provider_is_set_nobody_is_sent_to_one(at_home, owing):
    assert "オンラインで支払う" not in at_home.text
    at_home.send(to=f"/{TOWN}/status/{owing.reference}/pay/")
    assert "オンラインでの支払いを受け付けていません" in at_home.text
    assert not PaymentOrder.objects.exists()


def test_from_the_button_to_the_provider_and_back_the_fee_is_paid(at_home, owing, provider):  # noqa: F811
    at_home.send(to=f"/{TOWN}/status/{owing.reference}/pay/")
    order = PaymentOrder.objects.get()
    assert order.page in at_home.text
    provider.mood = Mood.TELL_NEVER
    back = httpx.post(order.page, data={"pay": "1"}).headers["location"]
    at_home.open(back.removeprefix("http://127.0.0.1:8000"))
    assert at_home.at == f"/{TOWN}/status/{owing.reference}/"
    assert "お支払いいただいた手数料" in at_home.text
    assert (waits_for(owing.id), kept(owing.id)) == (["issue"], [("online", 600)])


def test_who_comes_back_without_paying_can_go_on(at_home, owing, provider):  # noqa: F811
    at_home.send(to=f"/{TOWN}/status/{owing.reference}/pay/")
    order = PaymentOrder.objects.get()
    at_home.open(f"status/{owing.reference}/pay/{order.id}/?back")
    assert order.page in at_home.text
    at_home.open(f"status/{owing.reference}/")
    assert "オンラインの支払いを続ける" in at_home.text


def test_a_provider_that_does_not_answer_leaves_it_not_known_and_charges_nobody(
    at_home,
    owing,
    provider,  # noqa: F811
):
    provider.mood = Mood.FAIL
    at_home.send(to=f"/{TOWN}/status/{owing.reference}/pay/")
    assert "まだ分かりません" in at_home.text
    provider.mood = Mood.WELL
    at_home.send(to=f"/{TOWN}/status/{owing.reference}/pay/")
    assert PaymentOrder.objects.get().page in at_home.text
    assert provider.charged == {}


def test_a_provider_that_refuses_is_said_and_the_other_ways_stay(at_home, owing, provider):  # noqa: F811
    provider.mood = Mood.REFUSE
    at_home.send(to=f"/{TOWN}/status/{owing.reference}/pay/")
    assert "オンラインの支払いは受け付けられませんでした" in at_home.text
    assert "納付書" in at_home.text


def test_a_notice_that_comes_twice_is_taken_twice_and_counts_once(at_home, owing, provider):  # noqa: F811
    at_home.send(to=f"/{TOWN}/status/{owing.reference}/pay/")
    order = PaymentOrder.objects.get()
    provider.pay(provider.orders[str(order.id)], Mood.TELL_NEVER)
    assert [notice(provider, order), notice(provider, order)] == [204, 204]
    assert kept(owing.id) == [("online", 600)]


def test_a_notice_that_the_provider_did_not_sign_is_refused(at_home, owing, provider):  # noqa: F811
    at_home.send(to=f"/{TOWN}/status/{owing.reference}/pay/")
    order = PaymentOrder.objects.get()
    provider.pay(provider.orders[str(order.id)], Mood.TELL_NEVER)
    assert notice(provider, order, HTTP_WEBHOOK_SIGNATURE="v1,AAAA") == 401
    assert kept(owing.id) == []


def test_another_persons_reference_opens_nothing(at_home, owing, permits, provider):  # noqa: F811
    other = permit()
    money = cash(other.id)
    for where in ("pay/", "slip/", f"receipt/{money.id}/"):
        assert at_home.client.post(f"/{TOWN}/status/{other.reference}/{where}").status_code == 403
    assert at_home.client.post(f"/{TOWN}/status/{owing.reference}/receipt/{money.id}/").status_code == 404


def test_the_slip_and_the_receipt_are_pdf_files_and_a_second_receipt_is_marked(at_home, owing, monkeypatch):
    made = []
    from yakuba.channels import fee_papers

    draw = fee_papers.pdf
    monkeypatch.setattr(fee_papers, "pdf", lambda paper: made.append(paper) or draw(paper))
    status = f"/{TOWN}/status/{owing.reference}/"
    assert at_home.client.post(f"{status}slip/").content.startswith(b"%PDF-")
    money = cash(owing.id)
    for _ in range(2):
        assert at_home.client.post(f"{status}receipt/{money.id}/").content.startswith(b"%PDF-")
    assert [paper.again for paper in made] == [False, False, True]
    assert (made[0].number, made[0].name) == (Slip.objects.get().number, "山田 太郎")
    assert made[1].number == actions.receipt_number(money)


# -- the counter -----------------------------------------------------------------------------------------
def test_a_clerk_takes_cash_and_is_told_the_change_and_the_receipt(desk, owing):
    clerk = desk("clerk", "reviewer")
    page = clerk.get(f"/{TOWN}/staff/case/{owing.id}/").content.decode()
    assert "現金を受け取った" in page
    assert "作業を終える" not in page
    said = clerk.post(
        f"/{TOWN}/staff/case/{owing.id}/fee/cash/", {"tendered": "1,000", "shown": "600"}, follow=True
    )
    assert "おつりは 400円" in said.content.decode()
    assert waits_for(owing.id) == ["issue"]
    (money,) = Received.objects.all()
    printed = clerk.post(f"/{TOWN}/staff/case/{owing.id}/fee/receipt/{money.id}/")
    assert printed.content.startswith(b"%PDF-")


def test_too_little_cash_is_said_and_what_was_typed_stands_there(desk, owing):
    clerk = desk("clerk", "reviewer")
    said = clerk.post(
        f"/{TOWN}/staff/case/{owing.id}/fee/cash/", {"tendered": "500", "shown": "600"}, follow=True
    )
    assert "100円 足りません" in said.content.decode()
    assert 'value="500"' in said.content.decode()


# -- the books -------------------------------------------------------------------------------------------
def test_the_books_show_the_day_and_refunds_that_a_manager_approves_and_an_accountant_pays_out(desk, owing):
    cash(owing.id)
    cases.withdraw(owing.id, by=SYSTEM(TOWN), as_of=now())
    actions.settle_ended(as_of=now())
    books, one = f"/{TOWN}/staff/fees/", Refund.objects.get()
    boss, accountant = desk("manager"), desk("accountant")
    assert "還付を承認する" in boss.get(books).content.decode()
    boss.post(f"{books}refund/{one.id}/", {"what": "approve"})
    page = accountant.get(books).content.decode()
    assert "支払ったと記録する" in page
    assert "600円" in page
    accountant.post(f"{books}refund/{one.id}/", {"what": "pay_out", "told": "現金"})
    assert queries.refund(one.id).state == "done"


def test_a_file_of_the_bank_is_read_on_the_desk_and_its_held_rows_stand_there(desk, owing):
    slip = actions.issue_slip(owing.id, by=SYSTEM(TOWN), as_of=now())
    accountant = desk("accountant")
    content = collection([(slip.number, 600, today(), "B-1"), ("1", 50, today(), "B-2")], "cp932")
    page = accountant.post(
        f"/{TOWN}/staff/fees/collect/", {"collection": SimpleUploadedFile("a.csv", content)}, follow=True
    ).content.decode()
    assert "2行を読みました：一致 1、要確認 1" in page
    assert "番号が不明" in page
    (row,) = queries.rows_held()
    page = accountant.post(
        f"/{TOWN}/staff/fees/row/{row.id}/", {"told": "隣町の分"}, follow=True
    ).content.decode()
    assert "調べる収納はありません" in page


def test_a_day_is_compared_with_the_provider(desk, owing, provider):  # noqa: F811
    page = desk("accountant").get(f"/{TOWN}/staff/fees/compare/", follow=True).content.decode()
    assert "決済事業者の記録と合っています" in page


def test_a_clerk_does_not_see_the_books(desk, owing):
    assert desk("clerk").get(f"/{TOWN}/staff/fees/").status_code == 403


def test_the_key_of_the_provider_is_nowhere_on_a_page(at_home, provider):  # noqa: F811
    assert KEY not in at_home.text
