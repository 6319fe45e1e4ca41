"""A line that dies while somebody writes a request: what was typed stays in the phone, and arrives once when the line is back."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tests.channels.looks import PHONE, send_now, too_wide, violations
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import PUBLIC, towns
from yakuba.cases.models import Case
from yakuba.channels import actions
from yakuba.channels.models import Draft

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(chromium: Browser, served: str) -> Iterator[Page]:
    """A resident's phone that has begun to ask for a call, and keeps the pages for it."""
    Client().get(f"/{TOWN}/services/call-back/")  # the catalogue is read before anybody waits for a page
    context = chromium.new_context(viewport=PHONE, locale="ja-JP", has_touch=True)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{served}/services/call-back/")
    page.get_by_role("button", name="申請を始める").click()
    expect(page.locator("#line[data-kept]")).to_be_attached()
    yield page
    context.close()


def draft() -> Draft:
    with towns.inside(TOWN):
        return Draft.objects.latest("began_at")


KEPT = """() => new Promise((resolve) => {
    indexedDB.open("yakuba-draft").onsuccess = (event) => {
        event.target.result.transaction("waiting").objectStore("waiting").getAllKeys().onsuccess = (all) => resolve(all.target.result);
    };
})"""
ANOTHERS = """(where) => new Promise((resolve) => {
    indexedDB.open("yakuba-draft").onsuccess = (event) => {
        const waiting = event.target.result.transaction("waiting", "readwrite").objectStore("waiting");
        waiting.put({ where, fields: [["applicant.name", "別の人"]], at: Date.now() }).onsuccess = resolve;
    };
})"""


def waiting(page: Page) -> list[str]:
    """The addresses for which something is kept in the phone."""
    return page.evaluate(KEPT)


def press(page: Page, name: str = "次へ") -> None:
    page.get_by_role("button", name=name, exact=True).click()


def write_without_a_line(page: Page) -> None:
    """Name, telephone, what it is about, and when: three screens of which none can be sent."""
    page.context.set_offline(True)
    page.get_by_label("あなたの氏名は何ですか。").fill("山田 花子")
    page.get_by_label("電話番号").fill("090-0000-0000")
    press(page)
    page.get_by_label("どんなことについて").fill("国保のこと")
    press(page)
    page.get_by_label("午前").check()
    press(page)


def test_what_is_typed_without_a_line_arrives_when_the_line_is_back(phone: Page) -> None:
    write_without_a_line(phone)
    expect(phone.locator("#line")).to_contain_text("まだ送れていない画面：3")
    assert draft().facts == {}
    phone.reload()
    expect(phone.locator("#line")).to_contain_text("まだ送れていない画面：3")
    press(phone)  # the last screen, where all may be left out
    expect(phone.get_by_role("heading", level=1)).to_have_text("いま通信できません")
    assert not violations(phone, "no line")
    assert not too_wide(phone, "no line")
    send_now(phone)
    expect(phone.get_by_role("heading", level=1)).to_have_text("入力内容の確認")
    facts = draft().facts
    assert facts["applicant"]["name"] == "山田　花子"
    assert (facts["callback"]["about"], facts["callback"]["slot"]) == ("国保のこと", "morning")


def test_sent_without_a_line_it_becomes_one_case(phone: Page) -> None:
    write_without_a_line(phone)
    phone.context.set_offline(False)
    press(phone)  # what waited goes first
    expect(phone.get_by_role("heading", level=1)).to_have_text("入力内容の確認")
    phone.context.set_offline(True)
    press(phone, "送信する")
    expect(phone.get_by_role("heading", level=1)).to_have_text("いま通信できません")
    send_now(phone)
    expect(phone.locator(".reference")).to_have_text(re.compile(r"\d{4}-\d{4}-\d{4}"))
    with towns.inside(TOWN):
        assert Case.objects.filter(service="call-back").count() == 1


def test_what_was_sent_already_waits_no_more_though_the_answer_was_lost(phone: Page) -> None:
    write_without_a_line(phone)
    phone.context.set_offline(False)
    press(phone)
    expect(phone.get_by_role("heading", level=1)).to_have_text("入力内容の確認")
    phone.context.set_offline(True)
    press(phone, "送信する")
    expect(phone.get_by_role("heading", level=1)).to_have_text("いま通信できません")
    with towns.inside(TOWN):  # as if the town hall had taken it before the line died
        case = actions.submit(draft(), by=PUBLIC(TOWN), as_of=clock.now())
    send_now(phone)
    expect(phone.locator(".reference")).to_have_text(case.reference)
    assert waiting(phone) == []


def test_who_adds_a_child_without_a_line_stays_where_that_is_said_when_the_line_is_back(phone: Page) -> None:
    phone.goto(phone.url.split("/draft/")[0] + "/draft/no-line/#not-kept")
    expect(phone.locator("#line[data-kept]")).to_be_attached()
    phone.context.set_offline(True)
    phone.context.set_offline(False)
    phone.wait_for_timeout(1000)
    expect(phone.locator("#not-kept")).to_be_visible()


def test_a_wrong_answer_is_told_once_the_line_is_back_with_what_was_typed(phone: Page) -> None:
    phone.context.set_offline(True)
    phone.get_by_label("あなたの氏名は何ですか。").fill("山田 花子")
    phone.get_by_label("電話番号").fill("12")
    press(phone)
    expect(phone.get_by_label("どんなことについて")).to_be_visible()
    phone.context.set_offline(False)
    phone.get_by_label("どんなことについて").fill("国保のこと")
    press(phone)
    expect(phone.get_by_role("alert")).to_contain_text("電話番号")
    expect(phone.get_by_label("電話番号")).to_have_value("12")
    assert draft().facts["callback"]["about"] == "国保のこと"


def test_what_a_shared_computer_keeps_of_anybody_can_be_removed(phone: Page) -> None:
    write_without_a_line(phone)
    press(phone)
    phone.evaluate(ANOTHERS, f"/{TOWN}/draft/{uuid.uuid4()}/who/")
    assert len(waiting(phone)) == 5
    phone.context.set_offline(False)
    phone.get_by_role("button", name="この端末から消す").click()
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    phone.wait_for_url(f"**/{TOWN}/")
    kept = phone.evaluate("caches.keys()")
    assert "yakuba-draft" not in kept
    assert waiting(phone) == []
