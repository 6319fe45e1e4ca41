"""The town's account with LINE: kept sealed, used to check what comes from there and to send there."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from yakuba.access import sealed, towns
from yakuba.assistant.models import LineAccount

PATIENCE = 5.0
"""Seconds that LINE may take to answer."""
MOST_TEXT, MOST_LABEL, MOST_CHOICES = 5000, 20, 13
"""Characters of a text and of a choice's label, and choices under one text (LINE Messaging API, "Text message", "Quick
reply")."""


class NotSent(Exception):
    """LINE did not take it. `again`: whether it may take it later."""

    def __init__(self, why: str, *, again: bool):
        self.again = again
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Account:
    """A town's account, opened."""

    secret: str = field(repr=False)
    token: str = field(repr=False)

    def signed(self, body: bytes, signature: str) -> bool:
        """Whether LINE signed these bytes (Messaging API, "Verify webhook signature": HMAC-SHA256, Base64)."""
        made = base64.b64encode(hmac.new(self.secret.encode(), body, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(made, signature)

    def reply(self, token: str, messages: Sequence[dict[str, Any]]) -> None:
        """Answer what just came in. A reply token is good once, and for about a minute. Raises NotSent."""
        self._post("reply", {"replyToken": token, "messages": list(messages)}, {})

    def push(self, to: str, messages: Sequence[dict[str, Any]], key: uuid.UUID) -> None:
        """Send something of our own accord; under the same `key` it arrives once. Raises NotSent."""
        self._post("push", {"to": to, "messages": list(messages)}, {"X-Line-Retry-Key": str(key)})

    def _post(self, what: str, body: dict[str, Any], headers: dict[str, str]) -> None:
        import httpx

        address = f"{settings.YAKUBA_LINE_URL}/v2/bot/message/{what}"
        head = {"Authorization": f"Bearer {self.token}", **headers}
        try:
            answer = httpx.post(address, json=body, headers=head, timeout=PATIENCE)
        except httpx.HTTPError as error:
            raise NotSent(f"LINE does not answer: {error}", again=True) from error
        if answer.status_code == 409:  # this key was taken before: it has arrived
            return
        if answer.status_code >= 400:
            why = f"LINE said {answer.status_code} to a {what}"
            raise NotSent(why, again=answer.status_code == 429 or answer.status_code >= 500)


def set_up(secret: str, token: str, *, as_of: datetime) -> None:
    """Keep the account of the open town; the one before is forgotten."""
    kept = {"secret": sealed.seal(secret), "token": sealed.seal(token), "set_up_at": as_of}
    LineAccount.objects.update_or_create(town=towns.current_town(), defaults=kept)


def account() -> Account | None:
    """The account of the open town; None where it has none. Raises sealed.SealBroken."""
    kept = LineAccount.objects.first()
    return Account(sealed.unseal(kept.secret), sealed.unseal(kept.token)) if kept else None


def text(said: str, choices: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """A text as LINE takes it, with what may be chosen below it: what a choice sends back, and its words."""
    message: dict[str, Any] = {"type": "text", "text": said[:MOST_TEXT]}
    if choices:
        message["quickReply"] = {"items": [_choice(*one) for one in choices[:MOST_CHOICES]]}
    return message


def _choice(data: str, label: str) -> dict[str, Any]:
    shown = label if len(label) <= MOST_LABEL else f"{label[: MOST_LABEL - 1]}…"
    action = {"type": "postback", "label": shown, "data": data, "displayText": label[:300]}
    return {"type": "action", "action": action}
