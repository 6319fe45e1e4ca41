"""Files that collectors leave in a folder, as observations. No agent stays on a device.

windows  our PowerShell collector (collect.ps1): one JSON object
osquery  osqueryi --json, several queries in one object {table: rows}
android  our export of `adb shell` properties: JSON {props: {…}, packages: […]}
ios      a property list of Apple Configurator's export
"""

from __future__ import annotations

import json
import plistlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from xml.parsers.expat import ExpatError

from yakuba import conditions
from yakuba.field.kitting.device import SCHEMA, Observation

MOST = 2_000_000
"""Bytes of a file; a full inventory of a PC has about 50,000."""


class Unreadable(Exception):
    """The file tells nothing that can be used; says which file and why. The file stays where it is."""


def read(name: str, content: bytes, at: datetime) -> Observation:
    """What a file says of one device, of whichever kind it is. `at`: when the file was written.

    Raises Unreadable: too large, another format, no serial number, or a value of another type than it must be.
    """
    if len(content) > MOST:
        raise Unreadable(f"{name}: {len(content):,} bytes, at most {MOST:,}")
    document = _document(name, content)
    kind, reader = _kind_of(name, document)
    try:
        facts = reader(document)
        conditions.pick_facts(_present(facts), SCHEMA)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Unreadable(f"{name}: {kind}: {type(error).__name__} {error}") from error
    except conditions.WrongFact as error:
        raise Unreadable(f"{name}: {kind}: {error}") from error
    serial = str(facts["device"].get("serial") or "").strip()
    if not serial:
        raise Unreadable(f"{name}: {kind}: no serial number")
    return Observation(serial, at, kind, _present(facts))


def _document(name: str, content: bytes) -> Mapping[str, Any]:
    try:
        if content.lstrip().startswith(b"<?xml") or content.startswith(b"bplist"):
            found = plistlib.loads(content)
        else:
            found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, ExpatError, plistlib.InvalidFileException) as error:
        raise Unreadable(f"{name}: neither JSON nor a property list ({error})") from error
    if not isinstance(found, dict):
        raise Unreadable(f"{name}: an object is needed, not {type(found).__name__}")
    return found


def _windows(seen: Mapping[str, Any]) -> dict[str, Any]:
    system = seen["yakuba_windows"]
    return {
        "device": {
            "serial": system.get("SerialNumber"),
            "maker": system.get("Manufacturer"),
            "model": system.get("Model"),
            "hostname": system.get("ComputerName"),
            "os": "windows",
            "os_version": system.get("OsVersion"),
            "os_build": _whole(system.get("OsBuild")),
            "time_zone": system.get("TimeZone"),
            "locale": system.get("Locale"),
            "disk_encrypted": _all_of(system.get("Volumes"), "ProtectionStatus", 1),
            "firewall": _all_of(system.get("Firewall"), "Enabled", True),
            "antivirus": system.get("RealTimeProtection"),
            "secure_boot": system.get("SecureBoot"),
            "activated": None if system.get("LicenseStatus") is None else system["LicenseStatus"] == 1,
            "battery": _whole(system.get("BatteryHealth")),
            "free_disk": _whole(system.get("FreeDiskMB")),
            "hardware_hash": system.get("HardwareHash"),
        },
        "apps": _rows(system.get("Apps"), id="Id", version="Version"),
        "accounts": _rows(system.get("Users"), name="Name", admin="Admin"),
        "certificates": _until(_rows(system.get("Certificates"), name="Subject", until="NotAfter")),
        "networks": _rows(system.get("Wifi"), ssid="Ssid"),
    }


def _osquery(seen: Mapping[str, Any]) -> dict[str, Any]:
    info, version = seen["system_info"][0], (seen.get("os_version") or [{}])[0]
    volumes = seen.get("disk_encryption")
    platform = {"darwin": "macos", "windows": "windows"}.get(version.get("platform", ""), "linux")
    return {
        "device": {
            "serial": info.get("hardware_serial"),
            "maker": info.get("hardware_vendor"),
            "model": info.get("hardware_model"),
            "hostname": info.get("hostname"),
            "os": platform if version else None,
            "os_version": version.get("version"),
            "os_build": _whole(version.get("build")),
            "time_zone": ((seen.get("time") or [{}])[0]).get("local_timezone"),
            "disk_encrypted": _all_of(volumes, "encrypted", "1"),
            "firewall": _all_of(seen.get("alf"), "global_state", "1"),
            "secure_boot": _all_of(seen.get("secureboot"), "secure_boot", "1"),
        },
        "apps": _rows(seen.get("apps"), id="bundle_identifier", version="bundle_short_version")
        if "apps" in seen
        else _rows(seen.get("deb_packages"), id="name", version="version"),
        "accounts": _rows(seen.get("users"), name="username"),
        "certificates": _until(_rows(seen.get("certificates"), name="common_name", until="not_valid_after")),
        "networks": _rows(seen.get("wifi_networks"), ssid="network_name"),
    }


def _android(seen: Mapping[str, Any]) -> dict[str, Any]:
    props = seen["props"]
    crypto = props.get("ro.crypto.state")
    return {
        "device": {
            "serial": props.get("ro.serialno"),
            "maker": props.get("ro.product.manufacturer"),
            "model": props.get("ro.product.model"),
            "os": "android",
            "os_version": props.get("ro.build.version.release"),
            "os_build": _whole(props.get("ro.build.version.sdk")),
            "time_zone": props.get("persist.sys.timezone"),
            "locale": props.get("persist.sys.locale"),
            "disk_encrypted": None if crypto is None else crypto == "encrypted",
            "secure_boot": None
            if (state := props.get("ro.boot.verifiedbootstate")) is None
            else state == "green",
            "battery": _whole(seen.get("battery")),
            "imei": seen.get("imei"),
        },
        "apps": _rows(seen.get("packages"), id="name", version="versionName"),
        "accounts": _rows(seen.get("accounts"), name="name"),
        "networks": _rows(seen.get("networks"), ssid="ssid"),
    }


def _ios(seen: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "device": {
            "serial": seen.get("serialNumber"),
            "maker": "Apple",
            "model": seen.get("deviceType"),
            "hostname": seen.get("deviceName"),
            "os": "ios",
            "os_version": seen.get("firmwareVersion"),
            "locale": seen.get("locale"),
            "time_zone": seen.get("timeZone"),
            "battery": _whole(seen.get("batteryCurrentCapacity")),
            "imei": seen.get("IMEI"),
            # data protection is on as soon as a passcode is set (Apple Platform Security)
            "disk_encrypted": seen.get("passcodeProtected"),
            "activated": None if (state := seen.get("activationState")) is None else state == "Activated",
        },
        "apps": _rows(seen.get("installedApps"), id="bundleIdentifier", version="bundleVersion"),
        "certificates": _until(_rows(seen.get("certificates"), name="commonName", until="notAfter")),
    }


_Reader = Callable[[Mapping[str, Any]], dict[str, Any]]
_KINDS: tuple[tuple[str, str, _Reader], ...] = (
    ("windows", "yakuba_windows", _windows),
    ("osquery", "system_info", _osquery),
    ("android", "props", _android),
    ("ios", "firmwareVersion", _ios),
)


def _kind_of(name: str, document: Mapping[str, Any]) -> tuple[str, _Reader]:
    for kind, sign, reader in _KINDS:
        if sign in document:
            return kind, reader
    raise Unreadable(f"{name}: neither of {', '.join(kind for kind, _, _ in _KINDS)}")


def _present(facts: dict[str, Any]) -> dict[str, Any]:
    """Without what was not read: it is not known."""
    device = {name: value for name, value in facts["device"].items() if value is not None}
    return {"device": device, **{k: v for k, v in facts.items() if k != "device" and v is not None}}


def _rows(rows: Any, **names: str) -> list[dict[str, Any]] | None:
    """A list's rows under our names; None (not known) when the list was not read at all."""
    if rows is None:
        return None
    rows = [rows] if isinstance(rows, dict) else rows  # PowerShell writes a list of one as the one
    return [{ours: row.get(theirs) for ours, theirs in names.items()} for row in rows]


def _until(rows: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    return None if rows is None else [row | {"until": _day(row["until"])} for row in rows]


def _day(value: Any) -> date | None:
    """A day from a date, ISO 8601 text, or seconds since 1970 (UTC)."""
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    if isinstance(value, int) or str(value).isdigit():
        return datetime.fromtimestamp(int(value), UTC).date()
    return datetime.fromisoformat(str(value)).date()


def _whole(value: Any) -> int | None:
    return None if value in (None, "") else int(value)


def _all_of(rows: Any, key: str, wanted: Any) -> bool | None:
    """Whether all rows say so; not known when there are none or one does not say."""
    rows = [rows] if isinstance(rows, dict) else rows
    if not rows or any(row.get(key) is None for row in rows):
        return None
    return all(row[key] == wanted for row in rows)
