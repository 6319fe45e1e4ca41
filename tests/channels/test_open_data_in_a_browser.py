"""Open data in a real Chromium, without JavaScript, on a phone and at a desk: axe finds no violation, and nothing scrolls sideways
but the table in its own frame."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.channels.looks import LANGUAGES, PHONE, too_wide, violations
from yakuba import clock
from yakuba.site import demo

pytestmark = pytest.mark.browser


def test_a_resident_finds_the_evacuation_sites_on_the_map_and_takes_the_file_along(
    served: str, chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path))
    monkeypatch.setattr(demo, "NEIGHBOUR", demo.TOWN)
    demo.publish_open_data(clock.now())
    context = chromium.new_context(viewport=PHONE, locale="ja-JP", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/")
    page.get_by_role("link", name="オープンデータ").click()
    page.get_by_role("link", name="指定緊急避難場所一覧", exact=True).click()
    expect(page.locator(".plot .mark")).to_have_count(13)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSVをダウンロード").click()
    assert download.value.suggested_filename == "394262_evacuation_sites.csv"
    assert Path(download.value.path()).read_text("utf-8-sig").startswith("全国地方公共団体コード,ID,")
    context.close()

    looking = chromium.new_context(viewport=PHONE, locale="ja-JP")
    page = looking.new_page()
    found = []
    for where in ("", "evacuation-sites/", "population/"):
        for language in LANGUAGES:
            page.goto(f"{served}/open-data/{where}?lang={language}")
            found += violations(page, where + language, alone=False) + too_wide(page, where + language)
    looking.close()
    assert found == []
