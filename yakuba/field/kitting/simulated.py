"""Synthetic devices for rehearsals and tests: what a collector would write of each, sound or with one known fault."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from itertools import cycle
from typing import Any

from yakuba.field.kitting.device import Recipient
from yakuba.field.kitting.profile import Profile

Seen = dict[str, Any]


def sound(profile: Profile, recipient: Recipient, serial: str, *, model: str = "Latitude 5450") -> Seen:
    """A PC that is as the profile wants it, as our collector for Windows writes it."""
    return {
        "yakuba_windows": {
            "SerialNumber": serial,
            "Manufacturer": "Dell Inc.",
            "Model": model,
            "ComputerName": recipient.hostname,
            "OsVersion": "10.0.26100",
            "OsBuild": 26100,
            "TimeZone": "Tokyo Standard Time",
            "Locale": profile.locale,
            "Volumes": [{"MountPoint": "C:", "ProtectionStatus": 1}],
            "Firewall": [{"Name": name, "Enabled": True} for name in ("Domain", "Private", "Public")],
            "RealTimeProtection": True,
            "SecureBoot": True,
            "LicenseStatus": 1,
            "BatteryHealth": 98,
            "FreeDiskMB": 180_000,
            "HardwareHash": base64.b64encode(f"synthetic {serial}".encode()).decode(),
            "Apps": [{"Id": app.id, "Version": app.version} for app in profile.apps],
            "Users": [{"Name": profile.admin, "Admin": True}, {"Name": recipient.account, "Admin": False}],
            "Certificates": [{"Subject": "CN=Yakuba Demo Device CA", "NotAfter": "2031-03-31"}],
            "Wifi": [{"Ssid": profile.wifi.ssid}] if profile.wifi else [],
        }
    }


def _set(name: str, value: Any) -> Callable[[Seen], None]:
    def change(seen: Seen) -> None:
        seen["yakuba_windows"][name] = value

    return change


def _drop(name: str) -> Callable[[Seen], None]:
    def change(seen: Seen) -> None:
        seen["yakuba_windows"][name].pop()

    return change


def _within(name: str, key: str, value: Any) -> Callable[[Seen], None]:
    def change(seen: Seen) -> None:
        seen["yakuba_windows"][name][-1][key] = value

    return change


FAULTS: dict[str, Callable[[Seen], None]] = {
    "another model": _set("Model", "Latitude 3440"),
    "another name": _set("ComputerName", "DESKTOP-7K2Q"),
    "old system": _set("OsBuild", 22631),
    "disk not encrypted": _within("Volumes", "ProtectionStatus", 0),
    "firewall off": _within("Firewall", "Enabled", False),
    "virus scanner off": _set("RealTimeProtection", False),
    "not activated": _set("LicenseStatus", 5),
    "weak battery": _set("BatteryHealth", 61),
    "program missing": _drop("Apps"),
    "account is administrator": _within("Users", "Admin", True),
    "certificate expired": _within("Certificates", "NotAfter", "2026-03-31"),
    "network missing": _drop("Wifi"),
}
"""Twelve kinds of faults, each done to a sound device."""


def batch(
    profile: Profile, count: int, *, share: float, seed: int, prefix: str = "SIM"
) -> list[tuple[Recipient, Seen, str | None]]:
    """`count` devices of which `share` have one fault, of each kind in turn: (recipient, what is
    read, the fault). Serial numbers begin with `prefix`."""
    r = random.Random(seed)
    bad = dict(zip(r.sample(range(count), round(count * share)), cycle(FAULTS), strict=False))
    found = []
    for number in range(count):
        recipient = Recipient(f"{number + 1:04d}", f"YKB-{number + 1:05d}", f"user{number + 1:04d}")
        seen = sound(profile, recipient, f"{prefix}{number + 1:06d}")
        fault = bad.get(number)
        if fault:
            FAULTS[fault](seen)
        found.append((recipient, seen, fault))
    return found


def as_file(seen: Seen) -> bytes:
    """The file that the collector leaves."""
    return json.dumps(seen, ensure_ascii=False).encode()


def serial_of(seen: Seen) -> str:
    """The serial number of a simulated device."""
    return str(seen["yakuba_windows"]["SerialNumber"])
