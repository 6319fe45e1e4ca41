"""A resident applies: one idea a page, nothing typed twice, and nothing lost or sent twice, whatever happens."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.channels import files
from tests.channels.browser import ACCOUNT, BORN, MEMBER, YOU, Visitor, day
from tests.conftest import TOWN
from yakuba.cases import queries as cases
from yakuba.cases.models import Case, Document
from yakuba.channels import jobs, web
from yakuba.channels.models import Draft, DraftFile

MOST_QUERIES = 15
TAXED = {**MEMBER, "member.taxed": "yes"}


def told(page) -> list[str]:
    """The errors of a page."""
    return re.findall(r'<p class="wrong" id="[^"]*">(.*?)</p>', page.content.decode())


# -- applying ----------------------------------------------------------------------------------------
def test_a_visitor_applies_without_javascript_and_gets_a_reference_number_and_what_happens_next(visitor):
    visitor.fill_in()
    assert visitor.key == "check"
    assert "山田　太郎" in visitor.text
    assert "昭和25年1月1日" in visitor.text
    page = visitor.send(to=f"{visitor.at.removesuffix('check/')}send/")
    case = Case.objects.get()
    assert page.status_code == 200
    assert case.reference in visitor.text
    assert "結果をお知らせする目安" in visitor.text
    assert (case.channel, case.identified, case.applicant) == ("web", False, None)


def test_each_screen_asks_one_idea_and_says_which_step_it_is(visitor):
    visitor.start()
    steps = []
    for typed in (YOU, {"add": "1"}, MEMBER, {**MEMBER, "member.taxed": "no"}, {}, ACCOUNT):
        steps.append(re.search(r"手順(\d+)", visitor.text)[1])
        assert visitor.text.count("<h1") == 1
        visitor.send(**typed)
    assert steps == ["1", "2", "2", "2", "3", "4"]


def test_what_is_wrong_is_said_at_the_top_and_at_the_question_with_what_was_typed(visitor):
    visitor.start()
    page = visitor.send(**{**YOU, **day("applicant.birth_date", "showa", "65", "1", "1")})
    assert page.status_code == 422
    assert "平成2年1月1日" in told(page)[0]
    assert 'href="#applicant.birth_date"' in visitor.text
    assert 'id="applicant.birth_date"' in visitor.text
    assert 'value="65"' in visitor.text
    assert 'value="山田 太郎"' in visitor.text
    assert "<title>入力内容を確かめてください" in visitor.text


def test_the_language_changes_on_the_spot_even_where_something_is_wrong(visitor):
    visitor.start()
    assert told(visitor.send())
    here = visitor.at
    visitor.open(f"{here}?lang=en")
    assert visitor.at.split("?")[0] == here
    assert "Save and continue later" in visitor.text
    visitor.send(to=here)
    assert "Enter “Name”." in told(visitor.page)
    visitor.open(f"{here}?lang=easy")
    assert "<ruby>" in visitor.text


def test_a_wrong_answer_is_not_sent_by_going_straight_to_the_end(visitor):
    visitor.fill_in()
    base = visitor.at.removesuffix("check/")
    page = visitor.send(to=f"{base}you/", **YOU | day("applicant.birth_date", "western", "2131", "1", "1"))
    assert "これから先の日付" in told(page)[0]
    visitor.send(to=f"{base}send/")
    assert visitor.key == "you"
    assert not Case.objects.exists()


def test_an_answer_that_cannot_be_read_leaves_the_one_before_it(visitor):
    visitor.fill_in()
    base = visitor.at.removesuffix("check/")
    page = visitor.send(to=f"{base}you/", **YOU | {"applicant.email": "hanako"})
    assert "メールアドレスの書き方" in told(page)[0]
    visitor.send(to=f"{base}send/")
    assert "hanako" not in str(cases.state(Case.objects.get()).facts)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"account.branch": "999"}, "支店コード「999」はありません"),
        ({"account.bank": "9998"}, "9998"),
        ({"account.holder": "山田太郎"}, "カタカナで"),
    ],
)
def test_an_account_that_cannot_be_paid_is_mended_before_it_is_sent(visitor, changes, words):
    visitor.fill_in(account=ACCOUNT | changes)
    assert visitor.key == "account"
    assert words in told(visitor.page)[0]
    visitor.send(**ACCOUNT)
    assert visitor.key == "check"


def test_an_address_outside_of_the_town_is_said_at_once_and_may_be_right(visitor):
    visitor.start()
    elsewhere = {**YOU, "applicant.postal_code": "100-0001"}
    visitor.send(**elsewhere)
    assert visitor.key == "you"
    assert "その市町村に申請してください" in visitor.text
    assert 'name="elsewhere" value="1000001"' in visitor.text
    visitor.send(**elsewhere, elsewhere="1000001")
    assert visitor.key == "list.members"


def test_an_applicant_who_will_hardly_qualify_hears_why_before_sending(visitor):
    visitor.fill_in(you={**YOU, **day("applicant.birth_date", "heisei", "12", "1", "1")})
    assert "対象にならない見込み" in visitor.text
    assert "65歳になったら申請してください" in visitor.text
    visitor.send(to=f"{visitor.at.removesuffix('check/')}send/")
    assert Case.objects.count() == 1


def test_one_answer_is_changed_at_the_end_without_going_through_the_others(visitor):
    visitor.fill_in()
    end = visitor.at
    visitor.open(f"{end.removesuffix('check/')}you/?check=1")
    visitor.send(to=f"{end.removesuffix('check/')}you/?check=1", **{**YOU, "applicant.address": "2番地"})
    assert visitor.key == "check"
    assert "2番地" in visitor.text


def test_a_household_member_entered_by_mistake_is_taken_away_again(visitor):
    visitor.start()
    visitor.send(**YOU)
    visitor.send(add="1")
    assert visitor.key == "members.1"
    visitor.send(remove="0")
    assert visitor.key == "list.members"
    visitor.send()
    visitor.send(**ACCOUNT)
    assert Draft.objects.get().facts["members"] == []


def test_fields_say_what_a_browser_may_fill_in_and_which_hint_belongs_to_them(visitor):
    visitor.start()
    for token in ("name", "bday-year", "bday-month", "bday-day", "street-address", "postal-code", "email"):
        assert f'autocomplete="{token}"' in visitor.text
    for described in re.findall(r'aria-describedby="([^"]*)"', visitor.text):
        for one in described.split():
            assert f'id="{one}"' in visitor.text


def test_nothing_on_a_page_needs_what_the_security_policy_forbids(visitor):
    visitor.start()
    policy = visitor.page.headers["Content-Security-Policy"]
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    for where in ("", "services/heating/", "finder/", "resume/", "status/", "sign-in/"):
        visitor.open(where)
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style", visitor.text), where


# -- signed in ---------------------------------------------------------------------------------------
def test_who_is_signed_in_is_asked_only_what_the_register_does_not_know(signed_in):
    signed_in.start()
    assert signed_in.key == "check"  # everything is known
    assert "ヤマダ タロウ" in signed_in.text
    signed_in.send(to=f"{signed_in.at.removesuffix('check/')}send/")
    case = Case.objects.get()
    assert (case.identified, str(case.applicant)) == (True, Draft.objects.get().person.__str__())
    assert [m["birth_date"] for m in cases.state(case).facts["members"]] == ["1950-01-01", "1952-02-02"]


@pytest.fixture
def taxed(taro):
    """The register knows of both that they pay no tax."""
    from yakuba.clock import fiscal_year, now
    from yakuba.register.models import Person, Taxation

    for one in Person.objects.all():
        Taxation.objects.create(
            town=TOWN, person=one, year=fiscal_year(now().date()), levied=False, income=500_000
        )


@pytest.fixture
def signed_in(taxed, signed_in):
    return signed_in


def test_a_service_that_needs_a_sign_in_leads_there_and_back_to_its_page(visitor, monkeypatch):
    from yakuba.cases import catalogue

    heating = catalogue.service("heating")
    monkeypatch.setattr(type(heating), "sign_in", property(lambda self: "required"))
    page = visitor.client.post(f"/{TOWN}/apply/heating/")
    assert page.url == f"/{TOWN}/sign-in/?next=/{TOWN}/services/heating/"
    assert visitor.open(f"/{TOWN}/services/heating/").status_code == 200


# -- leaving and coming back -------------------------------------------------------------------------
def code_on(page) -> str:
    return re.search(r"\d{4}-\d{4}-\d{4}-\d{4}", page.content.decode())[0]


def test_a_request_is_gone_on_with_on_another_device_with_its_papers(visitor):
    visitor.start()
    visitor.send(**YOU)
    visitor.send(add="1")
    visitor.send(**MEMBER)
    visitor.send(**TAXED)
    visitor.send()
    assert visitor.key == "papers"
    visitor.send(tax_paper=files.photo("課税証明.jpg"), leave="1")
    code = code_on(visitor.page)
    assert "<svg" in visitor.text
    phone = Visitor(Client())
    phone.open(f"resume/?code={code}")
    assert code in phone.text
    phone.send(to=f"/{TOWN}/resume/", code=code)
    assert phone.key == "account"  # where something is missing
    phone.send(**ACCOUNT)
    assert phone.key == "check"
    assert "課税証明.jpg" in phone.text
    assert "2番地" not in phone.text


def test_leaving_works_with_questions_unanswered_and_keeps_the_answers_given(visitor):
    visitor.start()
    visitor.send(**{"applicant.name": "山田 太郎"}, leave="1")
    assert visitor.key == "later"
    assert Draft.objects.get().facts["applicant"]["name"] == "山田　太郎"


def test_the_code_on_the_paper_stays_good_when_the_page_is_looked_at_again(visitor):
    visitor.start()
    first = code_on(visitor.send(**YOU, leave="1"))
    assert code_on(visitor.open(visitor.at)) == first
    other = Visitor(Client())
    other.send(to=f"/{TOWN}/resume/", code=first)
    here = other.at.rsplit("/", 2)[0]
    assert code_on(other.send(to=f"{here}/account/", leave="1")) == first


def test_the_page_with_the_code_is_for_who_pressed_the_button(visitor):
    visitor.start()
    visitor.open(visitor.at.replace("/you/", "/later/"))
    assert visitor.key == "you"


def test_a_wrong_code_is_said_and_guessing_is_ended(visitor):
    for _ in range(10):
        page = visitor.send(to=f"/{TOWN}/resume/", code="1111-2222-3333-4444")
        assert page.status_code == 422
        assert "番号を確かめてください" in visitor.text
    page = visitor.send(to=f"/{TOWN}/resume/", code="1111-2222-3333-4444")
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) > 0


def test_the_home_page_leads_back_to_what_is_unfinished(visitor):
    visitor.start()
    visitor.open("")
    assert "書きかけの申請" in visitor.text
    visitor.open("services/heating/")
    assert "続きから始める" in visitor.text


def test_a_stranger_cannot_open_somebodys_draft(visitor):
    visitor.fill_in()
    base = visitor.at.removesuffix("check/")
    stranger = Visitor(Client())
    for where in ("", "check/", "you/", "later/", "done/"):
        stranger.open(base + where)
        assert stranger.at == f"/{TOWN}/resume/"
        assert "山田" not in stranger.text
    stranger.send(to=f"{base}send/")
    stranger.send(to=f"{base}you/", **{**YOU, "applicant.name": "泥棒"})
    assert not Case.objects.exists()
    assert "泥棒" not in str(Draft.objects.get().facts)


def test_a_session_is_shown_to_its_own_town_only(visitor):
    visitor.start()
    cookie = visitor.client.cookies["yakuba_session"]
    assert cookie["path"] == f"/{TOWN}/"
    assert cookie["httponly"]


# -- papers ------------------------------------------------------------------------------------------
@pytest.fixture
def at_papers(visitor) -> Visitor:
    visitor.start()
    visitor.send(**YOU)
    visitor.send(add="1")
    visitor.send(**MEMBER)
    visitor.send(**TAXED)
    visitor.send()
    return visitor


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (lambda: files.photo("big.jpg", padded_to=20 * 2**20), "20.0 MB"),
        (lambda: files.photo("huge.jpg", padded_to=40 * 2**20), "40.0 MB"),
        (files.program, "受け付けられる種類ではありません"),
        (files.bomb, "small.png"),
    ],
)
def test_a_paper_that_cannot_be_taken_is_said_at_its_question(at_papers, upload, words):
    page = at_papers.send(tax_paper=upload())
    assert page.status_code == 422
    assert words in told(page)[0]
    assert not Document.objects.exists()


def test_a_paper_can_be_taken_back(at_papers):
    at_papers.send(tax_paper=files.photo())
    at_papers.open(at_papers.at.replace("/account/", "/papers/"))
    assert "photo.jpg" in at_papers.text
    at_papers.send(**{f"drop.{DraftFile.objects.get().id}": "1"})
    assert at_papers.key == "papers"
    assert "photo.jpg" not in at_papers.text
    assert not Document.objects.exists()


def test_more_photos_than_asked_for_are_not_taken(at_papers, monkeypatch):
    from yakuba.cases import catalogue

    for page in catalogue.service("heating").pages:
        for question in page.questions:
            if question.file:
                monkeypatch.setitem(question.__dict__, "many", 2)
    page = at_papers.send(tax_paper=[files.photo(f"{n}.jpg", padded_to=1000 + n) for n in range(3)])
    assert "2個まで" in told(page)[0]
    assert DraftFile.objects.count() == 2


def test_a_photo_that_is_sent_again_because_the_answer_was_lost_is_kept_once(at_papers, monkeypatch):
    from yakuba.cases import catalogue

    for page in catalogue.service("heating").pages:
        for question in page.questions:
            if question.file:
                monkeypatch.setitem(question.__dict__, "many", 9)
    at = at_papers.at
    for _ in range(2):
        at_papers.send(to=at, tax_paper=[files.photo(f"{n}.jpg", padded_to=1000 + n) for n in range(2)])
    assert DraftFile.objects.count() == 2
    assert Document.objects.count() == 2


# -- sending -----------------------------------------------------------------------------------------
def test_pressing_send_again_in_another_tab_or_after_a_timeout_is_one_case(visitor):
    visitor.fill_in()
    send = f"{visitor.at.removesuffix('check/')}send/"
    for _ in range(3):
        visitor.send(to=send)
        assert visitor.key == "done"
    assert Case.objects.count() == 1
    visitor.open(f"{send.removesuffix('send/')}you/")  # the other tab
    assert visitor.key == "done"


def test_the_last_page_is_not_there_before_the_request_was_sent(visitor):
    visitor.fill_in()
    visitor.open(visitor.at.replace("/check/", "/done/"))
    assert visitor.key == "check"


def test_in_a_crowd_the_request_waits_and_becomes_a_case_by_itself(visitor, crowd):
    visitor.fill_in()
    base = visitor.at.removesuffix("check/")
    page = visitor.send(to=f"{base}send/")
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0
    assert '<meta http-equiv="refresh"' in visitor.text
    assert not Case.objects.exists()
    visitor.send(to=f"{base}send/")  # impatience changes nothing
    jobs.open_wanted(TOWN)
    visitor.open(f"{base}done/")
    assert Case.objects.get().reference in visitor.text
    assert visitor.page.status_code == 200


def test_a_request_whose_service_changed_while_it_waited_is_shown_with_what_is_missing(visitor, crowd):
    visitor.fill_in()
    base = visitor.at.removesuffix("check/")
    visitor.send(to=f"{base}send/")
    draft = Draft.objects.get()
    Draft.objects.update(
        facts={**draft.facts, "account": {}}
    )  # as if the new version asked for another account
    jobs.open_wanted(TOWN)
    visitor.open(f"{base}done/")
    assert visitor.key == "account"


def test_a_service_that_changed_underneath_a_draft_asks_what_is_new_before_sending(visitor):
    visitor.fill_in()
    draft = Draft.objects.get()
    Draft.objects.update(facts={**draft.facts, "applicant": {**draft.facts["applicant"], "address": None}})
    visitor.send(to=f"{visitor.at.removesuffix('check/')}send/")
    assert visitor.key == "you"


# -- many rows ---------------------------------------------------------------------------------------
@pytest.fixture
def busy(signed_in, household, apply):
    """A resident with a large household, many requests and many drafts."""
    from datetime import date

    from tests.channels.conftest import person

    for n in range(15):
        person(household, f"山田 子{n}", "ヤマダ コ", date(2010, 1, 1), relation="child")
    signed_in.start()
    draft = Draft.objects.get()
    for _ in range(20):
        apply(applicant=draft.person, worked=False)
    signed_in.client.get(f"/{TOWN}/")
    for _ in range(20):
        signed_in.start()
    return signed_in


PAGES = (
    "", "services/heating/", "finder/", "finder/?results=1", "resume/", "mine/", "status/", "sign-in/",
    "sign-in/reference/", "draft/{draft}/you/", "draft/{draft}/list.members/", "draft/{draft}/members.9/",
    "draft/{draft}/account/", "draft/{draft}/check/", "status/{reference}/",
)  # fmt: skip


def test_no_page_makes_more_queries_than_fifteen_however_many_rows_there_are(busy):
    draft = Draft.objects.latest("began_at").id
    reference = Case.objects.latest("reference").reference
    for where in PAGES:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = busy.client.get(f"/{TOWN}/" + where.format(draft=draft, reference=reference))
        assert page.status_code < 400, where
        assert len(queries) <= MOST_QUERIES, (where, len(queries))


def test_no_step_of_applying_makes_more_queries_than_fifteen(busy):
    base = f"/{TOWN}/draft/{Draft.objects.latest('began_at').id}/"
    for where, typed in (
        (f"/{TOWN}/apply/heating/", {}),
        (f"{base}you/", YOU),
        (f"{base}list.members/", {}),
        (f"{base}account/", ACCOUNT),
        (f"{base}you/", {"leave": "1"}),
        (f"/{TOWN}/resume/", {"code": "1"}),
        (f"/{TOWN}/finder/", {"name": "children", "children": "0"}),
    ):
        with CaptureQueriesContext(connection) as queries:
            page = busy.client.post(where, typed)
        assert page.status_code in (302, 422), where
        assert len(queries) <= MOST_QUERIES, (where, len(queries), [q["sql"][:90] for q in queries])


def test_birth_dates_are_asked_for_in_an_era_or_in_western_years(visitor):
    visitor.start()
    assert set(BORN) <= set(re.findall(r'name="([^"]+)"', visitor.text))
    for era in ("西暦", "令和", "平成", "昭和", "大正"):
        assert f">{era}</option>" in visitor.text


def test_who_begins_very_many_requests_is_asked_to_wait(visitor, monkeypatch):
    monkeypatch.setattr(web, "DRAFTS", 2)
    for _ in range(2):
        assert visitor.client.post(f"/{TOWN}/apply/heating/").status_code == 302
    page = visitor.client.post(f"/{TOWN}/apply/heating/")
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0
    assert "から、また使えます" in page.content.decode()


@pytest.mark.parametrize("name", ["²", "9" * 30, "-1", "1.5"])
def test_a_place_in_a_list_that_is_none_changes_nothing(name, visitor):
    visitor.start().send(**YOU)
    assert visitor.send(remove=name).status_code == 200
    assert visitor.send(**{f"drop.{name}": "1"}).status_code == 200
