"""A kitting centre: an order of the example's profile, and people who work on the line."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from yakuba.access import SYSTEM, Worker
from yakuba.cases import jobs
from yakuba.clock import TOKYO
from yakuba.field import actions
from yakuba.field.kitting import profile, simulated
from yakuba.field.kitting.device import Recipient
from yakuba.field.kitting.profile import Profile

NOW = datetime(2026, 11, 30, 9, tzinfo=TOKYO)


class Centre:
    """The line with few words. Every act is a minute later than the last."""

    def __init__(self, town: str):
        self.town, self.now = town, NOW
        self.profile: Profile = profile.read(profile.EXAMPLE)
        self.system = SYSTEM(town)
        self.kitter = Worker("staff", "staff:kitter", town, "北 一", frozenset({"kitter"}), strength=2)
        self.clerk = Worker("staff", "staff:clerk", town, "窓口 花子", frozenset({"clerk"}), strength=2)

    def later(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def order(self, number: str = "K-1", count: int = 1, serial: str = "") -> list:
        people = [
            Recipient(f"{n:04d}", f"YKB-{n:05d}", f"user{n:04d}", serial if n == 1 else "")
            for n in range(1, count + 1)
        ]
        return actions.enter_order(
            actions.Order(number, self.profile, "town-394262", people), by=self.system, as_of=self.later()
        )

    def receive(self, serial: str, order: str = "K-1", place: str = "chiba-3") -> actions.Scan:
        return actions.receive(serial, order, place, by=self.kitter, as_of=self.later())

    def scan(self, serial: str, *steps: str, tracking: str = "") -> actions.Scan:
        for step in steps:
            done = actions.scan(serial, step, by=self.kitter, as_of=self.later(), tracking=tracking)
        return done

    def read(self, serial: str, number: int = 1, fault: str = "") -> None:
        """The collector reads a device; the system compares it."""
        self.take_in(serial, number, fault)
        jobs.drain(self.town, as_of=self.now)

    def take_in(self, serial: str, number: int = 1, fault: str = "") -> None:
        """The collector reads a device."""
        person = Recipient(f"{number:04d}", f"YKB-{number:05d}", f"user{number:04d}")
        seen = simulated.sound(self.profile, person, serial)
        if fault:
            simulated.FAULTS[fault](seen)
        actions.read_file(f"{serial}.json", simulated.as_file(seen), by=self.system, at=self.later())

    def up_to(self, serial: str, step: str, order: str = "K-1", number: int = 1) -> None:
        """Take a sound device along the line until `step` waits."""
        done = self.receive(serial, order)
        for name in ("unbox", "set-up"):
            if done.next == step:
                return
            done = self.scan(serial, name)
        if step == "verify":
            return
        self.read(serial, number)
        for name in ("label", "pack"):
            if name == step:
                return
            self.scan(serial, name)


@pytest.fixture
def centre(in_town: str) -> Centre:
    return Centre(in_town)


@pytest.fixture
def hall(in_town: str):
    """A hall that sends technicians to the customer C-1, with whom it has a contract."""
    from tests.field.hall import TERMS, Hall
    from yakuba.field import customers

    found = Hall(in_town)
    customers.agree(TERMS, by=found.system)
    return found
