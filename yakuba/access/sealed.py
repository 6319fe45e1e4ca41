"""Secrets at rest: sealed with the keys of `settings.YAKUBA_SEAL_KEYS` (Fernet: AES-128-CBC and HMAC-SHA256).

The first key seals, all of them open, so a key is changed by putting a new one in front.
"""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class SealedText(models.TextField):
    """A column of what `seal` gives, or of nothing: a town that moves has it opened here and sealed again there."""

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.TextField", list(args), options


class SealBroken(ValueError):
    """The stored secret opens with none of the keys: the key was lost or the database is another town hall's."""


def seal(secret: str) -> str:
    """The secret as it may be stored."""
    return _keys().encrypt(secret.encode()).decode()


def unseal(stored: str) -> str:
    """The secret itself. Raises SealBroken."""
    try:
        return _keys().decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise SealBroken(
            "a stored secret cannot be opened with YAKUBA_SEAL_KEYS; restore the key file, or set up the "
            "second factor again: yakuba staff totp --town CODE LOGIN"
        ) from error


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.YAKUBA_SEAL_KEYS])
