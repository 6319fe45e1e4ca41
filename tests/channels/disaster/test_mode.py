"""Disaster mode takes two people and ends by itself; break-glass access opens one thing for a while and is looked at by another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from tests.access.people import make_staff, sign_in
from tests.channels.disaster.conftest import SHELTER
from tests.channels.test_api import System
from tests.channels.test_desk import text
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import SYSTEM, Denied, Resource, devices, may, simulating
from yakuba.access.circumstances import Circumstances
from yakuba.access.models import AccessEvent, AccessGrant, Emergency, Staff
from yakuba.access.policy import book
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.errors import FourEyes
from yakuba.channels.disaster import glass, mode
from yakuba.channels.disaster.errors import DisasterError, NotDeclared, NotOpened
from yakuba.words import ui

DAY = timedelta(days=1)
DESK = f"/{TOWN}/staff/"


def declared(by, now, days: float = 3, begins=None):
    return mode.declare("10月3日の大雨", "川があふれた", begins or now, now + days * DAY, by=by, as_of=now)


def test_disaster_mode_is_declared_by_one_confirmed_by_another_and_ends_by_itself(manager, second):
    now = clock.now()
    case = declared(manager, now)
    assert mode.in_force(now) is None
    with pytest.raises(FourEyes):
        mode.confirm(case, by=manager, as_of=now)
    mode.confirm(case, by=second, as_of=now)
    found = mode.in_force(now)
    assert found
    assert (found.declared_by, found.confirmed_by, found.reason) == (manager.id, second.id, "川があふれた")
    assert list(found.services) == list(mode.FIRST)
    later = now + 3 * DAY
    assert mode.in_force(later) is None  # by the clock alone, whether or not anything ran
    assert mode.tidy(TOWN, as_of=later) == 1
    assert case_queries.one(case).state == "closed"
    assert mode.tidy(TOWN, as_of=later) == 0


def test_one_person_ends_it_early_and_a_new_declaration_makes_it_longer(manager, second):
    now = clock.now()
    mode.confirm(declared(manager, now, 1), by=second, as_of=now)
    mode.confirm(declared(second, now, 5), by=manager, as_of=now)
    found = mode.in_force(now + 2 * DAY)
    assert found
    mode.end(by=second, as_of=now + timedelta(hours=1), note="水が引いた")
    assert mode.in_force(now + timedelta(hours=1)) is None
    assert Emergency.objects.filter(ended_at=None).count() == 0
    with pytest.raises(NotDeclared):
        mode.end(by=second, as_of=now + timedelta(hours=2))


@pytest.mark.parametrize(("days", "hours"), [(15, 0), (0, 0), (1, -3), (9, 24 * 8)])
def test_what_cannot_be_declared_is_said_and_nothing_is_opened(days, hours, manager):
    now = clock.now()
    with pytest.raises(DisasterError):
        declared(manager, now, days, begins=now + timedelta(hours=hours))
    assert not mode.declarations()


def test_nobody_else_declares_it_and_an_unconfirmed_one_never_begins(manager, second, clerk):
    now = clock.now()
    with pytest.raises(Denied):
        declared(clerk, now)
    reviewer = make_staff("reviewer", "clerk", login="r").worker()
    case = declared(manager, now, 1)
    with pytest.raises(NotDeclared):
        declared(second, now)  # one waits already
    task = case_queries.waiting(case)
    assert task
    with pytest.raises(Denied):  # by the page of the case as well
        cases.decide(task[0], by=reviewer, as_of=now, outcome="granted")
    with pytest.raises(NotDeclared):
        mode.confirm(case, by=second, as_of=now + DAY)
    mode.tidy(TOWN, as_of=now + DAY)
    assert not Emergency.objects.exists()
    assert case_queries.one(case).outcome == "withdrawn"


def test_a_second_person_may_decline_it(manager, second):
    now = clock.now()
    mode.decline(declared(manager, now), by=second, as_of=now, reason="訓練だった")
    assert not mode.declarations()
    assert mode.in_force(now) is None


def test_the_towns_page_puts_its_services_first_and_opens_the_check_in(manager, second):
    browser, now = Client(), clock.now()
    check_in = f"/{TOWN}/services/shelter-check-in/"
    assert "災害モード中です" not in text(browser.get(f"/{TOWN}/"))
    assert browser.get(check_in).status_code == 503
    mode.confirm(declared(manager, now), by=second, as_of=now)
    page = text(browser.get(f"/{TOWN}/"))
    first = page[page.index("災害モード中です") : page.index('role="search"')]
    assert first.index("避難所の受付") < first.index("罹災証明書の申請") < first.index("住宅の応急修理の申込")
    assert "There is a disaster." in page
    assert "災害が起きています" in page
    assert browser.get(check_in).status_code == 200


def test_other_systems_hand_check_ins_in_only_while_the_town_is_in_disaster_mode(manager, second):
    system = System("the prefecture")
    known = lambda: {one["id"] for one in system.get("services").json()}  # noqa: E731
    assert mode.SHELTER not in known()
    refused = system.hand_in({}, service=mode.SHELTER)
    assert (refused.status_code, refused.json()["title"]) == (409, ui("disaster.stopped", "en"))
    mode.confirm(declared(manager, clock.now()), by=second, as_of=clock.now())
    assert mode.SHELTER in known()
    assert system.hand_in({}, service=mode.SHELTER).status_code == 422


def test_a_manager_declares_and_another_confirms_on_the_desk(desk):
    one, two = desk("manager", login="a"), desk("admin", login="b")
    now = clock.in_tokyo(clock.now())
    form = {
        "disaster": "大雨", "reason": "川があふれた", "begins": f"{now:%Y-%m-%dT%H:%M}",
        "ends": f"{now + DAY:%Y-%m-%dT%H:%M}", "services": list(mode.FIRST),
    }  # fmt: skip
    page = text(one.post(f"{DESK}disaster/declare/", form, follow=True))
    assert "あなたが宣言しました" in page
    (waiting,) = mode.declarations()
    confirm = f"{DESK}disaster/{waiting.case}/confirm/"
    assert 'role="alert"' in text(one.post(confirm, follow=True))
    assert not Emergency.objects.exists()
    assert "災害モード中です" in text(two.post(confirm, follow=True))
    assert desk("clerk", login="c").post(f"{DESK}disaster/end/", {"note": "x"}).status_code == 403
    assert "今は災害モードではありません" in text(
        two.post(f"{DESK}disaster/end/", {"note": "終わった"}, follow=True)
    )


# -- what a site of a disaster opens ---------------------------------------------------------------
SITE = Circumstances(zone="disaster", device="registered", emergency=True, services=mode.FIRST)


@pytest.mark.parametrize(
    ("action", "service", "allowed"),
    [
        ("case.read", "disaster-certificate", True),
        ("case.open", "shelter-check-in", True),
        ("case.attach", "emergency-repair", True),
        ("case.read", "child-allowance", False),
        ("case.open", "child-allowance", False),
        ("case.decide", "disaster-certificate", False),
    ],
)
def test_from_a_site_of_a_disaster_clerks_do_what_disaster_mode_names_and_nothing_else(
    action, service, allowed, clerk
):
    there = replace(clerk, where=SITE)
    case = Resource("Case", "c1", TOWN, {"service": service})
    assert may(there, action, case) is allowed
    assert may(there, "shelter.read", Resource("Town", TOWN, TOWN))
    assert not may(there, "queue.read", Resource("Town", TOWN, TOWN))
    assert not may(there, "money.read", Resource("Town", TOWN, TOWN))


# -- break-glass access ----------------------------------------------------------------------------
@pytest.fixture
def hidden(in_town, clerk):
    """A case that a technician may not see."""
    facts = {"applicant": {"name": "山田 太郎"}, "shelter": {"name": SHELTER, "people": 1, "medical": "透析"}}
    service = catalogue.service("shelter-check-in")
    return cases.open_case(service, facts, channel="counter", by=clerk, as_of=clock.now(), key="hidden")


def test_break_glass_opens_one_case_for_a_while_and_each_look_is_recorded_with_it(desk, hidden, manager):
    technician = desk("technician", login="t")
    address = f"{DESK}case/{hidden.id}/"
    assert technician.get(address).status_code == 403
    form = {"kind": "case", "reference": hidden.reference, "reason": "透析の薬を届ける", "minutes": "15"}
    page = technician.post(f"{DESK}break-glass/use/", form, follow=True)
    assert page.status_code == 200
    assert "透析" not in text(page)  # guarded facts stay masked
    assert "透析" not in text(technician.get(address + "?reveal=1"))
    (used,) = glass.waiting()
    looks = AccessEvent.objects.filter(policies__contains=[f"break-glass:{used.case}"], action="case.read")
    assert looks.count() == 2
    asked = list(simulating.questions(clock.now() - DAY, clock.now() + DAY))
    again = {(one.action, simulating.answer(book(), one, TOWN).allowed == one.allowed) for one in asked}
    assert ("case.read", True) in again
    assert all(same for _, same in again)
    for closed in (f"{DESK}money/", f"{DESK}queue/", f"{DESK}people/"):
        assert technician.get(closed).status_code == 403
    AccessGrant.objects.update(ends=clock.now())
    assert technician.get(address).status_code == 403


def test_who_used_break_glass_does_not_review_it_and_cannot_make_it_go_away(hidden, manager, second):
    now = clock.now()
    used = glass.of_case(hidden.reference, "急ぎ", 60, by=manager, as_of=now)
    grant = AccessGrant.objects.get()
    assert grant.ends - grant.begins == timedelta(minutes=60)
    with pytest.raises(Denied):
        glass.review(used.case, "justified", "自分で見た", by=manager, as_of=now)
    with pytest.raises(Denied):
        cases.withdraw(used.case, by=manager, as_of=now, reason="消したい")
    with pytest.raises(NotOpened):
        glass.review(used.case, "justified", "", by=second, as_of=now)
    glass.review(used.case, "not_justified", "必要なかった", by=second, as_of=now)
    assert case_queries.one(used.case).state == "closed"
    grant.refresh_from_db()
    assert grant.ended_at == now
    with pytest.raises(NotOpened):
        glass.review(used.case, "justified", "もう一度", by=second, as_of=now)


def test_break_glass_is_for_an_hour_at_most_and_wants_a_reason_and_a_case(hidden, clerk):
    now = clock.now()
    for minutes, reason, reference in (
        (61, "急ぎ", hidden.reference),
        (15, " ", hidden.reference),
        (15, "急ぎ", "0000-0000-0000"),
    ):
        with pytest.raises(NotOpened):
            glass.of_case(reference, reason, minutes, by=clerk, as_of=now)
    assert not AccessGrant.objects.exists()
    used = glass.of_case(hidden.reference, "急ぎ", 15, by=clerk, as_of=now)
    task = next(one for one in case_queries.tasks_of(used.case) if one.step == "review")
    assert task.due_at
    assert task.role == "manager"
    assert jobs.drain(TOWN, as_of=now) >= 0
    assert Staff.objects.get(login="mado").grants.count() == 1


def test_a_grant_for_a_person_opens_their_page_and_no_form_that_is_filled_in_with_their_account(desk, taro):
    technician = desk("technician", login="t")
    page = f"{DESK}people/{taro.id}/"
    refused = technician.get(page)
    assert refused.status_code == 403
    assert "緊急アクセスを使えます" in refused.content.decode()
    form = {
        "kind": "person",
        "name": "山田太郎",
        "born": "1950-01-01",
        "reason": "安否の確認",
        "minutes": "15",
    }
    assert technician.post(f"{DESK}break-glass/use/", form, follow=True).status_code == 200
    assert technician.get(page).status_code == 200
    assert technician.post(f"{page}counter/", {"service": "child-allowance"}).status_code == 403
    assert technician.get(f"{page}form/?service=child-allowance").status_code == 403
    assert technician.post(f"{page}link/", {}).status_code == 403
    assert technician.get(f"{DESK}people/?q=山田").status_code == 403
    looks = AccessEvent.objects.filter(action="register.read", outcome="allowed")
    assert {one.policies[0][:12] for one in looks} == {"break-glass:"}


def test_at_a_declared_site_work_begins_with_disaster_mode_and_is_over_with_it(
    manager, second, clerk, hidden
):
    now = clock.now()
    devices.declare_network("disaster", "10.9.0.0/16", by=SYSTEM(TOWN), as_of=now)
    devices.declare_network("counter", "127.0.0.0/8", by=SYSTEM(TOWN), as_of=now)
    there = {"REMOTE_ADDR": "10.9.0.5"}
    browser = Client(**there)
    shelters, queue = f"{DESK}shelters/", f"{DESK}queue/"
    sign_in(browser, "mado")
    assert browser.get(shelters).status_code == 403  # an address like any other outside
    mode.confirm(declared(manager, now), by=second, as_of=now)
    sign_in(browser, "mado")
    assert browser.get(shelters).status_code == 200
    assert browser.get(f"{DESK}case/{hidden.id}/").status_code == 200
    assert browser.get(queue).status_code == 403
    assert browser.get(f"{DESK}absences/").status_code == 403
    browser.get(DESK)
    rows = [
        one
        for one in AccessEvent.objects.filter(outcome="allowed")
        if one.question and one.question["circumstances"]["zone"] == "disaster"
    ]
    assert {"shelter.read", "case.read", "staff.home"} <= {one.action for one in rows}
    mode.end(by=manager, as_of=clock.now(), note="終わった")
    assert browser.get(shelters).status_code in (302, 403)


def test_what_was_confirmed_and_has_not_begun_is_shown_and_can_be_ended(desk, manager, second):
    now = clock.now()
    mode.confirm(declared(manager, now, 3, begins=now + DAY), by=second, as_of=now)
    assert mode.in_force(now) is None
    assert "これから始まります" in text(desk("clerk", login="c").get(f"{DESK}disaster/"))
    mode.end(by=second, as_of=now, note="それた")
    assert mode.in_force(now + DAY + timedelta(hours=1)) is None
