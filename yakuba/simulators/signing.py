"""How machines outside of the town sign what they hand over, in lines of their own: nothing of ours checks itself."""

from __future__ import annotations

import base64
import hashlib
import hmac


def signed(body: bytes, number: str, secret: str, at: float) -> dict[str, str]:
    """The head lines that sign a body (Standard Webhooks 1.0.0: HMAC-SHA256 over number, time and body). `at`: seconds since 1970."""
    stamp, key = str(int(at)), base64.b64decode(secret.removeprefix("whsec_"))
    mark = hmac.new(key, f"{number}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": number,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(mark).decode()}",
    }
