"""A resident confirms a push by QR in four screens, on a phone without JavaScript; axe finds nothing on any of its pages,
nor on the desk's."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
import zxingcpp
from django.conf import settings
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.access.people import make_staff
from tests.channels.looks import (
    LANGUAGES,
    PHONE,
    all_too_wide,
    all_violations,
    everything_open,
    follow,
    signed_in,
    too_wide,
    violations,
)
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import SYSTEM, towns
from yakuba.access.sessions import SessionStore
from yakuba.cases import catalogue
from yakuba.cases.models import Case
from yakuba.channels import push
from yakuba.messages import actions, letters
from yakuba.messages.models import Message
from yakuba.register.models import BankAccount, Person

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Asked:
    """The campaign of the served town, and the session of a member of its staff."""

    campaign: str
    staff: str


@pytest.fixture(scope="module")
def asked(served) -> Asked:
    now = clock.now()
    with towns.inside(TOWN):
        staff = make_staff("clerk", "reviewer", "manager", login="push", name="課長 花子")
        session = SessionStore()
        session.begin(staff=str(staff.id))
        session.save()
    service = catalogue.service("one-off-benefit")
    base = clock.in_tokyo(now).date()
    report = push.run(TOWN, service, base=base, by=SYSTEM(TOWN), as_of=now)
    return Asked(report.campaign, session.session_key)


@dataclass(frozen=True)
class Household:
    """One that was asked: its number, the birth date of its head, and where the QR code of its letter leads."""

    reference: str
    born: date
    code: str


def households(served: str, *, account: bool = True) -> list[Household]:
    """Those that have not answered yet, of which the account is known, or not."""
    with towns.inside(TOWN):
        waiting = Case.objects.filter(channel="push", tasks__step="confirm", tasks__status="open").order_by(
            "id"
        )
        known = BankAccount.objects.values("person_id")
        chosen = waiting.filter(applicant__in=known) if account else waiting.exclude(applicant__in=known)
        found = []
        for case in chosen[:2]:
            born = Person.objects.get(id=case.applicant).birth_date
            message = Message.objects.get(case=case.id, template="asked")
            (letter,) = actions.as_letters([message], settings.YAKUBA_BASE_URL)
            found.append(Household(case.reference, born, _scanned(letter, served)))
        return found


def _scanned(letter: letters.Letter, served: str) -> str:
    """What a phone reads from the first page of a letter as it is printed."""
    data = letters.orjson.dumps([letters._data(letter, actions.town_sender())]).decode()
    picture = letters._compiler().compile(format="png", ppi=150, sys_inputs={"letters": data})
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture[0])))
    assert code.text.startswith(f"{settings.YAKUBA_BASE_URL}/{TOWN}/confirm/")
    return code.text.replace(f"{settings.YAKUBA_BASE_URL}/{TOWN}", served)


def give_birth_date(page: Page, born: date) -> None:
    page.locator("select").select_option("western")
    for part in ("year", "month", "day"):
        page.locator(f'[id="applicant.birth_date.{part}"]').fill(str(getattr(born, part)))
    follow(page.locator("main button.button"))


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A phone of somebody who switched JavaScript off."""
    context = chromium.new_context(viewport=PHONE, locale="ja-JP", java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_a_resident_confirms_by_the_code_of_the_letter_in_four_screens(asked, served, phone):
    home = households(served)[0]
    screens = []
    phone.on("framenavigated", lambda frame: screens.append(frame.url))
    phone.goto(home.code)
    give_birth_date(phone, home.born)
    expect(phone.locator("h1")).to_have_text("この内容でよろしいですか")
    expect(phone.locator("main")).to_contain_text("••••")
    phone.get_by_role("button", name="この内容で受け取る").click()
    expect(phone.locator("h1")).to_have_text("確認書の回答を受け付けました")
    with towns.inside(TOWN):
        case = Case.objects.get(reference=home.reference)
        assert case.tasks.get(step="confirm").outcome == "confirmed"
    assert len(screens) <= 4, screens


def test_whose_account_is_not_known_gives_it_in_four_screens(asked, served, phone):
    home = households(served, account=False)[0]
    phone.goto(home.code)
    give_birth_date(phone, home.born)
    phone.get_by_role("link", name="振込先を入れて受け取る").click()
    for name, said in {
        "bank": "ゆうちょ",
        "branch": "058",
        "number": "1234567",
        "holder": "ヤマダ ハナコ",
    }.items():
        phone.locator(f'[id="account.{name}"]').fill(said)
    phone.get_by_text("普通").click()
    phone.get_by_role("button", name="この口座で受け取る").click()
    expect(phone.locator("h1")).to_have_text("確認書の回答を受け付けました")
    with towns.inside(TOWN):
        case = Case.objects.get(reference=home.reference)
        assert case.tasks.get(step="confirm").outcome == "changed"
        assert case.status["facts"]["account"]["bank"] == "9900"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_the_confirmation_has_a_violation_and_none_scrolls_sideways(
    asked, served, chromium, language
):
    home, declining = households(served)
    page = chromium.new_context(viewport=PHONE, locale="ja-JP").new_page()
    found: list[str] = []

    def look(name: str) -> None:
        everything_open(page)
        found.extend(violations(page, name, alone=False))
        if language == "easy":
            found.extend(too_wide(page, name))
        page.set_viewport_size(PHONE)

    page.goto(f"{home.code}&lang={language}")
    look("birth date")
    follow(page.locator("main button.button"))
    look("no birth date")
    give_birth_date(page, home.born)
    look("what the town knows")
    follow(page.locator("dd.change a").first)
    look("account")
    follow(page.locator("main button.button"))
    look("no account")
    page.goto(f"{served}/confirm/?lang={language}")
    look("no number")
    page.goto(declining.code)
    give_birth_date(page, declining.born)
    page.locator("details summary").last.click()
    follow(page.locator("button.button--danger"))
    look("declined")
    page.context.close()
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_the_desk_has_a_violation(asked, served, chromium, language):
    with towns.inside(TOWN):
        case = Case.objects.filter(channel="push", tasks__step="confirm", tasks__status="open").order_by(
            "-id"
        )[0]
    pages = {
        "campaigns": ("staff", "push/?service=one-off-benefit"),
        "letters": ("staff", f"push/{asked.campaign}/letters/"),
        "case": ("staff", f"case/{case.id}/"),
    }
    with signed_in(chromium, served, {"staff": asked.staff}) as browsers:
        assert all_violations(pages, browsers, served, language) == ""
        if language == "easy":
            assert all_too_wide(pages, browsers, served) == ""
        page = browsers["staff"]
        page.goto(f"{served}/confirm/{case.reference}/?lang={language}")
        assert violations(page, "recorded by staff") == []
