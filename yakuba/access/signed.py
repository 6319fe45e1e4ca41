"""What another machine hands over, signed with a secret that it shares with the town (Standard Webhooks 1.0.0)."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from standardwebhooks.webhooks import Webhook

AGE = timedelta(minutes=5)
"""How old a signature may be, so that what was overheard cannot be sent again later (Standard Webhooks 1.0.0)."""
_STAMP = re.compile(r"[0-9]{1,11}")
"""Seconds since 1970: to the year 5138, which a date can hold."""


class Forged(Exception):
    """Something that was not signed, not by whom it should be, or too long ago."""


def opened(body: bytes, headers: Mapping[str, str], secret: str, *, as_of: datetime) -> tuple[str, Any]:
    """The sender's number for what it hands over (80 characters at most), and what the JSON says. `as_of`: aware. Raises Forged."""
    number, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not secret or not number or not _STAMP.fullmatch(stamp):
        raise Forged("it is not signed")
    at = datetime.fromtimestamp(int(stamp), UTC)
    if abs(as_of - at) > AGE:
        raise Forged("it was signed too long ago")
    try:
        right = Webhook(secret).sign(number, at, body.decode()).encode()
        signatures = headers.get("webhook-signature", "").split()
        if not any(hmac.compare_digest(right, one.encode()) for one in signatures):
            raise Forged("the signature is not that of whom it should be from")
        return number[:80], orjson.loads(body)
    except ValueError as error:
        raise Forged("it cannot be read") from error
