"""In a real Chromium: a clerk looks somebody up, that resident sees it, and the auditor finds it."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from tests.access.people import make_staff
from tests.channels.conftest import chromium, served
from tests.channels.looks import DESK, LANGUAGES, PHONE, all_too_wide, all_violations, signed_in
from tests.channels.test_desk_in_a_browser import session_of
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import SYSTEM, Resource, Worker, log, seals, towns
from yakuba.access.circumstances import Circumstances
from yakuba.access.models import Resident
from yakuba.access.sessions import SessionStore
from yakuba.audit import alarms
from yakuba.cases import actions, catalogue, replay, verify
from yakuba.register.models import Person

__all__ = ["chromium", "served"]
pytestmark = pytest.mark.browser
PAGES = {
    "looked": ("resident", "../mine/looked/"),
    "audit": ("auditor", "audit/"),
    "audit with a wrong day": ("auditor", "audit/?since=x"),
}
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(scope="module")
def people(served: str) -> dict[str, str]:
    """The sessions of a clerk, an auditor and a resident who asked for disclosure."""
    now = clock.now()
    clerk = make_staff("clerk", "reviewer", login="clerk", name="山本 花子")
    auditor = make_staff("auditor", login="auditor", name="監査 一")
    with towns.inside(TOWN):
        who = Person.objects.filter(relation="head").order_by("id").first()
        account = Resident.objects.create(
            town=TOWN,
            issuer="https://id.test",
            subject="s",
            person=str(who.id),
            name=who.name,
            created_at=now,
        )
        session = SessionStore()
        session.begin(resident=str(account.id))
        session.save()
        case = actions.open_case(
            catalogue.service("disclosure-request"),
            {"applicant": {"name": who.name}, "disclosure": {"who": "self", "kind": "looks", "how": "copy"}},
            channel="web", by=SYSTEM(TOWN), as_of=now, key="x", applicant=who.id, identified=True,
        )  # fmt: skip
        for number, zone in enumerate(("home", "disaster", "counter")):
            by = Worker(
                "staff",
                f"staff:{number}",
                TOWN,
                roles=frozenset({"reviewer"}),
                where=Circumstances(zone=zone),
            )
            log.record(by, "case.read", Resource("Case", str(case.id), TOWN), log.ALLOWED, as_of=now)
        seals.seal_all(TOWN, as_of=now + timedelta(days=1))
        alarms.prove(TOWN, as_of=now)
        return {
            "clerk": session_of(clerk),
            "auditor": session_of(auditor),
            "resident": session.session_key,
            "person": str(who.id),
            "case": str(case.id),
        }


@pytest.fixture(scope="module")
def browsers(chromium: Browser, served: str, people: dict[str, str]) -> Iterator[dict[str, Page]]:
    sessions = {who: people[who] for who in ("clerk", "auditor", "resident")}
    with signed_in(chromium, served, sessions) as opened:
        yield opened


def test_a_clerks_look_is_seen_by_the_resident_and_found_by_the_auditor(browsers, people, served):
    browsers["clerk"].goto(f"{served}/staff/people/{people['person']}/?lang=ja")
    case = browsers["clerk"]
    case.goto(f"{served}/staff/case/{people['case']}/?lang=ja")
    case.get_by_role("button", name="閲覧記録を作り").click()
    expect(case.get_by_role("status")).to_contain_text("閲覧記録を作り")
    resident = browsers["resident"]
    resident.set_viewport_size(PHONE)
    resident.goto(f"{served}/mine/?lang=ja")
    resident.get_by_role("link", name="だれがあなたの情報を見たか").click()
    expect(resident.get_by_text("登録されている情報（住所・世帯など）を見た")).to_be_visible()
    expect(resident.get_by_text("この記録の一覧を作った")).to_be_visible()
    expect(resident.get_by_text("庁舎の外から（テレワーク）")).to_be_visible()
    expect(resident.get_by_text("災害対応の現場から")).to_be_visible()
    expect(resident.get_by_text("山本 花子")).to_have_count(0)
    auditor = browsers["auditor"]
    auditor.set_viewport_size(DESK)
    auditor.goto(f"{served}/staff/audit/?lang=ja&person={people['person']}")
    expect(auditor.get_by_role("cell", name="looks.disclose")).to_be_visible()
    expect(auditor.get_by_role("cell", name="山本 花子").first).to_be_visible()
    if PICTURES:
        for name, page in browsers.items():
            for size, width in ((PHONE, 390), (DESK, 1280)):
                page.set_viewport_size(size)
                page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def test_work_that_goes_on_while_the_logs_are_checked_is_no_finding(people, served, monkeypatch):
    differences = replay.differences

    def meanwhile() -> None:
        with towns.inside(TOWN):
            actions.note(uuid.UUID(people["case"]), "x", by=SYSTEM(TOWN), as_of=clock.now())
        connection.close()

    def looked_at(some):
        writer = threading.Thread(target=meanwhile)
        writer.start()
        writer.join()
        return differences(some)

    monkeypatch.setattr(replay, "differences", looked_at)
    assert verify.whole(TOWN).findings == []
    monkeypatch.undo()
    done = verify.whole(TOWN)
    assert (done.findings, done.events > 1) == ([], True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation(language, browsers, served):
    assert not all_violations(PAGES, browsers, served, language)


def test_no_page_scrolls_sideways_on_a_narrow_screen(browsers, served):
    assert not all_too_wide(PAGES, browsers, served)
