"""Sign-in of residents with an OpenID Connect provider: authorization code flow with PKCE.

Shaped for デジタル認証アプリ (the Digital Agency's sign-in with the My Number card): `response_type=code`,
`state`, `nonce`, `code_challenge_method=S256`, `acr_values`, the scopes of the four items (基本4情報).
Sources: OpenID Connect Core 1.0 section 3.1; RFC 7636 (PKCE); RFC 7523 (private_key_jwt); RFC 9207 (`iss` in
the answer); デジタル認証アプリ APIリファレンス(行政機関向け).
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from authlib.oauth2.rfc7523 import private_key_jwt_sign
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key

#: Signature methods that we accept of an identity token. Never `none`, never a shared secret.
ALGORITHMS = ["RS256", "PS256", "ES256"]
#: Difference between two servers' clocks that is forgiven, in seconds.
LEEWAY = 30
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

Reason = Literal["cancelled", "unavailable", "invalid", "expired"]


class SignInFailed(Exception):
    """The provider did not vouch for anybody. `reason` picks the page's words; the text is for the log."""

    def __init__(self, reason: Reason, what: str):
        self.reason: Reason = reason
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Provider:
    """How we are known to the provider (`settings.YAKUBA_OIDC`).

    Give `client_secret` (client_secret_basic) or `private_key_file`, the PEM of a key whose public half the
    provider has (private_key_jwt). `acr` names the levels that count as proof, separated by blanks; empty takes
    what the provider gives.
    """

    issuer: str
    client_id: str
    client_secret: str = ""
    private_key_file: str = ""
    private_key_id: str = ""
    scope: str = "openid name address birthdate gender"
    acr: str = ""
    #: Seconds to wait for each answer of the provider.
    timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class Begun:
    """What must be remembered, in the session, between sending somebody away and their return."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Who it is, as the provider says: the pairwise subject and the four items (基本4情報)."""

    issuer: str
    subject: str
    name: str = ""
    kana: str = ""
    birth_date: date | None = None
    address: str = ""
    gender: str = ""


def provider() -> Provider | None:
    """The provider in use, None where residents cannot sign in (no client id)."""
    declared: dict[str, Any] = settings.YAKUBA_OIDC
    known = Provider(**declared)
    return known if known.client_id else None


def begin() -> Begun:
    """Fresh random values for one sign-in."""
    return Begun(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))


def address_of(provider: Provider, begun: Begun, redirect_uri: str) -> str:
    """Where to send the browser. Raises SignInFailed when the provider cannot be reached."""
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": provider.scope,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": create_s256_code_challenge(begun.verifier),
        "code_challenge_method": "S256",
    }
    if provider.acr:
        asked["acr_values"] = provider.acr
    return f"{_discover(provider)['authorization_endpoint']}?{urlencode(asked)}"


def finish(
    provider: Provider, begun: Begun, answer: Mapping[str, str], redirect_uri: str, *, as_of: datetime
) -> Claims:
    """Turn the provider's answer into claims; every check of the standard's section 3.1 is made here.

    Raises SignInFailed.
    """
    _check_answer(provider, begun, answer)
    tokens = _tokens(provider, begun, answer["code"], redirect_uri)
    identity = _identity(provider, begun, tokens.get("id_token", ""), as_of)
    about = _call(
        provider,
        "GET",
        _discover(provider)["userinfo_endpoint"],
        headers={"Authorization": f"Bearer {tokens.get('access_token', '')}"},
    )
    if about.get("sub") != identity["sub"]:
        raise SignInFailed("invalid", "userinfo speaks of another subject than the identity token")
    return _claims(provider, {**identity, **about})


def _check_answer(provider: Provider, begun: Begun, answer: Mapping[str, str]) -> None:
    if not secrets.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise SignInFailed("invalid", "the state is not the one that was sent")
    if answer.get("iss", provider.issuer) != provider.issuer:
        raise SignInFailed("invalid", "the answer names another issuer (RFC 9207)")
    if error := answer.get("error"):
        reason: Reason = "cancelled" if error == "access_denied" else "unavailable"
        raise SignInFailed(reason, f"the provider answered {error}")
    if not answer.get("code"):
        raise SignInFailed("invalid", "the answer has no code")


def _tokens(provider: Provider, begun: Begun, code: str, redirect_uri: str) -> dict[str, Any]:
    endpoint = _discover(provider)["token_endpoint"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": begun.verifier,
    }
    headers = {}
    if provider.private_key_file:
        key_id = {"kid": provider.private_key_id} if provider.private_key_id else {}
        form |= {
            "client_id": provider.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": private_key_jwt_sign(
                import_key(Path(provider.private_key_file).read_text(), "RSA"),
                provider.client_id,
                endpoint,
                alg="RS256",
                header=key_id,
                expires_in=60,
            ),
        }
    else:
        pair = f"{provider.client_id}:{provider.client_secret}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return _call(provider, "POST", endpoint, data=form, headers=headers)


def _identity(provider: Provider, begun: Begun, token: str, as_of: datetime) -> dict[str, Any]:
    """The checked claims of the identity token (OpenID Connect Core 1.0, section 3.1.3.7)."""
    rules = jwt.JWTClaimsRegistry(
        now=int(as_of.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": begun.nonce},
    )
    try:
        claims = _decode(provider, token).claims
        rules.validate(claims)
    except (JoseError, ValueError) as error:
        expired = type(error).__name__ == "ExpiredTokenError"
        raise SignInFailed("expired" if expired else "invalid", f"identity token: {error}") from error
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != provider.client_id:
        raise SignInFailed("invalid", "the identity token was made for somebody else (azp)")
    if provider.acr and claims.get("acr") not in provider.acr.split():
        raise SignInFailed(
            "invalid", f"the sign-in reached level {claims.get('acr')!r}, not {provider.acr!r}"
        )
    return claims


def _decode(provider: Provider, token: str) -> jwt.Token:
    """Check the signature; a provider that changed its keys is asked for them once more."""
    try:
        return jwt.decode(token, _keys(provider), algorithms=ALGORITHMS)
    except JoseError:
        _keys.cache_clear()
        return jwt.decode(token, _keys(provider), algorithms=ALGORITHMS)


@lru_cache(maxsize=200)
def _discover(provider: Provider) -> Mapping[str, Any]:
    """The provider's metadata (OpenID Connect Discovery 1.0), read once per process."""
    found = _call(provider, "GET", f"{provider.issuer}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise SignInFailed("invalid", f"{provider.issuer} calls itself {found.get('issuer')!r}")
    return found


@lru_cache(maxsize=200)
def _keys(provider: Provider) -> KeySet:
    return KeySet.import_key_set(_call(provider, "GET", _discover(provider)["jwks_uri"]))  # type: ignore[arg-type]


def _call(provider: Provider, method: str, address: str, **how: Any) -> dict[str, Any]:
    import httpx

    try:
        answer = httpx.request(method, address, timeout=provider.timeout, follow_redirects=False, **how)
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise SignInFailed("unavailable", f"{address}: {type(error).__name__} {error}") from error
    if answer.status_code != 200 or not isinstance(found, dict):
        raise SignInFailed("invalid", f"{address}: {answer.status_code} {found}")
    return found


def _claims(provider: Provider, said: Mapping[str, Any]) -> Claims:
    address = said.get("address") or ""
    return Claims(
        issuer=provider.issuer,
        subject=said["sub"],
        name=said.get("name") or "",
        kana=said.get("name#ja-Kana-JP") or "",
        birth_date=_birth_date(said.get("birthdate")),
        address=address.get("formatted", "") if isinstance(address, Mapping) else str(address),
        gender=str(said.get("gender") or ""),
    )


def _birth_date(said: Any) -> date | None:
    """ISO 8601, with or without hyphens. A date with an unknown part (0000 or 00) is no date."""
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        return None
