"""Files that set devices up are as their readers want them, and labels say nothing that is secret."""

from __future__ import annotations

import base64
import csv
import io
import json
import plistlib
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from pypdf import PdfReader
from ruamel.yaml import YAML

from yakuba.field.kitting import artefacts, labels, profile
from yakuba.field.kitting.artefacts import Hardware, Unfit
from yakuba.field.kitting.device import Recipient
from yakuba.field.kitting.labels import Label, Unprintable
from yakuba.field.kitting.profile import Android, Profile

STAFF = profile.read(Path(__file__).parents[3] / "docs/examples/device-profile.yaml")
SOMEBODY = Recipient("0001", "YKB-00001", "user0001@example.jp")
SECRETS = {"wifi/demo-town-staff": "Geheim-7", "admin/staff-notebook": "Adm1n-密"}
HASH = base64.b64encode(b"hardware").decode()
ADMIN = Android(
    component="jp.example/.Receiver",
    location="https://example.jp/admin.apk",
    checksum="I5YvS0O5hXY46mb01BlRjq4oJJGs2kuUcHvVkAPEXlg",
)
UNATTEND = {"u": "urn:schemas-microsoft-com:unattend"}


def staff(**changes: object) -> Profile:
    """The example's profile, changed."""
    return STAFF.model_copy(update=changes)


def test_autopilot_gets_a_list_of_at_most_500_in_plain_ascii() -> None:
    content = artefacts.autopilot_csv(STAFF, [(Hardware("S1", HASH), SOMEBODY)] * 500)
    rows = list(csv.DictReader(io.StringIO(content.decode("ascii"))))
    assert len(rows) == 500
    assert rows[0] == {
        "Device Serial Number": "S1", "Windows Product ID": "", "Hardware Hash": HASH,
        "Group Tag": "demo-town", "Assigned User": "user0001@example.jp",
    }  # fmt: skip
    with pytest.raises(Unfit, match="501 devices, at most 500"):
        artefacts.autopilot_csv(STAFF, [(Hardware("S1", HASH), SOMEBODY)] * 501)


@pytest.mark.parametrize(
    ("hardware", "recipient", "says"),
    [
        (Hardware("S1", "not base64!"), SOMEBODY, "S1: the hardware hash"),
        (Hardware("S,1", HASH), SOMEBODY, "quotes and commas"),
        (Hardware("S1", HASH), replace(SOMEBODY, account="山田"), "only ASCII"),
        (Hardware("S1", HASH), replace(SOMEBODY, account='a"b'), "quotes"),
    ],
)
def test_autopilot_gets_nothing_that_it_would_refuse(
    hardware: Hardware, recipient: Recipient, says: str
) -> None:
    with pytest.raises(Unfit, match=says):
        artefacts.autopilot_csv(STAFF, [(hardware, recipient)])


def test_a_portal_gets_the_columns_that_it_wants() -> None:
    columns = {"modemtype": "=IMEI", "modemid": "imei", "manufacturer": "maker", "profiletype": "=ZERO_TOUCH"}
    content = artefacts.zero_touch_csv(columns, [{"imei": "490154203237518", "maker": "Demo, Inc."}])
    assert (
        content.decode()
        == 'modemtype,modemid,manufacturer,profiletype\nIMEI,490154203237518,"Demo, Inc.",ZERO_TOUCH\n'
    )
    with pytest.raises(Unfit, match="device 2: no imei"):
        artefacts.zero_touch_csv(columns, [{"imei": "1", "maker": "x"}, {"maker": "x"}])


def test_android_reads_from_its_code_what_it_needs() -> None:
    picture = artefacts.android_qr(staff(android=ADMIN), SECRETS)
    (found,) = zxingcpp.read_barcodes(picture.convert("L"))
    content = json.loads(found.text)
    prefix = "android.app.extra.PROVISIONING_"
    assert content[f"{prefix}WIFI_SSID"] == "demo-town-staff"
    assert content[f"{prefix}WIFI_PASSWORD"] == "Geheim-7"
    assert content[f"{prefix}LOCALE"] == "ja_JP"
    with pytest.raises(Unfit, match="which app manages"):
        artefacts.android_qr(STAFF, SECRETS)


def test_apple_gets_a_profile_that_replaces_the_one_before() -> None:
    content = artefacts.mobileconfig(staff(owner="jp.example.town"), SOMEBODY, SECRETS)
    assert content == artefacts.mobileconfig(staff(owner="jp.example.town"), SOMEBODY, SECRETS)
    whole = plistlib.loads(content)
    inside = {one["PayloadType"]: one for one in whole["PayloadContent"]}
    assert inside["com.apple.wifi.managed"]["Password"] == "Geheim-7"
    ids = [whole["PayloadUUID"], *(one["PayloadUUID"] for one in whole["PayloadContent"])]
    assert len(set(ids)) == 3
    with pytest.raises(Unfit, match="reverse domain"):
        artefacts.mobileconfig(staff(owner="町"), SOMEBODY, SECRETS)


def test_windows_gets_its_name_zone_language_and_a_hidden_password() -> None:
    root = etree.fromstring(artefacts.unattend_xml(STAFF, SOMEBODY, SECRETS))
    assert root.findtext(".//u:ComputerName", namespaces=UNATTEND) == "YKB-00001"
    assert root.findtext(".//u:TimeZone", namespaces=UNATTEND) == "Tokyo Standard Time"
    assert root.findtext(".//u:UILanguage", namespaces=UNATTEND) == "ja-JP"
    value = root.findtext(".//u:Password/u:Value", namespaces=UNATTEND)
    assert value
    assert base64.b64decode(value).decode("utf-16-le") == "Adm1n-密Password"
    assert [one.get("pass") for one in root] == ["specialize", "oobeSystem"]


@pytest.mark.parametrize("name", ["", "YKB-0000000000001", "12345", "-YKB", "YKB_1", "役場"])
def test_windows_gets_no_name_that_it_would_cut_or_refuse(name: str) -> None:
    with pytest.raises(Unfit, match="a Windows name"):
        artefacts.unattend_xml(STAFF, replace(SOMEBODY, hostname=name), SECRETS)


def test_linux_gets_keys_and_no_password() -> None:
    somebody = replace(SOMEBODY, hostname="ykb-1")
    content = artefacts.cloud_init(staff(ssh_keys=("ssh-ed25519 AAAAC3 admin",)), somebody).decode()
    assert content.startswith("#cloud-config\n")
    found = YAML(typ="safe").load(content)
    assert found["users"][0]["lock_passwd"] is True
    assert found["timezone"] == "Asia/Tokyo"
    with pytest.raises(Unfit, match="YKB-00001"):
        artefacts.cloud_init(STAFF, SOMEBODY)
    with pytest.raises(Unfit, match="not a public SSH key"):
        artefacts.cloud_init(staff(ssh_keys=("-----BEGIN OPENSSH PRIVATE KEY-----",)), somebody)


def test_a_secret_that_the_vault_lacks_is_named_and_nothing_is_made() -> None:
    for make in (
        lambda: artefacts.android_qr(staff(android=ADMIN), {}),
        lambda: artefacts.mobileconfig(staff(owner="jp.example.town"), SOMEBODY, {}),
        lambda: artefacts.unattend_xml(STAFF, SOMEBODY, {}),
    ):
        with pytest.raises(Unfit, match="the vault has no"):
            make()


def test_a_label_is_read_back_by_both_codes() -> None:
    picture = labels.printed(Label("K-2026-0001", "YKB-00001", "SIM01000001", "staff-notebook"))
    assert picture.size == (labels.WIDTH, labels.HEIGHT)
    assert set(labels.read_back(picture)) == {"YKB1/K-2026-0001/YKB-00001/SIM01000001", "SIM01000001"}


@given(st.from_regex(r"[A-Z0-9][A-Z0-9-]{3,11}", fullmatch=True))
@example("9900")
@example("98A1")
@example("99-1")
def test_any_usual_serial_number_can_be_printed_and_read(serial: str) -> None:
    assert serial in labels.read_back(labels.printed(Label("K-1", "T-1", serial, "p")))


@pytest.mark.parametrize(
    ("label", "says"),
    [
        (Label("K-1", "T-1", "X" * 40, "p"), "too long"),
        (Label("K-1", "T-1", "シリアル", "p"), "ASCII"),
        (Label("K-1", "T-1", "A/B", "p"), "slash"),
        (Label("K-1", "T" * 40, "S1", "p"), "too long for the label"),
    ],
)
def test_a_label_that_could_not_be_read_is_not_printed(label: Label, says: str) -> None:
    with pytest.raises(Unprintable, match=says):
        labels.printed(label)


def test_labels_come_as_pages_of_their_real_size() -> None:
    pictures = [labels.printed(Label("K-1", f"T-{n}", f"SIM{n:08d}", "p")) for n in range(3)]
    pages = PdfReader(io.BytesIO(labels.sheet(pictures))).pages
    assert len(pages) == 3
    assert float(pages[0].mediabox.width) / 72 * 25.4 == pytest.approx(62, abs=0.2)


def test_no_secret_can_stand_on_a_label() -> None:
    assert set(Label.__dataclass_fields__) == {"order", "tag", "serial", "profile"}


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        ("windows", "ykb-1.unattend.xml"),
        ("android", "ykb-1.png"),
        ("ios", "ykb-1.mobileconfig"),
        ("macos", "ykb-1.mobileconfig"),
        ("linux", "ykb-1.user-data"),
    ],
)
def test_each_platform_gets_its_own_file(platform: str, name: str) -> None:
    profile = staff(platform=platform, owner="jp.example.town", android=ADMIN)
    found, content = artefacts.made(profile, replace(SOMEBODY, hostname="ykb-1"), SECRETS)
    assert found == name
    assert content
