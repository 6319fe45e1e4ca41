"""Every page of the desk in a real Chromium: axe in every language and at both widths, narrow screens, the keyboard."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.people import make_staff
from tests.channels.family import PARENT
from tests.channels.looks import DESK, LANGUAGES, all_too_wide, all_violations, everything_open, signed_in
from tests.channels.test_receipts import packed as delivery
from tests.channels.test_receipts import row
from tests.conftest import TOWN
from tests.field.conftest import Centre
from tests.money.payments import register_town
from tests.site.test_hostile import planted
from yakuba import clock
from yakuba.access import PUBLIC, SYSTEM, towns
from yakuba.access import actions as access
from yakuba.access.models import Staff
from yakuba.access.sessions import SessionStore
from yakuba.booking import actions as places
from yakuba.cases import actions, catalogue, events, jobs
from yakuba.cases.models import Case
from yakuba.channels import actions as channels
from yakuba.channels import receipt_files, receipts
from yakuba.declare import disclosed
from yakuba.field import queries
from yakuba.messages.models import Message
from yakuba.money import actions as money
from yakuba.money.bank_days import bank_day_on_or_after
from yakuba.register.models import Person
from yakuba.words import Text

pytestmark = pytest.mark.browser
ERRAND = {
    "applicant": {"name": "山田 太郎", "phone": "0889-00-0000"},
    "house": {"address": "山あい町本町1番地"},
    "errand": {"town": "山あい町", "reference": "1234-5678-9012"},
}


@dataclass(frozen=True)
class Desk:
    """The sessions of several people, and the pages that each of them opens."""

    sessions: dict[str, str]
    pages: dict[str, tuple[str, str]]
    cases: list[Case]


def session_of(staff: Staff) -> str:
    session = SessionStore()
    session.begin(staff=str(staff.id))
    session.save()
    return session.session_key


@pytest.fixture(scope="module")
def furnished(served) -> Desk:
    """Requests in every state, two that are held, a run, a payment that came back, letters and a mail that failed."""
    now = clock.now()
    claim = catalogue.service("child-allowance")
    reviewer = make_staff("clerk", "reviewer", "manager", login="reviewer")
    accountant = make_staff("accountant", login="accountant", name="会計 三枝")
    kitter = make_staff("kitter", login="kitter", name="端末 七海")
    with towns.inside(TOWN):
        register_town()
        people = list(Person.objects.filter(relation="head")[:4])
        cases = [
            channels.intake(
                claim, PARENT, channel="web", by=PUBLIC(TOWN), as_of=now, key=f"test:{n}",
                applicant=person.id, identified=n < 2,
            )
            for n, person in enumerate(people)
        ]  # fmt: skip
    jobs.drain(TOWN, as_of=now)
    with towns.inside(TOWN):
        run = money.create_run(
            bank_day_on_or_after(now.date() + timedelta(days=100)), by=accountant.worker(), as_of=now
        )
        back = events.StepFailed(step="pay", attempt=1, final=True, code="2", reason="口座名義が違います")
        actions.record(cases[1].id, back, by=SYSTEM(TOWN), as_of=now, key="test:back")
        actions.note(cases[1].id, "電話で聞いた", by=reviewer.worker(), as_of=now)
        Message.objects.create(
            town=TOWN, key="k", case=cases[0].id, template="granted", carrier="mail", state="failed", language="ja",
            to_name="山田", to_email="wrong@example.jp", subject="決定", body="…", made_at=now, error="550",
        )  # fmt: skip
        errand = actions.open_case(
            disclosed(catalogue.service("disaster-certificate"), "visit"), ERRAND, channel="api", by=SYSTEM(TOWN),
            as_of=now, key="test:errand",
        )  # fmt: skip
        with receipt_files.opened(
            io.BytesIO(delivery(row("R-1", "dog-park"), row("R-2", language="fr")))
        ) as came:
            receipts.take_in(came, came.receipts, by=SYSTEM(TOWN), as_of=now)
        places.set_up(
            "course-application", "autumn", Text.same("秋の講座"), [places.NewPlace("a", Text.same("絵画"), 5)],
            opens=now - timedelta(days=2), closes=now - timedelta(days=1), by=SYSTEM(TOWN),
        )  # fmt: skip
        access.enter_absence(
            accountant.worker().id,
            reviewer.worker().id,
            now.date(),
            now.date(),
            by=accountant.worker(),
            as_of=now,
        )
        channels.keep_filter(
            "本人確認待ち", {"identified": "no"}, for_all=True, by=reviewer.worker(), as_of=now
        )
        technician = make_staff("technician", login="technician", name="現地 八重")
        centre = Centre(TOWN)
        centre.order("K-2", count=10)
        centre.order("K-1", count=3)
        centre.receive("SIM1")
        sessions = {
            "reviewer": reviewer,
            "accountant": accountant,
            "kitter": kitter,
            "technician": technician,
            "admin": make_staff("admin", login="admin", name="管理 八郎"),
        }
        sessions = {who: session_of(staff) for who, staff in sessions.items()}
    reviewed = {
        "home": "", "queue": "queue/", "late": "queue/?late=1", "paid": f"case/{cases[0].id}/",
        "came back": f"case/{cases[1].id}/", "review": f"case/{cases[2].id}/", "people": "people/?q=",
        "help": f"case/{cases[2].id}/help/?letter=granted", "help figures": "help/",
        "person": f"people/{people[0].id}/", "entitled": "entitled/child-allowance/", "letters": "letters/", "robots": "robots/",
        "account": "account/", "own password": "account/password/", "own sessions": "account/sessions/", "paper": "paper/", "receipts": "receipts/", "filtered": "queue/?identified=no&since=x",
        "whole list": "queue/decide-all/", "absences": "absences/", "places": "places/",
        "round": "places/course-application/autumn/",
        "this device": "this-device/", "step up": "step-up/", "work outside": "telework/",
    }  # fmt: skip
    paid = {"money home": "", "money": "money/", "run": f"money/{run.id}/"}
    pages = {name: ("reviewer", where) for name, where in reviewed.items()}
    pages |= {n: ("accountant", where) for n, where in paid.items()}
    line = {"line": "line/?order=K-1", "shipping": "line/?order=K-1&station=ship&serial=SIM1"}
    pages |= {n: ("kitter", where) for n, where in line.items()}
    pages["devices"] = ("admin", "devices/")
    errands = {"errands": "errands/", "errand": f"errands/{errand.id}/"}
    return Desk(sessions, pages | {n: ("technician", where) for n, where in errands.items()}, cases)


@pytest.fixture(scope="module")
def desks(chromium: Browser, served: str, furnished: Desk) -> Iterator[dict[str, Page]]:
    """A signed-in page for each of them."""
    with signed_in(chromium, served, furnished.sessions) as opened:
        yield opened


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation_on_any_page_of_the_desk(language, desks, furnished, served):
    assert not all_violations(furnished.pages, desks, served, language)


def test_no_page_of_the_desk_scrolls_sideways_on_a_narrow_screen(desks, furnished, served):
    assert not all_too_wide(furnished.pages, desks, served)


def test_a_clerk_works_the_queue_with_the_keyboard_alone(desks, furnished, served):
    page = desks["reviewer"]
    page.set_viewport_size(DESK)
    case = furnished.cases[3]
    page.goto(f"{served}/staff/queue/?lang=ja")
    focus(page, "a", case.reference)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/case/{case.id}/")
    focus(page, "input", "", value="granted")
    page.keyboard.press("Space")
    focus(page, "textarea", "", name="reason")
    page.keyboard.type("電話で確かめた")
    focus(page, "button", "起案する")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("記録しました")
    expect(page.get_by_text("あなたの起案です")).to_be_visible()


def test_ten_devices_are_taken_along_the_line_by_a_scanner_that_types(desks, served):
    page = desks["kitter"]
    page.set_viewport_size(DESK)
    serials = [f"WEDGE{number:04d}" for number in range(1, 11)]
    for station, says in (("receive", "開梱する"), ("unbox", "設定する"), ("set-up", "端末から読み取って")):
        page.goto(f"{served}/staff/line/?order=K-2&place=A-1&station={station}&lang=ja")
        for serial in serials:
            expect(page.locator("#serial")).to_be_focused()
            page.keyboard.type(serial)
            page.keyboard.press("Enter")
            expect(page.get_by_role("status")).to_contain_text(f"{serial}：")
            expect(page.get_by_role("status")).to_contain_text(says)
    with towns.inside(TOWN):
        centre = Centre(TOWN)
        centre.now = clock.now()
    for number, serial in enumerate(serials, 1):
        with towns.inside(TOWN):
            centre.take_in(serial, number)
    jobs.drain(TOWN, as_of=clock.now())
    for station in ("label", "pack", "ship"):
        page.goto(f"{served}/staff/line/?order=K-2&place=A-1&station={station}&lang=ja")
        for serial in serials:
            expect(page.locator("#serial")).to_be_focused()
            page.keyboard.type(serial)
            page.keyboard.press("Enter")
            if station == "ship":
                expect(page.locator("#tracking")).to_be_focused()
                page.keyboard.type(f"T-{serial}")
                page.keyboard.press("Enter")
            expect(page.get_by_role("status")).to_contain_text(f"{serial}：")
    with towns.inside(TOWN):
        assert queries.line(clock.now(), "K-2").shipped == 10
        assert queries.custody("WEDGE0010")[-1].holder == "carrier:T-WEDGE0010"


def focus(page: Page, tag: str, text: str, **attributes: str) -> None:
    """Press Tab until the focus is on this element."""
    for _ in range(120):
        page.keyboard.press("Tab")
        on = page.evaluate(
            "(() => { const on = document.activeElement; return {tag: on.tagName.toLowerCase(),"
            "text: on.textContent.trim(), name: on.name, value: on.value} })()"
        )
        there = on["tag"] == tag and (not text or on["text"] == text)
        if there and all(on[name] == value for name, value in attributes.items()):
            return
    pytest.fail(f"no way to {tag} {text or attributes} by keyboard")


def test_markup_from_a_resident_does_nothing_in_a_clerks_browser(desks, served):
    """What somebody typed in each text is shown as text: no dialog, no violation of the content security policy, no request."""
    canary = """\"'><img src=//evil.example/x onerror=alert(1) data-canary><script src=//evil.example/y></script><b data-canary>"""
    services = [
        catalogue.service(name) for name in ("child-allowance", "disaster-certificate", "dog-registration")
    ]
    with towns.inside(TOWN):
        planted_ = [
            actions.open_case(
                service,
                planted(service, canary),
                channel="web",
                by=PUBLIC(TOWN),
                as_of=clock.now(),
                key=f"xss:{n}",
            )
            for n, service in enumerate(services)
        ]
    page, wrong = desks["reviewer"], []
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    page.on(
        "console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None
    )
    page.on("request", lambda asked: wrong.append(asked.url) if asked.url.startswith("http://evil") else None)
    shown = 0
    for where in ("queue/", f"queue/?name={quote(canary)}", *(f"case/{case.id}/" for case in planted_)):
        page.goto(f"{served}/staff/{where}")
        everything_open(page)
        shown += page.get_by_text("data-canary").count() > 0
        assert page.locator("[data-canary]").count() == 0
    assert wrong == []
    assert shown >= len(planted_)
