"""The question at the end and the figures in a real Chromium: axe, narrow screens, and an answer by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.people import make_staff
from tests.channels.looks import DESK, all_too_wide, all_violations, signed_in, too_wide, violations
from tests.channels.test_desk_in_a_browser import Desk, focus, session_of
from tests.conftest import TOWN
from tests.progress.brought.conftest import rows, withdrawn
from yakuba import clock
from yakuba.access import towns
from yakuba.progress.brought import projection, summary
from yakuba.progress.brought.equity import shown
from yakuba.progress.brought.period import this_year
from yakuba.register.models import Person

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def furnished(served) -> Desk:
    """A year of cases, and one that somebody took back today."""
    manager, now = make_staff("clerk", "manager", login="manager"), clock.now()
    with towns.inside(TOWN):
        who = Person.objects.order_by("birth_date").first()
        case = withdrawn({"name": who.name, "birth_date": who.birth_date.isoformat()}, who.id)
        opened = now - timedelta(days=1)
        rows(
            60,
            opened=opened,
            days=0.5,
            service="child-allowance",
            score=4,
            age_band="30-49",
            district="大字浜",
        )
        rows(
            30, opened=opened, days=0.9, service="child-allowance", score=1, hard="received", channel="paper"
        )
        rows(
            5,
            opened=opened,
            days=0.5,
            service="device-support",
            partner="900001",
            partner_steps=2,
            partner_late=1,
        )
        sessions = {"manager": session_of(manager)}
    projection.refresh(TOWN)
    with towns.inside(TOWN):
        shown(summary(this_year(now), now))  # what the first one loads is not the browser's to wait for
    pages = {"figures": "progress/brought/", "mend": "progress/brought/child-allowance/received/"}
    return Desk(sessions, {name: ("manager", where) for name, where in pages.items()}, [case])


@pytest.fixture(scope="module")
def desks(chromium: Browser, served: str, furnished: Desk) -> Iterator[dict[str, Page]]:
    """A signed-in page."""
    with signed_in(chromium, served, furnished.sessions) as opened:
        yield opened


def test_axe_finds_nothing_on_the_desks_figures_and_no_page_scrolls_sideways(desks, furnished, served):
    assert not all_violations(furnished.pages, desks, served, "easy", alone=True)
    assert not all_too_wide(furnished.pages, desks, served)


def test_how_it_went_is_answered_with_the_keyboard_alone(chromium, served, furnished):
    (case,) = furnished.cases
    reference, born = case.reference, case.status["facts"]["applicant"]["birth_date"]
    page = chromium.new_page(locale="ja-JP", viewport=DESK)
    page.goto(f"{served}/sign-in/reference/?reference={reference}")
    focus(page, "input", "", name="born")
    page.keyboard.type(born)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="この手続はいかがでしたか")).to_be_visible()
    assert not violations(page, "status")
    assert not too_wide(page, "status")
    page.set_viewport_size(DESK)
    focus(page, "input", "", name="score")
    page.keyboard.press("ArrowDown")
    focus(page, "button", "送る")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("ありがとうございました")
    page.goto(f"{served}/progress/brought/")
    assert not violations(page, "everybody")
    assert not too_wide(page, "everybody")
    page.close()
