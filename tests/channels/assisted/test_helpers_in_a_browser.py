"""A helper and a resident on one request, in two real browsers: the helper fills in, the resident sees it come, shows one
answer, confirms and sends; and the desk of supporters. No violation that axe finds, nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.people import make_staff
from tests.channels.assisted.test_supporters import CLERK
from tests.channels.looks import DESK, PHONE, follow, too_wide, violations
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import SYSTEM, towns
from yakuba.access.models import Resident
from yakuba.access.sessions import SessionStore
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases.models import Event
from yakuba.channels import actions
from yakuba.channels.assisted import lessons, roster
from yakuba.channels.models import Draft
from yakuba.register.models import Person

pytestmark = pytest.mark.browser
ANSWERED = {
    "person": {"relation": "self", "name": "山田 太郎", "kana": "ヤマダ タロウ", "birth_date": "1950-01-01"},
    "high_care": {"month": "2026-09-01", "all_paid": True, "others": False, "account_own": True},
    "consent": {"register": True},
    "account": {"bank": "0001", "branch": "001", "type": "1", "number": "1234567", "holder": "ヤマダ タロウ"},
}


@pytest.fixture(scope="module")
def draft(served: str) -> tuple[Draft, str]:
    """A request of somebody who is signed in, in which the telephone number is still missing; and their session."""
    now = clock.now()
    with towns.inside(TOWN):
        person = Person.objects.filter(relation="head", household__addresses__until=None).first()
        assert person is not None
        account = Resident.objects.create(
            town=TOWN, issuer="https://id.test", subject="1", person=str(person.id), name=person.name, created_at=now
        )  # fmt: skip
        service = catalogue.service("high-care-cost")
        begun = actions.begin(
            service, channel="web", language="ja", as_of=now, person=person.id, identified=True
        )
        facts = begun.facts | ANSWERED
        facts["applicant"] = facts["applicant"] | {"phone": None}
        actions.keep(begun, facts, as_of=now)
        session = SessionStore()
        session.begin(resident=str(account.id))
        session.update({"drafts": {str(begun.id): service.id}})
        session.save()
    return begun, session.session_key


@pytest.fixture
def pair(chromium: Browser, served: str, draft: tuple[Draft, str]) -> Iterator[tuple[Page, Page]]:
    """The resident's browser on a desk, the helper's on a phone."""
    contexts = [chromium.new_context(viewport=size, locale="ja-JP") for size in (DESK, PHONE)]
    for context in contexts:
        context.set_default_timeout(20_000)
    contexts[0].add_cookies([{"name": "yakuba_session", "value": draft[1], "url": served, "httpOnly": True}])
    yield contexts[0].new_page(), contexts[1].new_page()
    for context in contexts:
        context.close()


def test_a_helper_and_a_resident_write_one_request_together(pair, served, draft):
    resident, helper = pair
    found: list[str] = []

    def look(page: Page, name: str) -> None:
        size = page.viewport_size
        found.extend(violations(page, name) + too_wide(page, name))
        page.evaluate(
            "document.documentElement.dataset.size = 'normal'; document.documentElement.style.fontSize = ''"
        )
        page.set_viewport_size(size)

    resident.goto(f"{served}/draft/{draft[0].id}/contact/")
    follow(resident.get_by_role("link", name="だれかに手伝ってもらう"))
    resident.get_by_label("家族・親族").check()
    resident.get_by_label("手伝う人の名前").fill("佐藤 葵")
    follow(resident.get_by_role("button", name="番号を出す"))
    code = resident.locator(".reference").inner_text()

    helper.goto(f"{served}/helper/")
    look(helper, "helper home")
    helper.get_by_label("手伝う番号（8けた）").fill(code.replace("-", " "))
    follow(helper.get_by_role("button", name="次へ"))
    look(helper, "helping")
    expect(helper.get_by_text("答えてあります（見えません）").first).to_be_visible()
    assert "1234567" not in helper.content()
    follow(helper.get_by_role("link", name="書くのを手伝う"))
    look(helper, "helper's screen")
    helper.get_by_label("電話番号").fill("0887-00-0000")
    follow(helper.get_by_role("button", name="書いて次へ"))

    expect(resident.get_by_text("佐藤 葵さんが手伝っています")).to_be_visible()
    expect(resident.get_by_text("佐藤 葵さんが書きました")).to_be_visible()
    follow(resident.get_by_role("button", name="見せる 口座番号"))
    expect(helper.get_by_text("1234567")).to_be_visible()
    look(resident, "together")
    resident.goto(f"{served}/draft/{draft[0].id}/check/")
    expect(resident.get_by_role("button", name="送信する")).to_have_count(0)
    look(resident, "check")
    follow(resident.get_by_role("link", name="確かめる", exact=True))
    follow(resident.get_by_role("button", name="確かめました。次へ"))
    follow(resident.get_by_role("button", name="送信する"))
    expect(resident.locator(".reference")).to_be_visible()

    expect(helper.get_by_text("この申請は、もう送られました。")).to_be_visible()
    look(helper, "over")
    with towns.inside(TOWN):
        opened = Event.objects.get(kind="opened", body__service="high-care-cost")
        assert (opened.body["helper_kind"], opened.private["helper"]) == ("family", "佐藤 葵")
    assert not found, "\n".join(found)


# -- the desk of supporters ---------------------------------------------------------------------------
SUPPORTER = {"group": "npo", "areas": "北山、中町", "times": "火曜と木曜の午前", "pledge": True}
LESSON = {"topic": "apply", "where": "home", "times": "火曜の午前"}


@pytest.fixture
def clerk(served: str) -> str:
    """The session of a clerk, in a town with a supporter, a lesson that waits for one and another that is to be given."""
    make_staff("supporter", login="minoru", name="高橋 実")
    member = make_staff("clerk", login="clerk")
    with towns.inside(TOWN):
        for service, facts in (
            ("supporter-registration", {"supporter": SUPPORTER}),
            ("lesson", {"lesson": LESSON}),
            ("lesson", {"lesson": {"topic": "phone", "where": "home"}}),
        ):
            facts["applicant"] = {"name": "高橋 実", "phone": "0887111111"}
            case = cases.open_case(
                catalogue.service(service), facts, channel="counter", by=SYSTEM(TOWN), as_of=clock.now(),
                key=str(facts), identified=True,
            )  # fmt: skip
            if service == "supporter-registration":
                trained = {"supporter": {"trained_on": date(2026, 11, 1), "account": "minoru"}}
                cases.finish(case.tasks.get(step="training").id, by=CLERK, as_of=clock.now(), facts=trained)
        session = SessionStore()
        session.begin(staff=str(member.id))
        session.save()
    jobs.drain(TOWN, as_of=clock.now())
    with towns.inside(TOWN):
        (supporter,) = roster.listed(clock.now())
        waits = lessons.waiting()[-1].task
        lessons.arrange(waits, supporter.number, "12月1日 10時から", by=CLERK, as_of=clock.now())
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
