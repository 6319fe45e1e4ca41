"""The map and tables of disparity in a real Chromium: by keyboard alone, without JavaScript, in forced colours, at 400 %."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.channels.looks import DESK, PHONE, too_wide, violations
from tests.progress.disparity.made import town, write

pytestmark = pytest.mark.browser


@pytest.fixture
def site(served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server with a small made table of two prefectures."""
    monkeypatch.setenv("YAKUBA_PROGRESS_DATA", str(tmp_path))
    rows = [
        town("A村", 2_000, aged=50, money=0.2, rpa=0, online32=0.10),
        town("B町", 9_000, aged=40, money=0.3, rpa=None, online32=0.70),
        town("C市", 250_000, aged=25, money=0.9, rpa=1, online32=None),
        town("D市", 60_000, aged=30, money=0.6, rpa=1, online32=0.40),
    ]
    write(tmp_path, rows)
    return served.rsplit("/", 1)[0]


def test_somebody_finds_the_towns_of_a_prefecture_on_the_map_by_keyboard_without_javascript(
    site: str, chromium: Browser
) -> None:
    context = chromium.new_context(viewport=DESK, locale="ja-JP", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/progress/disparity/")
    page.get_by_label("見る項目").select_option("rpa")
    page.get_by_role("button", name="表示する").press("Enter")
    expect(page.get_by_role("heading", name="RPAの導入")).to_be_visible()
    page.get_by_role("link", name="地図を飛ばして表へ").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="北海道 0 %")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="青森県")).to_be_visible()
    expect(page.get_by_role("row", name="C市 実施 250,000")).to_be_visible()
    page.get_by_role("link", name="全国へ戻る").press("Enter")
    expect(page.get_by_label("見る項目")).to_have_value("rpa")
    context.close()


def test_in_forced_colours_the_classes_and_the_focus_can_still_be_told_apart(
    site: str, chromium: Browser
) -> None:
    context = chromium.new_context(viewport=DESK, locale="ja-JP", forced_colors="active")
    page = context.new_page()
    page.goto(f"{site}/progress/disparity/")
    seen = page.evaluate(
        """() => [...document.querySelectorAll('.legend rect')].map(
            one => getComputedStyle(one).fill + ' ' + getComputedStyle(one).fillOpacity)"""
    )
    assert len(set(seen)) == len(seen) == 6
    link = page.get_by_role("link", name="北海道 40 %").first
    before = link.locator("path").evaluate("one => getComputedStyle(one).stroke")
    page.keyboard.press("Tab")  # from here on the focus is shown, as for who uses a keyboard
    link.focus()
    assert link.locator("path").evaluate("one => getComputedStyle(one).stroke") != before
    context.close()


def test_axe_finds_nothing_and_nothing_scrolls_sideways_at_400_percent(
    site: str, served: str, chromium: Browser
) -> None:
    context = chromium.new_context(viewport=PHONE, locale="ja-JP")
    page = context.new_page()
    found = []
    of_a_town = f"{served}/progress/disparity/"  # which has all that the country's page has
    for where, language in (
        (of_a_town, "ja"),
        (of_a_town, "easy"),
        (f"{site}/progress/disparity/02/", "en"),
    ):
        page.goto(f"{where}?lang={language}")
        found += violations(page, where + language, alone=False)
        found += [] if language == "ja" else too_wide(page, where + language)
    context.close()
    assert found == []
