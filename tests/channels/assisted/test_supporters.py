"""Supporters on the roster act for people who consented, give lessons, and stop in the moment in which they leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client

from tests.access.people import make_staff
from tests.access.people import sign_in as sign_in_staff
from tests.cases.conftest import staff
from tests.channels.browser import Visitor
from tests.channels.conftest import person, sign_in
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import SYSTEM
from yakuba.access.models import AccessEvent, Staff
from yakuba.access.worker import PUBLIC
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases.models import Case, Event
from yakuba.channels.assisted import beside, consent, lessons, roster
from yakuba.channels.jobs import tidy_helpers
from yakuba.channels.models import Draft
from yakuba.register.models import Person

CLERK, MANAGER = staff("clerk"), staff("manager", "manager")
ANSWERS = {
    "applicant": {"phone": "0887111111"},
    "person": {"relation": "self", "name": "山田 太郎", "kana": "ヤマダ タロウ", "birth_date": "1950-01-01"},
    "high_care": {"month": "2026-09-01", "all_paid": True, "others": False, "account_own": True},
    "consent": {"register": True},
}


def opened(service: str, facts: dict, **more) -> Case:
    """A case that came in at the counter and was worked by the system."""
    case = cases.open_case(
        catalogue.service(service), facts, channel="counter", by=SYSTEM(TOWN), as_of=clock.now(),
        key=f"test:{Case.objects.count()}", **more,
    )  # fmt: skip
    jobs.drain(TOWN, as_of=clock.now())
    return Case.objects.get(id=case.id)


def on_the_roster(who: Person, login: str) -> roster.Supporter:
    """Somebody of a non-profit group, trained, with an account."""
    make_staff("supporter", login=login, name=who.name)
    facts = {
        "applicant": {"name": who.name, "phone": "0887222222"},
        "supporter": {"group": "npo", "areas": "北山", "times": "火曜", "pledge": True},
    }
    case = opened(roster.SERVICE, facts, applicant=who.id, identified=True)
    trained = {"supporter": {"trained_on": date(2026, 11, 1), "account": login}}
    cases.finish(case.tasks.get(step="training").id, by=CLERK, as_of=clock.now(), facts=trained)
    jobs.drain(TOWN, as_of=clock.now())
    return next(one for one in roster.listed(clock.now()) if one.name == who.name)


@pytest.fixture
def minoru(household) -> roster.Supporter:
    """高橋 実, who is a supporter."""
    who = person(household, "高橋 実", "タカハシ ミノル", date(1970, 3, 3), relation="other")
    return on_the_roster(who, "minoru")


@pytest.fixture
def allow(taro: Person) -> Callable[..., Case]:
    """`allow(kind="family", …)`: 山田 太郎 consents to a helper, on paper at the counter."""

    def give(**said) -> Case:
        until = (clock.now() + timedelta(days=30)).date()
        helper = {"name": "高橋 実", "way": "for", "scope": "care", "until": until, **said}
        facts = {
            "applicant": {"name": "山田 太郎"},
            "helper": {name: value for name, value in helper.items() if value is not None},
        }
        return opened(consent.SERVICE, facts, applicant=taro.id, identified=True)

    return give


@pytest.fixture
def browser(minoru: roster.Supporter) -> Visitor:
    """The supporter's browser, signed in with both factors."""
    one = Visitor(Client())
    sign_in_staff(one.client, "minoru")
    return one


def begun(browser: Visitor, given: Case, service: str = "high-care-cost") -> Draft:
    """A request that the supporter began for whoever consented, with all answers but those of the register."""
    browser.send(to=f"/{TOWN}/helper/for/{given.id}/", service=service)
    draft = Draft.objects.get()
    facts = draft.facts | {name: draft.facts.get(name, {}) | said for name, said in ANSWERS.items()}
    Draft.objects.filter(id=draft.id).update(facts=facts)
    return draft


def test_a_supporter_is_a_worker_of_their_own_kind_and_opens_no_page_of_the_desk(browser, minoru):
    assert Staff.objects.get(login="minoru").worker().kind == "supporter"
    for page in ("", "queue/", "people/", "helpers/", "account/"):
        assert browser.client.get(f"/{TOWN}/staff/{page}").status_code == 302
    assert "支援員の番号" in browser.open("helper/").content.decode()


def test_a_supporter_writes_and_sends_for_who_consented_without_seeing_the_account(
    browser, minoru, allow, taro
):
    given = allow(kind="supporter", number=minoru.number)
    assert "山田 太郎" in browser.open("helper/").content.decode()
    begun(browser, given)
    page = browser.open(browser.at).content.decode()
    assert "山田 太郎" in page
    assert "7654321" not in page
    browser.send(to=f"{browser.at}send/")
    case = Case.objects.get(service="high-care-cost")
    event = Event.objects.get(case=case, kind="opened")
    assert case.reference in browser.text
    assert (event.by_kind, event.by_id, case.applicant) == ("supporter", minoru.worker, taro.id)
    assert (event.body["helper_kind"], event.private["helper"]) == ("supporter", "高橋 実")
    assert event.private["facts"]["account"]["number"] == "7654321"


def test_a_helper_for_somebody_may_write_what_they_are_not_shown(browser, minoru, allow, taro):
    draft = begun(browser, allow(kind="supporter", number=minoru.number))
    account = {"account.type": "1", "account.number": "2222222", "account.holder": ""}
    browser.send(to=f"{browser.at}account/", **account)
    kept = Draft.objects.get(id=draft.id).facts["account"]
    assert (kept["number"], kept["holder"]) == ("2222222", "ヤマダ タロウ"), "what was left empty stays"
    assert browser.key != "account", "what is there and not shown is not asked for again"


def test_a_service_outside_of_the_scope_is_refused(browser, minoru, allow):
    given = allow(kind="supporter", number=minoru.number)
    browser.send(to=f"/{TOWN}/helper/for/{given.id}/", service="dog-registration")
    assert "同意の範囲に入っていません" in browser.text
    assert not Draft.objects.exists()


def test_a_supporter_who_moved_away_stops_in_the_session_and_somebody_else_is_looked_for(
    browser, minoru, allow, taro
):
    given = allow(kind="supporter", number=minoru.number)
    draft = begun(browser, given)
    browser.send(to=f"{browser.at}contact/", **{"applicant.phone": "0887333333"})
    here = browser.at
    roster.take_off(minoru.case, "moved", by=MANAGER, as_of=clock.now())
    page = browser.send(to=f"{here}contact/", **{"applicant.phone": "0887999999"})
    assert page.status_code == 403
    assert "支援員の登録がなくなっているため" in page.content.decode()
    assert Draft.objects.get(id=draft.id).facts["applicant"]["phone"] == "0887333333"
    tidy_helpers(0)
    assert consent.one(given.id).ended == "left"
    assert given.tasks.get(step="another").status == "open"


def test_of_a_supporter_who_moved_out_the_register_knows_before_a_clerk_does(minoru):
    Person.objects.filter(id=minoru.person).update(moved_out=clock.now().date())
    assert not roster.is_listed(minoru.number, as_of=clock.now())
    assert roster.is_listed(minoru.number, as_of=clock.now() - timedelta(days=1))


def test_a_relative_is_known_by_name_and_birth_date_as_their_card_has_them(household, allow, taro):
    aoi = person(household, "佐藤 葵", "サトウ アオイ", date(1980, 5, 5), relation="child")
    named = {"name": "佐藤　葵", "birth_date": date(1980, 5, 5)}
    allow(kind="family", **named)
    allow(kind="family", **named | {"birth_date": date(1980, 5, 6)})
    mine = Visitor(sign_in(Client(), aoi)).open("helper/").content.decode()
    assert mine.count("/helper/for/") == 1
    others = Visitor(sign_in(Client(), taro)).open("helper/").content.decode()
    assert "/helper/for/" not in others


def test_a_consent_of_somebody_whom_nobody_identified_waits_for_a_reviewer(taro, minoru):
    until = (clock.now() + timedelta(days=30)).date()
    helper = {
        "kind": "supporter",
        "number": minoru.number,
        "name": "高橋 実",
        "way": "for",
        "scope": "all",
        "until": until,
    }
    case = opened(consent.SERVICE, {"applicant": {"name": "山田 太郎"}, "helper": helper})
    assert case.tasks.get(status="open").step == "review"
    assert consent.one(case.id).standing(clock.now()) == "undecided"


def test_a_resident_ends_a_consent_on_the_page_of_the_request(browser, minoru, allow, taro):
    given = allow(kind="supporter", number=minoru.number)
    begun(browser, given)
    Visitor(sign_in(Client(), taro)).send(to=f"/{TOWN}/status/{given.reference}/withdraw/")
    page = browser.open(browser.at)
    assert page.status_code == 403
    assert "ご本人が、手伝ってもらうのをやめました" in page.content.decode()


def test_a_lesson_is_arranged_given_and_measured_by_the_next_request(browser, minoru, taro, desk):
    facts = {
        "applicant": {"name": "山田 太郎", "phone": "0887111111"},
        "lesson": {"topic": "apply", "where": "home", "times": "火曜"},
    }
    lesson = opened(lessons.SERVICE, facts, applicant=taro.id, identified=True)
    clerk = Visitor(desk("clerk"))
    assert "火曜" in clerk.open("staff/helpers/").content.decode()
    task = lesson.tasks.get(step="arrange")
    sent = {"task": str(task.id), "number": minoru.number, "agreed": "12月1日 10時"}
    clerk.send(to=f"/{TOWN}/staff/helpers/lesson/", **sent | {"agreed": ""})
    assert "約束した日時を100文字まで" in clerk.text
    clerk.send(to=f"/{TOWN}/staff/helpers/lesson/", **sent)
    assert "12月1日 10時" in browser.open("helper/").content.decode()
    browser.send(to=f"/{TOWN}/helper/lesson/", task=str(lesson.tasks.get(step="teach").id), outcome="taught")
    assert Case.objects.get(id=lesson.id).state == "closed"
    assert lessons.afterwards(clock.now()) == {"alone": 0, "helped": 0, "otherwise": 0, "none": 1}
    cases.open_case(
        catalogue.service("call-back"), {}, channel="web", by=SYSTEM(TOWN), as_of=clock.now(), key="a", applicant=taro.id
    )  # fmt: skip
    assert lessons.afterwards(clock.now())["none"] == 1, "a call is not what somebody learned for"
    cases.open_case(
        catalogue.service("dog-registration"), {}, channel="web", by=SYSTEM(TOWN), as_of=clock.now(), key="b",
        applicant=taro.id,
    )  # fmt: skip
    assert lessons.afterwards(clock.now()) == {"alone": 1, "helped": 0, "otherwise": 0, "none": 0}


@pytest.fixture
def lesson(minoru, taro) -> Case:
    """A lesson for 山田 太郎 that 高橋 実 is to give."""
    facts = {
        "applicant": {"name": "山田 太郎", "phone": "0887111111"},
        "lesson": {"topic": "apply", "where": "home", "times": "火曜"},
    }
    case = opened(lessons.SERVICE, facts, applicant=taro.id, identified=True)
    arrange = case.tasks.get(step="arrange")
    lessons.arrange(arrange.id, minoru.number, "12月1日 10時", by=CLERK, as_of=clock.now())
    return case


def test_a_supporter_who_was_struck_off_sees_their_lessons_no_more_and_records_nothing(
    browser, minoru, lesson
):
    roster.take_off(minoru.case, "struck", by=MANAGER, as_of=clock.now())
    assert "0887111111" not in browser.open("helper/").content.decode()
    teach = lesson.tasks.get(step="teach")
    browser.send(to=f"/{TOWN}/helper/lesson/", task=str(teach.id), outcome="taught")
    assert lesson.tasks.get(step="teach").status == "open"


def test_a_lesson_whose_supporter_left_the_roster_waits_for_another_and_is_given_by_them(
    minoru, lesson, household
):
    roster.take_off(minoru.case, "struck", by=MANAGER, as_of=clock.now())
    tidy_helpers(0)
    aoi = on_the_roster(
        person(household, "佐藤 葵", "サトウ アオイ", date(1980, 5, 5), relation="child"), "aoi"
    )
    (found,) = lessons.waiting()
    assert found.step == "arrange-again"
    lessons.arrange(found.task, aoi.number, "12月3日 14時", by=CLERK, as_of=clock.now())
    tidy_helpers(0)
    (mine,) = lessons.of_supporter(aoi)
    assert mine.agreed == "12月3日 14時"
    lessons.given(mine.task, "taught", by=Staff.objects.get(login="aoi").worker(), as_of=clock.now())
    assert Case.objects.get(id=lesson.id).state == "closed"


def test_a_clerk_looks_for_another_supporter_when_one_cannot_come(browser, minoru, lesson, desk):
    clerk = Visitor(desk("clerk"))
    teach = lesson.tasks.get(step="teach")
    clerk.send(to=f"/{TOWN}/staff/helpers/lesson/another/", task=str(teach.id))
    assert lesson.tasks.get(status="open").step == "arrange-again"
    assert "0887111111" in clerk.open("staff/helpers/").content.decode()
    assert "0887111111" not in browser.open("helper/").content.decode()
    clerk.send(to=f"/{TOWN}/staff/helpers/lesson/another/", task=str(teach.id))
    assert lesson.tasks.get(status="open").step == "arrange-again", "twice is as once"


def test_whose_telephone_number_stands_on_the_list_of_lessons_is_in_the_log(lesson, desk):
    Visitor(desk("auditor")).open("staff/helpers/")
    assert AccessEvent.objects.filter(action="case.read", resource_id=str(lesson.id)).exists()


def test_a_look_at_a_lesson_stands_in_the_log(browser, minoru, lesson):
    browser.open("helper/")
    looked = AccessEvent.objects.get(action="helper.act", resource_id=str(lesson.id))
    assert looked.worker_id == minoru.worker


def test_a_visitor_who_is_not_signed_in_reads_nothing_of_the_roster(minoru, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert roster.of_worker(PUBLIC(TOWN), as_of=clock.now()) is None


def test_a_consent_names_who_it_is_for_and_nobody_else(minoru, allow, household):
    given = consent.one(allow(kind="supporter", number=minoru.number).id)
    worker = Staff.objects.get(login="minoru").worker()
    make_staff("supporter", login="other", name="高橋 実")
    other = Staff.objects.get(login="other").worker()
    assert given.resource(worker, as_of=clock.now()).attributes["helper"] == worker.id
    assert given.resource(other, as_of=clock.now()).attributes["helper"] == ""


def test_the_form_of_the_consent_offers_only_what_a_helper_can_do_by_it(taro):
    asked = catalogue.service(consent.SERVICE)
    names = [question.fact for page in asked.pages for question in page.questions]
    assert "helper.way" not in names
    assert "one" not in asked.facts["helper.scope"].choices


def test_a_consent_that_came_in_by_the_form_lets_the_helper_write_and_send(browser, minoru, allow, taro):
    allow(kind="supporter", number=minoru.number, way=None)
    assert "山田 太郎" in browser.open("helper/").content.decode()


def test_a_lesson_is_not_given_to_a_supporter_without_account_or_off_the_roster(minoru):
    with pytest.raises(roster.NotListed, match="No supporter on the roster"):
        lessons.arrange(minoru.case, "1234-5678-9012", "あす", by=CLERK, as_of=clock.now())


def test_nobody_is_helped_by_a_code_that_only_a_signed_in_supporter_may_use(browser, minoru, taro):
    mine = Visitor(sign_in(Client(), taro))
    mine.start("high-care-cost")
    draft = Draft.objects.get()
    helped, code = beside.invite(draft, "supporter", "", minoru.number, by=SYSTEM(TOWN), as_of=clock.now())
    stranger = Visitor(Client())
    assert stranger.send(to=f"/{TOWN}/helper/", code=code).status_code == 422
    assert "先に「支援員のログイン」" in stranger.text
    assert browser.send(to=f"/{TOWN}/helper/", code=code).status_code == 200
    assert "手伝っている申請" in browser.text
    assert helped.name == "高橋 実"


def test_every_sheet_shows_its_pictures(in_town):
    visitor = Visitor(Client())
    page = visitor.open("sheets/").content.decode()
    for sheet in ("apply", "together", "safe"):
        assert f"/sheets/{sheet}/" in page
        assert "web/lesson/" in visitor.open(f"sheets/{sheet}/").content.decode()
    assert visitor.open("sheets/nothing/").status_code == 404


def test_the_desk_of_helpers_opens_in_a_town_whose_catalogue_has_no_supporters(desk, monkeypatch):
    left = {name: one for name, one in catalogue.current().services.items() if name != roster.SERVICE}
    few = replace(catalogue.current(), services=left)
    monkeypatch.setattr(catalogue, "current", lambda: few)
    assert desk("clerk").get(f"/{TOWN}/staff/helpers/").status_code == 200


def test_a_manager_takes_somebody_off_the_roster_on_the_desk_and_a_clerk_cannot(minoru, desk):
    to, said = f"/{TOWN}/staff/helpers/take-off/", {"supporter": str(minoru.case), "outcome": "moved"}
    Visitor(desk("clerk")).send(to=to, **said)
    assert roster.is_listed(minoru.number, as_of=clock.now())
    Visitor(desk("manager")).send(to=to, **said)
    assert not roster.is_listed(minoru.number, as_of=clock.now())
