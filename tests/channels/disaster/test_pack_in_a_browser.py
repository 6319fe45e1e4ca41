"""An offline pack in a real Chromium without a network: read, enter, reload, export, take in; and every page of a disaster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.people import make_staff
from tests.channels.disaster.conftest import Pack
from tests.channels.looks import DESK, PHONE, all_too_wide, all_violations, signed_in, too_wide, violations
from tests.channels.test_desk_in_a_browser import session_of
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import SYSTEM, towns
from yakuba.cases import jobs
from yakuba.cases.models import Case
from yakuba.channels.disaster import glass, merging, mode, shelters

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shelter(served: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Pack, Path]:
    """A household at a shelter, and its pack as a file."""
    with towns.inside(TOWN):
        before = Pack(as_of=clock.now() - timedelta(hours=1))
        there = before.check_in(name="<b>岡本 幸</b>", medical="透析（週3回）", mobility="車いす")
        merging.merge(before.file(there), by=SYSTEM(TOWN), as_of=clock.now())
    jobs.drain(TOWN, as_of=clock.now())
    with towns.inside(TOWN):
        one = Pack()
    file = tmp_path_factory.mktemp("pack") / "pack.html"
    file.write_bytes(one.made.content)
    return one, file


@pytest.fixture(scope="module")
def device(chromium: Browser, shelter: tuple[Pack, Path]) -> Iterator[Page]:
    """A phone at the shelter: no network at all."""
    context = chromium.new_context(viewport=PHONE, locale="ja-JP", accept_downloads=True)
    context.set_default_timeout(10_000)
    context.set_offline(True)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()


def unlock(page: Page, file: Path, passphrase: str) -> None:
    page.goto(file.as_uri())
    page.get_by_label("合言葉").fill(passphrase)
    page.get_by_label("入力する人の名前").fill("佐藤")
    page.get_by_role("button", name="開く", exact=True).click()


def enter(page: Page, name: str, people: str) -> None:
    page.get_by_role("button", name="受け付ける").click()
    services = page.get_by_role("button", name="避難所の受付")
    if services.count():
        services.click()
    page.locator('[id="shelter.people"]').fill(people)
    page.locator('[id="applicant.name"]').fill(name)
    page.locator('[id="applicant.birth_date"]').select_option("showa")
    for part, value in (("year", "25"), ("month", "1"), ("day", "1")):
        page.locator(f'[id="applicant.birth_date.{part}"]').fill(value)
    page.locator('[id="applicant.address"]').fill("本町1番地")
    page.get_by_label("いいえ").check()
    page.get_by_role("button", name="この端末に保存する").click()
    expect(page.get_by_role("status").first).to_contain_text("保存しました")


def exported(page: Page) -> bytes:
    page.get_by_role("button", name="入力したもの").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="書き出す").click()
    return Path(download.value.path()).read_bytes()


def test_two_check_ins_entered_without_a_line_survive_a_reload_and_become_two_cases_once(device, shelter):
    one, file = shelter
    unlock(device, file, "1234 5678")
    expect(device.get_by_role("alert")).to_contain_text("合言葉が違うか")
    unlock(device, file, one.made.passphrase)
    expect(device.locator("main")).to_contain_text("透析（週3回）")
    expect(device.get_by_role("heading", name="<b>岡本")).to_be_visible()  # what was typed is never markup
    enter(device, "鈴木 一", "2")
    enter(device, "鈴木 二", "3")
    kept = device.evaluate("JSON.stringify(localStorage)")
    assert "鈴木" not in kept
    device.reload()
    unlock(device, file, one.made.passphrase)
    device.get_by_role("button", name="退所した").click()
    expect(device.locator("main")).to_contain_text("退所を記録しました")
    content = exported(device)
    assert "鈴木".encode() not in content
    expect(device.locator("main")).to_contain_text("鈴木 二")
    for states in ({"opened", "applied"}, {"known"}):
        with towns.inside(TOWN):
            taken = merging.merge(content, by=SYSTEM(TOWN), as_of=clock.now())
            assert len(taken) == 3
            assert {entry.state for entry in taken} == states
            assert [one.name.endswith("幸</b>") for one in shelters.check_ins()] == [False, False]
            names = Case.objects.filter(status__facts__applicant__name__startswith="鈴木")
            assert names.count() == 2
            assert {row.status["facts"]["shelter"]["people"] for row in names} == {2, 3}
            assert {row.status["facts"]["applicant"]["birth_date"] for row in names} == {"1950-01-01"}
            assert {row.status["facts"]["shelter"]["tell"] for row in names} == {False}


def test_what_is_missing_is_said_beside_its_question_and_what_was_typed_stays(device, shelter):
    one, file = shelter
    unlock(device, file, one.made.passphrase)
    device.get_by_role("button", name="受け付ける").click()
    services = device.get_by_role("button", name="避難所の受付")
    if services.count():
        services.click()
    device.locator('[id="applicant.name"]').fill("田中")
    device.get_by_role("button", name="この端末に保存する").click()
    alert = device.get_by_role("alert")
    for said in ("世帯の人数", "生年月日", "住所", "安否を伝えてよい"):
        expect(alert).to_contain_text(said)
    expect(device.locator('[id="applicant.name"]')).to_have_value("田中")
    device.get_by_role("button", name="English").click()
    expect(device.get_by_role("alert")).to_contain_text("Enter “People”.")
    assert not violations(device, "pack in English, with errors")


@pytest.mark.parametrize("language", ["日本語", "やさしい日本語", "English"])
def test_axe_finds_no_violation_in_the_pack_and_it_does_not_scroll_sideways(language, device, shelter):
    one, file = shelter
    unlock(device, file, one.made.passphrase)
    found = []
    for part in (0, 1, 2):
        device.get_by_role("button", name=language, exact=True).click()
        device.locator("#parts button").nth(part).click()
        found += violations(device, f"part {part}")
        if language == "やさしい日本語":
            found += too_wide(device, f"part {part}")
    assert not found


def test_after_its_end_the_list_does_not_open_and_what_was_entered_can_still_be_exported(device, shelter):
    one, file = shelter
    device.clock.install(time=one.made.ends + timedelta(minutes=1))
    unlock(device, file, one.made.passphrase)
    expect(device.locator("main")).to_contain_text("期限が切れました")
    device.get_by_role("button", name="名簿を見る").click()
    assert "透析" not in device.locator("main").inner_text()
    device.get_by_role("button", name="受け付ける").click()
    assert device.locator("form").count() == 0
    assert b'"entries":[{' in exported(device)
    # a clock set back afterwards opens nothing in this browser
    device.clock.set_fixed_time(one.at)
    unlock(device, file, one.made.passphrase)
    expect(device.locator("main")).to_contain_text("時計が戻されています")
    assert "透析" not in device.locator("main").inner_text()


@pytest.fixture(scope="module")
def furnished(served: str, shelter: tuple[Pack, Path]) -> dict[str, str]:
    """A town in disaster mode with a declaration that waits and a break-glass access to review."""
    now = clock.now()
    one, two = (make_staff("manager", "clerk", login=f"m{n}", name=f"所属長 {n}") for n in (1, 2))
    with towns.inside(TOWN):
        case = mode.declare("大雨", "川があふれた", now, now + timedelta(days=2), by=one.worker(), as_of=now)
        mode.confirm(case, by=two.worker(), as_of=now)
        mode.declare("大雨", "まだ続く", now, now + timedelta(days=5), by=one.worker(), as_of=now)
        there = shelters.check_ins()[0]
        glass.of_case(there.reference, "薬を届ける", 30, by=one.worker(), as_of=now)
        return {"manager": session_of(two)}


PAGES = {
    "disaster": ("manager", "disaster/"), "break-glass": ("manager", "break-glass/"), "shelters": ("manager", "shelters/"),
    "shelter": ("manager", "shelters/?shelter=x"), "check in": ("manager", "shelters/check-in/?shelter=x"),
    "offline": ("manager", "offline/"),
}  # fmt: skip


def test_axe_finds_no_violation_on_any_page_of_a_disaster(chromium, served, furnished):
    with signed_in(chromium, served, furnished) as browsers:
        for page in browsers.values():
            page.set_viewport_size(DESK)
        assert not all_violations(PAGES, browsers, served, "easy", alone=True)
        assert not all_too_wide(PAGES, browsers, served)
