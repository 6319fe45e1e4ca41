"""Files that set a device up, one function for each, each read back before it is handed out.

Secrets (networks, accounts) come in as values from the vault and stand only in what the device itself must read; none
of these files is a label, a list or a log. Names of keys and elements are the makers'; where they are published stands
with each function.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import plistlib
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import segno
import zxingcpp
from lxml import etree
from PIL import Image
from ruamel.yaml import YAML

from yakuba.field.kitting.device import Recipient
from yakuba.field.kitting.profile import Profile

_MICROSOFT_ZONES = {"Asia/Tokyo": "Tokyo Standard Time"}
"""Windows' names of time zones (Unicode CLDR, windowsZones)."""
_AUTOPILOT_MOST = 500
"""Devices in one file (Microsoft Learn, Manually register devices with Windows Autopilot)."""


class Unfit(Exception):
    """A file cannot be made so that the device would take it; says which value and why."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What Windows Autopilot wants of a device: its serial number and its hardware hash in base64."""

    serial: str
    hash: str


def autopilot_csv(profile: Profile, devices: Sequence[tuple[Hardware, Recipient]]) -> bytes:
    """The list that registers PCs with Windows Autopilot (Microsoft Learn, "Manually register devices").

    Plain text without quotes, at most 500 devices. Raises Unfit.
    """
    if len(devices) > _AUTOPILOT_MOST:
        raise Unfit(f"{len(devices)} devices, at most {_AUTOPILOT_MOST} in one file")
    heads = ["Device Serial Number", "Windows Product ID", "Hardware Hash", "Group Tag", "Assigned User"]
    rows = []
    for hardware, recipient in devices:
        try:
            base64.b64decode(hardware.hash, validate=True)
        except ValueError as error:
            raise Unfit(f"{hardware.serial}: the hardware hash is not base64") from error
        rows.append([hardware.serial, "", hardware.hash, profile.group_tag, recipient.account])
    for row in rows:
        if any(not value.isascii() or re.search(r'[",\r\n]', value) for value in row):
            raise Unfit(f"{row[0]}: only ASCII without quotes and commas may stand in this file")
    text = "\r\n".join(",".join(row) for row in [heads, *rows]) + "\r\n"
    if list(csv.reader(io.StringIO(text))) != [heads, *rows]:
        raise Unfit("the list does not read back as it was written")
    return text.encode("ascii")


def zero_touch_csv(columns: Mapping[str, str], devices: Sequence[Mapping[str, str]]) -> bytes:
    """A list for Android zero-touch or another maker's portal, by a template {column: field or "=fixed"}.

    Raises Unfit when a device lacks a field that the template asks for.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for number, device in enumerate(devices, 1):
        missing = [what for what in columns.values() if not what.startswith("=") and not device.get(what)]
        if missing:
            raise Unfit(f"device {number}: no {', '.join(missing)}")
        writer.writerow(what[1:] if what.startswith("=") else device[what] for what in columns.values())
    return out.getvalue().encode()


def android_qr(profile: Profile, secrets: Mapping[str, str]) -> Image.Image:
    """The QR code that is scanned on the welcome screen (Android Enterprise, "Provisioning: QR code method").

    Decoded again before it is handed out. Raises Unfit.
    """
    admin = profile.android
    if admin is None:
        raise Unfit(f"{profile.profile}: the profile has no android: which app manages the device?")
    prefix = "android.app.extra.PROVISIONING_"
    content: dict[str, str | bool] = {
        f"{prefix}DEVICE_ADMIN_COMPONENT_NAME": admin.component,
        f"{prefix}DEVICE_ADMIN_PACKAGE_DOWNLOAD_LOCATION": admin.location,
        f"{prefix}DEVICE_ADMIN_SIGNATURE_CHECKSUM": admin.checksum,
        f"{prefix}LOCALE": profile.locale.replace("-", "_"),
        f"{prefix}TIME_ZONE": profile.time_zone,
        f"{prefix}LEAVE_ALL_SYSTEM_APPS_ENABLED": False,
    }
    if profile.wifi:
        content |= {
            f"{prefix}WIFI_SSID": profile.wifi.ssid,
            f"{prefix}WIFI_SECURITY_TYPE": profile.wifi.security,
        }
        if profile.wifi.security != "NONE":
            content[f"{prefix}WIFI_PASSWORD"] = _secret(secrets, profile.wifi.secret)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    out = io.BytesIO()
    segno.make(text, micro=False, error="l").save(out, kind="png", scale=6, border=4)
    picture = Image.open(out)
    if [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))] != [text]:
        raise Unfit("the QR code does not read back: fewer settings, or a shorter address")
    return picture


def mobileconfig(profile: Profile, recipient: Recipient, secrets: Mapping[str, str]) -> bytes:
    """A configuration profile for iOS, iPadOS and macOS (Apple, Device Management: Wi-Fi and Passcode payloads).

    The UUIDs follow from the profile's owner (a reverse domain name), profile and recipient, so that a second one
    replaces the first. Raises Unfit.
    """
    owner = profile.owner
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", owner):
        raise Unfit(f"owner {owner!r}: a reverse domain name is needed, such as jp.example.town")
    identifier = f"{owner}.{profile.profile}"

    def payload(kind: str, **values: object) -> dict[str, object]:
        name = f"{identifier}.{kind}.{recipient.number}"
        return {
            "PayloadType": kind,
            "PayloadVersion": 1,
            "PayloadIdentifier": name,
            "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)).upper(),
            **values,
        }

    inside = [payload("com.apple.mobiledevice.passwordpolicy", forcePIN=True, minLength=6, allowSimple=False)]
    if profile.wifi:
        secured = (
            {"Password": _secret(secrets, profile.wifi.secret)} if profile.wifi.security != "NONE" else {}
        )
        kind = {"WPA": "WPA", "NONE": "None"}[profile.wifi.security]
        network = {"SSID_STR": profile.wifi.ssid, "EncryptionType": kind, "AutoJoin": True, **secured}
        inside.append(payload("com.apple.wifi.managed", **network))
    whole = payload("Configuration", PayloadDisplayName=profile.name.ja, PayloadContent=inside)
    content = plistlib.dumps(whole)
    if plistlib.loads(content) != whole:
        raise Unfit("the profile does not read back as it was written")
    return content


def unattend_xml(profile: Profile, recipient: Recipient, secrets: Mapping[str, str]) -> bytes:
    """An answer file for Windows Setup (Microsoft Learn, Unattended Windows Setup Reference).

    Windows keeps passwords in it as base64 of UTF-16LE with the element's name appended: hidden, not encrypted, so the
    file is handled as a secret. Raises Unfit.
    """
    _check_netbios(recipient.hostname)
    zone = _MICROSOFT_ZONES.get(profile.time_zone)
    if zone is None:
        raise Unfit(f"{profile.time_zone}: Windows' name of this time zone is not known")
    unattend = "urn:schemas-microsoft-com:unattend"
    wcm = "http://schemas.microsoft.com/WMIConfig/2002/State"
    root = etree.Element(f"{{{unattend}}}unattend", nsmap={None: unattend, "wcm": wcm})

    def put(parent: etree._Element, path: str, text: str = "") -> etree._Element:
        for name in path.split("/"):
            parent = etree.SubElement(parent, f"{{{unattend}}}{name}")
        parent.text = text or None
        return parent

    def component(of: str, name: str) -> etree._Element:
        settings = next((one for one in root if one.get("pass") == of), None)
        if settings is None:
            settings = etree.SubElement(root, f"{{{unattend}}}settings", {"pass": of})
        made = put(settings, "component")
        keys = {"processorArchitecture": "amd64", "publicKeyToken": "31bf3856ad364e35", "language": "neutral"}
        made.attrib.update({"name": name, **keys, "versionScope": "nonSxS"})
        return made

    shell = component("specialize", "Microsoft-Windows-Shell-Setup")
    put(shell, "ComputerName", recipient.hostname)
    put(shell, "TimeZone", zone)
    language = component("oobeSystem", "Microsoft-Windows-International-Core")
    for name in ("InputLocale", "SystemLocale", "UILanguage", "UserLocale"):
        put(language, name, profile.locale)
    oobe = component("oobeSystem", "Microsoft-Windows-Shell-Setup")
    put(oobe, "OOBE/HideEULAPage", "true")
    put(oobe, "OOBE/ProtectYourPC", "1")
    if profile.admin:
        account = put(oobe, "UserAccounts/LocalAccounts/LocalAccount")
        account.set(f"{{{wcm}}}action", "add")
        put(account, "Name", profile.admin)
        put(account, "Group", "Administrators")
        hidden = (_secret(secrets, profile.admin_secret) + "Password").encode("utf-16-le")
        password = put(account, "Password")
        put(password, "Value", base64.b64encode(hidden).decode())
        put(password, "PlainText", "false")
    content = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    etree.fromstring(content)
    return content


def cloud_init(profile: Profile, recipient: Recipient) -> bytes:
    """User data for a Linux device (cloud-init, "Module reference").

    Passwords are not set: the administrator signs in with one of the profile's public SSH keys. Raises Unfit.
    """
    keys = profile.ssh_keys
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", recipient.hostname):
        raise Unfit(f"{recipient.hostname}: a host name has small letters, digits and hyphens (RFC 1123)")
    if wrong := [key for key in keys if not re.match(r"(ssh-ed25519|ssh-rsa|ecdsa-\S+) \S+", key)]:
        raise Unfit(f"{wrong[0][:20]}…: not a public SSH key")
    content: dict[str, object] = {
        "hostname": recipient.hostname,
        "timezone": profile.time_zone,
        "locale": f"{profile.locale.replace('-', '_')}.UTF-8",
        "packages": [app.id for app in profile.apps],
        "ssh_pwauth": False,
    }
    if profile.admin:
        content["users"] = [
            {"name": profile.admin, "lock_passwd": True, "sudo": "ALL=(ALL) NOPASSWD:ALL", "shell": "/bin/bash",
             "ssh_authorized_keys": list(keys)}
        ]  # fmt: skip
    out = io.StringIO()
    yaml = YAML()
    yaml.dump(content, out)
    text = "#cloud-config\n" + out.getvalue()
    if YAML(typ="safe").load(text) != content:
        raise Unfit("the user data does not read back as it was written")
    return text.encode()


def _check_netbios(name: str) -> None:
    """Raises Unfit for a name that Windows would cut or refuse (at most 15 characters, not digits alone)."""
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,13}[A-Za-z0-9])?", name) or name.isdigit():
        raise Unfit(
            f"{name}: a Windows name has at most 15 letters, digits and hyphens, and not digits alone"
        )


def _secret(secrets: Mapping[str, str], name: str) -> str:
    if name not in secrets:
        raise Unfit(f"the vault has no {name!r}")
    return secrets[name]


def made(profile: Profile, recipient: Recipient, secrets: Mapping[str, str]) -> tuple[str, bytes]:
    """The file that sets one device up by its profile: its name, and its content. Raises Unfit."""
    name = recipient.hostname
    match profile.platform:
        case "windows":
            return f"{name}.unattend.xml", unattend_xml(profile, recipient, secrets)
        case "android":
            out = io.BytesIO()
            android_qr(profile, secrets).save(out, "PNG")
            return f"{name}.png", out.getvalue()
        case "ios" | "macos":
            return f"{name}.mobileconfig", mobileconfig(profile, recipient, secrets)
        case "linux":
            return f"{name}.user-data", cloud_init(profile, recipient)
