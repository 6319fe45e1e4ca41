"""In a real Chromium a clerk makes a service, somebody else publishes it, and a resident uses it. Every page of the
workbench is looked at by axe, in every language and at both widths."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.people import make_staff
from tests.channels.looks import DESK, LANGUAGES, all_too_wide, all_violations, signed_in
from tests.channels.test_desk_in_a_browser import session_of
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import Worker, towns
from yakuba.access.worker import PROVEN
from yakuba.words import Text
from yakuba.workbench import actions, editing, queries

pytestmark = pytest.mark.browser
WRITER = Worker("staff", "staff:w", TOWN, name="書く人", roles=frozenset({"clerk"}), strength=PROVEN)
PARTS = ("about", "questions", "conditions", "steps", "letters", "params", "examples", "text", "preview")
PAGES = {
    "list": ("clerk", "workbench/"),
    "overview": ("manager", "workbench/dog-registration/"),
    "history": ("manager", "workbench/dog-registration/history/"),
    "another": ("clerk", "workbench/resident-record/"),
    **{part: ("clerk", f"workbench/dog-registration/{part}/") for part in PARTS},
    "faulty": ("clerk", "workbench/faulty/"),
    "faulty conditions": ("clerk", "workbench/faulty/conditions/"),
    "faulty questions": ("clerk", "workbench/faulty/questions/"),
}


@pytest.fixture(scope="module")
def desks(chromium: Browser, served: str) -> Iterator[dict[str, Page]]:
    """A clerk and a manager at their desks; a service with a draft, a proposal, a text that came second and a history,
    and one that cannot be published yet."""
    with towns.inside(TOWN):
        make_staff("clerk", login="clerk", name="窓口 花子")
        make_staff("manager", "approver", login="manager", name="課長 五月")
        sessions = {login: session_of(staff) for login, staff in _staff().items()}
        now = clock.now()
        actions.stop("dog-registration", Text.same("確かめています。"), "", by=_boss(), as_of=now)
        actions.begin("dog-registration", by=WRITER, as_of=now)
        actions.save("dog-registration", 1, _summary("案の説明"), "about", by=WRITER, as_of=now)
        with pytest.raises(actions.ChangedMeanwhile):
            actions.save("dog-registration", 1, _summary("別の説明"), "about", by=_boss(), as_of=now)
        actions.propose("dog-registration", 2, "説明を直す", by=WRITER, as_of=now)
        actions.create("faulty", Text.same("まだの手続"), by=WRITER, as_of=now)
    with signed_in(chromium, served, sessions) as opened:
        yield opened


def _staff():
    from yakuba.access.models import Staff

    return {one.login: one for one in Staff.objects.filter(town=TOWN)}


def _boss() -> Worker:
    return Worker("staff", "staff:b", TOWN, name="課長", roles=frozenset({"manager"}), strength=PROVEN)


def _summary(text: str):
    where = "dog-registration/service.yaml"
    return lambda files: editing.changed(files, where, lambda sheet: sheet.put(("summary", "ja"), text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation_on_any_page_of_the_workbench(language, desks, served):
    assert not all_violations(PAGES, desks, served, language)


def test_no_page_of_the_workbench_scrolls_sideways_on_a_narrow_screen(desks, served):
    assert not all_too_wide(PAGES, desks, served)


# -- from nothing to a reference number ----------------------------------------------------------------
def test_a_clerk_makes_a_service_somebody_else_publishes_it_and_a_resident_uses_it(
    chromium: Browser, desks, served
):
    clerk, boss = desks["clerk"], desks["manager"]
    clerk.set_viewport_size(DESK)
    _make(clerk, served)
    _publish(boss, served)
    reference = _apply(chromium, served)
    assert re.fullmatch(r"\d{4}-\d{4}-\d{4}", reference)
    boss.goto(f"{served}/staff/workbench/dog-park/history/?lang=ja")
    expect(boss.get_by_role("link", name=reference)).to_have_count(1)


def _fill(page: Page, name: str, *said: str) -> None:
    for language, one in zip(("ja", "easy", "en"), said, strict=True):
        page.locator(f'[name="{name}.{language}"]:visible').first.fill(one)


def _make(page: Page, served: str) -> None:
    page.goto(f"{served}/staff/workbench/?lang=ja")
    page.get_by_text("新しい手続を作る").click()
    page.get_by_label("手続のID").fill("dog-park")
    _fill(page, "name", "ドッグランの利用登録", "犬の ひろばを つかう", "Dog park registration")
    page.get_by_role("button", name="作る").click()
    _fill(
        page,
        "summary",
        "ドッグランを使う犬を登録します。登録は無料です。",
        "犬を 登録します。",
        "Register your dog to use the park. It is free.",
    )
    page.get_by_label("ペット").check()
    page.get_by_label("根拠となる法令").fill("見本町公園条例 第5条")
    page.get_by_role("button", name="保存する").click()
    page.get_by_role("link", name="質問", exact=True).click()
    card = page.locator("section.card").last
    card.get_by_text("質問を足す").first.click()
    card.locator('select[name="kind"]').select_option("yes_no")
    _fill(page, "label", "狂犬病の注射", "注射", "Vaccinated")
    _fill(
        page,
        "question_words",
        "今年度の狂犬病の注射を受けましたか。",
        "注射を しましたか。",
        "Is it vaccinated this year?",
    )
    card.get_by_role("button", name="質問を足す").click()
    page.get_by_role("link", name="条件", exact=True).click()
    faulty = page.locator("section.card").first  # stands open, because of what is still to be written
    expect(faulty).to_contain_text("has no law")
    faulty.locator('[name="law"]').fill("見本町公園条例 第5条")
    faulty.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("has no law")).to_have_count(0)
    page.get_by_text("条件を足す").first.click()
    new = page.locator("details", has_text="条件を足す").last
    _fill(page, "because", "注射を受けていること", "注射を したこと", "The dog is vaccinated")
    new.locator('[name="if"]').fill("dog_park.vaccinated")
    new.locator('[name="law"]').fill("見本町公園条例 第6条")
    new.get_by_role("button", name="保存せずに試す").click()
    expect(page.get_by_text("まだ保存していません").first).to_be_visible()
    expect(page.get_by_text(re.compile("新しく.*世帯")).first).to_be_visible()
    new = page.locator("details", has_text="条件を足す").last  # what was tried stands there still
    new.get_by_role("button", name="条件を足す").click()
    page.get_by_role("link", name="例", exact=True).click()
    page.get_by_label("どんな人の例か").fill("町に住み、注射を受けた犬を飼う人")
    page.locator('[name="fact.applicant.resident"]').select_option("yes")
    page.locator('[name="fact.dog_park.vaccinated"]').select_option("yes")
    page.get_by_label("根拠").fill("見本町公園条例 第5条")
    page.get_by_role("button", name="例を足す").click()
    expect(page.get_by_text("そのとおり")).to_be_visible()
    page.get_by_role("link", name="見え方", exact=True).click()
    expect(page.get_by_text("今年度の狂犬病の注射を受けましたか。")).to_be_visible()
    page.get_by_role("link", name="状況", exact=True).click()
    page.get_by_label("理由").fill("公園条例の施行")
    page.get_by_role("button", name="公開を提案する").click()
    expect(page.get_by_text("公開待ち")).to_be_visible()
    expect(page.get_by_role("button", name="公開する")).to_have_count(0)


def _publish(page: Page, served: str) -> None:
    page.goto(f"{served}/staff/workbench/dog-park/?lang=ja")
    expect(page.get_by_text("公園条例の施行")).to_be_visible()
    page.get_by_role("button", name="公開する", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("公開しました")
    with towns.inside(TOWN):
        assert [one.by_name for one in queries.history("dog-park")] == ["課長 五月"]


def _apply(chromium: Browser, served: str) -> str:
    """A resident on a phone without JavaScript, from the town's page to the reference number."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="ja-JP", java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"{served}/?lang=ja")
    page.get_by_role("link", name="ドッグランの利用登録").first.click()
    page.get_by_role("button", name="申請を始める").click()
    said = {
        "applicant.name": "見本 一郎", "applicant.kana": "ミホン イチロウ", "applicant.postal_code": "999-0001",
        "applicant.address": "本町1番地", "applicant.phone": "0889-00-0000", "dog_park.reason": "犬と走りたい",
    }  # fmt: skip
    for _ in range(12):
        if page.locator("dl.summary").count():
            break
        for name, value in said.items():
            if page.locator(f'[name="{name}"]').count():
                page.locator(f'[name="{name}"]').first.fill(value)
        if page.locator('[name="applicant.birth_date.year"]').count():
            page.locator('[name="applicant.birth_date.era"]').select_option("western")
            for part, value in (("year", "1980"), ("month", "1"), ("day", "1")):
                page.locator(f'[name="applicant.birth_date.{part}"]').fill(value)
        if page.locator('[name="dog_park.vaccinated"]').count():
            page.locator('[name="dog_park.vaccinated"][value="yes"]').check()
        page.get_by_role("button", name="次へ").click()
    page.get_by_role("button", name=re.compile("送信|提出|申請する")).click()
    reference = page.locator(".reference").inner_text()
    context.close()
    return reference
