"""Talks in a real Chromium, without JavaScript: a resident asks, is handed to the finder and gets a decided answer; a clerk
writes what was missing and the next resident gets it; axe finds no violation, and nothing scrolls sideways.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.people import make_staff
from tests.channels.looks import (
    LANGUAGES,
    PHONE,
    Pages,
    all_too_wide,
    all_violations,
    follow,
    signed_in,
    too_wide,
    violations,
)
from tests.channels.test_desk_in_a_browser import session_of
from tests.conftest import TOWN
from yakuba.access import PUBLIC, towns
from yakuba.assistant import library, talks
from yakuba.cases import queries as case_queries
from yakuba.clock import now

pytestmark = pytest.mark.browser
NOBODY_KNOWS = "役場の屋上で凧揚げの練習をしたいのですが"

OWN_PAGE = """<!doctype html><html lang="ja"><meta charset="utf-8"><title>町のページ</title><main><h1>町のページ</h1></main>
<script src="%s/static/web/widget.js" data-town="%s" defer></script></html>"""


@pytest.fixture(scope="module")
def asked(served: str) -> Iterator[Any]:
    """A clerk; the town's whole library."""
    clerk = make_staff("clerk", login="chat-clerk")
    library._of.cache_clear()
    with towns.inside(TOWN):
        session = session_of(clerk)
    yield {"clerk": session}
    library._of.cache_clear()


def phone(chromium: Browser, language: str = "ja-JP") -> Page:
    context = chromium.new_context(viewport=PHONE, locale=language, java_script_enabled=False)
    return context.new_page()


def ask(page: Page, served: str, text: str) -> None:
    page.goto(f"{served}/chat/")
    page.get_by_label("質問", exact=True).fill(text)
    follow(page.get_by_role("button", name="質問を送る"))


def test_a_resident_asks_is_handed_to_the_finder_and_gets_a_decided_answer(
    served: str, asked: Any, chromium: Browser
) -> None:
    page = phone(chromium)
    ask(page, served, "うちは児童手当をもらえますか")
    expect(page.get_by_text("条件に照らして分かります")).to_be_visible()
    expect(page.locator(".quote")).to_contain_text("児童手当")
    follow(page.get_by_role("link", name="対象になるか調べる"))
    expect(page.get_by_text("「児童手当の認定請求」の対象になるか調べています")).to_be_visible()
    for _ in range(12):
        if page.get_by_role("heading", name="結果").count() or page.locator(".card").count():
            break
        _answer_yes(page)
    expect(page.locator(".card")).to_contain_text("児童手当")
    assert page.locator(".figure").count() or page.locator(".no").count()


def _answer_yes(page: Page) -> None:
    """Answers as somebody who lives here with one child born in 2020."""
    main = page.locator("main form").first
    if main.locator("select[name$='.era'], input[name$='.era']").count():
        main.locator("input[name$='.era'][value='western']").check()
        for part, value in {"year": "2020", "month": "4", "day": "2"}.items():
            main.locator(f"input[name$='.{part}']").first.fill(value)
    elif main.locator("input[type=radio][value='1']").count():
        main.locator("input[type=radio][value='1']").check()
    elif main.locator("input[type=radio][value='yes'], input[type=radio][value='true']").count():
        main.locator("input[type=radio][value='yes'], input[type=radio][value='true']").first.check()
    else:
        main.locator("input[type=radio]").first.check()
    follow(page.get_by_role("button", name="次へ"))


def test_a_clerk_writes_what_was_missing_and_the_next_resident_gets_it(
    served: str, asked: Any, chromium: Browser
) -> None:
    first = phone(chromium)
    ask(first, served, NOBODY_KNOWS)
    if first.get_by_role("button", name="この中にない").count():
        follow(first.get_by_role("button", name="この中にない"))
    with signed_in(chromium, served, asked) as pages:
        desk = pages["clerk"]
        desk.goto(f"{served}/staff/talks/")
        follow(desk.get_by_role("link", name=NOBODY_KNOWS))
        desk.get_by_label("質問（日本語）").fill("屋上の利用")
        desk.get_by_label("回答（日本語）").fill("屋上には入れません。河川敷の広場を使ってください。")
        desk.get_by_label("担当").fill("総務課")
        follow(desk.get_by_role("button", name="登録して公開する"))
        expect(desk.get_by_role("link", name=NOBODY_KNOWS)).to_have_count(0)
    second = phone(chromium)
    ask(second, served, NOBODY_KNOWS)
    expect(second.locator(".quote")).to_contain_text("河川敷の広場を使ってください。")
    expect(second.locator(".quote")).to_contain_text("担当: 総務課")


def test_the_pages_have_no_violations_and_do_not_scroll_sideways(
    served: str, asked: Any, chromium: Browser
) -> None:
    with towns.inside(TOWN):
        case = talks.begin(channel="chat", language="ja", as_of=now(), key="looked-at", about="転入届")
        talks.ask(case, "転入届に必要なものは", by=PUBLIC(TOWN), as_of=now(), key="looked-at")
        talks.hand_over(case, by=PUBLIC(TOWN), as_of=now(), key="looked-at-2")
        talks.want("だれも知らないこと", "unanswered", talks.conversation(case), as_of=now())
        wanted = case_queries.open_with_verb(talks.WANTED, ["work"])[0].case_id
    desk: Pages = {
        "talks": ("clerk", "talks/"),
        "talk": ("clerk", f"talks/{case}/"),
        "wanted": ("clerk", f"talks/wanted/{wanted}/"),
        "known": ("clerk", "talks/known/?q=児童手当"),
        "helpdesk": ("clerk", "helpdesk/"),
    }
    with signed_in(chromium, served, asked) as pages:
        assert all_violations(desk, pages, served, "ja", alone=True) == ""
        assert all_too_wide(desk, pages, served) == ""
    resident = chromium.new_context(viewport=PHONE, locale="ja-JP").new_page()
    ask(resident, served, "粗大ごみの出し方")
    for language in LANGUAGES:
        resident.goto(f"{served}/chat/?lang={language}")
        assert violations(resident, f"chat in {language}", alone=False) == []
        assert too_wide(resident, f"chat in {language}") == []


def test_a_page_of_the_towns_own_leads_to_the_talk_and_loads_nothing_else(
    served: str, asked: Any, chromium: Browser
) -> None:
    hall, town = served.rsplit("/", 1)
    page = chromium.new_context(viewport=PHONE).new_page()
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.route(
        "**/town.html", lambda route: route.fulfill(content_type="text/html", body=OWN_PAGE % (hall, town))
    )
    page.goto(f"{hall}/town.html")
    link = page.get_by_role("link", name="質問する（新しい画面）")
    assert link.get_attribute("href") == f"{served}/chat/?lang=ja"
    assert violations(page, "a page of the town's own") == []
    assert {url.rpartition("/")[2] for url in loaded} <= {"town.html", "widget.js", "favicon.ico"}
    assert page.context.cookies() == []
