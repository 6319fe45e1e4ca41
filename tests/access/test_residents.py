"""Residents sign in with an OpenID Connect provider: every check of the standard, on a real provider process."""

import json
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from django.test import Client
from joserfc.jwk import RSAKey

from tests.access.people import OTHER_TOWN, TOWN
from yakuba.access import PUBLIC, SYSTEM, Denied, Worker, actions, oidc, queries, towns
from yakuba.access.models import AccessEvent, Resident, Session

pytestmark = pytest.mark.django_db
HANAKO = {
    "id": "p1",
    "town": TOWN,
    "name": "山本花子",
    "kana": "ヤマモト ハナコ",
    "birth_date": "1990-04-01",
    "address": "高知県高岡郡四万川町1-1",
    "gender": "2",
}
BACK = [f"http://testserver/{town}/sign-in/callback/" for town in (TOWN, OTHER_TOWN)]
CLIENT = {"client_id": "yakuba", "client_secret": "s3cret", "redirect_uris": BACK}


def data(**client) -> str:
    return json.dumps({"clients": [CLIENT | client], "people": [HANAKO]}, ensure_ascii=False)


@pytest.fixture
def issuer(provider, settings) -> str:
    """A running provider that the town hall is registered with, and a register that knows Hanako."""
    server = provider(data())
    found = f"http://127.0.0.1:{server.server_port}"
    settings.YAKUBA_OIDC = {"issuer": found, "client_id": "yakuba", "client_secret": "s3cret", "acr": "aal3"}
    settings.YAKUBA_PEOPLE = "tests.access.answers.hanako_only"
    return found


def start(client: Client, town: str = TOWN, after: str = "") -> str:
    """Where the browser is sent."""
    return client.post(f"/{town}/sign-in/start/", {"next": after}).url


def choose(there: str, fault: str = "", person: str = "p1") -> str:
    """Choose a resident on the provider's page; where the browser is sent back to."""
    address, _, query = there.partition("?")
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    answer = httpx.post(address, data={**asked, "person": person, "fault": fault})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def come_back(client: Client, location: str):
    parts = urlsplit(location)
    return client.get(f"{parts.path}?{parts.query}")


def changed(location: str, **changes: str) -> str:
    parts = urlsplit(location)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode(query)}"


def worker(client: Client, town: str = TOWN) -> Worker:
    return client.get(f"/{town}/sign-in/").wsgi_request.worker


def test_hanako_signs_in_and_is_known_to_the_register(client, issuer):
    page = come_back(client, choose(start(client, after=f"/{TOWN}/apply/child-allowance/")))
    assert page.url == f"/{TOWN}/apply/child-allowance/"
    me = worker(client)
    assert (me.kind, me.person, me.strength, me.name) == ("resident", "person-1", 2, "山本花子")


def test_the_second_sign_in_finds_the_same_account(client, issuer):
    for _ in range(2):
        come_back(client, choose(start(client)))
    with towns.inside(TOWN):
        assert Resident.objects.count() == 1


def test_what_the_register_knows_is_not_kept_twice(client, issuer):
    come_back(client, choose(start(client)))
    with towns.inside(TOWN):
        account = Resident.objects.get()
    assert (account.birth_date, account.address, account.gender) == (None, "", "")


@pytest.mark.parametrize("register", ["nobody", "two_of_them"])
def test_without_exactly_one_match_a_clerk_links_the_account(client, issuer, settings, register):
    settings.YAKUBA_PEOPLE = f"tests.access.answers.{register}"
    page = come_back(client, choose(start(client)))
    assert "職員が確認します" in page.content.decode()
    assert worker(client).person is None
    clerk = Worker("staff", "staff:1", TOWN, roles=frozenset({"clerk"}), strength=2)
    with towns.inside(TOWN):
        [waiting] = queries.unlinked_residents()
        assert (waiting.name, str(waiting.birth_date)) == ("山本花子", "1990-04-01")
        actions.link_resident(waiting, "person-7", by=clerk)
    assert worker(client).person == "person-7"


def test_only_staff_of_the_counter_link_accounts(client, issuer, settings):
    settings.YAKUBA_PEOPLE = "tests.access.answers.nobody"
    come_back(client, choose(start(client)))
    with towns.inside(TOWN):
        [waiting] = queries.unlinked_residents()
        for nobody in (PUBLIC(TOWN), SYSTEM(TOWN)):
            with pytest.raises(Denied):
                actions.link_resident(waiting, "person-7", by=nobody)


def test_each_town_has_its_own_account_and_session(client, issuer):
    come_back(client, choose(start(client)))
    assert worker(client, OTHER_TOWN).kind == "public"
    with towns.inside(OTHER_TOWN):
        assert not Resident.objects.exists()


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("access_denied", 400, "途中で取りやめた"),
        ("server_error", 503, "応答しません"),
        ("wrong_nonce", 400, "安全に確認できなかった"),
        ("wrong_audience", 400, "安全に確認できなかった"),
        ("wrong_signature", 400, "安全に確認できなかった"),
        ("wrong_subject", 400, "安全に確認できなかった"),
        ("low_level", 400, "安全に確認できなかった"),
        ("expired", 400, "時間が過ぎた"),
    ],
)
def test_a_provider_that_answers_wrongly_signs_nobody_in_and_says_what_to_do(
    client, issuer, fault, status, words
):
    page = come_back(client, choose(start(client), fault))
    assert page.status_code == status
    assert words in page.content.decode()
    assert worker(client).kind == "public"


def test_a_silent_provider_is_given_up_in_time(client, issuer, settings):
    settings.YAKUBA_OIDC = {**settings.YAKUBA_OIDC, "timeout": 0.3}
    page = come_back(client, choose(start(client), "silent"))
    assert page.status_code == 503
    assert worker(client).kind == "public"


def test_a_provider_that_is_down_is_said_so_before_leaving(client, settings):
    settings.YAKUBA_OIDC = {"issuer": "http://127.0.0.1:9", "client_id": "yakuba"}
    page = client.post(f"/{TOWN}/sign-in/start/")
    assert page.status_code == 503
    assert "ログインせずに申請してください" in page.content.decode()


def test_without_a_provider_the_page_says_so(client, settings):
    settings.YAKUBA_OIDC = {"issuer": "", "client_id": ""}
    assert "まだカードでログインできません" in client.get(f"/{TOWN}/sign-in/").content.decode()
    assert client.post(f"/{TOWN}/sign-in/start/").url == f"/{TOWN}/sign-in/"


def test_an_answer_works_once(client, issuer):
    location = choose(start(client))
    come_back(client, location)
    client.post(f"/{TOWN}/sign-out/")
    assert come_back(client, location).status_code == 400
    assert worker(client).kind == "public"


def test_an_answer_made_for_another_browser_is_refused(client, issuer):
    location = choose(start(client))
    victim = Client()
    assert come_back(victim, location).status_code == 400
    start(victim)
    assert come_back(victim, location).status_code == 400
    assert worker(victim).kind == "public"


@pytest.mark.parametrize(
    "changes", [{"state": "guessed"}, {"code": "guessed"}, {"iss": "https://evil.example"}]
)
def test_a_changed_answer_is_refused(client, issuer, changes):
    location = changed(choose(start(client)), **changes)
    assert come_back(client, location).status_code == 400
    assert worker(client).kind == "public"


def test_a_code_that_was_stolen_is_useless_without_the_verifier(client, issuer):
    """The thief redeems the victim's code in their own sign-in: PKCE refuses."""
    stolen = parse_qs(urlsplit(choose(start(client))).query)["code"][0]
    thief = Client()
    location = changed(choose(start(thief)), code=stolen)
    assert come_back(thief, location).status_code == 400


def test_a_nonce_from_an_earlier_sign_in_is_refused(issuer, settings, time):
    provider = oidc.provider()
    first, second = oidc.begin(), oidc.begin()
    location = choose(oidc.address_of(provider, first, BACK[0]))
    answer = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    mixed = oidc.Begun(first.state, second.nonce, first.verifier)
    with pytest.raises(oidc.SignInFailed, match="nonce"):
        oidc.finish(provider, mixed, answer, BACK[0], as_of=time())


def test_the_client_may_prove_itself_with_a_key_instead_of_a_secret(client, provider, settings, tmp_path):
    key = RSAKey.generate_key(2048, {"kid": "town-1"})
    (tmp_path / "client.pem").write_bytes(key.as_pem(private=True))
    server = provider(data(client_secret="", jwks={"keys": [key.as_dict(private=False)]}))
    settings.YAKUBA_PEOPLE = "tests.access.answers.hanako_only"
    settings.YAKUBA_OIDC = {
        "issuer": f"http://127.0.0.1:{server.server_port}",
        "client_id": "yakuba",
        "private_key_file": str(tmp_path / "client.pem"),
        "private_key_id": "town-1",
    }
    come_back(client, choose(start(client)))
    assert worker(client).person == "person-1"


def test_a_wrong_client_secret_is_refused_by_the_provider(client, issuer, settings):
    settings.YAKUBA_OIDC = {**settings.YAKUBA_OIDC, "client_secret": "wrong"}
    assert come_back(client, choose(start(client))).status_code == 400


def test_a_provider_with_new_keys_is_asked_for_them_again(client, issuer, provider, settings):
    come_back(client, choose(start(client)))
    known = oidc.provider()
    stale = oidc._keys(known)
    again = RSAKey.generate_key(2048, {"kid": "new"})
    stale.keys[:] = [again]
    client.post(f"/{TOWN}/sign-out/")
    come_back(client, choose(start(client)))
    assert worker(client).person == "person-1"


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("1990-04-01", "1990-04-01"),
        ("19900401", "1990-04-01"),
        ("1990-00-00", None),
        ("", None),
        (None, None),
    ],
)
def test_a_birth_date_is_read_with_and_without_hyphens_and_never_guessed(said, understood):
    found = oidc._birth_date(said)
    assert (found.isoformat() if found else None) == understood


def test_signing_in_and_failing_by_a_resident_is_in_the_access_log(client, issuer):
    come_back(client, choose(start(client)))
    with towns.inside(TOWN):
        event = AccessEvent.objects.get(action="sign_in")
    assert re.fullmatch(r"resident:[0-9a-f-]{36}", event.worker_id)


def test_what_one_resident_began_is_not_handed_to_the_next_in_the_same_browser(
    client, issuer, settings, provider
):
    come_back(client, choose(start(client)))
    session = client.get(f"/{TOWN}/sign-in/").wsgi_request.session
    with towns.inside(TOWN):
        session["drafts"] = {"5b7e6e6a-0000-4000-8000-000000000000": "child-allowance"}
        session.save()
        Resident.objects.update(subject="somebody else")
    come_back(client, choose(start(client)))
    assert "drafts" not in client.get(f"/{TOWN}/sign-in/").wsgi_request.session


def test_the_providers_tokens_are_kept_nowhere(client, issuer):
    come_back(client, choose(start(client)))
    with towns.inside(TOWN):
        kept = Session.objects.get(resident__isnull=False).get_decoded()
    assert set(kept) <= {"resident", "began", "seen", "_csrftoken"}
    assert not any("token" in field.name for field in Resident._meta.get_fields())
