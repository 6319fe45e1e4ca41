"""What this installation itself must be set to, which no test can know: `yakuba security check`. docs/security.md leans on it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from yakuba.site.backup.taking import key_files

LOCAL = ("", "localhost", "127.0.0.1", "::1")
DEFAULT_SECRETS = ("yakuba-local-only",)


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at: its name, whether it is as it must be, and what to do if not."""

    name: str
    good: bool
    mend: str


def looks(settings: Any) -> Iterator[Look]:
    """Everything that a site in service must have; nothing is changed, nobody is called."""
    proxies = settings.TRUSTED_PROXIES >= 1
    yield Look(
        "https", settings.HTTPS, "set YAKUBA_BASE_URL to the https address, and end TLS 1.2 or 1.3 before it"
    )
    yield Look(
        "hosts",
        not {"*", "testserver"} & set(settings.ALLOWED_HOSTS),
        "name your host alone in YAKUBA_ALLOWED_HOSTS",
    )
    yield Look("proxy", proxies, "set YAKUBA_TRUSTED_PROXIES to the number of your own proxies")
    yield Look(
        "hsts", settings.SECURE_HSTS_SECONDS >= 31_536_000, "leave YAKUBA_HSTS_SECONDS at a year or more"
    )
    yield Look("database", _database(settings), "add sslmode=verify-full to DATABASE_URL")
    mail = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or settings.EMAIL_HOST in LOCAL
    yield Look("mail", mail, "write YAKUBA_SMTP_URL with smtp+tls:// or smtps://")
    for name, url in _outside(settings):
        yield Look(name, _encrypted(url), f"{name} is called without TLS: give it an https address")
    secret = (
        settings.YAKUBA_OIDC["private_key_file"]
        or settings.YAKUBA_OIDC["client_secret"] not in DEFAULT_SECRETS
    )
    yield Look("sign-in secret", bool(secret), "set YAKUBA_OIDC_CLIENT_SECRET or YAKUBA_OIDC_PRIVATE_KEY")
    yield Look("levels", bool(settings.YAKUBA_OIDC["acr"]), "name the levels that count in YAKUBA_OIDC_ACR")
    yield Look("virus scanner", bool(settings.YAKUBA_VIRUS_SCANNER), "set YAKUBA_VIRUS_SCANNER to your clamd")
    for file in key_files(settings.YAKUBA_VAR).values():
        if file.exists():
            yield Look(file.name, _is_private(file), f"chmod 600 {file}")


def _database(settings: Any) -> bool:
    used = settings.DATABASES["default"]
    local = used["HOST"] in LOCAL or used["HOST"].startswith("/")
    return local or used["OPTIONS"].get("sslmode") in ("verify-full", "verify-ca")


def _outside(settings: Any) -> Iterator[tuple[str, str]]:
    yield "identity provider", settings.YAKUBA_OIDC["issuer"]
    yield "payments", settings.YAKUBA_PAYMENTS["url"]
    yield "texts", settings.YAKUBA_SMS_URL
    yield "larger model", settings.YAKUBA_MODEL["url"]
    yield "LINE", settings.YAKUBA_LINE_URL


def _encrypted(url: str) -> bool:
    parts = urlsplit(url)
    return not url or parts.scheme == "https" or parts.hostname in LOCAL


def _is_private(file: Path) -> bool:
    return not file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


# -- what is sealed --------------------------------------------------------------------------------
SEALED = (
    ("access", "Staff", "totp_secret"),
    ("access", "Client", "webhook_secret"),
    ("field", "Secret", "sealed"),
    ("robots", "Account", "sealed"),
    ("assistant", "LineAccount", "secret"),
    ("assistant", "LineAccount", "token"),
    ("assistant", "Talk", "address"),
    ("channels", "OfflinePack", "key"),
    ("channels", "Texter", "address"),
    ("channels", "TextReply", "text"),
)
"""Every field whose text is sealed: room, model, field."""


class NotOpened(Exception):
    """Something that is stored opens with none of the keys."""


def seal_anew(keys: list[str]) -> int:
    """Everything sealed in the open town is sealed with the first key, so that the others can go; returns how many.

    Raises NotOpened, and changes nothing then.
    """
    from django.apps import apps
    from django.db import transaction

    book, done = MultiFernet([Fernet(key) for key in keys]), 0
    with transaction.atomic():
        for room, model, field in SEALED:
            rows = apps.get_model(room, model).objects.exclude(**{field: ""}).select_for_update()
            for row in rows:
                try:
                    renewed = book.rotate(getattr(row, field).encode()).decode()
                except InvalidToken as error:
                    raise NotOpened(
                        f"{model} {row.pk}: {field} opens with none of YAKUBA_SEAL_KEYS"
                    ) from error
                type(row).objects.filter(pk=row.pk).update(**{field: renewed})
                done += 1
    return done
