"""The depot's page: stock, the way of a failed unit, counting a bin; and the page of contracts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.channels.test_dispatch_desk import hall, said, text
from tests.field.conftest import Centre, centre
from tests.field.hall import Hall
from yakuba import clock
from yakuba.field import onsite, queries

__all__ = ["centre", "hall"]
DEPOT = "/394262/staff/depot/"
CUSTOMERS = "/394262/staff/customers/"


@pytest.fixture
def back(hall: Hall, centre: Centre) -> str:
    """S-1 was exchanged for SP-1, and a technician brings it to the depot."""
    now = centre.now = hall.now - timedelta(hours=2)
    hall.installed("S-1", centre)
    hall.stock(centre, "SP-1")
    hall.technician("北 一")
    case = hall.call("S-1", now + timedelta(minutes=30))
    spare = hall.decide(case, "exchange", now + timedelta(minutes=31))
    assert spare is not None
    hall.set_up(centre, spare, now + timedelta(minutes=32))
    hall.plan(hall.now)
    one, kita = hall.visit(case), hall.person("technician", "北 一")
    found = {"finding": "交換した", "signed_by": "担当", "installed": "SP-1", "removed": "S-1"}
    onsite.arrive(one.task, by=kita, as_of=hall.now)
    onsite.finish(one.task, {"visit": found}, [], by=kita, as_of=hall.now)
    return "S-1"


def act(browser, serial: str, did: str, **more: str) -> str:
    return text(browser.post(f"{DEPOT}act/", {"serial": serial, "did": did} | more, follow=True))


def test_a_failed_unit_comes_back_is_erased_and_is_a_spare_again(desk, back: str) -> None:
    kitter = desk("kitter")
    assert "S-1" in text(kitter.get(DEPOT))
    assert "S-1 を記録しました" in said(act(kitter, back, "take-back", place="棚A"))
    act(kitter, back, "erase", method="purge", certificate="ER-1")
    page = act(kitter, back, "repaired")
    assert "S-1 を記録しました" in said(page)
    assert "棚A" in page
    assert queries.custody(back)[-1].holder == "depot:棚A"


@pytest.mark.parametrize(
    ("did", "more", "says"),
    [
        ("take-back", {}, "置き場を入れて"),
        ("erase", {"method": "purge"}, "証明書の番号"),
        ("erase", {"method": "magic", "certificate": "1"}, "証明書の番号"),
        ("repaired", {}, "次の作業は「故障した端末を倉庫で受け取る」"),
        ("", {}, "もう一度選んで"),
    ],
)
def test_what_is_missing_or_out_of_turn_is_said(desk, back: str, did: str, more: dict, says: str) -> None:
    assert says in said(act(desk("kitter"), back, did, **more))
    assert queries.custody(back)[-1].holder == "staff:北 一"


def test_a_count_shows_what_is_missing_and_what_is_too_much(desk, hall: Hall, centre: Centre) -> None:
    centre.now = hall.now - timedelta(hours=2)
    hall.stock(centre, "SP-1", "SP-2", depot="棚B")
    hall.stock(centre, "SP-3", depot="棚C")
    sent = {"bin": "棚B", "scanned": "SP-1\n\nSP-3\nNEVER\nSP-1"}
    page = text(desk("kitter").post(f"{DEPOT}count/", sent))
    assert "<li>SP-2</li>" in page
    assert "SP-3: depot:棚C" in page
    assert "<li>NEVER</li>" in page


def test_only_kitting_staff_work_at_the_depot(desk, hall: Hall) -> None:
    for role in ("clerk", "agent", "technician", "dispatcher"):
        assert desk(role).get(DEPOT).status_code == 403


def test_a_manager_reads_the_statement_of_a_month_and_saves_it(desk, back: str, hall: Hall) -> None:
    month = f"{clock.in_tokyo(hall.now):%Y-%m}"
    manager = desk("manager")
    page = text(manager.get(f"{CUSTOMERS}?number=MC-1&month={month}"))
    assert "12,000円" in page
    assert "交換" in page
    kept = manager.get(f"{CUSTOMERS}statement/?number=MC-1&month={month}")
    lines = kept.content.decode("utf-8-sig").splitlines()
    assert lines[1] == f"MC-1,見本商事,{month},交換,1,12000,12000"
    assert lines[-1].endswith("合計,,,12000")


def test_a_month_that_cannot_be_read_is_this_month_and_an_unknown_contract_is_not_there(
    desk, hall: Hall
) -> None:
    manager = desk("manager")
    assert f"{clock.in_tokyo(hall.now):%Y-%m}" in text(manager.get(f"{CUSTOMERS}?number=MC-1&month=soon"))
    assert manager.get(f"{CUSTOMERS}statement/?number=MC-9").status_code == 404
    for role in ("clerk", "agent", "dispatcher", "technician"):
        assert desk(role).get(CUSTOMERS).status_code == 403
