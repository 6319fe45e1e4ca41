"""The desk's pages for fax and letters in a real Chromium: no violation that axe finds, nothing that scrolls sideways."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.access.people import make_staff
from tests.channels.looks import LANGUAGES, all_too_wide, all_violations, signed_in
from tests.channels.reach.test_paper_inbox import form
from tests.channels.test_desk_in_a_browser import session_of
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import towns
from yakuba.cases import queries as cases
from yakuba.channels.reach import inbox

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(served: str) -> dict[str, tuple[str, str]]:
    """A fax whose form is known, and one that nobody can open."""
    now = clock.now()
    with towns.inside(TOWN):
        known = inbox.take_in(form(), "20261130-0880-22-1234.tif", "fax", as_of=now)
        inbox.take_in(form()[:60], "20261130-2.tif", "post", as_of=now)
        case = cases.by_reference(known.reference)
        assert case
    return {
        "papers": ("clerk", "papers/"),
        "receipt": ("clerk", f"papers/{case.id}/receipt/"),
        "intake": ("clerk", "paper/"),
    }


@pytest.fixture(scope="module")
def browsers(chromium: Browser, served: str, pages) -> Iterator[dict[str, Page]]:
    with towns.inside(TOWN):
        session = session_of(make_staff("clerk", login="reach-clerk", name="職員 見本"))
    with signed_in(chromium, served, {"clerk": session}) as opened:
        opened["clerk"].context.set_default_timeout(
            30_000
        )  # the first page is looked up in all that a process has yet to read
        yield opened


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation(language, browsers, pages, served) -> None:
    assert not all_violations(pages, browsers, served, language)


def test_nothing_scrolls_sideways_on_a_narrow_screen(browsers, pages, served) -> None:
    assert not all_too_wide(pages, browsers, served)
