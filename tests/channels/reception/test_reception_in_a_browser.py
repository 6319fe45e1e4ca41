"""The counter without writing in a real Chromium: a moving-in visit with five procedures, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.people import make_staff
from tests.channels.looks import DESK, too_wide, violations
from tests.channels.test_desk_in_a_browser import focus, session_of
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import towns
from yakuba.cases import queries as cases
from yakuba.cases.models import Case
from yakuba.channels.reception import interview
from yakuba.register import queries as register

pytestmark = pytest.mark.browser
FIVE = ("move-in", "national-health-insurance-join", "child-allowance", "child-medical-subsidy", "water-use")
SAID = {
    "life.insurance": "yes", "life.children": "yes", "life.water": "yes", "life.dog": "no", "life.care": "no",
    "applicant.name": "森 さくら", "applicant.kana": "モリ サクラ", "applicant.birth_date": "1990-04-02",
    "applicant.address": "本町1番地2", "applicant.phone": "09012345678", "applicant.email": "",
    "applicant.contact": "letter", "move.former_address": "東京都千代田区千代田1番1号", "move.by_card": "yes",
    "member.name": "森 はる", "member.birth_date": "2020-05-05", "joining.notifier": "head",
    "joining.elsewhere": "no", "joining.assistance": "no", "joining.paper": "no", "applicant.public_servant": "no",
    "applicant.parent_role": "only_parent", "child.name": "森 はる", "child.birth_date": "2020-05-05",
    "child.relation": "own", "child.living_together": "yes", "child.cared_for": "yes", "child.in_japan": "yes",
    "child.in_institution": "no", "account.bank": "0001", "account.branch": "001", "account.type": "1",
    "account.number": "1234567", "account.holder": "モリ サクラ", "medical.insurance": "national",
    "medical.other_subsidy": "no", "water.use": "home", "water.payment": "slip", "water.number": "", "water.meter_place": "",
}  # fmt: skip
"""What the visitor says, by the fact."""


@pytest.fixture(scope="module")
def page(chromium: Browser, served: str) -> Iterator[Page]:
    """A clerk's browser."""
    clerk = make_staff("clerk", login="counter", name="窓口 一葉")
    context = chromium.new_context(viewport=DESK, locale="ja-JP")
    context.set_default_timeout(30_000)
    with towns.inside(TOWN):
        session = session_of(clerk)
        assert interview.events()  # read here, not while the browser waits
    context.add_cookies([{"name": "yakuba_session", "value": session, "url": served, "httpOnly": True}])
    yield context.new_page()
    context.close()


def names(page: Page) -> list[str]:
    """What a page asks, each once."""
    found = page.eval_on_selector_all(
        "main form [name]:not([type=hidden]):not(button)", "all => all.map(one => one.name)"
    )
    return list(dict.fromkeys(found))


def on(page: Page) -> dict[str, str]:
    return page.evaluate(
        "(() => { const on = document.activeElement;"
        "return {name: on.name || '', value: on.value || '', type: on.type || ''} })()"
    )


def reach(page: Page, name: str) -> None:
    """Press Tab until the focus is on a field of this name; it may be there already."""
    for _ in range(60):
        if on(page)["name"] == name:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way to {name} by keyboard")


def key_in(page: Page, said: dict[str, str]) -> None:
    """Answer a page with the keyboard and send it with Enter."""
    for name in names(page):
        fact, _, part = name.rpartition(".")
        if part in ("era",):
            continue
        parts = dict(zip(("year", "month", "day"), said.get(fact, "").split("-"), strict=False))
        value = said.get(name) or parts.get(part)
        if not value:  # left empty, or filled in by what the event itself says
            continue
        reach(page, name)
        if on(page)["type"] == "radio":
            page.keyboard.press("Space")
            for _ in range(12):
                if on(page)["value"] == value:
                    break
                page.keyboard.press("ArrowDown")
        else:
            page.keyboard.press("Control+A")
            page.keyboard.type(value)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def press(page: Page, text: str, tag: str = "button") -> None:
    """Go to a button by keyboard, and press it."""
    focused = page.evaluate("document.activeElement.textContent.trim()")
    if focused != text:
        focus(page, tag, text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_moving_in_visit_with_five_procedures_is_finished_by_keyboard_alone(page, served):
    with towns.inside(TOWN):
        postal_code = next(iter(register.postal_codes()), "9990001")
    today = clock.now().date().isoformat()
    said = SAID | {
        "applicant.postal_code": postal_code,
        "move.date": today,
        "claim.event_date": today,
        "water.date": today,
    }
    asked: list[str] = []
    wrong: list[str] = []
    page.goto(f"{served}/staff/reception/?lang=ja")
    press(page, "番号札を出す")
    expect(page.get_by_role("status")).to_contain_text("番号札は1番です")
    press(page, "この窓口に着く")
    wrong += violations(page, "reception")
    page.set_viewport_size(DESK)
    page.reload()
    press(page, "次の方（1番）を呼ぶ")
    wrong += violations(page, "visit")
    reach(page, "person")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    key_in(page, said)
    chosen = page.eval_on_selector_all("input[type=checkbox]:checked", "all => all.map(one => one.value)")
    assert tuple(chosen) == FIVE
    wrong += violations(page, "choose")
    press(page, "この手続を聞き取る")
    added: set[str] = set()
    for _ in range(60):
        if "/check/" in page.url:
            break
        where = page.url.split("/ask/")[1]
        if "/list." in page.url:
            press(page, "もう一人追加する" if where not in added else "全員入れたので次へ")
            added.add(where)
            continue
        if not names(page) or page.locator("input[type=file]").count():
            press(page, "次へ")
            continue
        asked += names(page)
        if where.startswith("move-in/move"):
            wrong += violations(page, "ask")
            page.set_viewport_size(DESK)
        key_in(page, said)
    else:
        pytest.fail(f"the interview does not end: {page.url}")
    simple = [name for name in asked if not name.startswith(("member.", "child."))]
    assert len(simple) == len(set(simple)), "a fact was asked twice"
    wrong += violations(page, "check")
    wrong += too_wide(page, "check")
    page.set_viewport_size(DESK)
    page.reload()
    press(page, "5件をまとめて受け付ける")
    expect(page.get_by_role("status")).to_contain_text("5件を受け付けました")
    wrong += violations(page, "taken in")
    press(page, "終了（帰ってよい）")
    assert not wrong, "\n".join(wrong)
    with towns.inside(TOWN):
        opened = {
            one.service: cases.state(one).facts for one in Case.objects.exclude(service="counter-visit")
        }
        assert set(opened) == set(FIVE)
        assert {facts["applicant"]["name"] for facts in opened.values()} == {"森\u3000さくら"}
        assert opened["national-health-insurance-join"]["event"]["date"] == today
        assert opened["child-medical-subsidy"]["medical"]["assistance"] is False
        assert opened["water-use"]["water"]["address"] == "本町1番地2"
        visit = Case.objects.get(service="counter-visit")
        assert (visit.state, visit.status and cases.state(visit).fact("reception.procedures")) == (
            "closed",
            5,
        )
