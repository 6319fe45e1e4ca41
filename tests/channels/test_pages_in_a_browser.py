"""Every page of a resident in a real Chromium: no violation that axe finds, in any language and at any width;
a journey on a phone without JavaScript; the keyboard alone; narrow screens, large letters and 400 % zoom.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.booking.conftest import GOOD as ASKED
from tests.channels.family import PARENT
from tests.channels.looks import DESK, LANGUAGES, PHONE, follow, too_wide, violations
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import PUBLIC, SYSTEM, Worker, towns
from yakuba.access.models import Resident
from yakuba.access.sessions import SessionStore
from yakuba.booking import actions as booking
from yakuba.cases import actions as case_actions
from yakuba.cases import catalogue
from yakuba.cases import jobs as case_jobs
from yakuba.cases.models import Case
from yakuba.channels import actions
from yakuba.channels.models import Draft
from yakuba.register.models import Address, Person
from yakuba.words import Text

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Town:
    """What stands in the served town for the pages to show."""

    session: str
    pages: dict[str, str]


def _send_empty(page: Page) -> None:
    """Send the form with nothing written into it."""
    for written in page.locator("main input.input").all():
        written.fill("")
    follow(page.locator("main form button.button").first)


#: Pages whose form is also looked at after it was sent empty.
SENT = ("finder", "name", "birth", "bank", "resume", "answer")
#: Pages as a visitor sees them who is not signed in.
OPEN_TO_ALL = (
    "home",
    "search",
    "nothing found",
    "topic",
    "service",
    "finder",
    "resume",
    "sign-in",
    "reference",
)


def _placed(parent: Person, clerk: Worker) -> Case:
    """A request of a parent who got the one place of a nursery that opened last month."""
    last, nursery = clock.now() - timedelta(days=30), "nursery-admission"
    place = booking.NewPlace("sakura-1", Text.same("さくら保育所 1歳児クラス"), 1)
    closes = last + timedelta(days=7)
    booking.set_up(nursery, "spring", Text.same("4月"), [place], opens=last, closes=closes, by=SYSTEM(TOWN))
    case = case_actions.open_case(
        catalogue.service(nursery),
        {"applicant": {"name": parent.name}, **ASKED[nursery], "wish": {"first": "sakura-1"}},
        channel="web", by=SYSTEM(TOWN), as_of=last, key="placed", applicant=parent.id, identified=True,
    )  # fmt: skip
    case_jobs.drain(TOWN, as_of=last)
    case_actions.finish(case.tasks.get(step="papers").id, by=clerk, as_of=last)
    case_jobs.drain(TOWN, as_of=clock.now())
    booking.draw(nursery, "spring", by=SYSTEM(TOWN), as_of=clock.now())
    case_jobs.drain(TOWN, as_of=clock.now())
    return case


@pytest.fixture(scope="module")
def furnished(served) -> Town:
    """A signed-in parent with requests in every state, and where each page about them is."""
    now = clock.now()
    claim = catalogue.service("child-allowance")
    with towns.inside(TOWN):
        parent = Person.objects.filter(relation="head", household__addresses__until=None).first()
        account = Resident.objects.create(
            town=TOWN, issuer="https://id.test", subject="1", person=str(parent.id), name=parent.name,
            created_at=now,
        )  # fmt: skip

        def draft(facts, **more) -> Draft:
            one = actions.begin(claim, channel="web", language="ja", as_of=now, person=parent.id, **more)
            actions.keep(one, facts, as_of=now)
            return one

        empty, full, waiting, sent, asked = (
            draft({}),
            draft(PARENT),
            draft(PARENT),
            draft(PARENT),
            draft(PARENT),
        )
        actions.want(waiting.id, as_of=now)
        drafts = {str(one.id): claim.id for one in (empty, full, waiting, sent)}
        case = actions.submit(sent, by=PUBLIC(TOWN), as_of=now)
        mended = actions.submit(asked, by=PUBLIC(TOWN), as_of=now)
    case_jobs.drain(TOWN, as_of=now)
    with towns.inside(TOWN):
        clerk = Worker("staff", "staff:1", TOWN, roles=frozenset({"clerk", "reviewer"}), strength=2)
        task = mended.tasks.get(step="review", status="open")
        case_actions.take(task.id, by=clerk, as_of=now)
        case_actions.return_for_correction(
            task.id,
            by=clerk,
            message="口座をもう一度教えてください。",
            asks=["account.number", "children"],
            as_of=now,
        )
        code = actions.resume_code(full)
        placed = _placed(parent, clerk)
        session = SessionStore()
        session.begin(resident=str(account.id))
        session.update({"drafts": drafts, "codes": {str(full.id): code}})
        session.save()
    to = {name: f"/draft/{one.id}/" for name, one in (("empty", empty), ("full", full))}
    screens = (
        "reason",
        "parents",
        "children.2",
        "children-home.2",
        "list.children",
        "bank",
        "account",
        "check",
        "later",
    )
    return Town(
        session.session_key,
        {
            "home": "/", "search": "/services/?q=手当", "nothing found": "/services/?q=xyz",
            "topic": "/services/?topic=child", "service": "/services/child-allowance/", "finder": "/finder/?again=1",
            "found": "/finder/?results=1", "name": f"{to['empty']}name/", "birth": f"{to['empty']}birth/",
            "nobody": f"{to['empty']}list.children/", "papers": f"{to['full']}papers/",
            **{name: f"{to['full']}{name}/" for name in screens},
            "done": f"/draft/{sent.id}/done/", "waiting": f"/draft/{waiting.id}/done/", "resume": "/resume/",
            "status": f"/status/{case.reference}/", "returned": f"/status/{mended.reference}/",
            "answer": f"/status/{mended.reference}/answer/", "mine": "/mine/", "sign-in": "/sign-in/",
            "placed": f"/status/{placed.reference}/",
            "reference": "/sign-in/reference/", "missing": "/nothing/", "not mine": "/staff/account/",
        },
    )  # fmt: skip


@dataclass(frozen=True)
class Walk:
    """Two browsers that go through every page: the parent's, and one of somebody who is not signed in."""

    resident: Page
    visitor: Page
    pages: dict[str, str]
    at: str

    def through(self, language: str, look: Callable[[Page, str], None]) -> None:
        """Open every page in a language, also as it answers a wrong form, and look at it."""
        for name, where in self.pages.items():
            page = self.visitor if name in OPEN_TO_ALL else self.resident
            page.goto(f"{self.at}{where}{'&' if '?' in where else '?'}lang={language}")
            if name == "waiting":  # it would renew itself while it is looked at
                page.evaluate("document.querySelector('meta[http-equiv=refresh]').remove()")
            look(page, name)
            if name in SENT:
                _send_empty(page)
                look(page, f"{name}, sent")
            if name == "finder":
                page.locator('[name="children"][value="2"]').check()
                _send_empty(page)
                look(page, "finder, children")


@pytest.fixture(scope="module")
def walk(chromium: Browser, served: str, furnished: Town) -> Iterator[Walk]:
    contexts = [chromium.new_context(viewport=PHONE) for _ in range(2)]
    for context in contexts:
        context.set_default_timeout(10_000)
    contexts[0].add_cookies(
        [{"name": "yakuba_session", "value": furnished.session, "url": served, "httpOnly": True}]
    )
    resident, visitor = (context.new_page() for context in contexts)
    yield Walk(resident, visitor, furnished.pages, served)
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation_on_any_page_at_phone_and_desk_width(walk, language):
    found: list[str] = []

    def look(page: Page, name: str) -> None:
        found.extend(violations(page, name, alone=False))

    walk.through(language, look)
    assert not found, "\n".join(found)


def test_no_page_scrolls_sideways_on_a_narrow_screen_or_with_large_letters(walk):
    found: list[str] = []

    def look(page: Page, name: str) -> None:
        found.extend(too_wide(page, name))

    walk.through("easy", look)  # the longest words, and furigana
    assert not found, "\n".join(found)


# -- a journey -----------------------------------------------------------------------------------------
def _date(page: Page, name: str, era: str, *parts: str) -> None:
    page.locator(f'[name="{name}.era"]').select_option(era)
    for part, value in zip(("year", "month", "day"), parts, strict=True):
        page.locator(f'[name="{name}.{part}"]').fill(value)


def _next(page: Page) -> None:
    page.get_by_role("button", name="次へ", exact=True).click()


def test_a_parent_applies_on_a_phone_without_javascript_from_the_finder_to_the_reference_number(
    chromium: Browser, served: str
):
    phone = chromium.new_context(viewport=PHONE, java_script_enabled=False, locale="ja-JP", has_touch=True)
    phone.set_default_timeout(10_000)
    page = phone.new_page()
    page.goto(f"{served}/")
    page.get_by_role("link", name="何がもらえるか調べる").click()
    page.get_by_label("1人", exact=True).check()
    _next(page)
    _date(page, "child1", "reiwa", "6", "6", "1")
    _next(page)
    page.get_by_role("link", name="ここまでの答えで結果を見る").click()
    page.get_by_role("link", name="くわしく見る・申請する 児童手当の認定請求").click()
    page.get_by_role("button", name="申請を始める").click()

    page.get_by_label("あなたの氏名は何ですか。").fill("山田 花子")
    page.get_by_label("氏名の読み方").fill("やまだ はなこ")
    _next(page)
    _date(page, "applicant.birth_date", "showa", "65", "4", "1")
    _next(page)
    expect(page.get_by_role("alert")).to_contain_text("平成2年4月1日のことですか")
    _date(page, "applicant.birth_date", "heisei", "2", "4", "1")
    _next(page)
    with towns.inside(TOWN):
        page.get_by_label("郵便番号").fill(Address.objects.first().postal_code)
    page.get_by_label("住民票の住所").fill("1番地")
    _next(page)
    page.get_by_label("電話番号").fill("090-0000-0000")
    _next(page)
    page.get_by_label("子どもが生まれた").check()
    _next(page)
    _date(page, "claim.event_date", "reiwa", "6", "6", "1")
    _next(page)
    page.get_by_label("いいえ").check()
    _next(page)
    page.get_by_label("収入が多いほう").check()
    _next(page)
    page.get_by_label("子どもの名前").fill("山田 一郎")  # the birth date is known from the finder
    _next(page)
    page.get_by_label("自分の子").check()
    _next(page)
    for group in page.get_by_role("group").all():
        group.get_by_label("はい").check()
    _next(page)
    page.get_by_label("はい").check()
    _next(page)
    page.get_by_label("いいえ").check()
    _next(page)
    expect(page.get_by_role("list").filter(has_text="山田")).to_contain_text("山田　一郎")
    page.get_by_role("button", name="全員入れたので次へ").click()
    page.get_by_label("振込先").fill("ゆうちょ銀行")
    page.get_by_label("支店コード").fill("058")
    _next(page)
    page.get_by_label("普通").check()
    page.get_by_label("口座番号").fill("1234567")
    page.get_by_label("口座名義").fill("やまだ はなこ")
    _next(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("入力内容の確認")
    page.get_by_role("button", name="送信する").click()
    reference = page.locator(".reference").inner_text()
    assert re.fullmatch(r"\d{4}-\d{4}-\d{4}", reference)

    page.get_by_role("link", name="状況を確かめる").click()
    page.get_by_label("生年月日").fill("平成2年4月1日")
    page.get_by_role("button", name="進み具合を見る").click()
    expect(page.get_by_text(reference)).to_be_visible()
    expect(page.get_by_text("手続中")).to_be_visible()
    phone.close()


def test_the_keyboard_alone_is_enough(chromium: Browser, served: str):
    desk = chromium.new_context(viewport=DESK, locale="ja-JP")
    desk.set_default_timeout(10_000)
    page = desk.new_page()
    page.goto(f"{served}/services/child-allowance/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    _tab_to(page, "申請を始める")
    page.keyboard.press("Enter")
    page.wait_for_url("**/name/")
    _tab_to(page, "次へ")
    page.keyboard.press("Enter")  # nothing was filled in
    expect(page.get_by_role("alert")).to_be_visible()
    _tab_to(page, "「氏名」を入力してください。")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_label("あなたの氏名")).to_be_focused()
    page.keyboard.type("山田 花子")
    page.keyboard.press("Tab")
    page.keyboard.type("やまだ はなこ")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/birth/"))
    expect(page.locator("select")).to_have_count(1)
    _tab_to(page, "")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")  # 西暦, 令和, 平成
    for part in ("2", "4", "1"):
        page.keyboard.press("Tab")
        page.keyboard.type(part)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/address/"))
    outline = page.evaluate(
        "() => { const one = document.querySelector('main input.input'); one.focus(); return getComputedStyle(one).outlineWidth }"
    )
    assert outline == "4px"
    desk.close()


def _tab_to(page: Page, text: str) -> None:
    """Press Tab until the focus is on what has this text; without a text, on the first field."""
    for _ in range(40):
        page.keyboard.press("Tab")
        on = page.evaluate("[document.activeElement.textContent.trim(), document.activeElement.tagName]")
        if on[0] == text or (not text and on[1] in ("SELECT", "INPUT")):
            return
    pytest.fail(f"no way to “{text}” by keyboard")
