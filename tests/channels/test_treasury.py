"""Money and letters on the desk: a run is made by one, approved by two others, sent, and answered by the bank."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cases.conftest import GOOD
from tests.money.payments import register_town
from yakuba.access.models import AccessEvent
from yakuba.cases.models import Case, Task
from yakuba.channels import treasury
from yakuba.clock import now
from yakuba.messages.models import Message
from yakuba.money.bank_days import bank_day_on_or_after
from yakuba.money.check import check_file
from yakuba.money.models import Transfer, TransferRun
from yakuba.simulators.bank import Bank

MONEY = "/394262/staff/money/"
LETTERS = "/394262/staff/letters/"


@pytest.fixture
def granted(apply) -> Case:
    """A case with a payment that waits."""
    register_town()
    return apply(GOOD, applicant=uuid.uuid4())


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def bank_day() -> date:
    return bank_day_on_or_after(now().date())


def make(client: Client, day: str = "") -> str:
    return text(client.post(f"{MONEY}new/", {"value_date": day or bank_day().isoformat()}, follow=True))


def act(client: Client, what: str) -> str:
    return text(client.post(f"{MONEY}{TransferRun.objects.get().id}/{what}/", follow=True))


def written(desk) -> Client:
    """A run that two people have approved, and its file; returns the accountant's browser."""
    accountant = desk("accountant")
    make(accountant)
    for login in ("first", "second"):
        act(desk("approver", login=login), "approve")
    act(accountant, "export")
    return accountant


def content(client: Client) -> bytes:
    return client.get(f"{MONEY}file/{TransferRun.objects.get().files.get().id}/").content


def read_answer(client: Client, answer: bytes) -> str:
    return text(
        client.post(f"{MONEY}result/", {"result": SimpleUploadedFile("kekka.txt", answer)}, follow=True)
    )


# -- runs ------------------------------------------------------------------------------------------
def test_what_waits_to_be_paid_is_counted_by_service(desk, granted):
    page = text(desk("accountant").get(MONEY))
    assert "暖房費の助成: 1件 7,000円" in page


def test_who_looked_at_the_accounts_of_a_run_or_took_its_file_is_written_down(desk, granted):
    client = written(desk)
    run = TransferRun.objects.get()
    before = AccessEvent.objects.count()
    auditor = desk("auditor")
    text(auditor.get(f"{MONEY}{run.id}/"))
    content(client)
    seen = AccessEvent.objects.order_by("id").values_list("action", "resource_type", "resource_id")
    assert set(seen[before:]) >= {
        ("money.read", "Run", str(run.id)),
        ("money.run.export", "Run", str(run.id)),
    }


def test_a_run_is_made_by_one_and_approved_by_two_others(desk, granted):
    accountant = desk("accountant")
    assert "承認待ち" in make(accountant)
    assert "/approve/" not in text(accountant.get(f"{MONEY}{TransferRun.objects.get().id}/"))
    assert "承認待ち" in act(desk("approver", login="first"), "approve")
    assert "承認済み" in act(desk("approver", login="second"), "approve")


def test_who_made_the_run_cannot_approve_it(desk, granted):
    both = desk("accountant", "approver")
    make(both)
    answer = both.post(f"{MONEY}{TransferRun.objects.get().id}/approve/")
    assert answer.status_code == 403
    assert "別の決裁者が承認してください" in answer.content.decode()


def test_one_person_approves_once(desk, granted):
    make(desk("accountant"))
    approver = desk("approver")
    assert "/approve/" not in act(approver, "approve")
    assert 'role="alert"' in act(approver, "approve")


def test_there_is_no_file_before_two_have_approved(desk, granted):
    accountant = desk("accountant")
    make(accountant)
    act(desk("approver"), "approve")
    assert 'role="alert"' in act(accountant, "export")
    assert not TransferRun.objects.get().files.exists()


@pytest.mark.parametrize("day", ["", "令和7年2月30日", "2020-01-06", "2027-01-01"])
def test_a_day_on_which_no_bank_pays_is_refused_with_what_to_do(day, desk, granted):
    assert 'role="alert"' in text(desk("accountant").post(f"{MONEY}new/", {"value_date": day}, follow=True))
    assert not TransferRun.objects.exists()


def test_a_run_without_payments_is_not_made(desk, small):
    register_town()
    assert 'role="alert"' in make(desk("accountant"))


def test_a_cancelled_run_leaves_its_payments_waiting(desk, granted):
    accountant = desk("accountant")
    make(accountant)
    assert "取消" in act(accountant, "cancel")
    assert "暖房費の助成: 1件" in text(accountant.get(MONEY))


def test_the_file_is_given_to_accountants_only_and_passes_the_independent_reader(desk, granted):
    accountant = written(desk)
    file = TransferRun.objects.get().files.get()
    assert check_file(content(accountant), as_of=now().date()).ok
    assert desk("manager").get(f"{MONEY}file/{file.id}/").status_code == 403


def test_the_pages_of_money_make_few_queries(desk, granted, apply, django_assert_max_num_queries):
    for _ in range(15):
        apply(GOOD, applicant=uuid.uuid4())
    accountant = written(desk)
    with django_assert_max_num_queries(15):
        accountant.get(MONEY)
    with django_assert_max_num_queries(15):
        accountant.get(f"{MONEY}{TransferRun.objects.get().id}/")


# -- the bank answers ------------------------------------------------------------------------------
def test_the_banks_answer_ends_the_case(desk, granted, tmp_path):
    accountant = written(desk)
    act(accountant, "sent")
    bank = Bank(tmp_path, {})
    page = read_answer(accountant, bank.result(bank.accept(content(accountant)).number))
    assert "結果確認済み" in page
    assert "支払済み" in page


def test_a_transfer_that_came_back_opens_the_case_again_with_the_reason(desk, granted, tmp_path):
    accountant = written(desk)
    act(accountant, "sent")
    bank = Bank(tmp_path, {"0001-001-1234567": "2"})
    read_answer(accountant, bank.result(bank.accept(content(accountant)).number))
    assert "口座名義が違います" in text(accountant.get(MONEY))
    assert Task.objects.filter(case=granted, step="fix-account", status="open").exists()
    assert Transfer.objects.get().state == "failed"


@pytest.mark.parametrize("answer", [b"", b"hello", b"1210" + b" " * 116])
def test_a_file_that_is_no_answer_of_the_bank_changes_nothing(answer, desk, granted):
    accountant = written(desk)
    act(accountant, "sent")
    page = (
        read_answer(accountant, answer) if answer else text(accountant.post(f"{MONEY}result/", follow=True))
    )
    assert 'role="alert"' in page
    assert Transfer.objects.get().state == "in_run"


def test_a_run_that_is_not_there_is_not_found(desk, small):
    accountant = desk("accountant")
    assert accountant.get(f"{MONEY}00000000-0000-0000-0000-000000000000/").status_code == 404
    assert accountant.get(f"{MONEY}file/999/").status_code == 404


# -- letters ---------------------------------------------------------------------------------------
def test_letters_are_printed_as_one_pdf_and_marked_as_posted(desk, granted, apply):
    for reference in ("refused-1", "refused-2"):
        apply({**GOOD, "applicant": {**GOOD["applicant"], "birth_date": "2000-01-01"}}, key=reference)
    clerk = desk("clerk")
    letters = [str(m.id) for m in Message.objects.filter(carrier="letter", state="made")]
    assert len(letters) >= 2
    printed = clerk.post(f"{LETTERS}print/", {"message": letters})
    assert printed["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF")
    clerk.post(f"{LETTERS}posted/", {"message": letters})
    assert "郵送する通知はありません" in text(clerk.get(LETTERS))


@pytest.mark.parametrize("what", ["print", "posted"])
def test_without_a_chosen_letter_nothing_is_done(what, desk, granted):
    page = text(desk("clerk").post(f"{LETTERS}{what}/", follow=True))
    assert "通知を選んでください" in page


def test_a_mail_that_was_not_delivered_is_seen_and_sent_again_to_the_right_address(desk, granted):
    failed = Message.objects.create(
        town="394262", key="k", case=granted.id, template="granted", carrier="mail", state="failed",
        language="ja", to_name="山田", to_email="wrong@example.jp", subject="決定", body="…", made_at=now(),
        error="550 no such user",
    )  # fmt: skip
    clerk = desk("clerk")
    assert "550 no such user" in text(clerk.get(LETTERS))
    page = text(clerk.post(f"{LETTERS}{failed.id}/resend/", {"email": "wrong"}, follow=True))
    assert "メールアドレスの書き方が違います" in page
    clerk.post(f"{LETTERS}{failed.id}/resend/", {"email": "right@example.jp"})
    assert Message.objects.get(to_email="right@example.jp").state == "queued"


def test_more_letters_than_a_page_holds_are_paged(desk, granted, apply, monkeypatch):
    monkeypatch.setattr(treasury, "PAGE", 1)
    apply(GOOD)
    assert "2ページ中1ページ目" in text(desk("clerk").get(LETTERS))


@pytest.mark.parametrize("what", ["approve", "export", "sent", "cancel"])
def test_a_run_that_is_not_of_this_town_is_said_not_to_be_there(what, desk, granted):
    staff = desk("accountant", "approver")
    page = text(staff.post(f"{MONEY}{uuid.uuid4()}/{what}/", follow=True))
    assert "この振込データはこの自治体にありません" in page


def test_a_mail_is_sent_anew_once_however_often_the_button_is_pressed(desk, in_town):
    page = desk("clerk").post(f"{LETTERS}{uuid.uuid4()}/resend/", {"email": "a@example.jp"}, follow=True)
    assert "このメールはもう送り直されたか" in text(page)


def test_printing_letters_leaves_a_trace_for_each(desk, granted):
    letter = Message.objects.filter(carrier="letter").first()
    assert desk("clerk").post(f"{LETTERS}print/", {"message": [letter.id]}).status_code == 200
    traced = AccessEvent.objects.filter(action="message.read").values_list("resource_id", flat=True)
    assert list(traced) == [str(letter.id)]
