"""A file that only its passphrase opens, written and read as a stream: the format of age, version 1.

The format is published and other programs open it (`age -d FILE | tar x`): a town is not bound to Yakuba by its own
archive. The key is made from the passphrase with scrypt; the content goes in chunks of 64 KiB, each encrypted and
authenticated on its own (ChaCha20-Poly1305) with its number and whether it is the last, so that nothing can be changed,
moved, added or cut off unseen.
Source: https://age-encryption.org/v1 (C2SP), RFC 7914 (scrypt), RFC 8439 (ChaCha20-Poly1305).
"""

from __future__ import annotations

import io
import re
import secrets
from base64 import b64decode, b64encode
from typing import IO

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from yakuba.site.moving_town.errors import Damaged, MovingError, WrongPassphrase

VERSION = b"age-encryption.org/v1"
WORK = 18
"""The work of making the key, as a power of two: a second and 256 MB here; each try of a passphrase costs as much."""
MOST_WORK = 20
"""A file that asks for more is not one of ours, and would only keep the machine busy."""
CHUNK = 64 * 1024
TAG = 16
SHORTEST = 12
"""Characters of a passphrase."""
_HEADER = re.compile(
    rb"-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]?)\n([A-Za-z0-9+/]{43})\n--- ([A-Za-z0-9+/]{43})\n"
)
_LONGEST_HEADER = 200


class Sealing(io.RawIOBase):
    """What is written here goes encrypted into `file`; `close` writes the last chunk, and leaves `file` open."""

    def __init__(self, file: IO[bytes], passphrase: str, work: int = WORK):
        super().__init__()
        if len(passphrase) < SHORTEST:
            raise MovingError(
                f"the passphrase has {len(passphrase)} characters. It guards everything that the town knows: "
                f"use {SHORTEST} or more, such as six words drawn by dice."
            )
        key, nonce = secrets.token_bytes(16), secrets.token_bytes(16)
        file.write(_header(key, passphrase, work) + nonce)
        self._file, self._cipher = file, ChaCha20Poly1305(_derived(key, b"payload", nonce))
        self._waiting, self._number = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._waiting += data
        while len(self._waiting) > CHUNK:  # a full one is kept back: it may be the last
            self._send(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._send(bytes(self._waiting), last=True)
            self._waiting.clear()
        super().close()

    def _send(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last), chunk, None))
        self._number += 1


class Opening(io.RawIOBase):
    """Reads what `Sealing` wrote. Raises WrongPassphrase at once, Damaged as soon as it is seen."""

    def __init__(self, file: IO[bytes], passphrase: str):
        super().__init__()
        key = _key(file, passphrase)
        nonce = file.read(16)
        if len(nonce) < 16:
            raise _cut_off()
        self._file, self._cipher = file, ChaCha20Poly1305(_derived(key, b"payload", nonce))
        self._next, self._number, self._last = file.read(CHUNK + TAG), 0, False
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: bytearray) -> int:  # type: ignore[override]
        while not self._ready and not self._last:
            self._ready = memoryview(self._receive())
        size = min(len(into), len(self._ready))
        into[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _receive(self) -> bytes:
        chunk, self._next = self._next, self._file.read(CHUNK + TAG)
        self._last = not self._next
        try:
            return self._cipher.decrypt(_nonce(self._number, self._last), chunk, None)
        except InvalidTag as error:
            raise _changed() if self._next else _cut_off() from error
        finally:
            self._number += 1


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _derived(key: bytes, what: bytes, salt: bytes = b"") -> bytes:
    return HKDF(hashes.SHA256(), 32, salt or None, what).derive(key)


def _wrapping(passphrase: str, salt: bytes, work: int) -> ChaCha20Poly1305:
    made = Scrypt(salt=VERSION + b"/scrypt" + salt, length=32, n=2**work, r=8, p=1).derive(
        passphrase.encode()
    )
    return ChaCha20Poly1305(made)


def _header(key: bytes, passphrase: str, work: int) -> bytes:
    salt = secrets.token_bytes(16)
    wrapped = _wrapping(passphrase, salt, work).encrypt(bytes(12), key, None)
    written = b"%s\n-> scrypt %s %d\n%s\n---" % (VERSION, _text(salt), work, _text(wrapped))
    return b"%s %s\n" % (written, _text(_mac(key, written).finalize()))


def _mac(key: bytes, written: bytes) -> HMAC:
    mac = HMAC(_derived(key, b"header"), hashes.SHA256())
    mac.update(written)
    return mac


def _key(file: IO[bytes], passphrase: str) -> bytes:
    """The key of a file, from its header."""
    first = file.readline(_LONGEST_HEADER)
    if first != VERSION + b"\n":
        raise Damaged("this is no archive of a town: `yakuba town export` writes one.")
    rest = b"".join(file.readline(_LONGEST_HEADER) for _ in range(3))
    found = _HEADER.fullmatch(rest)
    if found is None:
        raise Damaged("the archive is not sealed with a passphrase, or its beginning is damaged.")
    salt, work, wrapped, given = _bytes(found[1]), int(found[2]), _bytes(found[3]), _bytes(found[4])
    if work > MOST_WORK:
        raise Damaged(f"the archive asks for scrypt with 2^{work}; more than 2^{MOST_WORK} is not done here.")
    try:
        key = _wrapping(passphrase, salt, work).decrypt(bytes(12), wrapped, None)
    except InvalidTag as error:
        raise WrongPassphrase(
            "the passphrase does not open the archive. Look at capitals and spaces; who made the archive has it."
        ) from error
    try:
        _mac(key, first + rest.rpartition(b" ")[0]).verify(given)
    except InvalidSignature as error:
        raise _changed() from error
    return key


def _text(data: bytes) -> bytes:
    return b64encode(data).rstrip(b"=")


def _bytes(text: bytes) -> bytes:
    return b64decode(text + b"=" * (-len(text) % 4))


def _changed() -> Damaged:
    return Damaged("the archive was changed after it was written, or damaged on its way. Fetch it again.")


def _cut_off() -> Damaged:
    return Damaged("the archive ends too early, or was changed at its end. Fetch it again.")
