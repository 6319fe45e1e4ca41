"""Staff sign in with a passkey: one gesture, two factors, nothing to phish."""

import pytest
from django.test import Client

from tests.access.authenticator import Authenticator
from tests.access.people import OTHER_TOWN, TOWN, make_staff, sign_in, signed_in
from yakuba.access import SYSTEM, actions, towns
from yakuba.access.models import AccessEvent, Passkey

pytestmark = pytest.mark.django_db


def post(client: Client, page: str, body: str = "", town: str = TOWN):
    return client.post(f"/{town}/staff/{page}", body, content_type="application/json")


def register(client: Client, device: Authenticator, name: str = "窓口のPC", town: str = TOWN):
    question = post(client, "account/passkey/question/", town=town).content.decode()
    return post(client, f"account/passkey/?name={name}", device.create(question), town=town)


def use(client: Client, device: Authenticator, town: str = TOWN, after: str = ""):
    question = post(client, "sign-in/passkey/question/", town=town).content.decode()
    return post(client, f"sign-in/passkey/?next={after}", device.get(question), town=town)


@pytest.fixture
def device(client, time) -> Authenticator:
    """A passkey that Hanako registered after signing in with her password."""
    make_staff()
    sign_in(client)
    device = Authenticator()
    assert register(client, device).json() == {"next": f"/{TOWN}/staff/account/"}
    return device


def test_a_registered_passkey_signs_in_without_a_password(device):
    browser = Client()
    assert use(browser, device).json() == {"next": f"/{TOWN}/staff/"}
    assert signed_in(browser)


def test_the_page_shows_ones_own_passkeys_and_lets_one_go(client, device):
    page = client.get(f"/{TOWN}/staff/account/").content.decode()
    assert "窓口のPC" in page
    with towns.inside(TOWN):
        [key] = Passkey.objects.all()
    post(client, f"account/passkey/{key.pk}/remove/")
    assert use(Client(), device).status_code == 401


def test_nobody_removes_a_colleagues_passkey(client, device):
    make_staff(login="taro", name="太郎")
    other = Client()
    sign_in(other, "taro")
    with towns.inside(TOWN):
        [key] = Passkey.objects.all()
    post(other, f"account/passkey/{key.pk}/remove/")
    with towns.inside(TOWN):
        assert Passkey.objects.exists()


def test_an_answer_cannot_be_replayed(device):
    browser = Client()
    question = post(browser, "sign-in/passkey/question/").content.decode()
    answer = device.get(question)
    assert post(browser, "sign-in/passkey/", answer).status_code == 200
    thief = Client()
    assert post(thief, "sign-in/passkey/", answer).status_code == 401
    post(thief, "sign-in/passkey/question/")
    assert post(thief, "sign-in/passkey/", answer).status_code == 401
    assert not signed_in(thief)


def test_an_answer_given_to_a_fake_site_is_useless_here(device):
    device.origin = "http://yakuba.example"
    assert use(Client(), device).status_code == 401


def test_a_passkey_that_did_not_ask_for_pin_or_finger_is_refused(device):
    device.flags = 0x01
    assert use(Client(), device).status_code == 401


def test_a_copied_key_shows_by_its_counter(device):
    use(Client(), device)
    device.uses = 0
    assert use(Client(), device).status_code == 401


def test_an_unknown_passkey_is_refused_with_the_same_words(device):
    device.flags = 0x01
    known, unknown = use(Client(), device), use(Client(), Authenticator())
    assert known.status_code == unknown.status_code == 401
    assert known.json() == unknown.json()


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"id": 1}', "not json", '{"id": "AA", "rawId": "AA"}'])
def test_nonsense_is_refused_and_logged(client, time, body):
    post(client, "sign-in/passkey/question/")
    assert post(client, "sign-in/passkey/", body).status_code == 401
    with towns.inside(TOWN):
        assert AccessEvent.objects.get().outcome == "failed"


def test_a_passkey_of_one_town_opens_nothing_in_another(device):
    make_staff(town=OTHER_TOWN)
    assert use(Client(), device, town=OTHER_TOWN).status_code == 401


def test_a_closed_account_cannot_use_its_passkey(device):
    with towns.inside(TOWN):
        staff = Passkey.objects.select_related("staff").get().staff
        actions.close_staff(staff, by=SYSTEM(TOWN))
    assert use(Client(), device).status_code == 401


def test_a_passkey_is_registered_only_by_who_is_signed_in(time):
    assert post(Client(), "account/passkey/question/").status_code == 403


def test_registering_needs_pin_or_finger_too(client, time):
    make_staff()
    sign_in(client)
    assert register(client, Authenticator(verified=False)).status_code == 400
