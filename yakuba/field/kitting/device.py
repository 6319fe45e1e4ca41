"""What is known of a device: facts that were read from it, and facts of the order that it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from yakuba.conditions import FactType, ListType, Schema

_TEXT, _YES, _WHOLE = FactType("text"), FactType("bool"), FactType("int")

SCHEMA = Schema(
    {
        "device.serial": _TEXT,
        "device.maker": _TEXT,
        "device.model": _TEXT,
        "device.hostname": _TEXT,
        "device.os": FactType("choice", choices=("windows", "android", "ios", "macos", "linux")),
        "device.os_version": _TEXT,
        "device.os_build": _WHOLE,
        "device.time_zone": _TEXT,
        "device.locale": _TEXT,
        "device.disk_encrypted": _YES,
        "device.firewall": _YES,
        "device.antivirus": _YES,
        "device.secure_boot": _YES,
        "device.activated": _YES,
        "device.battery": FactType("int", unit="%"),
        "device.free_disk": FactType("int", unit="MB"),
        "device.hardware_hash": _TEXT,
        "device.imei": _TEXT,
        "order.serial": _TEXT,
        "order.hostname": _TEXT,
        "order.account": _TEXT,
    },
    {
        "apps": ListType("app", {"id": _TEXT, "version": _TEXT}),
        "accounts": ListType("user", {"name": _TEXT, "admin": _YES}),
        "certificates": ListType("cert", {"name": _TEXT, "until": FactType("date")}),
        "networks": ListType("network", {"ssid": _TEXT}),
    },
)
"""Everything that a profile's checks may ask. What was not read is not known, which is never as good as yes."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who or what a device is for. `number` is the order's; no name of a person is needed to set it up."""

    number: str
    hostname: str
    account: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a collector read from one device at one moment. Nobody ticks it."""

    serial: str
    at: datetime
    source: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def known(self, recipient: Recipient) -> dict[str, Any]:
        """The facts of the device together with those of the order, as the condition language takes them."""
        order = {"serial": recipient.serial, "hostname": recipient.hostname, "account": recipient.account}
        return {**self.facts, "order": {name: value for name, value in order.items() if value}}
