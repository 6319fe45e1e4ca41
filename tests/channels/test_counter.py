"""The counter: people are found, their household shown, a request begun for them; and who has not applied."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from yakuba.access.models import AccessEvent, Resident
from yakuba.cases.models import Case, Event
from yakuba.channels.models import Draft
from yakuba.clock import now
from yakuba.register import actions as register
from yakuba.register.models import Person, Town

DESK = "/394262/staff/"
FILLED = {
    "members": [{"birth_date": "1950-01-01", "taxed": False}],
    "account": {"bank": "0001", "branch": "001", "type": "1", "number": "1234567", "holder": "ヤマダ"},
}


@pytest.fixture
def people(small, db) -> None:
    """A whole small synthetic town."""
    Town.objects.filter(code="394262").delete()
    register.create_town("394262", 60, 1, as_of=date(2026, 11, 1))


@pytest.fixture
def someone(people, in_town) -> Person:
    """The oldest head of a household."""
    return Person.objects.filter(relation="head").order_by("birth_date").first()


@pytest.fixture
def in_town(people, db):
    from yakuba.access import towns

    with towns.inside("394262"):
        yield "394262"


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_person_is_found_by_part_of_the_reading_and_by_the_birth_date(desk, someone):
    clerk = desk("clerk")
    assert someone.name in text(clerk.get(f"{DESK}people/", {"q": someone.kana.split("　")[0]}))
    assert someone.name in text(clerk.get(f"{DESK}people/", {"born": someone.birth_date.isoformat()}))


def test_who_is_not_there_is_said_with_what_to_try(desk, someone):
    page = text(desk("clerk").get(f"{DESK}people/", {"q": "ソンザイシナイ"}))
    assert "見つかりません。フリガナや生年月日でも探してください" in page


def test_a_birth_date_that_is_none_is_explained(desk, someone):
    assert 'role="alert"' in text(desk("clerk").get(f"{DESK}people/", {"born": "昭和65年1月1日"}))


def test_a_person_is_shown_with_the_household_and_what_they_may_have(
    desk, someone, django_assert_max_num_queries
):
    clerk = desk("clerk")
    with django_assert_max_num_queries(15):
        page = text(clerk.get(f"{DESK}people/{someone.id}/"))
    for member in Person.objects.filter(household=someone.household):
        assert member.name in page
    assert "暖房費の助成" in page
    assert AccessEvent.objects.filter(resource_id=str(someone.id)).exists()


def begin(client, person, **form):
    return client.post(f"{DESK}people/{person.id}/counter/", form)


def test_a_request_at_the_counter_begins_filled_in_from_the_register(desk, someone):
    begun = begin(desk("clerk"), someone, service="heating", evidence="運転免許証")
    draft = Draft.objects.get()
    assert begun.url == f"/394262/draft/{draft.id}/"
    assert (draft.channel, draft.person, draft.identified) == ("counter", someone.id, True)
    assert draft.evidence == "運転免許証（職員 clerk）"
    assert draft.facts["applicant"]["birth_date"] == someone.birth_date.isoformat()


def test_without_a_paper_the_applicant_stays_unidentified(desk, someone):
    begin(desk("clerk"), someone, service="heating", evidence="")
    assert not Draft.objects.get().identified


def test_more_than_the_name_of_a_paper_is_refused_as_evidence(desk, someone):
    form = {"service": "heating", "evidence": "あ" * 201}
    page = text(desk("clerk").post(f"{DESK}people/{someone.id}/counter/", form, follow=True))
    assert "100文字までにしてください（いま201文字）" in page
    assert not Draft.objects.exists()


def test_a_request_without_a_service_is_not_begun(desk, someone):
    clerk = desk("clerk")
    page = text(clerk.post(f"{DESK}people/{someone.id}/counter/", {"evidence": "免許証"}, follow=True))
    assert "手続を選んでください" in page
    assert not Draft.objects.exists()


def test_what_the_clerk_sends_becomes_a_case_of_the_counter_with_who_saw_which_paper(desk, someone):
    clerk = desk("clerk")
    begin(clerk, someone, service="heating", evidence="在留カード")
    draft = Draft.objects.get()
    draft.facts = FILLED | {"applicant": {**draft.facts["applicant"], "phone": "0900000000"}}
    draft.save()
    assert clerk.post(f"/394262/draft/{draft.id}/send/").status_code == 302
    case = Case.objects.get()
    assert (case.channel, case.applicant, case.identified) == ("counter", someone.id, True)
    opened = Event.objects.get(case=case, seq=1)
    assert opened.by_kind == "staff"
    assert opened.body["evidence"] == "在留カード（職員 clerk）"


def test_only_staff_of_the_counter_begin_requests_there(desk, someone):
    assert begin(desk("auditor"), someone, service="heating").status_code == 403


def test_who_is_entitled_and_has_not_applied_is_listed(desk, someone, django_assert_max_num_queries):
    manager = desk("manager")
    with django_assert_max_num_queries(15):
        page = text(manager.get(f"{DESK}entitled/heating/"))
    assert "受けられるかもしれません" in page or "受けられます" in page


def test_a_clerk_has_no_list_of_the_entitled(desk, someone):
    assert desk("clerk").get(f"{DESK}entitled/heating/").status_code == 403


def test_a_sign_in_that_matched_nobody_is_linked_by_a_clerk(desk, someone):
    account = Resident.objects.create(
        town="394262", issuer="https://id.example", subject="s", name="読めない 名前",
        birth_date=someone.birth_date, address="どこか", created_at=now(),
    )  # fmt: skip
    clerk = desk("clerk")
    assert "読めない 名前" in text(clerk.get(f"{DESK}people/"))
    assert "読めない 名前" in text(clerk.get(f"{DESK}people/{someone.id}/"))
    clerk.post(f"{DESK}people/{someone.id}/link/", {"account": str(account.id)})
    account.refresh_from_db()
    assert (account.person, account.address) == (str(someone.id), "")
    assert AccessEvent.objects.get(action="resident.link").resource_id == str(someone.id)


def test_the_resident_looks_the_answers_over_on_a_tablet(desk, someone):
    clerk = desk("clerk")
    begin(clerk, someone, service="heating", evidence="在留カード")
    draft = Draft.objects.get()
    draft.facts = FILLED | {"applicant": {**draft.facts["applicant"], "phone": "0900000000"}}
    draft.save()
    assert "タブレットに渡す" in text(clerk.get(f"/394262/draft/{draft.id}/check/"))
    code = text(clerk.post(f"/394262/draft/{draft.id}/hand-over/", follow=True))
    digits = re.search(r"\d{4}-\d{4}-\d{4}-\d{4}", code)
    tablet = Client()
    assert digits
    shown = text(tablet.post("/394262/resume/", {"code": digits[0]}, follow=True))
    assert "入力内容の確認" in shown
    tablet.post(f"/394262/draft/{draft.id}/send/")
    case = Case.objects.get()
    assert (case.channel, case.identified) == ("counter", True)
