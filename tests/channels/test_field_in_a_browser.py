"""Dispatchers, technicians and agents in a real Chromium: dragging, a phone without a signal, axe on every page."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.people import make_staff
from tests.channels.looks import (
    DESK,
    LANGUAGES,
    PHONE,
    all_too_wide,
    all_violations,
    follow,
    send_now,
    signed_in,
)
from tests.channels.test_desk_in_a_browser import session_of
from tests.conftest import TOWN
from tests.field.conftest import Centre
from tests.field.hall import TERMS, Hall
from yakuba import clock
from yakuba.access import towns
from yakuba.cases import queries as case_queries
from yakuba.field import customers, dispatching, visits

pytestmark = pytest.mark.browser
ROLES = ("dispatcher", "technician", "agent", "kitter", "manager")


@dataclass
class Field:
    """A hall with a day of visits tomorrow, the sessions of its people, and pages to look at."""

    hall: Hall
    sessions: dict[str, str]
    pages: dict[str, tuple[str, str]]
    worker: str
    others: str

    def visit(self, case: uuid.UUID) -> visits.Visit:
        with towns.inside(TOWN):
            return self.hall.visit(case)

    def new(self, number: int) -> uuid.UUID:
        """One more visit, which the technician with the phone has."""
        with towns.inside(TOWN):
            case = self.hall.ask(number, earliest="09:00", latest="16:30", minutes=15)
            self.hall.plan()
            one = self.hall.visit(case)
            if one.who != [self.worker]:
                dispatching.move(
                    one.task,
                    self.worker,
                    0,
                    one.mark(),
                    by=self.hall.dispatcher,
                    as_of=self.hall.now,
                    do=True,
                )
        return case


@pytest.fixture(scope="module")
def field(served: str) -> Field:
    now = clock.now()
    staff = {role: make_staff(role, login=f"field-{role}", name=f"担当 {role}") for role in ROLES}
    with towns.inside(TOWN):
        hall = Hall(TOWN, clock.in_tokyo(now).date() + timedelta(days=1), now)
        customers.agree(TERMS, by=hall.system)
        hall.technician("北 一", worker=staff["technician"].worker())
        hall.technician("南 二")
        first = hall.ask(1, phone="000-0000-0000")
        hall.ask(2, people=2)
        hall.ask(3, skill="network")
        hall.plan()
        centre = Centre(TOWN)
        centre.now = now - timedelta(hours=3)
        hall.installed("S-1", centre)
        hall.stock(centre, "SP-1", "SP-2")
        trouble = hall.call("S-1", now - timedelta(minutes=30))
        exchange = hall.call("S-1", now - timedelta(minutes=20))
        hall.decide(exchange, "exchange", now - timedelta(minutes=10))
        task = hall.visit(first).job
        sessions = {role: session_of(one) for role, one in staff.items()}
    on, month = hall.on.isoformat(), f"{hall.on:%Y-%m}"
    asked = "site.latitude=33.57&site.longitude=133.54&customer.code=C-1&site.name=x&site.address=y&visit.kind=install"
    pages = {
        "day": ("dispatcher", f"dispatch/?on={on}"),
        "move": ("dispatcher", f"dispatch/?on={on}&move={task}"),
        "empty day": ("dispatcher", "dispatch/?on=2001-01-01"),
        "visits": ("technician", "visits/"),
        "calls": ("agent", "calls/?q=S-1"),
        "unknown": ("agent", "calls/?q=NEVER"),
        "call": ("agent", f"calls/{trouble}/"),
        "call of an exchange": ("agent", f"calls/{exchange}/"),
        "request": ("agent", f"calls/visit/?{asked}"),
        "trouble": ("agent", "../support/?serial=S-1"),
        "depot": ("kitter", "depot/"),
        "contracts": ("manager", f"customers/?number=MC-1&month={month}"),
    }
    return Field(hall, sessions, pages, staff["technician"].worker().id, "staff:南 二")


@pytest.fixture(scope="module")
def browsers(chromium: Browser, served: str, field: Field) -> Iterator[dict[str, Page]]:
    """A signed-in page for each role."""
    with signed_in(chromium, served, field.sessions) as opened:
        yield opened


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation_on_any_page_of_device_work(language, browsers, field, served) -> None:
    assert not all_violations(field.pages, browsers, served, language)


def test_no_page_of_device_work_scrolls_sideways_on_a_narrow_screen(browsers, field, served) -> None:
    assert not all_too_wide(field.pages, browsers, served)


def test_a_dispatcher_drags_a_visit_to_somebody_else_and_sees_its_cost_first(browsers, field, served) -> None:
    case = field.new(40)
    one, page = field.visit(case), browsers["dispatcher"]
    page.set_viewport_size(DESK)
    page.goto(f"{served}/staff/dispatch/?on={field.hall.on}&lang=ja")
    stop, row = page.locator(f'a[data-task="{one.job}"]'), page.locator(f'svg[data-worker="{field.others}"]')
    start, goal = stop.locator("rect").bounding_box(), row.bounding_box()
    assert start
    assert goal
    page.mouse.move(start["x"] + 4, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 4, goal["y"] + goal["height"] / 2, steps=6)
    with page.expect_navigation():
        page.mouse.up()
    expect(page.get_by_role("alert")).to_contain_text("南 二に移すと、移動が")
    assert field.visit(case).who == [field.worker]
    follow(page.get_by_role("button", name="この予定に決める"))
    expect(page.get_by_role("status")).to_contain_text("移しました")
    assert field.visit(case).who == [field.others]


def finish(page: Page, task: str, words: str) -> None:
    """Say that one is there, fill the form in, sign, end the visit."""
    part = page.locator(f'section[data-task="{task}"]')
    part.get_by_role("button", name="着いた・作業を始める").click()
    part.get_by_label("電源と通信がつながることを確かめた").check()
    part.get_by_label("作業の結果").fill(words)
    part.get_by_label("検収した方（署名）").fill("担当 見本")
    pad = part.locator("canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 40, steps=5)
    page.mouse.up()
    part.get_by_text("5", exact=True).click()
    part.get_by_role("button", name="作業を終える").click()


def phone(chromium: Browser, field: Field, served: str) -> Page:
    context = chromium.new_context(viewport=PHONE, locale="ja-JP", has_touch=True)
    context.set_default_timeout(10_000)
    session = field.sessions["technician"]
    context.add_cookies([{"name": "yakuba_session", "value": session, "url": served, "httpOnly": True}])
    page = context.new_page()
    page.goto(f"{served}/staff/visits/?lang=ja")
    return page


def is_kept(page: Page) -> None:
    """Wait until the page says that the phone has it."""
    expect(page.get_by_text("この画面は電話に保存済み")).to_be_visible()


def test_a_technician_finishes_without_a_signal_and_it_is_sent_when_there_is_one(
    chromium, field, served
) -> None:
    case = field.new(41)
    task = field.visit(case).job
    page = phone(chromium, field, served)
    is_kept(page)
    page.context.set_offline(True)
    page.reload()  # the page comes from the phone
    finish(page, task, "電波のない所で設置した")
    expect(page.locator("#sending")).to_contain_text("送信待ち：2件")
    assert field.visit(case).progress.status == "open"
    page.reload()
    expect(page.locator(f'section[data-task="{task}"]')).to_have_attribute("data-state", "done")
    expect(page.locator("#sending")).to_contain_text("送信待ち：2件")
    send_now(page)
    expect(page.locator("#sending")).to_contain_text("すべて送りました")
    done = field.visit(case)
    assert (done.progress.status, done.state.facts["visit"]["finding"]) == ("done", "電波のない所で設置した")
    with towns.inside(TOWN):
        assert [paper.purpose for paper, _ in case_queries.documents_of(case)] == ["signature"]
        kinds = [one.event.kind for one in case_queries.history(case)]
    assert (kinds.count("arrived"), kinds.count("step_done")) == (1, 1)
    page.context.close()


def test_when_the_visit_was_given_to_somebody_else_meanwhile_the_phone_says_so(
    chromium, field, served
) -> None:
    case = field.new(42)
    one = field.visit(case)
    page = phone(chromium, field, served)
    is_kept(page)
    page.context.set_offline(True)
    finish(page, one.job, "もう担当ではない")
    expect(page.locator("#sending")).to_contain_text("送信待ち：2件")
    with towns.inside(TOWN):
        dispatching.move(
            one.task, field.others, 0, one.mark(), by=field.hall.dispatcher, as_of=field.hall.now, do=True
        )
    send_now(page)
    said = page.locator(f'section[data-task="{one.job}"] .said')
    expect(said).to_contain_text("送られた内容は案件の記録に残しました")
    assert field.visit(case).progress.status == "open"
    page.context.close()


def test_a_phone_that_was_signed_out_keeps_what_waits(chromium, field, served) -> None:
    case = field.new(43)
    task = field.visit(case).job
    page = phone(chromium, field, served)
    is_kept(page)
    page.context.set_offline(True)
    finish(page, task, "ログインが切れた")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    send_now(page)
    expect(page.locator("#sending")).to_contain_text("もう一度ログインして")
    assert field.visit(case).progress.status == "open"
    page.context.add_cookies(cookies)
    send_now(page)
    expect(page.locator("#sending")).to_contain_text("すべて送りました")
    assert field.visit(case).progress.status == "done"
    page.context.close()
