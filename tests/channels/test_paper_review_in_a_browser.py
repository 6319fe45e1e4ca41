"""A clerk looks at what was read from a paper in a real Chromium, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.people import make_staff
from tests.channels.filled_forms import packed, page, page_of
from tests.channels.looks import DESK, LANGUAGES, signed_in, too_wide, violations
from tests.channels.test_desk_in_a_browser import session_of
from tests.conftest import TOWN
from yakuba.access import towns
from yakuba.assistant.models import ReadField
from yakuba.cases import catalogue
from yakuba.channels.models import Draft

pytestmark = pytest.mark.browser
WRITTEN = {"account.number": "6990009", "account.holder": "ヤマダ タロウ"}


@pytest.fixture(scope="module")
def clerk(chromium: Browser, served: str) -> Iterator[Page]:
    """A clerk's browser."""
    somebody = make_staff("clerk", login="paper-clerk", name="窓口 一葉")
    with towns.inside(TOWN):
        session = session_of(somebody)
    with signed_in(chromium, served, {"clerk": session}) as opened:
        yield opened["clerk"]


@pytest.fixture(scope="module")
def nothing_is_sure() -> Iterator[None]:
    from yakuba.assistant.reading import thresholds

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thresholds, "kept", dict)
        yield


def test_a_clerk_reviews_a_scanned_form_with_the_keyboard_alone(clerk, served, tmp_path, nothing_is_sure):
    with towns.inside(TOWN):
        service = catalogue.service("child-allowance")
        file = tmp_path / "scan.png"
        file.write_bytes(packed(page(service, page_of(service, "account.number"), WRITTEN)))
    clerk.set_viewport_size(DESK)
    clerk.goto(f"{served}/staff/paper/?lang=ja")
    clerk.locator("#scan").set_input_files(file)
    clerk.get_by_role("button", name="入力を始める").first.press("Enter")
    clerk.wait_for_url("**/paper/review/*/")
    expect(clerk.locator("img.reading")).to_be_visible()
    found = [f"{name}" for language in LANGUAGES for name in _looked_at(clerk, language)]
    assert not found
    clerk.goto(clerk.url.split("?")[0] + "?lang=ja")
    clerk.set_viewport_size(DESK)
    for number in ("6990009", "6990009"):
        expect(clerk.locator("input[name='account.number']")).to_be_focused()
        expect(clerk.locator("input[name='account.number']")).to_have_value("")
        clerk.keyboard.type(number)
        with clerk.expect_navigation():
            clerk.keyboard.press("Enter")
    expect(clerk.locator("input[name='account.holder']")).to_be_focused()
    for _ in range(2):
        clerk.keyboard.type("ヤマダ タロウ")
        with clerk.expect_navigation():
            clerk.keyboard.press("Enter")
    clerk.wait_for_url("**/draft/**")
    with towns.inside(TOWN):
        draft = Draft.objects.get(channel="paper")
        assert draft.facts["account"] == {"number": "6990009", "holder": "ヤマダ タロウ"}
        assert not ReadField.objects.filter(draft=draft.id, answered_at=None).exists()


def _looked_at(clerk: Page, language: str) -> list[str]:
    clerk.goto(clerk.url.split("?")[0] + f"?lang={language}")
    return [
        *violations(clerk, f"review in {language}", alone=False),
        *too_wide(clerk, f"review in {language}"),
    ]
