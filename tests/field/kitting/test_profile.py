"""A device is let through only when everything that its profile asks was read from it and holds."""

from __future__ import annotations

import json
import plistlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.field.kitting import observe, profile, simulated
from yakuba.field.kitting.device import Observation, Recipient
from yakuba.field.kitting.profile import Finding

EXAMPLE = profile.EXAMPLE
STAFF = profile.read(EXAMPLE)
SOMEBODY = Recipient("0001", "YKB-00001", "user0001")
NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 28)


def findings(seen: simulated.Seen) -> list[Finding]:
    observation = observe.read("x.json", simulated.as_file(seen), NOW)
    return profile.verified(STAFF, [(observation, SOMEBODY)], as_of=TODAY)[0]


def test_a_sound_device_is_let_through() -> None:
    assert findings(simulated.sound(STAFF, SOMEBODY, "SIM1")) == []


@pytest.mark.parametrize("fault", simulated.FAULTS)
def test_each_kind_of_fault_is_found_and_nothing_else(fault: str) -> None:
    seen = simulated.sound(STAFF, SOMEBODY, "SIM1")
    simulated.FAULTS[fault](seen)
    (found,) = findings(seen)
    assert found.holds is False


def test_of_a_thousand_devices_exactly_the_faulty_ones_are_held() -> None:
    devices = simulated.batch(STAFF, 1000, share=0.03, seed=1)
    assert sum(fault is not None for _, _, fault in devices) == 30
    assert {fault for _, _, fault in devices if fault} == set(simulated.FAULTS)
    read = [(observe.read("x", simulated.as_file(seen), NOW), recipient) for recipient, seen, _ in devices]
    held = profile.verified(STAFF, read, as_of=TODAY)
    assert [bool(one) for one in held] == [fault is not None for _, _, fault in devices]


@given(st.sampled_from(sorted(simulated.sound(STAFF, SOMEBODY, "SIM1")["yakuba_windows"])))
def test_what_was_not_read_never_lets_a_device_through(name: str) -> None:
    seen = simulated.sound(STAFF, SOMEBODY, "SIM1")
    asked = {"Model", "ComputerName", "OsBuild", "Volumes", "Firewall", "RealTimeProtection", "LicenseStatus",
             "BatteryHealth", "Apps", "Users", "Certificates", "Wifi"}  # fmt: skip
    if name == "SerialNumber":
        return
    del seen["yakuba_windows"][name]
    found = findings(seen)
    assert bool(found) == (name in asked)
    assert all(one.holds is None for one in found)


def test_one_firewall_of_which_nothing_is_known_makes_all_unknown() -> None:
    seen = simulated.sound(STAFF, SOMEBODY, "SIM1")
    seen["yakuba_windows"]["Firewall"][0]["Enabled"] = None
    (found,) = findings(seen)
    assert (found.check, found.holds) == ("firewall", None)


def test_a_list_of_one_that_powershell_wrote_as_the_one_is_a_list_of_one() -> None:
    seen = simulated.sound(STAFF, SOMEBODY, "SIM1")
    seen["yakuba_windows"]["Wifi"] = seen["yakuba_windows"]["Wifi"][0]
    seen["yakuba_windows"]["Volumes"] = seen["yakuba_windows"]["Volumes"][0]
    assert findings(seen) == []


def test_osquery_tells_of_linux_and_mac() -> None:
    content = {
        "system_info": [{"hardware_serial": "C02X", "hardware_model": "MacBookPro18,3", "hostname": "ykb-1"}],
        "os_version": [{"platform": "darwin", "version": "15.1"}],
        "disk_encryption": [{"encrypted": "1"}, {"encrypted": "1"}],
        "apps": [{"bundle_identifier": "jp.example.guard", "bundle_short_version": "8"}],
        "certificates": [{"common_name": "Demo CA", "not_valid_after": "1932735600"}],
    }
    seen = observe.read("mac.json", json.dumps(content).encode(), NOW)
    assert (seen.serial, seen.source) == ("C02X", "osquery")
    assert seen.facts["device"] == {
        "serial": "C02X", "model": "MacBookPro18,3", "hostname": "ykb-1", "os": "macos", "os_version": "15.1",
        "disk_encrypted": True,
    }  # fmt: skip
    assert seen.facts["certificates"] == [{"name": "Demo CA", "until": date(2031, 3, 31)}]
    assert "networks" not in seen.facts


def test_android_and_ios_tell_of_themselves() -> None:
    android = {"props": {"ro.serialno": "R5CT", "ro.crypto.state": "encrypted", "ro.build.version.sdk": "35",
                         "ro.boot.verifiedbootstate": "orange"}, "packages": [{"name": "jp.example", "versionName": "1"}]}  # fmt: skip
    seen = observe.read("a.json", json.dumps(android).encode(), NOW)
    assert seen.facts["device"]["secure_boot"] is False
    assert seen.facts["device"]["os_build"] == 35
    ios = {
        "firmwareVersion": "19.1",
        "serialNumber": "F2L",
        "passcodeProtected": True,
        "activationState": "Activated",
    }
    for content in (plistlib.dumps(ios), plistlib.dumps(ios, fmt=plistlib.FMT_BINARY)):
        seen = observe.read("i.plist", content, NOW)
        assert (seen.serial, seen.source) == ("F2L", "ios")
        assert seen.facts["device"]["activated"] is True


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "neither JSON nor a property list"),
        (b"{", "neither JSON nor a property list"),
        (b"\xff\xfe\x00", "neither JSON nor a property list"),
        (b"<?xml version='1.0'?><plist>", "neither JSON nor a property list"),
        (b"[]", "an object is needed, not list"),
        (b"{}", "neither of windows, osquery, android, ios"),
        (b'{"yakuba_windows": {}}', "no serial number"),
        (b'{"yakuba_windows": {"SerialNumber": "  "}}', "no serial number"),
        (b'{"yakuba_windows": 3}', "windows: AttributeError"),
        (b'{"system_info": []}', "osquery: IndexError"),
        (b'{"yakuba_windows": {"SerialNumber": "S", "OsBuild": "new"}}', "windows: ValueError"),
        (b'{"yakuba_windows": {"SerialNumber": "S", "RealTimeProtection": "perhaps"}}', "antivirus"),
        (b'{"yakuba_windows": {"SerialNumber": "S", "Apps": ["x"]}}', "windows: AttributeError"),
        (b'{"yakuba_windows": {"SerialNumber": "S", "Certificates": [{"NotAfter": "soon"}]}}', "ValueError"),
        (b" " * (observe.MOST + 1), "at most 2,000,000"),
    ],
)
def test_a_file_that_tells_nothing_says_why(content: bytes, says: str) -> None:
    with pytest.raises(observe.Unreadable, match=rf"x\.json: .*{says}"):
        observe.read("x.json", content, NOW)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["yakuba_windows", "system_info", "props", "firmwareVersion", "SerialNumber", "Apps", "os_version"]),
        inner, max_size=4),
))  # fmt: skip
def test_whatever_stands_in_a_file_it_is_read_or_refused(content: object) -> None:
    try:
        seen = observe.read("x.json", json.dumps(content).encode(), NOW)
    except observe.Unreadable:
        return
    assert isinstance(seen, Observation)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("device.firewall", "device.firewal", r"device\.firewal.*Nearest"),
        ("if: device.firewall", "if: device.battery", "checks"),
        ("platform: windows", "platform: dos", "platform"),
        ("ssid: demo-town-staff", f"ssid: {'x' * 33}", r"wifi\.ssid"),
        ("because: { ja: 注文した機種であること, easy: 頼んだ パソコンで ある, en: It is the model that was ordered }", "", "because"),
        ("checks:", "cheques:", "cheques"),
        ("checks:", "checks: [", "profile.yaml"),
    ],
)  # fmt: skip
def test_a_profile_with_a_slip_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    path = tmp_path / "profile.yaml"
    text = EXAMPLE.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(profile.ProfileError, match=says):
        profile.read(path)
