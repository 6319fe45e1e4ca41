"""The installation's key (Ed25519, RFC 8032), and what is signed with it: checkpoints, certificates, cuts.

The key is a file, outside of the database: who owns the database alone cannot sign. It is not a secret from who owns the
server; what was kept elsewhere (`outside`) is what finds them out.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from yakuba.access import towns


def signing_key() -> Ed25519PrivateKey:
    """The installation's key (`YAKUBA_CHECKPOINT_KEY`); made on first use, readable by its owner only."""
    path = Path(settings.YAKUBA_CHECKPOINT_KEY)
    if not path.exists():
        _make(path)
    loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(loaded, Ed25519PrivateKey)
    return loaded


def _make(path: Path) -> None:
    """Whoever comes second finds the key of who was first."""
    raw = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(raw)
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


def public(key: Ed25519PrivateKey | None = None) -> bytes:
    """The public half, as 32 bytes."""
    return (
        (key or signing_key())
        .public_key()
        .public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    )


def own() -> frozenset[bytes]:
    """The public keys of this installation: the present one, and those that came before it
    (`YAKUBA_CHECKPOINT_TRUSTED`)."""
    return frozenset({public(), *(bytes.fromhex(one) for one in settings.YAKUBA_CHECKPOINT_TRUSTED)})


def trusted() -> frozenset[bytes]:
    """The public keys that count here: our own, and in a town those of where it was before it came."""
    from yakuba.cases import arrivals  # it is signed itself

    return own() | (arrivals.keys().keys() if towns.open_town() else set())


def holds(public_key: bytes, signature: bytes, signed: bytes) -> bool:
    """Whether the signature is that of the key over these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def wrong(public_key: bytes, signature: bytes, signed: bytes) -> str:
    """What is wrong with a signature of ours, in plain words; "" where it holds."""
    if public_key not in trusted():
        return (
            f"it was signed with another key ({fingerprint(public_key)}) than checkpoint.key of this server"
        )
    return "" if holds(public_key, signature, signed) else "its signature is not valid"


def fingerprint(public_key: bytes) -> str:
    """A public key in a form that two people can compare over the telephone."""
    digits = hashlib.sha256(public_key).hexdigest()[:24]
    return "-".join(digits[n : n + 4] for n in range(0, 24, 4))
