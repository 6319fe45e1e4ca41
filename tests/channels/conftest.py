"""A town with one household, browsers that fill in what they are shown, and browsers of its staff."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.test import Client
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.access.people import make_staff
from tests.access.people import sign_in as sign_in_staff
from tests.cases.conftest import apply, small
from tests.channels.browser import Visitor
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access.models import Resident
from yakuba.access.sessions import SessionStore
from yakuba.channels import admission
from yakuba.register import actions as register
from yakuba.register.models import Address, BankAccount, Household, Person
from yakuba.robots.browser import chromium as where_chromium_is
from yakuba.words import search_key

__all__ = ["apply", "small"]

#: Chromium runs as whoever runs the tests, and calls nobody.
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


@pytest.fixture
def household(in_town) -> Household:
    """A household at the postal code that the tests write."""
    home = Household.objects.create(town=in_town, number=1)
    Address.objects.create(
        town=in_town, household=home, postal_code="9990001", line="1番地", since=date(2000, 1, 1)
    )
    return home


@pytest.fixture
def taro(household) -> Person:
    """山田 太郎, born on 1 January 1950, with an account for public benefits and his wife in the household."""
    taro = person(household, "山田 太郎", "ヤマダ タロウ", date(1950, 1, 1), relation="head")
    person(household, "山田 花子", "ヤマダ ハナコ", date(1952, 2, 2), relation="spouse")
    BankAccount.objects.create(
        town=taro.town,
        person=taro,
        bank="0001",
        branch="001",
        type="1",
        number="7654321",
        holder="ヤマダ タロウ",
    )
    return taro


def person(home: Household, name: str, kana: str, born: date, **more) -> Person:
    """Somebody of a household, who has lived here since birth."""
    return Person.objects.create(
        town=home.town,
        household=home,
        name=name,
        kana=kana,
        search=f"{search_key(name)} {search_key(kana)}",
        birth_date=born,
        sex="male",
        nationality="日本",
        moved_in=born,
        **more,
    )


@pytest.fixture
def visitor(small, household) -> Visitor:
    """Somebody at home, not signed in."""
    return Visitor(Client())


@pytest.fixture
def signed_in(small, taro) -> Visitor:
    """山田 太郎, signed in with his card."""
    return Visitor(sign_in(Client(), taro))


def sign_in(client: Client, who: Person) -> Client:
    """The browser as it is after a sign-in with the card."""
    account = Resident.objects.create(
        town=who.town, issuer="https://id.test", subject=str(uuid.uuid4()), person=str(who.id), name=who.name,
        created_at=clock.now(),
    )  # fmt: skip
    session = SessionStore()
    session.begin(resident=str(account.id))
    session.save()
    client.cookies["yakuba_session"] = session.session_key
    return client


@pytest.fixture
def crowd(monkeypatch):
    """So many people that there is no room for one more."""
    monkeypatch.setattr(admission, "line", admission.Line(most=0))


@pytest.fixture
def desk(in_town) -> Callable[..., Client]:
    """`desk("reviewer")`: the browser of a member of staff with these roles, signed in with both factors."""

    def open_desk(*roles: str, login: str = "") -> Client:
        client = Client()
        login = login or "-".join(roles)
        make_staff(*roles, login=login, name=f"職員 {login}")
        sign_in_staff(client, login)
        return client

    return open_desk


@pytest.fixture
def clerk(desk, small, household) -> Visitor:
    """A clerk's browser, signed in, in a town with the small catalogue and a household."""
    return Visitor(desk("clerk"))


# -- a real browser ------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def served(transactional_db) -> Iterator[str]:
    """The address of a served small synthetic town, with the real services."""
    register.create_town(TOWN, 120, 1, as_of=clock.now().date())
    server = LiveServer("localhost")
    with pytest.MonkeyPatch.context() as patch:
        # the tests look into the database while the browser's driver has an event loop in this thread
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield f"{server.url}/{TOWN}"
    server.stop()


@pytest.fixture(scope="module")
def chromium(served) -> Iterator[Chromium]:
    """A running Chromium."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=where_chromium_is(), args=QUIET)
        yield browser
        browser.close()
