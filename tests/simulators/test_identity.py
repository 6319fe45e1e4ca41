"""The identity simulator is as strict as a real provider."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from yakuba.simulators import identity

VERIFIER = "v" * 43
ASKED = {
    "response_type": "code",
    "client_id": "town",
    "redirect_uri": "http://testserver/394262/back/",
    "scope": "openid name birthdate",
    "state": "s",
    "nonce": "n",
    "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    .rstrip(b"=")
    .decode(),
    "code_challenge_method": "S256",
}
PERSON = {"town": "394262", "kana": "ヤマモト ハナコ", "birth_date": "1990-04-01", "address": "1-1"}
DATA = {
    "clients": [
        {"client_id": "town", "client_secret": "a:b", "redirect_uris": [ASKED["redirect_uri"]]},
        {"client_id": "other", "client_secret": "c", "redirect_uris": ["http://testserver/other/"]},
    ],
    "people": [
        PERSON | {"id": "p2", "name": "隣町 太郎", "town": "394271"},
        PERSON | {"id": "p1", "name": "山本 <花子>"},
    ],
}


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[httpx.Client]:
    file = tmp_path / "identity.json"
    file.write_text(json.dumps(DATA), encoding="utf-8")
    server = identity.serve(file, port=0)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}") as client:
        yield client
    server.shutdown()
    server.server_close()


def code(provider: httpx.Client) -> str:
    there = provider.post("/authorize", data=ASKED | {"person": "p1"}).headers["Location"]
    return parse_qs(urlsplit(there).query)["code"][0]


def redeem(provider: httpx.Client, given: str, auth=("town", "a:b"), **changes: str) -> httpx.Response:
    form = {"code": given, "redirect_uri": ASKED["redirect_uri"], "code_verifier": VERIFIER} | changes
    return provider.post("/token", data=form, auth=auth)


def test_the_page_lists_the_residents_of_the_asking_town_first_and_escapes_their_names(provider):
    page = provider.get("/authorize", params=ASKED).text
    assert page.index("山本 &lt;花子&gt;") < page.index("隣町 太郎")
    assert "実在しない" in page


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "stranger"},
        {"redirect_uri": "http://evil.example/"},
        {"response_type": "token"},
        {"scope": "name"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"state": ""},
        {"nonce": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_request_that_breaks_the_rules_is_refused_on_the_page_itself(provider, change):
    assert provider.get("/authorize", params=ASKED | change).status_code == 400
    assert provider.post("/authorize", data=ASKED | change | {"person": "p1"}).status_code == 400


def test_a_code_is_redeemed_once(provider):
    given = code(provider)
    assert redeem(provider, given).status_code == 200
    assert redeem(provider, given).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("change", [{"code_verifier": "wrong"}, {"redirect_uri": "http://testserver/x/"}])
def test_a_code_needs_its_verifier_and_its_address(provider, change):
    assert redeem(provider, code(provider), **change).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("auth", [("town", "wrong"), ("nobody", "x"), None])
def test_a_client_must_prove_itself(provider, auth):
    assert redeem(provider, code(provider), auth=auth).json()["error"] == "invalid_client"


def test_a_code_of_one_client_is_useless_to_another(provider):
    assert redeem(provider, code(provider), auth=("other", "c")).json()["error"] == "invalid_grant"


def test_only_what_the_scope_names_is_told(provider):
    token = redeem(provider, code(provider)).json()["access_token"]
    said = provider.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert (said["name"], said["birthdate"]) == ("山本 <花子>", "1990-04-01")
    assert "address" not in said
    assert provider.get("/userinfo", headers={"Authorization": "Bearer x"}).status_code == 400


def test_the_keys_are_public_halves_only(provider):
    assert all("d" not in key for key in provider.get("/jwks").json()["keys"])


def test_there_is_nothing_else(provider):
    assert provider.get("/admin").status_code == 400
