"""A session belongs to one browser in one town, ends by itself, and cannot be made up."""

import pytest
from django.core import signing
from django.test import Client

from tests.access.people import OTHER_TOWN, TOWN, make_staff, sign_in, signed_in
from yakuba.access import actions, towns
from yakuba.access.models import Session
from yakuba.access.oidc import Claims
from yakuba.access.sessions import SessionStore

pytestmark = pytest.mark.django_db


def cookie(client: Client):
    return client.cookies["yakuba_session"]


def test_a_made_up_session_key_is_nobody(client, time):
    make_staff()
    for key in ("x" * 32, "", "'; drop table access_session; --", "é" * 32):
        client.cookies["yakuba_session"] = key
        assert not signed_in(client)


def test_session_data_that_was_changed_in_the_database_is_not_believed(client, time):
    staff = make_staff()
    client.post(f"/{TOWN}/staff/sign-in/", {"login": "hanako", "password": "x"})
    sign_in(client)
    with towns.inside(TOWN):
        forged = signing.dumps({"staff": str(staff.id), "reference": "1"}, key="not the key", salt="x")
        Session.objects.update(session_data=forged, staff=None)
    assert not signed_in(client)


def test_a_session_of_one_town_is_nobody_in_another(client, time):
    make_staff(town=TOWN)
    make_staff(town=OTHER_TOWN)
    sign_in(client)
    key = cookie(client).value
    thief = Client()
    thief.cookies["yakuba_session"] = key
    assert signed_in(thief, TOWN)
    assert not signed_in(thief, OTHER_TOWN)


def test_the_browser_shows_the_cookie_to_its_town_only(client, time):
    make_staff()
    sign_in(client)
    assert cookie(client)["path"] == f"/{TOWN}/"
    assert cookie(client)["httponly"]
    assert cookie(client)["samesite"] == "Lax"


def test_behind_https_the_cookie_is_secure(client, time, settings):
    settings.SESSION_COOKIE_SECURE = True
    make_staff()
    sign_in(client)
    assert cookie(client)["secure"]


def test_the_session_key_changes_at_each_step_of_signing_in(client, time):
    make_staff()
    client.post(f"/{TOWN}/staff/sign-in/passkey/question/")
    before = cookie(client).value
    sign_in(client)
    after = cookie(client).value
    assert before != after
    client.cookies["yakuba_session"] = before
    assert not signed_in(client)


def test_a_stolen_table_of_sessions_opens_nothing(client, time):
    make_staff()
    sign_in(client)
    with towns.inside(TOWN):
        stored = Session.objects.get().session_key
    assert stored != cookie(client).value
    client.cookies["yakuba_session"] = stored
    assert not signed_in(client)


def test_thirty_idle_minutes_end_a_staff_session(client, time):
    make_staff()
    sign_in(client)
    time.passes(minutes=29)
    assert signed_in(client)
    time.passes(minutes=29)
    assert signed_in(client)
    time.passes(minutes=31)
    assert not signed_in(client)


def test_twelve_hours_end_a_staff_session_however_busy(client, time):
    make_staff()
    sign_in(client)
    for _ in range(12 * 60 // 20 - 1):
        time.passes(minutes=20)
        assert signed_in(client)
    time.passes(minutes=21)
    assert not signed_in(client)


def test_an_anonymous_form_outlasts_twenty_hours(in_town, time):
    session = SessionStore()
    session["drafts"] = ["a"]
    session.save()
    time.passes(hours=21)
    assert SessionStore(session.session_key)["drafts"] == ["a"]


def test_signing_in_as_a_resident_keeps_the_form_and_nothing_else(in_town, time):
    session = SessionStore()
    session.update({"drafts": ["a"], "other": 1})
    session.save()
    resident = actions.resident_signed_in(Claims("https://id.example", "s"), town=TOWN, as_of=time())
    session.begin(resident=str(resident.id), keep=("drafts",))
    assert session["drafts"] == ["a"]
    assert "other" not in session


@pytest.fixture(autouse=True)
def nobody_in_the_register(settings):
    settings.YAKUBA_PEOPLE = "tests.access.answers.nobody"


def test_a_page_without_a_cookie_makes_no_session_and_no_query_for_one(client, time):
    client.get(f"/{TOWN}/sign-in/")
    assert "yakuba_session" not in client.cookies
    with towns.inside(TOWN):
        assert not Session.objects.exists()
