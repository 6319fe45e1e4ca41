"""A town with the declared services of a disaster, its people, and entries as a pack makes them."""

from __future__ import annotations

import base64
import json
import os
import uuid
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.access.people import make_staff
from tests.channels.conftest import chromium, desk, household, served, taro
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import SYSTEM, Worker
from yakuba.access.sealed import unseal
from yakuba.channels.disaster import pack
from yakuba.channels.models import OfflinePack

__all__ = ["chromium", "desk", "household", "served", "taro"]

SHELTER = "中央公民館"
TARO = {"name": "山田 太郎", "birth_date": "1950-01-01", "address": "本町1番地"}


@pytest.fixture
def manager(in_town) -> Worker:
    return make_staff("manager", login="kacho", name="所属長 一").worker()


@pytest.fixture
def second(in_town) -> Worker:
    return make_staff("manager", login="fuku", name="所属長 二").worker()


@pytest.fixture
def clerk(in_town) -> Worker:
    return make_staff("clerk", login="mado", name="窓口 三").worker()


class Pack:
    """A pack, and the browser that works with it."""

    def __init__(self, shelter: str = SHELTER, hours: int = 72, as_of: datetime | None = None):
        self.at = as_of or clock.now()
        self.made = pack.make(shelter, hours=hours, by=SYSTEM(TOWN), as_of=self.at)
        self.key = base64.b64decode(unseal(OfflinePack.objects.get(id=self.made.id).key))

    def entry(self, said: dict, number: str = "", key: bytes | None = None) -> dict:
        number, iv = number or str(uuid.uuid4()), os.urandom(12)
        about = f"yakuba-offline/1|{self.made.id}|{number}".encode()
        data = AESGCM(key or self.key).encrypt(iv, json.dumps(said).encode(), about)
        return {"id": number, "iv": base64.b64encode(iv).decode(), "data": base64.b64encode(data).decode()}

    def check_in(self, *, number: str = "", minutes: int = 5, key: bytes | None = None, **more) -> dict:
        """Somebody checks in so many minutes after the pack was made. `more`: facts of the shelter, or of the person."""
        person = {name: more.pop(name) for name in ("name", "birth_date", "address") if name in more}
        shelter = {"name": SHELTER, "people": 2, "tell": True} | more
        said = {
            "kind": "intake", "service": "shelter-check-in", "by": "佐藤", "language": "ja",
            "at": (self.at + timedelta(minutes=minutes)).isoformat(),
            "answers": {"applicant": TARO | person, "shelter": shelter},
        }  # fmt: skip
        return self.entry(said, number, key)

    def left(self, case, seq: int) -> dict:
        said = {"kind": "left", "service": "shelter-check-in", "case": str(case), "seq": seq, "by": "佐藤"}
        return self.entry(said | {"at": (self.at + timedelta(minutes=9)).isoformat()})

    def file(self, *entries: dict) -> bytes:
        said = {"format": "yakuba-offline-entries/1", "town": TOWN, "pack": str(self.made.id)}
        return json.dumps({**said, "entries": list(entries)}).encode()
