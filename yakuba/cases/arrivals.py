"""A town that came from another installation: what was signed there counts here for that town, from before it came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from yakuba.access import towns
from yakuba.cases import chain, signing
from yakuba.cases.models import Arrival, Checkpoint

KEYS = "keys of where the town was before"


def came(town: str, *, archive: bytes, keys: Iterable[str], by: str, as_of: datetime) -> Arrival:
    """Keep that the open town came, and which keys (hexadecimal) had signed for it until then; signed by this installation,
    so that nobody adds a key by hand."""
    last = Checkpoint.objects.order_by("-at").values_list("at", flat=True).first()
    kept = Arrival(
        town=town,
        at=max(as_of, last or as_of),  # the clock there may have been ahead
        by=by,
        archive=hashlib.sha256(archive).hexdigest(),
        keys=sorted(keys),
        public_key=signing.public(),
    )
    kept.signature = signing.signing_key().sign(_said(kept))
    kept.save(force_insert=True)
    towns.ask_again(KEYS)
    return kept


def keys() -> dict[bytes, datetime]:
    """The public keys of where the open town was before, and until when they signed for it."""
    return towns.once(KEYS, _keys)


def _keys() -> dict[bytes, datetime]:
    found: dict[bytes, datetime] = {}
    for row in Arrival.objects.order_by("at"):
        key = bytes(row.public_key)
        if key in signing.own() and signing.holds(key, bytes(row.signature), _said(row)):
            found |= {bytes.fromhex(one): row.at for one in row.keys}
    return found


def too_late(public_key: bytes, at: datetime) -> str:
    """What is wrong with something that the key signed at that time, in plain words; "" where nothing is."""
    until = None if public_key in signing.own() else keys().get(public_key)
    return (
        f"it was signed with a key that counts until {until:%Y-%m-%d %H:%M} only"
        if until and at > until
        else ""
    )


def _said(row: Arrival) -> bytes:
    return chain.canonical([row.town, int(row.at.timestamp() * 1_000_000), row.by, row.archive, row.keys])
