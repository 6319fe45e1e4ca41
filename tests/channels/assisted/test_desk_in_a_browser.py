"""The desk of supporters and the sheets in a real Chromium: no violation that axe finds, nothing scrolls sideways."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Browser

from tests.access.people import make_staff
from tests.channels.assisted.test_supporters import CLERK
from tests.channels.looks import DESK, too_wide, violations
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import SYSTEM, towns
from yakuba.access.sessions import SessionStore
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs

pytestmark = pytest.mark.browser
SUPPORTER = {"group": "npo", "areas": "北山、中町", "times": "火曜と木曜の午前", "pledge": True}
LESSON = {"topic": "apply", "where": "home", "times": "火曜の午前"}


@pytest.fixture
def clerk(served: str) -> str:
    """The session of a clerk, in a town with a supporter and a lesson that waits for one."""
    make_staff("supporter", login="minoru", name="高橋 実")
    member = make_staff("clerk", login="clerk")
    with towns.inside(TOWN):
        for service, facts in (
            ("supporter-registration", {"supporter": SUPPORTER}),
            ("lesson", {"lesson": LESSON}),
        ):
            facts["applicant"] = {"name": "高橋 実", "phone": "0887111111"}
            case = cases.open_case(
                catalogue.service(service), facts, channel="counter", by=SYSTEM(TOWN), as_of=clock.now(), key=service,
                identified=True,
            )  # fmt: skip
            if service == "supporter-registration":
                trained = {"supporter": {"trained_on": date(2026, 11, 1), "account": "minoru"}}
                cases.finish(case.tasks.get(step="training").id, by=CLERK, as_of=clock.now(), facts=trained)
        session = SessionStore()
        session.begin(staff=str(member.id))
        session.save()
    jobs.drain(TOWN, as_of=clock.now())
    return session.session_key


def test_the_desk_of_supporters_and_a_sheet_are_for_everybody_and_fit_everywhere(
    chromium: Browser, served: str, clerk: str
):
    context = chromium.new_context(viewport=DESK, locale="ja-JP")
    context.add_cookies([{"name": "yakuba_session", "value": clerk, "url": served, "httpOnly": True}])
    page, found = context.new_page(), []
    for where in ("staff/helpers/", "sheets/apply/"):
        answer = page.goto(f"{served}/{where}")
        assert answer is not None
        assert answer.ok
        found += violations(page, where) + too_wide(page, where)
    context.close()
    assert not found, "\n".join(found)
