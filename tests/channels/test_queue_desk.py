"""The queue: filters in the address, filters under a name, a whole list decided, a list as an Excel file."""

from __future__ import annotations

import io
import re
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from tests.cases.conftest import GOOD, UNSURE, open_task
from tests.channels.test_desk import DESK, act, again, decision, text
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access.models import AccessEvent
from yakuba.cases.models import Case
from yakuba.channels.models import SavedFilter

QUEUE = f"{DESK}queue/"
UNKNOWN = {**GOOD, "applicant": {**GOOD["applicant"], "name": "佐藤　ハナ"}}
"""Everything is known of her but who she is, so a person looks at it; the rule says 7,000 yen."""


def listed(client: Client, query: str = "") -> set[str]:
    """The reference numbers on the list."""
    return set(re.findall(r">(\d{4}-\d{4}-\d{4})</a>", text(client.get(f"{QUEUE}?{query}"))))


def whole(client: Client, query: str = "") -> tuple[str, str]:
    """The page before a list is decided, and the checksum that it was seen with."""
    page = text(client.get(f"{QUEUE}decide-all/?{query}"))
    found = re.search(r'name="checksum" value="(\w+)"', page)
    return page, found[1] if found else ""


def decide_all(client: Client, checksum: str, query: str = "", **form: str) -> str:
    form = {"checksum": checksum, "outcome": "granted", "reason": "本人確認済み"} | form
    return text(client.post(f"{QUEUE}decide-all/do/?{query}", form, follow=True))


def reviewed(case: Case) -> str | None:
    """How the person's step of a case ended; None while it waits."""
    return case.tasks.get(step="review").outcome


# -- filters -------------------------------------------------------------------------------------
ASKED = [
    ("", "taro hana"),
    ("text=佐藤ハナ", "hana"),
    ("text=山田", "taro"),
    ("text=だれか", ""),
    ("identified=no", "hana"),
    ("identified=sign_in", "taro"),
    ("identified=clerk", ""),
    ("least=7,000&most=7000", "hana"),
    ("least=7001", ""),
    ("channel=web", "taro hana"),
    ("channel=paper", ""),
    ("since=令和7年5月13日", "hana"),
    ("until=2025-05-12", "taro"),
    ("since=2025-05-12&until=2025-05-13", "taro hana"),
    ("proposed=nobody", "taro hana"),
    ("proposed=another", ""),
    ("holder=nobody&service=heating&step=review&late=1", "taro hana"),
]
"""Addresses, and who is found."""


def test_the_list_is_what_its_address_asks_for(desk, apply):
    there = {
        "taro": apply(UNSURE).reference,
        "hana": apply(
            UNKNOWN, identified=False, as_of=datetime(2025, 5, 13, 10, tzinfo=clock.TOKYO)
        ).reference,
    }
    reviewer = desk("reviewer")
    found = {query: listed(reviewer, query) for query, _ in ASKED}
    assert found == {query: {there[name] for name in names.split()} for query, names in ASKED}


def test_a_reference_number_may_be_written_as_it_comes(desk, apply):
    case = apply(UNSURE)
    assert listed(desk("reviewer"), f"text={case.reference[5:]}") == {case.reference}


def test_second_eyes_find_what_another_has_proposed(desk, apply):
    case, _ = apply(UNSURE), apply(UNSURE)
    first, second = desk("reviewer"), desk("reviewer", login="second")
    act(first, case, "decide", **decision(case))
    assert listed(second, "proposed=another") == listed(first, "proposed=me") == {case.reference}
    assert listed(first, "proposed=another") == set()
    assert listed(first, "proposed=somebody&least=7000") == {case.reference}


def test_a_filter_that_cannot_be_read_says_what_is_wrong_and_lists_nothing(desk, apply):
    case, reviewer = apply(UNSURE), desk("reviewer")
    page = text(reviewer.get(f"{QUEUE}?since=2025-02-30&least=viel&proposed=x"))
    assert 'id="since-wrong"' in page
    assert 'id="least-wrong"' in page
    assert case.reference not in page
    assert reviewer.get(f"{QUEUE}decide-all/?since=x").url == f"{QUEUE}?since=x"
    assert reviewer.get(f"{QUEUE}export/?since=x").url == f"{QUEUE}?since=x"


def test_days_the_wrong_way_round_are_said_to_be_so(desk, small):
    page = text(desk("reviewer").get(f"{QUEUE}?since=2025-05-13&until=2025-05-12"))
    assert "終わりの日が始めの日より前です" in page


# -- filters under a name ------------------------------------------------------------------------
def test_a_kept_filter_is_a_link_with_its_count_for_who_kept_it(desk, apply):
    apply(UNSURE)
    first, second = desk("reviewer"), desk("reviewer", login="second")
    page = text(first.post(f"{QUEUE}keep/?identified=sign_in&page=2", {"name": "急ぎ"}, follow=True))
    assert "「急ぎ」を保存しました" in page
    link = f'href="{QUEUE}?identified=sign_in">急ぎ <b>1</b>'
    assert link in page
    assert link in text(first.get(DESK))
    assert "急ぎ" not in text(second.get(QUEUE))


def test_a_manager_keeps_a_filter_for_everybody_and_nobody_else_removes_it(desk, apply):
    apply(UNSURE)
    reviewer, manager = desk("reviewer"), desk("manager")
    shared = {"name": "みんなの分", "for_all": "1"}
    assert reviewer.post(f"{QUEUE}keep/?late=1", shared).status_code == 403
    manager.post(f"{QUEUE}keep/?late=1", shared)
    kept = SavedFilter.objects.get()
    assert "みんなの分 <b>1</b>" in text(reviewer.get(QUEUE))
    assert reviewer.post(f"{QUEUE}forget/", {"filter": kept.id}).status_code == 403
    manager.post(f"{QUEUE}forget/", {"filter": kept.id})
    assert not SavedFilter.objects.exists()
    assert "もうありません" in text(manager.post(f"{QUEUE}forget/", {"filter": kept.id}, follow=True))


@pytest.mark.parametrize(
    ("query", "name", "says"),
    [
        ("late=1", "", "名前を入れてください"),
        ("", "x", "何も絞り込んでいません"),
        ("late=1", "長" * 61, "60字まで"),
    ],
)
def test_a_filter_without_a_name_or_without_a_wish_is_not_kept(query, name, says, desk, small):
    page = text(desk("reviewer").post(f"{QUEUE}keep/?{query}", {"name": name}, follow=True))
    assert says in page
    assert not SavedFilter.objects.exists()


def test_a_kept_filter_whose_choice_is_gone_finds_nothing_and_harms_no_page(desk, apply):
    apply(UNSURE)
    SavedFilter.objects.create(
        town=TOWN, name="古い", asked={"channel": "telex"}, kept_by="x", kept_at=clock.now()
    )
    assert "古い <b>0</b>" in text(desk("reviewer").get(DESK))


def test_another_town_sees_none_of_the_kept_filters(desk, small, other_town):
    desk("reviewer").post(f"{QUEUE}keep/?late=1", {"name": "急ぎ"})
    with other_town:
        assert not SavedFilter.objects.exists()
    assert SavedFilter.objects.count() == 1


# -- a whole list decided ------------------------------------------------------------------------
def test_before_a_list_is_decided_the_page_says_how_many_how_much_and_of_what(desk, apply):
    for _ in range(3):
        apply(UNKNOWN, identified=False)
    page, checksum = whole(desk("reviewer"), "identified=no")
    assert "<dd>3</dd>" in page
    assert "21,000円" in page
    assert "暖房費の助成" in page
    assert page.count("佐藤　ハナ") == 3
    assert len(checksum) == 64


def test_a_list_is_decided_by_two_people_and_by_no_less(desk, apply):
    there = [apply(UNKNOWN, identified=False) for _ in range(3)]
    first, second = desk("reviewer"), desk("reviewer", login="second")
    page = decide_all(first, whole(first)[1])
    assert "3件を記録しました。0件は記録できませんでした。（決定0件、起案3件" in page
    again_page = decide_all(first, whole(first)[1])
    assert "0件を記録しました。3件は記録できませんでした" in again_page
    assert {reviewed(case) for case in there} == {None}
    page, checksum = whole(second)
    assert "ほかの職員が起案した" in page
    assert "（決定3件、起案0件" in decide_all(second, checksum)
    assert {(reviewed(case), again(case).amount) for case in there} == {("granted", 7000)}


def test_a_list_that_changed_after_it_was_seen_is_not_decided(desk, apply):
    case, reviewer = apply(UNKNOWN, identified=False), desk("reviewer")
    _, checksum = whole(reviewer)
    apply(UNKNOWN, identified=False)
    assert "一覧が変わりました。何も決定していません" in decide_all(reviewer, checksum)
    assert not again(case).status["steps"]["review"].get("proposal")


def test_what_was_proposed_after_the_list_was_seen_is_a_change_of_it(desk, apply):
    case, reviewer = apply(UNKNOWN, identified=False), desk("reviewer", login="second")
    _, checksum = whole(reviewer)
    act(desk("reviewer"), case, "decide", **decision(case, amount="9000"))
    assert "一覧が変わりました" in decide_all(reviewer, checksum)
    assert reviewed(case) is None


def test_a_proposal_with_an_amount_of_its_own_is_confirmed_with_that_amount(desk, apply):
    case, second = apply(UNKNOWN, identified=False), desk("reviewer", login="second")
    act(desk("reviewer"), case, "decide", **decision(case, amount="5000"))
    page, checksum = whole(second)
    assert "5,000円" in page
    decide_all(second, checksum)
    assert (reviewed(case), again(case).amount) == ("granted", 5000)


def test_another_outcome_sends_the_proposals_of_a_list_back(desk, apply):
    case, second = apply(UNKNOWN, identified=False), desk("reviewer", login="second")
    act(desk("reviewer"), case, "decide", **decision(case))
    assert "差戻し1件" in decide_all(second, whole(second)[1], outcome="refused")
    assert reviewed(case) is None


def test_what_has_no_amount_and_what_somebody_holds_is_left_with_its_reference(desk, apply):
    unknown, held = apply(UNSURE), apply(UNKNOWN, identified=False)
    act(desk("reviewer", login="holder"), held, "take", task=open_task(held, "review"))
    reviewer = desk("reviewer")
    page = decide_all(reviewer, whole(reviewer)[1])
    assert "2件は記録できませんでした" in page
    assert re.search(rf"1件：金額がまだ計算されていません.*（{unknown.reference}）", page)
    assert re.search(rf"1件：この作業は 職員 holder さんが担当しています.*（{held.reference}）", page)


def test_a_list_is_not_decided_without_a_reason(desk, apply):
    apply(UNSURE)
    reviewer = desk("reviewer")
    assert "何も決定していません" in decide_all(reviewer, whole(reviewer)[1], reason=" ")


def test_who_may_not_decide_is_shown_no_way_to_decide_a_list(desk, apply):
    apply(UNSURE)
    clerk = desk("clerk")
    assert "decide-all" not in text(clerk.get(QUEUE))
    assert clerk.get(f"{QUEUE}decide-all/").status_code == 403
    assert clerk.post(f"{QUEUE}decide-all/do/").status_code == 403


# -- the Excel file ------------------------------------------------------------------------------
def exported(client: Client, query: str = "") -> list[dict]:
    """The rows of the file, by the heads of its columns."""
    answer = client.get(f"{QUEUE}export/?{query}")
    assert answer.status_code == 200
    assert "-synthetic-" in answer["Content-Disposition"]
    heads, *rows = load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows()
    return [{head.value: cell for head, cell in zip(heads, row, strict=True)} for row in rows]


def test_the_file_has_days_as_days_and_numbers_as_numbers(desk, apply):
    case = apply(UNKNOWN, identified=False)
    (row,) = exported(desk("reviewer"), "identified=no&lang=ja")
    assert row["受付番号"].value == case.reference
    assert row["申請者"].value == "佐藤　ハナ"
    assert row["受付日時"].value == datetime(2025, 5, 12, 10)
    assert row["受付日時"].is_date
    assert row["金額（円）"].value == 7000
    assert row["本人確認"].value == "本人確認がまだ"


def test_the_file_has_the_answers_of_the_service_that_is_filtered_and_no_guarded_one(desk, apply):
    apply(UNSURE)
    (row,) = exported(desk("reviewer"), "service=heating")
    born = next(cell for head, cell in row.items() if "生年月日" in head)
    assert born.value.date().isoformat() == "1950-01-01"
    assert not [head for head in row if "口座" in head]
    assert "1234567" not in [str(cell.value) for cell in row.values()]


@pytest.mark.parametrize("name", ["=HYPERLINK('x')", "+81", "-1+1", "@SUM(A1)"])
def test_a_name_that_looks_like_a_formula_is_a_text(name, desk, apply):
    apply({**UNSURE, "applicant": {**UNSURE["applicant"], "name": name}})
    (row,) = exported(desk("reviewer"))
    assert (row["申請者"].value, row["申請者"].data_type, row["申請者"].quotePrefix) == (name, "s", True)


def test_the_file_says_what_it_is_and_that_it_was_made_is_recorded(desk, apply):
    apply(UNSURE)
    answer = desk("manager").get(f"{QUEUE}export/?late=1")
    about = [row[0].value for row in load_workbook(io.BytesIO(answer.content)).worksheets[1].iter_rows()]
    assert any("架空" in str(said) or "合成" in str(said) or "見本" in str(said) for said in about)
    assert "期限を過ぎた" in about
    assert AccessEvent.objects.filter(action="queue.export", outcome="allowed").count() == 1


@pytest.mark.parametrize("role", ["clerk", "auditor", "accountant"])
def test_a_list_is_taken_along_only_by_who_may(role, desk, small):
    assert desk(role).get(f"{QUEUE}export/").status_code == 403


# -- many rows -----------------------------------------------------------------------------------
def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


@pytest.mark.parametrize("path", ["queue/?identified=no", "queue/decide-all/", "queue/export/", ""])
def test_the_queue_makes_as_many_queries_for_many_rows_and_kept_filters_as_for_one(path, desk, apply):
    reviewer = desk("reviewer")
    apply(UNKNOWN, identified=False)
    reviewer.post(f"{QUEUE}keep/?late=1", {"name": "a"})
    for _ in range(2):  # what was said on the way is said, and what is kept in this process is known
        one = queries_of(reviewer, DESK + path)
    for _ in range(5):
        apply(UNKNOWN, identified=False)
    SavedFilter.objects.bulk_create(
        SavedFilter(town=TOWN, name=name, asked={"late": "1"}, kept_by="x", kept_at=clock.now())
        for name in "bcdef"
    )
    assert queries_of(reviewer, DESK + path) == one <= 15
