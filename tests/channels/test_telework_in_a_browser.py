"""A clerk at home in a real Chromium: an unknown device, its code, a case with masked facts, no export, a fresh proof."""

from __future__ import annotations

from datetime import time, timedelta
from ipaddress import ip_network

import pytest
from playwright.sync_api import Browser, expect

from tests.access.people import PASSWORD, SECRET, make_staff
from tests.access.people import code as shown_code
from tests.channels.family import PARENT
from tests.channels.looks import DESK, follow, signed_in
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import PUBLIC, SYSTEM, devices, situation, towns
from yakuba.access.models import AccessEvent, Resident, Staff
from yakuba.access.sessions import SessionStore
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases.models import Case
from yakuba.channels import actions as channels
from yakuba.channels.disaster import mode
from yakuba.register.models import Person

pytestmark = pytest.mark.browser
assert SECRET


class Always:
    """A calendar without a closed day."""

    def is_open(self, day: object) -> bool:
        return True


@pytest.fixture
def claimed(served, monkeypatch) -> Case:
    """A claim with an account; the hall's network is another than this machine's, which is therefore outside."""
    monkeypatch.setattr(situation, "HALL", Always())
    now = clock.now()
    with towns.inside(TOWN):
        there = Case.objects.filter(service="child-allowance").first()
    if there:
        return there
    make_staff("reviewer", "manager", login="remote", name="遠田 みどり")
    with towns.inside(TOWN):
        devices.declare_network("counter", "10.99.0.0/16", by=SYSTEM(TOWN), as_of=now)
        devices.set_posture("none", time(0), time(23, 59), by=SYSTEM(TOWN), as_of=now)
        person = Person.objects.filter(relation="head").first()
        case = channels.intake(
            catalogue.service("child-allowance"), PARENT, channel="web", by=PUBLIC(TOWN), as_of=now, key="test:home",
            applicant=person.id, identified=True,
        )  # fmt: skip
    jobs.drain(TOWN, as_of=now)
    return case


def test_a_clerk_at_home_sees_masked_facts_exports_nothing_and_proves_again_who_they_are(
    chromium: Browser, served: str, claimed: Case
):
    context = chromium.new_context(viewport=DESK, locale="ja-JP")
    page = context.new_page()
    page.goto(f"{served}/staff/sign-in/")
    page.locator("#login").fill("remote")
    page.locator("#password").fill(PASSWORD)
    follow(page.locator("form").first.get_by_role("button"))
    page.locator("#code").fill(shown_code())
    follow(page.get_by_role("button", name="ログイン"))
    expect(page.locator("h1")).to_have_text("この操作はできません")
    expect(page.get_by_text("登録されていない端末").first).to_be_visible()

    follow(page.get_by_role("link", name="この端末を登録する"))
    with towns.inside(TOWN):
        account = Staff.objects.get(login="remote")
        _, code = devices.issue("laptop", account, by=SYSTEM(TOWN), as_of=clock.now())
    page.locator("#code").fill(code)
    follow(page.get_by_role("button", name="この端末を登録する"))
    expect(page.get_by_text("役場の外（登録した端末）")).to_be_visible()

    page.goto(f"{served}/staff/case/{claimed.id}/")
    answers = page.locator("dl.summary")
    expect(answers).to_contain_text("••••")
    assert page.locator(".watermark").inner_text().count("遠田 みどり") >= 4

    page.goto(f"{served}/staff/queue/")
    page.goto(f"{served}/staff/queue/export/")
    expect(page.get_by_text("ファイルに書き出せません").first).to_be_visible()

    with towns.inside(TOWN):  # twenty minutes pass for this session, and the code's step
        Staff.objects.filter(login="remote").update(totp_step=0)
        _age(account, minutes=20)
    page.goto(f"{served}/staff/case/{claimed.id}/")
    follow(page.get_by_role("link", name="伏せた項目を見る"))
    page.locator("#code").fill(shown_code())
    follow(page.get_by_role("button", name="確認する", exact=True))
    assert "reveal=1" in page.url
    expect(answers).not_to_contain_text("••••")
    expect(page.get_by_text(PARENT["account"]["number"])).to_be_visible()
    with towns.inside(TOWN):
        looks = AccessEvent.objects.filter(worker_id=account.worker().id, action="register.read")
        assert [look.question["circumstances"]["zone"] for look in looks.filter(outcome="allowed")] == [
            "home"
        ]
    context.close()


def _age(account: Staff, *, minutes: int) -> None:
    """The proof of this session is that much older."""
    for row in account.sessions.all():
        store = SessionStore()
        data = store.decode(row.session_data)
        data["proven"] -= minutes * 60
        row.session_data = store.encode(data)
        row.save(update_fields=["session_data"])


FLOODED = {
    "applicant": {"name": "山田 太郎", "phone": "0889-00-0000"},
    "disaster": {"name": "10月3日の大雨", "kind": "flood", "date": "2025-10-03"},
    "house": {"address": "山あい町本町1番地", "in_town": True, "lived_in": True, "role": "resident"},
    "damage": {"minor_agreed": True},
}


@pytest.fixture
def flooded(claimed: Case) -> Case:
    """Disaster mode, declared by one and confirmed by another; this machine is a shelter; a request for a certificate, of
    the person who made the claim."""
    now = clock.now()
    one, two = (make_staff("manager", login=f"chief{n}", name=f"所属長 {n}") for n in (1, 2))
    make_staff("clerk", login="shelter", name="避難 しおり")
    with towns.inside(TOWN):
        devices.declare_network("disaster", "127.0.0.0/8", "小学校", by=SYSTEM(TOWN), as_of=now)
        declared = mode.declare(
            "大雨", "川があふれた", now, now + timedelta(days=2), by=one.worker(), as_of=now
        )
        mode.confirm(declared, by=two.worker(), as_of=now)
        case = cases.open_case(
            catalogue.service("disaster-certificate"), FLOODED, channel="counter", by=SYSTEM(TOWN), as_of=now,
            key="test:flood", applicant=claimed.applicant, identified=True,
        )  # fmt: skip
    jobs.drain(TOWN, as_of=now)
    return case


def test_in_disaster_mode_a_certificate_is_worked_at_a_shelter_and_the_resident_sees_who_looked(
    chromium: Browser, served: str, claimed: Case, flooded: Case
):
    with towns.inside(TOWN):
        session = SessionStore()
        session.begin_staff(Staff.objects.get(login="shelter"), situation.Seen(ip_network("127.0.0.1/32")))
        session.save()
        account = Resident.objects.create(
            town=TOWN, issuer="https://id.example", subject="s", person=str(claimed.applicant), created_at=clock.now()
        )  # fmt: skip
        mine = SessionStore()
        mine.begin(resident=str(account.id))
        mine.save()
    sessions = {"clerk": session.session_key, "resident": mine.session_key}
    with signed_in(chromium, served, sessions) as opened:
        page = opened["clerk"]
        answer = page.goto(f"{served}/staff/case/{claimed.id}/")
        assert answer is not None
        assert answer.status == 403  # the claim is no service of the disaster
        expect(page.get_by_text("disaster-site-only").first).to_be_visible()
        page.goto(f"{served}/staff/case/{flooded.id}/")
        expect(page.locator("h1")).to_contain_text("罹災証明書")
        page.get_by_label("はい").first.check()
        follow(page.get_by_role("button", name="作業を終える"))
        expect(page.get_by_role("status")).to_contain_text("記録しました")

        page = opened["resident"]
        page.goto(f"{served}/mine/looked/")
        expect(page.locator("main")).to_contain_text("罹災証明書")
        expect(page.locator("main")).not_to_contain_text("避難 しおり")
