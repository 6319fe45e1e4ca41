"""The desk: what a clerk sees of the queue and of a case, and what happens when they act."""

from __future__ import annotations

import io
import uuid
from datetime import date, timedelta
from typing import get_args

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfWriter

from tests.cases.conftest import GOOD, UNSURE, open_task, staff
from tests.channels.conftest import person
from yakuba import clock
from yakuba.access import SYSTEM
from yakuba.access.models import AccessEvent
from yakuba.cases import actions, catalogue, events, queries
from yakuba.cases.models import Case, Document, Task
from yakuba.words import ui

DESK = "/394262/staff/"


def pdf() -> bytes:
    """One empty page."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(out)
    return out.getvalue()


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def page_of(client: Client, case: Case) -> str:
    return text(client.get(f"{DESK}case/{case.id}/"))


def act(client: Client, case: Case, what: str, **form) -> str:
    """Send a form of the case's page; returns the page that follows."""
    return text(client.post(f"{DESK}case/{case.id}/{what}/", form, follow=True))


def again(case: Case) -> Case:
    return Case.objects.get(id=case.id)


# -- the queue -----------------------------------------------------------------------------------
def test_the_first_page_counts_what_waits(desk, apply):
    apply(UNSURE), apply(UNSURE)
    page = text(desk("reviewer").get(DESK))
    assert "暖房費の助成" in page
    assert '<span class="figure">2</span>' in page


def test_an_empty_queue_says_what_would_be_there(desk, small):
    assert "申請が届いて人の判断がいるときに、ここに出ます" in text(desk("reviewer").get(f"{DESK}queue/"))


def test_the_queue_shows_who_applied_for_what_and_by_when(desk, apply):
    case = apply(UNSURE)
    page = text(desk("reviewer").get(f"{DESK}queue/"))
    assert case.reference in page
    assert "山田 太郎" in page
    assert "期限超過" in page


def test_the_queue_is_filtered_by_service_and_holder(desk, apply):
    case = apply(UNSURE)
    reviewer = desk("reviewer")
    assert case.reference in text(reviewer.get(f"{DESK}queue/?service=heating"))
    assert case.reference not in text(reviewer.get(f"{DESK}queue/?service=other"))
    assert case.reference not in text(reviewer.get(f"{DESK}queue/?mine=1"))
    act(reviewer, case, "take", task=open_task(case, "review"))
    assert case.reference in text(reviewer.get(f"{DESK}queue/?mine=1"))


@pytest.mark.parametrize("path", ["", "queue/"])
def test_lists_make_the_same_few_queries_however_many_rows_there_are(
    path, desk, apply, django_assert_max_num_queries
):
    for _ in range(30):
        apply(UNSURE, worked=False)
    apply(UNSURE)
    reviewer = desk("reviewer")
    with django_assert_max_num_queries(15):
        reviewer.get(DESK + path)


def test_a_reference_number_leads_to_its_case(desk, apply):
    case = apply(UNSURE)
    found = desk("clerk").get(f"{DESK}find/", {"reference": case.reference.replace("-", "")})
    assert found.url == f"{DESK}case/{case.id}/"


def test_a_reference_number_that_nobody_has_is_said_to_be_so(desk, small):
    page = text(desk("clerk").get(f"{DESK}find/", {"reference": "1234"}, follow=True))
    assert "受付番号「1234」の案件はこの自治体にありません" in page


# -- deciding ------------------------------------------------------------------------------------
def decision(case: Case, outcome: str = "granted", **more) -> dict:
    return {
        "task": open_task(case, "review"),
        "outcome": outcome,
        "amount": "7000",
        "reason": "確かめた",
        **more,
    }


def test_one_proposes_and_another_decides(desk, apply):
    case = apply(UNSURE)
    first, second = desk("reviewer"), desk("reviewer", login="second")
    page = act(first, case, "decide", **decision(case))
    assert "あなたの起案です" in page
    assert 'name="outcome" value="granted"' not in page
    act(second, case, "decide", **decision(case))
    assert (again(case).decision, again(case).amount) == ("granted", 7000)


def test_the_one_who_proposed_cannot_confirm_by_sending_the_form_again(desk, apply):
    case = apply(UNSURE)
    first = desk("reviewer")
    act(first, case, "decide", **decision(case))
    page = act(first, case, "decide", **decision(case))
    assert 'role="alert"' in page
    assert again(case).decision is None


def test_another_opinion_sends_the_proposal_back(desk, apply):
    case = apply(UNSURE)
    act(desk("reviewer"), case, "decide", **decision(case))
    page = act(desk("reviewer", login="second"), case, "decide", **decision(case, "refused"))
    assert "差し戻した" in page
    assert again(case).decision is None


def test_who_decides_a_moment_too_late_is_told_and_changes_nothing(desk, apply):
    case = apply(UNSURE)
    sent = decision(case)
    for login in ("first", "second"):
        act(desk("reviewer", login=login), case, "decide", **sent)
    page = act(desk("reviewer", login="third"), case, "decide", **{**sent, "outcome": "refused"})
    assert "もう終わっています" in page
    assert again(case).decision == "granted"


def test_a_refusal_needs_a_reason_and_what_was_typed_is_still_there(desk, apply):
    case = apply(UNSURE)
    page = act(desk("reviewer"), case, "decide", **decision(case, "refused", reason=" "))
    assert "理由を書いてください" in page
    assert 'value="refused" checked' in page


@pytest.mark.parametrize("amount", ["", "たくさん", "-5"])
def test_money_is_granted_only_with_an_amount_in_yen(amount, desk, apply):
    case = apply(UNSURE)
    page = act(desk("reviewer"), case, "decide", **decision(case, amount=amount))
    assert "金額を円の数字で入れてください" in page
    assert not Task.objects.get(id=open_task(case, "review")).case.status["steps"]["review"].get("proposal")


def test_several_cases_are_decided_with_one_reason(desk, apply):
    cases = [apply(UNSURE), apply(UNSURE)]
    form = {
        "task": [open_task(case, "review") for case in cases],
        "outcome": "refused",
        "reason": "要件に合わない",
    }
    for login in ("first", "second"):
        page = text(desk("reviewer", login=login).post(f"{DESK}queue/decide/", form, follow=True))
        assert "2件を記録しました" in page
    assert {again(case).decision for case in cases} == {"refused"}


def test_what_could_not_be_decided_together_is_counted_and_explained(desk, apply):
    done, free = apply(UNSURE), apply(UNSURE)
    act(desk("reviewer", login="holder"), done, "take", task=open_task(done, "review"))
    form = {"task": [open_task(c, "review") for c in (done, free)], "outcome": "refused", "reason": "要件"}
    page = text(desk("reviewer").post(f"{DESK}queue/decide/", form, follow=True))
    assert "1件を記録しました。1件は記録できませんでした" in page
    assert "職員 holder さんが担当しています" in page


def test_deciding_together_without_a_reason_decides_nothing(desk, apply):
    case = apply(UNSURE)
    form = {"task": open_task(case, "review"), "outcome": "granted", "reason": ""}
    assert "何も決定していません" in text(desk("reviewer").post(f"{DESK}queue/decide/", form, follow=True))


# -- a case --------------------------------------------------------------------------------------
def test_a_case_shows_what_was_said_what_the_conditions_say_and_what_is_missing(desk, apply):
    page = page_of(desk("reviewer"), apply(UNSURE))
    assert "世帯全員が非課税であること" in page
    assert "確認が必要" in page
    assert "暖房費助成要綱 第2条" in page
    assert "まだ分からないこと" in page


def test_the_page_of_a_case_makes_few_queries(desk, apply, django_assert_max_num_queries):
    case = apply(UNSURE)
    reviewer = desk("reviewer")
    for number in range(20):
        act(reviewer, case, "note", text=f"メモ {number}")
    with django_assert_max_num_queries(15):
        page_of(reviewer, case)


def test_who_holds_a_task_is_shown_to_the_others(desk, apply):
    case = apply(UNSURE)
    act(desk("reviewer"), case, "take", task=open_task(case, "review"))
    page = page_of(desk("reviewer", login="second"), case)
    assert "職員 reviewerが担当しています" in page
    assert "担当する" not in page


def test_a_task_that_is_given_back_is_free_again(desk, apply):
    case = apply(UNSURE)
    reviewer = desk("reviewer")
    act(reviewer, case, "take", task=open_task(case, "review"))
    act(reviewer, case, "release", task=open_task(case, "review"))
    assert Task.objects.get(id=open_task(case, "review")).holder is None


def test_a_form_without_a_task_says_so(desk, apply):
    assert "何も選ばれていません" in act(desk("reviewer"), apply(UNSURE), "take", task="")


def test_the_applicant_is_asked_to_correct_what_is_missing(desk, apply):
    case = apply(UNSURE)
    page = act(
        desk("reviewer"),
        case,
        "return",
        task=open_task(case, "review"),
        message="世帯の税を教えてください",
        ask="members",
    )
    assert "申請者の答えを待っています" in page
    assert again(case).state == "returned"
    assert again(case).status["asks"] == ["members"]


def test_a_correction_is_asked_for_in_words(desk, apply):
    case = apply(UNSURE)
    page = act(desk("reviewer"), case, "return", task=open_task(case, "review"), message="")
    assert "何を直してほしいか書いてください" in page


def test_a_clerk_enters_the_answer_that_was_given_by_phone(desk, apply):
    case = apply(UNSURE)
    act(
        desk("reviewer"),
        case,
        "return",
        task=open_task(case, "review"),
        message="税を教えてください",
        ask="members",
    )
    clerk = desk("clerk")
    assert f"/394262/status/{case.reference}/answer/" in page_of(clerk, case)
    assert clerk.get(f"/394262/status/{case.reference}/answer/").status_code == 200


def test_the_applicant_is_identified_by_a_paper_that_is_written_down(desk, apply, taro):
    case = apply(UNSURE, identified=False)
    clerk = desk("clerk")
    assert "何で本人を確かめたか" in act(clerk, case, "identify", person=taro.id, evidence="")
    act(clerk, case, "identify", person=taro.id, evidence="運転免許証")
    assert again(case).identified
    assert "運転免許証" in page_of(clerk, case)


@pytest.mark.parametrize(
    ("what", "form", "shown"),
    [
        ("note", {"text": "電話で聞いた"}, "電話で聞いた"),
        ("withdraw", {"reason": "引っ越すため"}, "取下げ"),
    ],
)
def test_what_is_done_with_a_case_stands_in_its_history(what, form, shown, desk, apply):
    case = apply(UNSURE)
    assert shown in act(desk("clerk", "reviewer"), case, what, **form)


def test_a_deadline_is_moved_to_a_later_day_and_not_by_a_century(desk, apply):
    case, reviewer = apply(UNSURE), desk("reviewer")
    to = clock.now().date() + timedelta(days=30)
    assert clock.say_date(to, "ja") in act(reviewer, case, "extend", to=to.isoformat(), reason="調査のため")
    page = act(reviewer, case, "extend", to="令和109年1月8日", reason="調査のため")
    assert "新しい期限は" in page
    assert clock.in_tokyo(again(case).legal_due).date() == to


def test_an_objection_is_noted_and_waits_for_a_manager(desk, apply):
    case = apply(UNSURE)
    for login in ("first", "second"):
        act(desk("reviewer", login=login), case, "decide", **decision(case, "refused"))
    assert "納得できない" in act(desk("clerk"), case, "object", text="納得できない")
    assert Task.objects.get(case=case, step="objection", status="open").role == "manager"


def test_a_withdrawn_case_is_taken_up_again(desk, apply):
    case = apply(UNSURE)
    act(desk("clerk"), case, "withdraw", reason="まちがえた")
    assert again(case).state == "closed"
    act(desk("reviewer"), case, "reopen", reason="申し出による")
    assert again(case).state == "open"


def test_a_day_that_does_not_exist_is_said_to_be_so(desk, apply):
    page = act(desk("reviewer"), apply(UNSURE), "extend", to="令和7年2月30日", reason="調査")
    assert 'role="alert"' in page


# -- papers and guarded facts ----------------------------------------------------------------------
def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_paper_that_was_handed_in_is_kept_and_can_do_nothing_in_the_browser(desk, apply):
    case = apply(UNSURE)
    clerk = desk("clerk")
    paper = pdf()
    act(clerk, case, "attach", paper=upload("課税証明書.pdf", paper))
    shown = clerk.get(f"{DESK}document/{Document.objects.get(origin='scan').id}/")
    assert shown.content == paper
    assert shown["Content-Security-Policy"].startswith("sandbox")
    assert shown["X-Content-Type-Options"] == "nosniff"


def test_a_program_that_calls_itself_pdf_is_not_kept(desk, apply):
    case = apply(UNSURE)
    page = act(desk("clerk"), case, "attach", paper=upload("書類.pdf", b"MZ\x90\x00" + bytes(500)))
    assert "受け付けられる種類ではありません" in page
    assert not Document.objects.filter(origin="scan").exists()


def test_an_account_is_masked_until_somebody_who_may_asks_for_it(desk, apply):
    case = apply(GOOD, identified=False)
    clerk = desk("clerk")
    assert "1234567" not in page_of(clerk, case)
    before = AccessEvent.objects.count()
    assert "1234567" in text(clerk.get(f"{DESK}case/{case.id}/?reveal=1"))
    assert AccessEvent.objects.count() > before


def test_an_auditor_sees_a_case_but_neither_its_account_nor_any_button(desk, apply):
    case = apply(UNSURE)
    auditor = desk("auditor")
    assert "1234567" not in text(auditor.get(f"{DESK}case/{case.id}/?reveal=1"))
    assert f"/case/{case.id}/decide/" not in page_of(auditor, case)
    assert auditor.post(f"{DESK}case/{case.id}/note/", {"text": "x"}).status_code == 403


def test_a_clerk_cannot_decide(desk, apply):
    case = apply(UNSURE)
    assert desk("clerk").post(f"{DESK}case/{case.id}/decide/", decision(case)).status_code == 403


def test_nobody_without_a_role_reaches_the_queue(desk, small):
    assert desk("admin").get(f"{DESK}queue/").status_code == 403


def test_a_case_that_is_not_there_is_not_found(desk, small):
    missing = "00000000-0000-0000-0000-000000000000"
    assert desk("clerk").get(f"{DESK}case/{missing}/").status_code == 404
    assert desk("clerk", login="other").get(f"{DESK}document/{missing}/").status_code == 404


def test_a_payment_that_came_back_is_mended_with_the_right_account(desk, apply):
    case = apply(GOOD, applicant=uuid.uuid4())
    back = events.StepFailed(step="pay", attempt=1, final=True, code="2", reason="口座名義が違います")
    actions.record(case.id, back, by=SYSTEM("394262"), as_of=clock.now(), key="test:back")
    clerk = desk("clerk")
    form = {"task": open_task(case, "fix-account"), "account.bank": "0001", "account.number": "7654321"}
    page = act(clerk, case, "finish", **form, **{"account.branch": "999"})
    assert 'role="alert"' in page
    assert 'value="7654321"' in page
    act(clerk, case, "finish", **form, **{"account.branch": "001"})
    assert again(case).status["facts"]["account"]["number"] == "7654321"


# -- forms that were tampered with ---------------------------------------------------------------
@pytest.mark.parametrize("what", ["take", "finish", "decide", "return"])
def test_a_task_of_another_case_is_not_touched_from_this_one(what, desk, apply):
    here, there = apply(UNSURE), apply(UNSURE)
    form = {**decision(there), "message": "確かめてください"}
    assert "何も選ばれていません" in act(desk("reviewer"), here, what, **form)
    assert Task.objects.get(case=there, step="review").holder is None
    assert len(queries.history(there.id)) == len(queries.history(here.id))


def test_a_task_does_not_end_in_a_way_that_no_service_declares(desk, apply):
    case = apply(GOOD, applicant=uuid.uuid4())
    back = events.StepFailed(step="pay", attempt=1, final=True, code="2", reason="口座名義が違います")
    actions.record(case.id, back, by=SYSTEM("394262"), as_of=clock.now(), key="test:back")
    task = open_task(case, "fix-account")
    page = act(desk("clerk"), case, "finish", task=task, outcome="paid")
    assert "画面に出ている中から選んでください" in page
    assert open_task(case, "fix-account") == task


@pytest.mark.parametrize("asked", ["case.decision", "members[0].taxed", "x" * 3000])
def test_nobody_is_asked_for_what_the_form_does_not_ask(asked, desk, apply):
    case = apply(UNSURE)
    form = {"task": open_task(case, "review"), "message": "確かめてください", "ask": ["members", asked]}
    assert "この手続の申請にない項目です" in act(desk("reviewer"), case, "return", **form)
    assert again(case).state == "open"


def test_a_paper_of_the_form_can_be_asked_for_again(desk, apply):
    case = apply(UNSURE)
    form = {"task": open_task(case, "review"), "message": "もう一度お送りください", "ask": "tax_paper"}
    act(desk("reviewer"), case, "return", **form)
    assert again(case).status["asks"] == ["tax_paper"]


def test_what_a_paper_is_for_is_not_taken_from_the_form(desk, apply):
    case = apply(UNSURE)
    page = act(desk("clerk"), case, "attach", paper=upload("書類.pdf", pdf()), purpose="letter:granted")
    assert "窓口で預かった書類" in page
    assert "送った通知 ·" not in page


@pytest.mark.parametrize("amount", ["-1", "፩", "9" * 30, "9" * 5000, "7千"])
def test_an_amount_that_no_payment_can_have_is_said_to_be_wrong(amount, desk, apply):
    case = apply(UNSURE)
    page = act(desk("reviewer"), case, "decide", **decision(case, amount=amount))
    assert "金額を円の数字で入れてください" in page
    assert again(case).decision is None


def test_a_reason_of_ten_thousand_characters_is_refused_and_still_there(desk, apply):
    case = apply(UNSURE)
    page = act(desk("reviewer"), case, "decide", **decision(case, reason="あ" * 10_000))
    assert "2,000文字までにしてください（いま10,000文字）" in page
    assert "あ" * 10_000 in page


def test_control_characters_are_left_out_of_a_note(desk, apply):
    case = apply(UNSURE)
    assert "電話で確認😀" in act(desk("clerk"), case, "note", text="電話で\x07確認😀")


def test_evidence_is_the_name_of_a_paper_and_no_story(desk, apply, taro):
    case = apply(UNSURE, identified=False)
    page = act(desk("clerk"), case, "identify", person=taro.id, evidence="あ" * 201)
    assert "100文字までにしてください（いま201文字）" in page
    assert not again(case).identified


def test_nobody_is_identified_as_a_person_who_is_not_in_the_register(desk, apply):
    case = apply(UNSURE, identified=False)
    act(desk("clerk"), case, "identify", person=uuid.uuid4(), evidence="運転免許証")
    assert not again(case).identified


def test_the_applicant_of_an_identified_case_stays_who_they_are(desk, apply, taro, household):
    case, clerk = apply(UNSURE, identified=False), desk("clerk")
    other = person(household, "山田 次郎", "ヤマダ ジロウ", date(1950, 1, 1))
    act(clerk, case, "identify", person=taro.id, evidence="運転免許証")
    page = act(clerk, case, "identify", person=other.id, evidence="運転免許証")
    assert "もう別の方に確かめてあります" in page
    assert again(case).applicant == taro.id


# -- who looked ------------------------------------------------------------------------------------
def looks() -> list[str]:
    return list(AccessEvent.objects.order_by("id").values_list("action", flat=True))


def test_showing_guarded_answers_leaves_a_trace_of_its_own(desk, apply):
    case, clerk = apply(UNSURE), desk("clerk")
    page_of(clerk, case)
    assert "register.read" not in looks()
    text(clerk.get(f"{DESK}case/{case.id}/?reveal=1"))
    assert looks()[-2:] == ["case.read", "register.read"]


def test_the_page_for_residents_leaves_the_same_trace_when_staff_open_it(desk, apply):
    case = apply(UNSURE)
    text(desk("clerk").get(f"/394262/status/{case.reference}/"))
    assert looks()[-1] == "status.read"


@pytest.mark.parametrize("channel", get_args(events.Channel))
def test_a_request_is_shown_whatever_way_it_came(desk, in_town, channel):
    service = catalogue.service("mail-intake")
    facts = {"mail": {"digest": "0", "sender": "hanako@example.jp"}}
    case = actions.open_case(
        service, facts, channel=channel, by=SYSTEM(in_town), as_of=clock.now(), key=channel
    )
    actions.hand_over(
        open_task(case, "hand-on"), by=staff("clerk", "clerk"), as_of=clock.now(), reason="見本"
    )
    clerk = desk("clerk")
    assert case.reference in text(clerk.get(f"{DESK}queue/"))
    assert "hanako@example.jp" in page_of(clerk, case)


def test_a_case_whose_applicant_was_told_by_mail_that_it_came_in_is_shown(desk, apply):
    case = apply({**GOOD, "applicant": {**GOOD["applicant"], "email": "hanako@example.jp"}})
    assert queries.history(case.id)[0].event.receipt is True
    assert "受け付けた" in page_of(desk("clerk"), case)


def test_work_of_the_town_itself_asks_for_no_applicant(desk, in_town):
    service, facts = catalogue.service("bank-check"), {"result": {"file": "0", "count": 0, "total": 0}}
    case = actions.open_case(
        service, facts, channel="robot", by=SYSTEM(in_town), as_of=clock.now(), key="own"
    )
    page = page_of(desk("reviewer"), case)
    for words in ("not_identified", "identify", "withdraw", "conditions", "return"):
        assert ui(f"desk.{words}", "ja") not in page
