"""How pages of residents can be read in a real Chromium: strong contrast, forced colours, on paper, line by line, aloud."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.channels.looks import DESK, PHONE, too_wide, violations

pytestmark = pytest.mark.browser
PAGES = ("", "services/child-allowance/", "status/")
SEVEN_TO_ONE = {"runOnly": ["color-contrast", "color-contrast-enhanced"], "resultTypes": ["violations"],
                "rules": {"color-contrast-enhanced": {"enabled": True}}}  # fmt: skip


@pytest.fixture(scope="module")
def phone(chromium: Browser) -> Iterator[Page]:
    """A phone without JavaScript would not let axe run; nothing else here needs any."""
    context = chromium.new_context(viewport=PHONE, locale="ja-JP")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def _low_contrast(page: Page) -> list[str]:
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(Axe().axe_script)
    found = page.evaluate("options => axe.run(options)", SEVEN_TO_ONE)["violations"]
    return [f"{one['id']}: {node['html'][:100]}" for one in found for node in one["nodes"]]


def test_strong_contrast_is_chosen_once_holds_on_every_page_and_is_given_back(phone: Page, served: str):
    phone.goto(f"{served}/?lang=ja")
    edge = "getComputedStyle(document.querySelector('.card')).borderTopColor"
    usual = phone.evaluate(edge)
    phone.get_by_role("link", name="色を濃く").click()
    expect(phone.locator("html")).to_have_attribute("data-contrast", "high")
    assert phone.evaluate(edge) == "rgb(0, 0, 0)" != usual
    for where in PAGES:
        assert phone.goto(f"{served}/{where}").ok
        assert phone.locator("html").get_attribute("data-contrast") == "high"
        assert _low_contrast(phone) == [], where
    assert violations(phone, "status with strong contrast") == []
    assert too_wide(phone, "status with strong contrast") == []
    phone.set_viewport_size(PHONE)
    phone.get_by_role("link", name="色を標準に").click()
    expect(phone.locator("html")).to_have_attribute("data-contrast", "normal")


def test_a_browser_that_asks_for_more_contrast_gets_it_unasked(chromium: Browser, served: str):
    context = chromium.new_context(viewport=PHONE, locale="ja-JP", contrast="more")
    page = context.new_page()
    page.goto(f"{served}/services/child-allowance/?lang=ja")
    assert _low_contrast(page) == []
    context.close()


def test_with_forced_colours_buttons_choices_and_where_one_is_stay_visible(chromium: Browser, served: str):
    context = chromium.new_context(viewport=DESK, locale="ja-JP", forced_colors="active")
    page = context.new_page()
    page.goto(f"{served}/services/child-allowance/?lang=ja")
    seen = page.evaluate(
        """() => [".main .button", ".langs [aria-current]"].map(one => {
            const style = getComputedStyle(document.querySelector(one));
            return [style.borderBottomWidth, style.borderBottomColor !== style.backgroundColor];
        })"""
    )
    assert seen == [["2px", True], ["4px", True]]
    context.close()


def test_on_paper_there_is_what_one_reads_and_whom_one_asks_and_nothing_to_press(phone: Page, served: str):
    phone.goto(f"{served}/services/child-allowance/?lang=ja")
    phone.emulate_media(media="print")
    assert [phone.locator(one).first.is_visible() for one in (".top", ".langs", ".skip")] == [False] * 3
    expect(phone.locator("h1")).to_be_visible()
    expect(phone.locator(".foot .contact")).to_be_visible()
    phone.emulate_media(media="screen")


@pytest.mark.parametrize("language", ["ja", "easy"])
def test_no_phrase_of_a_heading_is_torn_apart_on_a_phone(phone: Page, served: str, language: str):
    phone.set_viewport_size(PHONE)
    assert phone.goto(f"{served}/services/child-allowance/?lang={language}").ok
    torn = phone.evaluate(
        """easy => [...document.querySelectorAll("h1, h2, .button")].flatMap(heading => {
            const walker = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
            const phrases = [];   // runs of letters between <wbr>, or between blanks
            let run = [], before = null;
            for (let node; (node = walker.nextNode()); before = node) {
                if (node.parentElement.closest("rt")) continue;
                if (!easy && before) { phrases.push(run); run = []; }
                [...node.data].forEach((letter, at) => {
                    if (/\\s|[、。（）「」]/.test(letter)) { phrases.push(run); run = []; return; }
                    const range = document.createRange();
                    range.setStart(node, at); range.setEnd(node, at + 1);
                    run.push([letter, Math.round(range.getBoundingClientRect().bottom / 20)]);
                });
            }
            phrases.push(run);
            return phrases.filter(run => new Set(run.map(one => one[1])).size > 1)
                          .map(run => run.map(one => one[0]).join(""));
        })""",
        language == "easy",
    )
    assert torn == []
    assert (phone.locator("h1 wbr").count() > 0) == (language == "ja")


def test_a_screen_reader_is_not_given_the_readings_above_the_words(phone: Page, served: str):
    phone.goto(f"{served}/services/child-allowance/?lang=easy")
    assert phone.locator("h1 rt").count() > 0
    tree = phone.context.new_cdp_session(phone).send("Accessibility.getFullAXTree")["nodes"]
    said = "".join(
        one.get("name", {}).get("value", "") for one in tree if one["role"]["value"] == "StaticText"
    )
    shown = phone.locator("h1 rt").first.inner_text()
    assert "児童手当" in said
    assert shown not in said.split("児童手当")[0][-20:]
    assert "じどう" not in said
