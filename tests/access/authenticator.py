"""A passkey in software, as a browser would answer for it (WebAuthn Level 2, sections 6.1 and 6.5)."""

from __future__ import annotations

import hashlib
import json
import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url as text
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One device with one ES256 passkey. `verified`: whether it asked for PIN or finger."""

    def __init__(self, site: str = "testserver", verified: bool = True):
        self.site = site
        self.origin = f"http://{site}"
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.uses = 0
        self.flags = PRESENT | (VERIFIED if verified else 0)

    def create(self, question: str) -> str:
        """The answer to `navigator.credentials.create`, as JSON."""
        numbers = self.key.public_key().public_numbers()
        cose = encode_cbor(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        )
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        data = self._data(ATTESTED) + attested
        return self._answer(
            clientDataJSON=text(self._client("webauthn.create", question)),
            attestationObject=text(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
        )

    def get(self, question: str) -> str:
        """The answer to `navigator.credentials.get`, as JSON."""
        self.uses += 1
        client, data = self._client("webauthn.get", question), self._data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=text(client),
            authenticatorData=text(data),
            signature=text(signature),
            userHandle=None,
        )

    def _answer(self, **response: str | None) -> str:
        return json.dumps(
            {
                "id": text(self.id),
                "rawId": text(self.id),
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )

    def _client(self, kind: str, question: str) -> bytes:
        challenge = json.loads(question)["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, more: int = 0) -> bytes:
        flags = bytes([self.flags | more])
        return hashlib.sha256(self.site.encode()).digest() + flags + self.uses.to_bytes(4, "big")
