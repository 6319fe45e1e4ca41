"""Loads and held rows in a real Chromium: axe in every language and at both widths, narrow screens, a row mended by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.people import make_staff
from tests.channels.looks import DESK, LANGUAGES, all_too_wide, all_violations, signed_in
from tests.channels.test_desk_in_a_browser import Desk, focus, session_of
from tests.conftest import TOWN
from tests.records.conftest import Old
from tests.records.loads import held, home
from tests.records.test_held import BORN, held_person
from yakuba import clock
from yakuba.access import SYSTEM, towns
from yakuba.records import actions
from yakuba.records import held as held_rows
from yakuba.records.models import LoadedRow
from yakuba.records.states import HELD

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def furnished(served, tmp_path_factory) -> Desk:
    """A load that is current, and a rehearsal that differs from it and has held rows."""
    manager = make_staff("clerk", "manager", login="manager")
    old = Old(tmp_path_factory.mktemp("old"))
    with towns.inside(TOWN):
        first = old.cut_over([home(1, setaiinsu="3"), home(2), home(9)])
        load = old.take_in(
            {
                "世帯": [
                    home(1, setaiinsu="2"),
                    home(2),
                    home(3),
                    held(4, BORN, "令和元年2月30日"),
                    held(5, BORN, "？"),
                ],
                "住民": [held_person()],
            }
        )
        actions.ask_for_cut_over(load.id, by=SYSTEM(TOWN), as_of=clock.now())
    held_rows.open_all(TOWN, as_of=clock.now())
    with towns.inside(TOWN):
        rows = {one.group: one.id for one in LoadedRow.objects.filter(load=load, state=HELD).order_by("-row")}
        sessions = {"manager": session_of(manager)}
    pages = {
        "loads": "records/", "load": f"records/{load.id}/", "current": f"records/{first.id}/",
        "differences": f"records/{load.id}/differences/", "row": f"records/{load.id}/row/{rows['世帯']}/",
        "person": f"records/{load.id}/row/{rows['住民']}/",
    }  # fmt: skip
    return Desk(sessions, {name: ("manager", where) for name, where in pages.items()}, [])


@pytest.fixture(scope="module")
def desks(chromium: Browser, served: str, furnished: Desk) -> Iterator[dict[str, Page]]:
    """A signed-in page."""
    with signed_in(chromium, served, furnished.sessions) as opened:
        yield opened


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation_on_any_page_about_loads(language, desks, furnished, served):
    assert not all_violations(furnished.pages, desks, served, language)


def test_no_page_about_loads_scrolls_sideways_on_a_narrow_screen(desks, furnished, served):
    assert not all_too_wide(furnished.pages, desks, served)


def test_a_held_row_is_mended_with_the_keyboard_alone(desks, furnished, served):
    page = desks["manager"]
    page.set_viewport_size(DESK)
    page.goto(f"{served}/staff/{furnished.pages['row'][1]}?lang=ja")
    focus(page, "input", "", name=BORN)
    page.keyboard.type("2019-02-28")
    focus(page, "button", "保存して確かめる")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("直して取り込みました")
