"""Keys of this installation: made on first use, kept in the var folder, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet


def kept(path: Path) -> str:
    """A random key of 64 characters, the same at every start."""
    return _kept(path, secrets.token_urlsafe(48))


def kept_fernet(path: Path) -> str:
    """A key for sealing secrets at rest (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return _kept(path, Fernet.generate_key().decode())


def _kept(path: Path, fresh: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(fresh)
    except FileExistsError:
        return path.read_text().strip() or fresh
    return fresh
