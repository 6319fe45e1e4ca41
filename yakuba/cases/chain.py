"""The hash chain of a case and the signed checkpoints that bind the heads of all cases.

SHA-256 (FIPS 180-4) over canonical JSON (sorted keys, no white space); checkpoints are
signed with Ed25519 (RFC 8032). The chain covers the digest of an event's private part,
salted, so that personal data can be removed by retention without breaking the chain and
cannot be guessed from the digest.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

GENESIS = b"\x00" * 32
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


def canonical(value: Any) -> bytes:
    """The one way in which a value is written before it is hashed or stored."""
    return orjson.dumps(value, option=_CANONICAL)


def salt() -> bytes:
    """16 random bytes; without them a short private text could be guessed from its digest."""
    return secrets.token_bytes(16)


def private_digest(private: bytes | None, salt: bytes | None) -> bytes | None:
    """Digest of the private part, or None where the event has none."""
    return None if private is None else hashlib.sha256((salt or b"") + private).digest()


def link(
    previous: bytes,
    *,
    town: str,
    case: str,
    seq: int,
    kind: str,
    at: datetime,
    by_kind: str,
    by_id: str,
    key: str,
    body: Mapping[str, Any] | Any,
    digest: bytes | None,
) -> bytes:
    """The hash of an event: of everything in it and of the hash before it. `at` in UTC to the microsecond."""
    head = canonical([town, case, seq, kind, int(at.timestamp() * 1_000_000), by_kind, by_id, key])
    return hashlib.sha256(previous + head + canonical(body) + (digest or b"")).digest()
