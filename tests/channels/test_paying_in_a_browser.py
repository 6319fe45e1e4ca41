"""The pages of fees in a real Chromium: a resident pays on a phone without JavaScript, by way of the provider's own page;
axe finds no violation, and nothing scrolls sideways.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
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
from tests.money.permits import KEY, SECRET, cash, collection, kept, shop, today
from yakuba.access import SYSTEM, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import jobs as case_jobs
from yakuba.cases import queries as case_queries
from yakuba.clock import now
from yakuba.money.fees import actions
from yakuba.money.models import Refund
from yakuba.simulators.payments import serve

pytestmark = pytest.mark.browser
ANSWERS = {
    "applicant": {"name": "山田 花子", "birth_date": "1990-04-01"},
    "dog": {"kept_in_town": True, "registered_before": False, "chip_registered": False},
}


def dog() -> Any:
    """A dog that is registered once its fee is paid."""
    on = now()
    dates = {
        "birth_date": str(today() - timedelta(days=900)),
        "acquired_on": str(today() - timedelta(days=9)),
    }
    answers = {**ANSWERS, "dog": {**ANSWERS["dog"], **dates}}
    case = cases.open_case(
        catalogue.service("dog-registration"), answers, channel="web", by=SYSTEM(TOWN), as_of=on,
        key=f"dog:{on.isoformat()}", identified=True,
    )  # fmt: skip
    case_jobs.drain(TOWN, as_of=on)
    return case_queries.one(case.id)


@pytest.fixture(scope="module")
def paying(served: str) -> Iterator[Any]:
    """The served town with a provider that works beside it."""
    provider = shop()
    server = serve(provider)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "YAKUBA_PAYMENTS", {"url": provider.address, "key": KEY, "secret": SECRET})
        patch.setattr(settings, "YAKUBA_BASE_URL", served.rsplit("/", 1)[0])
        yield provider
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def desk(served: str, paying: Any) -> tuple[dict[str, str], Pages]:
    """A case that owes, one that was paid twice, one that was withdrawn, rows that nobody can match."""
    people = {
        "clerk": make_staff("clerk", "reviewer", login="clerk"),
        "books": make_staff("accountant", login="books"),
    }
    with towns.inside(TOWN):
        owing, twice, back = dog(), dog(), dog()
        slips = [actions.issue_slip(one.id, by=SYSTEM(TOWN), as_of=now()).number for one in (owing, twice)]
        for case in (twice, back):
            cash(case.id, 10_000)
        cases.withdraw(back.id, by=SYSTEM(TOWN), as_of=now())
        actions.settle_ended(as_of=now())
        actions.approve(Refund.objects.get().id, by=people["books"].worker(), as_of=now())
        rows = [
            (slips[1], 3000, today(), "B-1"),
            ("3942629999999999", 300, today(), "B-2"),
            ("?", "?", "?", ""),
        ]
        actions.collect(collection(rows), by=SYSTEM(TOWN), as_of=now())
        sessions = {name: session_of(one) for name, one in people.items()}
    pages = {
        "owing": ("clerk", f"case/{owing.id}/"),
        "paid twice": ("clerk", f"case/{twice.id}/"),
        "books": ("books", "fees/"),
    }
    return sessions, pages


@pytest.fixture(scope="module")
def desks(chromium: Browser, served: str, desk) -> Iterator[dict[str, Page]]:
    with signed_in(chromium, served, desk[0]) as opened:
        yield opened


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation_on_the_pages_of_fees_of_the_desk(language, desks, desk, served):
    assert not all_violations(desk[1], desks, served, language)


def test_no_page_of_fees_of_the_desk_scrolls_sideways(desks, desk, served):
    assert not all_too_wide(desk[1], desks, served)


def test_a_resident_pays_on_a_phone_without_javascript_and_every_page_on_the_way_is_sound(
    chromium: Browser, served: str, paying
):
    with towns.inside(TOWN):
        case = dog()
    looking = chromium.new_context(viewport=PHONE, locale="ja-JP")
    phone = chromium.new_context(viewport=PHONE, java_script_enabled=False, locale="ja-JP", has_touch=True)
    found: list[str] = []

    def sound(page: Page, name: str) -> None:
        """The same page in a browser that can be looked at with axe."""
        looking.add_cookies(phone.cookies())
        other = looking.new_page()
        for language in LANGUAGES:
            other.goto(f"{page.url.split('?')[0]}?lang={language}")
            found.extend(violations(other, f"{name} in {language}", alone=False))
        found.extend(too_wide(other, name))
        other.close()

    page = phone.new_page()
    page.goto(f"{served}/status/?reference={case.reference}")
    page.get_by_label("生年月日").fill("平成2年4月1日")
    page.get_by_role("button", name="進み具合を見る").click()
    expect(page.get_by_text("3,000円")).to_be_visible()
    sound(page, "owing")
    follow(page.get_by_role("button", name="オンラインで支払う"))
    sound(page, "paying")
    page.get_by_role("link", name="支払いのページへ進む").click()
    page.get_by_label("知らせ方").select_option("tell_twice")
    page.get_by_role("button", name="支払う", exact=True).click()
    expect(page.get_by_role("heading", name="お支払いいただいた手数料")).to_be_visible()
    sound(page, "paid")
    looking.close()
    phone.close()
    assert not found, "\n".join(found)
    with towns.inside(TOWN):
        assert kept(case.id) == [("online", 3000)]
        assert [step.step for step in case_queries.tasks_of(case.id) if step.status == "open"] == ["issue"]
