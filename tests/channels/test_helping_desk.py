"""Help on the desk: what a clerk is shown is machine-made, what they do with it is theirs, and it is counted."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from tests.cases.conftest import GOOD, MONDAY, UNSURE, open_task, staff
from tests.channels.test_desk import DESK, again, page_of, text
from yakuba.access.models import AccessEvent
from yakuba.assistant.helping.acceptance import acceptance
from yakuba.assistant.models import Suggestion
from yakuba.cases import actions, events, queries
from yakuba.cases.models import Case

YOUNG = {**GOOD, "applicant": {**GOOD["applicant"], "birth_date": "1990-01-01"}}


def help_page(client: Client, case: Case, query: str = "") -> str:
    return text(client.get(f"{DESK}case/{case.id}/help/{query}"))


def form_of(page: str, action: str) -> dict[str, str]:
    """The fields of the form with this address, as they are shown."""
    form = re.search(rf'<form method="post" action="[^"]*/help/{action}/">(.*?)</form>', page, re.DOTALL)
    assert form, f"no form for {action}"
    typed = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[1]))
    areas = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', form[1], re.DOTALL)
    return {name: unescape(value) for name, value in [*typed.items(), *areas]}


def send(client: Client, case: Case, action: str, typed: dict) -> str:
    return text(client.post(f"{DESK}case/{case.id}/help/{action}/", typed, follow=True))


def outcomes() -> dict[str, str]:
    return dict(Suggestion.objects.values_list("kind", "outcome"))


def test_similar_cases_are_counted_by_how_they_ended_and_why(desk, apply):
    for n in range(3):
        apply(key=f"good:{n}")
    refused = [apply(YOUNG, key=f"young:{n}") for n in range(2)]
    page = help_page(desk("clerk"), apply(YOUNG, key="mine"))
    assert (
        "2件（うち判定がまったく同じもの 2件" not in page
    )  # those that were granted differ in one condition
    assert "5件（うち判定がまったく同じもの 2件" in page
    assert "3件（職員が決めたもの 0件）" in page
    assert "満たさなかった条件：65歳以上であること（2件）" in page
    assert refused[0].reference in page
    assert "山田" not in page.split("案件の要約")[0]


def test_where_nothing_is_alike_it_says_so(desk, apply):
    assert "似た、決定のあった案件はまだありません" in help_page(desk("clerk"), apply(UNSURE))


def test_everything_is_marked_as_made_by_a_machine_and_the_case_leads_there(desk, apply):
    case = apply(UNSURE)
    clerk = desk("clerk")
    assert f"{DESK}case/{case.id}/help/" in page_of(clerk, case)
    page = help_page(clerk, case)
    assert "すべて機械が作りました。決めるのは職員です" in page
    assert page.count("機械作成") >= 4


def test_the_draft_of_a_correction_asks_what_is_not_known_and_goes_out_by_the_clerks_yes(desk, apply):
    case = apply(UNSURE)
    reviewer = desk("reviewer")
    form = form_of(help_page(reviewer, case), "return")
    assert "「暖房費の助成」の審査のため" in form["message"]
    assert "世帯全員が非課税であること（暖房費助成要綱 第2条）" in form["message"]
    assert again(case).state == "open"
    send(
        reviewer,
        case,
        "return",
        {**form, "message": form["message"] + "\nよろしくお願いします。", "ask": ["members"]},
    )
    returned = queries.history(case.id)[-1].event
    assert again(case).state == "returned"
    assert isinstance(returned, events.Returned | events.StepDone)
    assert outcomes()["return"] == "edited"
    assert 0 < Suggestion.objects.get(kind="return").changed < 0.2


def test_a_reason_with_a_gap_is_not_taken_and_a_whole_one_waits_in_the_form_of_the_decision(desk, apply):
    case = apply(UNSURE)
    reviewer = desk("reviewer")
    form = form_of(help_page(reviewer, case), "reason")
    assert "【要確認：調べて分かったこと】" in form["reason"]
    assert "【要確認】が残っています" in send(reviewer, case, "reason", form)
    mended = form["reason"].replace("【要確認：調べて分かったこと】", "課税証明書を見た")
    page = send(reviewer, case, "reason", {**form, "reason": mended})
    assert "まだ何も決まっていません" in page
    assert mended in unescape(page)
    assert again(case).decision is None
    assert outcomes()["reason"] == "edited"


def test_a_letter_shows_what_is_missing_as_a_gap_and_makes_nothing_up(desk, apply):
    case = apply(UNSURE)
    form = form_of(help_page(desk("clerk"), case, "?letter=granted").split('id="letters"')[1], "note")
    assert form["text"] == "支給します\n\n【要確認：金額】円"


def test_a_summary_that_is_kept_becomes_a_note_of_the_case(desk, apply):
    case = apply(UNSURE)
    clerk = desk("clerk")
    form = form_of(help_page(clerk, case), "note")
    assert "職員の審査になった" in form["text"]
    send(clerk, case, "note", form)
    note = queries.history(case.id)[-1].event
    assert isinstance(note, events.Noted)
    assert "【これまで】" in note.text
    assert outcomes()["summary"] == "accepted"
    assert Suggestion.objects.get(kind="summary").changed == 0


def test_what_is_not_used_is_counted_and_what_is_loaded_again_counts_once(desk, apply):
    case = apply(UNSURE)
    clerk = desk("clerk")
    help_page(clerk, case)
    page = help_page(clerk, case)
    assert Suggestion.objects.filter(kind="summary").count() == 1
    form = form_of(page, "note")
    assert "使わないことを記録しました" in send(clerk, case, "rate", form)
    (summary,) = [one for one in acceptance(MONDAY, as_of=MONDAY) if one.kind == "summary"] or [None]
    assert outcomes()["summary"] == "rejected"
    assert summary is None or summary.rejected == 1


def test_who_may_not_work_on_cases_is_not_helped(desk, apply):
    case = apply(UNSURE)
    for role in ("auditor", "accountant", "admin"):
        assert desk(role).get(f"{DESK}case/{case.id}/help/").status_code == 403
    assert desk("clerk").post(f"{DESK}case/{case.id}/help/note/", {"text": ""}).status_code == 302


def test_a_manager_sees_how_much_of_it_is_used(desk, apply):
    case, clerk = apply(UNSURE), desk("clerk")
    send(clerk, case, "note", form_of(help_page(clerk, case), "note"))
    page = text(desk("manager").get(f"{DESK}help/"))
    assert re.search(r"要約</th>(<td[^>]*>1</td>){2}", page)
    assert clerk.get(f"{DESK}help/").status_code == 403


def test_a_look_leaves_a_trace(desk, apply):
    case = apply(UNSURE)
    help_page(desk("clerk"), case)
    assert AccessEvent.objects.filter(action="case.help", resource_id=str(case.id)).count() == 1


def test_a_task_of_another_case_cannot_be_returned_from_here(desk, apply):
    case, other = apply(UNSURE, key="a"), apply(UNSURE, key="b")
    reviewer = desk("reviewer")
    form = form_of(help_page(reviewer, case), "return") | {"task": str(open_task(other, "review"))}
    send(reviewer, case, "return", form)
    assert (again(case).state, again(other).state) == ("open", "open")


def test_the_page_makes_the_same_few_queries_however_long_the_case_and_however_many_are_alike(
    desk, apply, django_assert_max_num_queries
):
    case = apply(UNSURE)
    for n in range(12):
        apply(YOUNG, key=f"young:{n}")
        actions.note(case.id, f"メモ {n}", by=staff("kato"), as_of=MONDAY)
    clerk = desk("clerk")
    with django_assert_max_num_queries(20):
        help_page(clerk, case, "?letter=granted")


@pytest.mark.parametrize("language", ["easy", "en"])
def test_the_page_speaks_the_languages_of_the_desk(language, desk, apply):
    clerk = desk("clerk")
    clerk.cookies["yakuba_language"] = language
    page = help_page(clerk, apply(UNSURE), f"?language={language}")
    assert "機械" in page or "Machine-made" in page
