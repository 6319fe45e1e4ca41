"""A small, real OpenID Connect provider for the demo and the tests: it stands in for デジタル認証アプリ.

It lists the demo residents to choose from, checks PKCE, client authentication and redirect addresses as a
provider must, and fails on demand. Never for real residents: anybody may sign in as anybody.

    python -m yakuba.simulators.identity --port 8010 --data var/identity.json

The data file: {"clients": [{"client_id", "redirect_uris", "client_secret" or "jwks"}],
                "people":  [{"id", "town", "name", "kana", "birth_date", "address", "gender"}]}
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs, urlencode
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

#: What the provider can be told to do wrong, with what the page calls it.
FAULTS: Mapping[str, str] = {
    "": "正しく答える",
    "access_denied": "本人が取りやめる（access_denied）",
    "server_error": "提供者の障害（server_error）",
    "wrong_nonce": "違う nonce を返す",
    "wrong_audience": "ほかの相手あてのトークンを返す",
    "wrong_signature": "署名が違うトークンを返す",
    "wrong_subject": "userinfo が別人を返す",
    "low_level": "認証レベルが足りない（acr）",
    "expired": "期限切れのトークンを返す",
    "silent": "返事をしない",
}
#: Seconds that a code and a token are good for.
CODE_LIFE, TOKEN_LIFE = 60, 300
#: Seconds that a silent provider keeps the caller waiting: longer than any caller's patience.
SILENCE = 20.0
LEVEL = "aal3"


class Refused(Exception):
    """The request breaks the protocol: an OAuth 2.0 error code and its description (RFC 6749, section 5.2)."""

    def __init__(self, code: str, what: str):
        self.code = code
        super().__init__(what)


@dataclass(frozen=True)
class Grant:
    """One permission given by a resident: what a code, and then a token, stands for."""

    client: Mapping[str, Any]
    person: Mapping[str, Any]
    asked: Mapping[str, str]
    fault: str
    until: float


class Provider:
    """The WSGI application. The data file is read at each request, so that the demo may write it at any time."""

    def __init__(self, issuer: str, data: Path, silence: float = SILENCE):
        self.issuer, self.data, self.silence = issuer, data, silence
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})
        self.codes: dict[str, Grant] = {}
        self.tokens: dict[str, Grant] = {}

    @cached_property
    def stranger(self) -> RSAKey:
        """Another one's key under the name of this one's; made when it is asked for, since that takes a while."""
        return RSAKey.generate_key(2048, {"kid": str(self.key.kid)})

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        routes = {
            ("GET", "/.well-known/openid-configuration"): self.discovery,
            ("GET", "/jwks"): self.jwks,
            ("GET", "/authorize"): self.choose,
            ("POST", "/authorize"): self.authorize,
            ("POST", "/token"): self.token,
            ("GET", "/userinfo"): self.userinfo,
        }
        handler = routes.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        try:
            if handler is None:
                raise Refused("not_found", "there is no such page")
            status, headers, body = handler(environ, _form(environ))
        except Refused as error:
            status, headers, body = _json(
                {"error": error.code, "error_description": str(error)}, "400 Bad Request"
            )
        start(status, [*headers, ("Cache-Control", "no-store"), ("Content-Length", str(len(body)))])
        return [body]

    # -- what the provider says of itself -----------------------------------------------------------
    def discovery(self, environ, form):
        return _json(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/jwks",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": ["openid", "name", "address", "birthdate", "gender"],
                "acr_values_supported": [LEVEL],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    def jwks(self, environ, form):
        return _json({"keys": [self.key.as_dict(private=False)]})

    # -- the resident chooses who they are ----------------------------------------------------------
    def choose(self, environ, form):
        self._asking_client(form)
        asking = form["redirect_uri"]
        neighbours_last = sorted(
            self._read()["people"], key=lambda person: f"/{person['town']}/" not in asking
        )
        return _html(_page(form, neighbours_last))

    def authorize(self, environ, form):
        client, fault = self._asking_client(form), form.get("fault", "")
        back = {"state": form["state"], "iss": self.issuer}
        if fault in ("access_denied", "server_error"):
            return _redirect(form["redirect_uri"], {**back, "error": fault})
        person = next((p for p in self._read()["people"] if p["id"] == form.get("person")), None)
        if person is None:
            raise Refused("invalid_request", "nobody was chosen")
        code = secrets.token_urlsafe(24)
        self.codes[code] = Grant(client, person, form, fault, time.time() + CODE_LIFE)
        return _redirect(form["redirect_uri"], {**back, "code": code})

    def _asking_client(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        client = self._client(form.get("client_id", ""))
        if form.get("redirect_uri") not in client["redirect_uris"]:
            raise Refused("invalid_request", "redirect_uri is not registered")
        if form.get("response_type") != "code" or "openid" not in form.get("scope", "").split():
            raise Refused("invalid_request", "response_type must be code, scope must contain openid")
        if form.get("code_challenge_method") != "S256" or not form.get("code_challenge"):
            raise Refused("invalid_request", "PKCE with S256 is required")
        if not form.get("state") or not form.get("nonce"):
            raise Refused("invalid_request", "state and nonce are required")
        return client

    # -- the town asks who it was -------------------------------------------------------------------
    def token(self, environ, form):
        client = self._authenticated_client(environ, form)
        grant = self.codes.pop(form.get("code", ""), None)
        if grant is None or grant.until < time.time() or grant.client["client_id"] != client["client_id"]:
            raise Refused("invalid_grant", "the code is unknown, used or too old")
        if grant.asked["redirect_uri"] != form.get("redirect_uri"):
            raise Refused("invalid_grant", "redirect_uri is not the one of the request")
        if _challenge(form.get("code_verifier", "")) != grant.asked["code_challenge"]:
            raise Refused("invalid_grant", "code_verifier does not fit (PKCE)")
        if grant.fault == "silent":
            time.sleep(self.silence)
        access = secrets.token_urlsafe(24)
        self.tokens[access] = grant
        return _json(
            {
                "access_token": access,
                "token_type": "Bearer",
                "expires_in": TOKEN_LIFE,
                "id_token": self._identity_token(grant),
            }
        )

    def userinfo(self, environ, form):
        bearer = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        grant = self.tokens.get(bearer)
        if grant is None:
            raise Refused("invalid_token", "the access token is unknown")
        scope = grant.asked["scope"].split()
        person = grant.person
        subject = self._subject(grant) if grant.fault != "wrong_subject" else "somebody-else"
        said = {
            "name": {"name": person["name"], "name#ja-Kana-JP": person.get("kana", "")},
            "address": {"address": {"formatted": person["address"]}},
            "birthdate": {"birthdate": person["birth_date"]},
            "gender": {"gender": person.get("gender", "")},
        }
        claims = [claim for name, claim in said.items() if name in scope]
        return _json({"sub": subject} | {key: value for claim in claims for key, value in claim.items()})

    def _identity_token(self, grant: Grant) -> str:
        now = int(time.time())
        age = 3600 if grant.fault == "expired" else 0
        claims = {
            "iss": self.issuer,
            "sub": self._subject(grant),
            "aud": grant.client["client_id"] if grant.fault != "wrong_audience" else "another-town",
            "iat": now - age,
            "exp": now - age + TOKEN_LIFE,
            "auth_time": now - age,
            "nonce": grant.asked["nonce"] if grant.fault != "wrong_nonce" else "replayed",
            "acr": LEVEL if grant.fault != "low_level" else "aal1",
        }
        key = self.key if grant.fault != "wrong_signature" else self.stranger
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, key)

    def _subject(self, grant: Grant) -> str:
        """A subject that is the same for one client and tells another nothing (pairwise)."""
        return hashlib.sha256(f"{grant.client['client_id']} {grant.person['id']}".encode()).hexdigest()

    # -- clients ------------------------------------------------------------------------------------
    def _authenticated_client(self, environ: Mapping[str, Any], form: Mapping[str, str]) -> Mapping[str, Any]:
        header = environ.get("HTTP_AUTHORIZATION", "")
        if header.startswith("Basic "):
            client_id, _, secret = base64.b64decode(header[6:]).decode().partition(":")
            client = self._client(client_id)
            if client.get("client_secret") and secrets.compare_digest(secret, client["client_secret"]):
                return client
        elif form.get("client_assertion"):
            client = self._client(form.get("client_id", ""))
            self._check_assertion(client, form["client_assertion"])
            return client
        raise Refused("invalid_client", "the client did not prove who it is")

    def _check_assertion(self, client: Mapping[str, Any], assertion: str) -> None:
        rules = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": client["client_id"]},
            sub={"essential": True, "value": client["client_id"]},
            aud={"essential": True, "value": f"{self.issuer}/token"},
            exp={"essential": True},
        )
        try:
            keys = KeySet.import_key_set(client.get("jwks", {"keys": []}))
            rules.validate(jwt.decode(assertion, keys, algorithms=["RS256"]).claims)
        except (JoseError, ValueError) as error:
            raise Refused("invalid_client", f"client_assertion: {error}") from error

    def _client(self, client_id: str) -> Mapping[str, Any]:
        found = next((c for c in self._read()["clients"] if c["client_id"] == client_id), None)
        if found is None:
            raise Refused("invalid_client", "the client is not registered")
        return found

    def _read(self) -> dict[str, Any]:
        return json.loads(self.data.read_text(encoding="utf-8"))


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _form(environ: Mapping[str, Any]) -> dict[str, str]:
    raw = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] == "POST":
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    return {name: values[0] for name, values in parse_qs(raw).items()}


def _json(body: Mapping[str, Any], status: str = "200 OK"):
    return status, [("Content-Type", "application/json")], json.dumps(body).encode()


def _html(body: str):
    return "200 OK", [("Content-Type", "text/html; charset=utf-8")], body.encode()


def _redirect(address: str, query: Mapping[str, str]):
    return "302 Found", [("Location", f"{address}?{urlencode(query)}")], b""


def _page(form: Mapping[str, str], people: Iterable[Mapping[str, Any]]) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in form.items()
    )
    choices = "".join(
        f'<li><button name="person" value="{escape(person["id"])}">{escape(person["name"])}'
        f" <small>{escape(person['birth_date'])} {escape(person['address'])}</small></button></li>"
        for person in people
    )
    faults = "".join(f'<option value="{fault}">{label}</option>' for fault, label in FAULTS.items())
    return f"""<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>ログイン（模擬）</title>
<style>body{{font:1rem/1.7 sans-serif;max-width:40rem;margin:0 auto;padding:1rem}}
ul{{list-style:none;padding:0}} button{{font:inherit;width:100%;text-align:left;padding:.75rem;margin:.25rem 0}}
small{{display:block}}</style>
</head>
<body>
<main>
<h1>マイナンバーカードでのログイン（模擬）</h1>
<p>これは練習用です。本物のカードは使いません。実在しない住民から一人を選んでください。</p>
<form method="post">{hidden}
<ul>{choices}</ul>
<p><label>提供者のふるまい <select name="fault">{faults}</select></label></p>
<p><button name="fault" value="access_denied">やめて町のページに戻る</button></p>
</form>
</main>
</body>
</html>"""


class Server(ThreadingMixIn, WSGIServer):
    """One thread per request: a silent answer must not hold up the others."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: addresses of sign-in pages carry one-time codes."""


def serve(data: Path, port: int = 8010, silence: float = SILENCE) -> Server:
    """A listening provider on 127.0.0.1; `port` 0 takes a free one. The caller runs `serve_forever()`.

    Raises OSError when the port is taken.
    """
    server = make_server("127.0.0.1", port, lambda environ, start: [], Server, _Quiet)
    server.set_app(Provider(f"http://127.0.0.1:{server.server_port}", data, silence))
    return server


def main() -> None:
    """Run the provider until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--data", type=Path, required=True)
    chosen = parser.parse_args()
    with serve(chosen.data, chosen.port) as server:
        print(f"identity simulator on http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
