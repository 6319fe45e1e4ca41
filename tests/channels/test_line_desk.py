"""The kitting line on the desk: by scanner, by keyboard, without JavaScript."""
# ruff: noqa: F401, F811  (fixtures of another folder are named where they are used)

from __future__ import annotations

import re

import pytest

from tests.field.conftest import Centre, centre
from yakuba.field import queries

LINE = "/394262/staff/line/"
SN = "SIM00000001"


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def scan(client, station: str, serial: str, **more: str) -> str:
    sent = {"station": station, "serial": serial, "order": "K-1", "place": "chiba-3"} | more
    return text(client.post(f"{LINE}scan/", sent, follow=True))


def field(page: str, name: str) -> str:
    (found,) = re.findall(rf'<input[^>]* name="{name}"[^>]*>', page.partition('id="scanning"')[2])
    return found


def test_a_device_is_taken_along_the_line_by_scans(desk, centre: Centre) -> None:
    centre.order()
    kitter = desk("kitter")
    assert "「受け取る」を記録しました。次は「開梱する」です。" in scan(kitter, "receive", SN)
    scan(kitter, "unbox", SN)
    assert "端末から読み取って仕様と照らし合わせる" in scan(kitter, "set-up", SN)
    centre.read(SN)
    scan(kitter, "label", f"YKB1/K-1/YKB-00001/{SN}")
    scan(kitter, "pack", SN)
    asked = scan(kitter, "ship", SN)
    assert "続けて送り状番号を読み取ってください" in asked
    assert f'value="{SN}"' in field(asked, "serial")
    assert "autofocus" in field(asked, "tracking")
    assert "なし（終わりました）" in scan(kitter, "ship", SN, tracking="1234-5678")
    assert [one.holder for one in queries.custody(SN)] == ["depot:chiba-3", "carrier:1234-5678"]


def test_the_field_waits_for_the_next_scan_and_keeps_where_one_works(desk, centre: Centre) -> None:
    centre.order()
    page = scan(desk("kitter"), "receive", SN)
    assert "autofocus" in field(page, "serial")
    assert 'value=""' in field(page, "serial")
    assert 'name="order" value="K-1"' in page
    assert 'name="place" value="chiba-3"' in page


def test_a_second_scan_says_that_it_was_done(desk, centre: Centre) -> None:
    centre.order()
    kitter = desk("kitter")
    scan(kitter, "receive", SN)
    assert "もう記録してあります" in scan(kitter, "receive", SN)


@pytest.mark.parametrize(
    ("station", "serial", "says"),
    [
        ("unbox", "NOPE", "製造番号 NOPE の端末は受け取っていません"),
        ("label", SN, "次の作業は「開梱する」です"),
        ("receive", "ANOTHER", "受け取る端末はもうありません"),
        ("unbox", "", "製造番号を読み取ってください"),
        ("unbox", "x" * 65, "64"),
    ],
)
def test_what_cannot_be_done_says_why(desk, centre: Centre, station: str, serial: str, says: str) -> None:
    centre.order()
    kitter = desk("kitter")
    scan(kitter, "receive", SN)
    assert says in scan(kitter, station, serial)


@pytest.mark.parametrize("missing", ["order", "place"])
def test_nothing_is_received_without_an_order_and_a_bin(desk, centre: Centre, missing: str) -> None:
    centre.order()
    assert "先に注文番号と置き場を" in scan(desk("kitter"), "receive", SN, **{missing: " "})
    assert queries.custody(SN) == []


def test_what_a_device_is_has_no_station(desk, centre: Centre) -> None:
    centre.order()
    kitter = desk("kitter")
    assert 'value="verify"' not in text(kitter.get(LINE))
    centre.up_to(SN, "verify")
    scan(kitter, "verify", SN)
    assert queries.line(centre.now).compared == 0


def test_the_board_shows_what_waits_and_what_must_be_mended(desk, centre: Centre) -> None:
    centre.order(count=2)
    centre.up_to(SN, "verify")
    centre.read(SN, fault="firewall off")
    page = text(desk("manager").get(f"{LINE}?order=K-1"))
    assert "ファイアウォールが有効であること" in page
    assert "0.0%" in page
    assert "記録する" not in page


@pytest.mark.parametrize("role", ["clerk", "reviewer", "accountant", "approver"])
def test_others_neither_look_nor_scan(desk, role: str) -> None:
    other = desk(role)
    assert other.get(LINE).status_code == 403
    assert other.post(f"{LINE}scan/", {}).status_code == 403


def test_a_manager_looks_and_does_not_scan(desk, centre: Centre) -> None:
    centre.order()
    assert desk("manager").post(f"{LINE}scan/", {"serial": SN}).status_code == 403
    assert queries.custody(SN) == []
