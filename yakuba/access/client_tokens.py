"""Short-lived access tokens of other systems: OAuth 2.0 with client credentials (RFC 6749, section 4.4), by authlib.

A system shows its id and the secret that `yakuba clients add` printed, and gets a token for what it may read; nothing is
stored: a token is signed, says until when it holds, and opens nothing once its system is shut out.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from hmac import compare_digest
from typing import Any

from authlib.integrations.django_oauth2 import AuthorizationServer
from authlib.integrations.django_oauth2.requests import DjangoOAuth2Payload
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.util import list_to_scope, scope_to_list
from django.core import signing
from django.http import HttpResponse

from yakuba.access.models import Client
from yakuba.access.towns import current_town
from yakuba.access.worker import Worker

LIFE = timedelta(minutes=10)
"""How long a token opens anything: long enough to read a town page by page, short enough that a lost one is soon worthless."""
_METHODS = ("client_secret_basic", "client_secret_post")


def issue(request: Any) -> HttpResponse:
    """Answer a request for a token; an error as RFC 6749, section 5.2 writes it."""
    answer: HttpResponse = _server.create_token_response(request)
    answer["Content-Type"] = "application/json"
    return answer


def worker_of(token: str) -> Worker | None:
    """The system that a token was given to, with its scopes; None where the token is too old, not of this town, or its
    system was shut out."""
    try:
        said = signing.loads(token, salt=_salt(), max_age=LIFE)
    except signing.BadSignature:
        return None
    client = _client(said["client"])
    return replace(client.worker(), scopes=frozenset(said["scopes"])) if client else None


def _salt() -> str:
    """A token of one town is none in another."""
    return f"yakuba.access.client_tokens:{current_town()}"


def _client(client: str) -> Client | None:
    try:
        known = uuid.UUID(client)
    except ValueError:
        return None
    return Client.objects.filter(id=known, is_active=True).first()


class _AsClient(ClientMixin):
    """A system as authlib sees it."""

    def __init__(self, client: Client):
        self.client = client

    def get_client_id(self) -> str:
        return str(self.client.id)

    def check_client_secret(self, client_secret: str) -> bool:
        return compare_digest(hashlib.sha256(client_secret.encode()).hexdigest(), self.client.token)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in _METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == ClientCredentialsGrant.GRANT_TYPE


class _Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = _METHODS

    def validate_requested_scope(self) -> None:
        """A system gets what it asks for, or an error, never less without a word."""
        if not set(scope_to_list(self.request.payload.scope) or ()) <= set(self.request.client.client.scopes):
            raise InvalidScopeError


class _Payload(DjangoOAuth2Payload):
    @cached_property
    def data(self) -> Mapping[str, str]:
        """What was posted: a secret in an address would stand in logs (RFC 6749, section 2.3.1)."""
        return self._request.POST.dict()


class _Request(OAuth2Request):
    """What authlib looks at. That connections are encrypted is a setting of the site: here only the last hop is seen."""

    def __init__(self, request: Any):
        super().__init__(
            request.method, f"https://{request.get_host()}{request.path}", headers=request.headers
        )
        self.payload = _Payload(request)

    @property
    def form(self) -> Mapping[str, str]:
        return self.payload.data


class _Server(AuthorizationServer):
    def __init__(self) -> None:
        super().__init__(Client, None)
        self.register_token_generator("default", self._token)
        self.register_grant(_Grant)

    def create_oauth2_request(self, request: Any) -> _Request:
        return _Request(request)

    def query_client(self, client_id: str) -> _AsClient | None:
        client = _client(client_id)
        return _AsClient(client) if client else None

    def save_token(self, token: Any, request: Any) -> None:
        """Nothing is stored."""

    def _token(self, *, client: _AsClient, scope: str | None = None, **_: Any) -> dict[str, Any]:
        scopes = scope_to_list(scope) or list(client.client.scopes)
        said = {"client": client.get_client_id(), "scopes": scopes}
        return {
            "token_type": "Bearer",
            "access_token": signing.dumps(said, salt=_salt()),
            "expires_in": int(LIFE.total_seconds()),
            "scope": list_to_scope(scopes),
        }


_server = _Server()
