"""An order from the spreadsheet to the carrier, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from tests.access.people import make_staff
from tests.conftest import TOWN
from tests.field.conftest import Centre
from yakuba.access import towns
from yakuba.field import contract, figures, roster_file
from yakuba.field.commands import field
from yakuba.field.kitting import artefacts, profile, simulated
from yakuba.field.kitting.device import Recipient
from yakuba.field.models import Contract, Device, OrderLine, Secret
from yakuba.register import queries as register
from yakuba.site import cli


@pytest.fixture
def run(centre: Centre, monkeypatch: pytest.MonkeyPatch):
    """`run("custody", "SN1")`: a command in the test's town."""
    monkeypatch.setattr(cli, "prepare", lambda: None)  # the tests' database is up already

    def command(*words: object) -> Result:
        return CliRunner().invoke(field, [str(word) for word in words], catch_exceptions=True)

    return command


@pytest.fixture
def ordered(run, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(
        "番号,コンピューター名,アカウント\n1,YKB-00001,user0001\n2,YKB-00002,user0002\n".encode("cp932")
    )
    done = run(
        "order",
        path,
        "--town",
        TOWN,
        "--number",
        "K-1",
        "--profile",
        profile.EXAMPLE,
        "--ship-to",
        "town-hall",
    )
    assert done.exit_code == 0, done.output
    assert "2 devices by staff-notebook 2026-11-01 wait" in done.output


def test_an_order_comes_from_a_spreadsheet_and_its_devices_from_a_folder(
    run, ordered, centre: Centre, tmp_path: Path
) -> None:
    centre.receive("SN1")
    centre.scan("SN1", "unbox", "set-up")
    folder = tmp_path / "inbox"
    folder.mkdir()
    person = Recipient("1", "YKB-00001", "user0001")
    (folder / "SN1.json").write_bytes(simulated.as_file(simulated.sound(centre.profile, person, "SN1")))
    assert run("read", folder, "--town", TOWN).output == "SN1.json: SN1\n"
    (folder / "bad.json").write_text("[]")
    bad = run("read", folder, "--town", TOWN)
    assert bad.exit_code == 1
    assert "bad.json: an object is needed" in bad.output

    from yakuba.cases import jobs

    jobs.drain(centre.town, as_of=centre.later())
    assert centre.scan("SN1", "label").next == "pack"
    out = tmp_path / "labels.pdf"
    assert "1 labels" in run("labels", "K-1", "--town", TOWN, "--out", out).output
    assert out.read_bytes().startswith(b"%PDF")
    assert "No device of order K-9" in run("labels", "K-9", "--town", TOWN, "--out", out).output


def test_a_list_with_a_fault_orders_nothing(run, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("number,hostname\n1,YKB-1\n2,YKB_2\n")
    done = run(
        "order", path, "--town", TOWN, "--number", "K-1", "--profile", profile.EXAMPLE, "--ship-to", "x"
    )
    assert done.exit_code != 0
    assert "3行目" in str(done.exception)
    assert OrderLine.objects.count() == 0


def test_custody_tells_a_devices_whole_life(run, centre: Centre) -> None:
    centre.order()
    centre.up_to("SN1", "ship")
    centre.scan("SN1", "ship", tracking="T-1")
    said = run("custody", "SN1").output.splitlines()
    assert len(said) == 2
    assert "depot:chiba-3 at chiba-3" in said[0]
    assert " - now  carrier:T-1" in said[1]
    (first, second) = json.loads(run("custody", "SN1", "--json").output)
    assert first["until"] == second["since"]
    unknown = run("custody", "NOPE")
    assert (unknown.exit_code, "No device NOPE" in unknown.output) == (1, True)


def test_a_synthetic_order_finds_every_fault_and_holds_no_good_device(run) -> None:
    done = run("kit", "--devices", "24", "--faults", "0.5", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["faulty"], found["kinds"], found["found"]) == (12, 12, 12)
    assert (found["missed"], found["held_for_nothing"], found["shipped"]) == (0, 0, 24)
    assert found["first_pass"] == 0.5
    assert Device.objects.filter(holder__startswith="carrier:").count() == 24
    again = run("kit", "--devices", "24")
    assert "Choose another --seed" in str(again.exception)
    assert "24 devices" in run("kit", "--devices", "24", "--seed", "2").output


def test_files_that_set_devices_up_hold_the_secrets_and_only_their_owner_reads_them(
    run, ordered, tmp_path: Path
) -> None:
    out = tmp_path / "files"
    refused = run("files", "K-1", "--town", TOWN, "--out", out)
    assert "the vault has no 'admin/staff-notebook'" in str(refused.exception)
    assert not out.exists()
    secret = CliRunner().invoke(
        field, ["secret", "admin/staff-notebook", "--town", TOWN], input="Geheim-7\nGeheim-7\n"
    )
    assert secret.exit_code == 0
    assert "Geheim-7" not in secret.output
    assert "Geheim" not in Secret.objects.get().sealed
    done = run("files", "K-1", "--town", TOWN, "--out", out)
    assert "2 files" in done.output
    assert sorted(one.name for one in out.iterdir()) == ["YKB-00001.unattend.xml", "YKB-00002.unattend.xml"]
    assert (out.stat().st_mode & 0o777, (out / "YKB-00001.unattend.xml").stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )
    assert b"Password" in (out / "YKB-00001.unattend.xml").read_bytes()
    assert "There is no order K-9" in run("files", "K-9", "--town", TOWN, "--out", tmp_path / "x").output


def test_no_secret_stands_in_the_log_or_on_a_label(run, ordered, centre: Centre) -> None:
    CliRunner().invoke(
        field, ["secret", "admin/staff-notebook", "--town", TOWN], input="Geheim-7\nGeheim-7\n"
    )
    centre.receive("SN1")
    from yakuba.cases.models import Event

    assert not [one for one in Event.objects.all() if "Geheim" in f"{one.body} {one.private}"]


def test_a_partner_gets_its_hall_and_a_town_agrees_with_it(run, centre: Centre) -> None:
    assert "/900001/staff/" in run("partner", "900001", "--name", "デモ保守").output
    terms = ("--town", centre.town, "--partner", "900001", "--step", "visit", "--since", "2026-12-01")
    agreed = run("contract", *terms, "--service", "disaster-certificate")
    assert agreed.exit_code == 0, agreed.output
    assert "It is shown: case.reference, house.address, applicant.name, applicant.phone" in agreed.output
    assert Contract.objects.get().partner == "900001"
    assert "There is no service disaster" in run("contract", *terms, "--service", "disaster").output
    assert "900001 is here already" in str(run("partner", "900001", "--name", "x").exception)
    for code in ("394262", "90001", "9０0001", "9abcde"):
        assert "begins with 9" in str(run("partner", code, "--name", "x").exception)
    assert [one.code for one in register.towns()] == [centre.town]


# -- papers and lists --------------------------------------------------------------------------------
def test_the_papers_of_an_order_name_its_devices_and_no_account(
    run, ordered, centre: Centre, tmp_path: Path
) -> None:
    assert "No device" in run("papers", "K-1", "--town", TOWN, "--out", tmp_path, "--to", "本庁舎").output
    centre.receive("SN1")
    done = run("papers", "K-1", "--town", TOWN, "--out", tmp_path / "papers", "--to", "本庁舎")
    assert done.exit_code == 0, done.output
    for kind, says in (("packing", "梱包明細書"), ("delivery", "受け取りました")):
        text = pdf_text(tmp_path / "papers" / f"K-1-{kind}.pdf")
        assert says in text
        assert "YKB-00001" in text
        assert "SN1" in text
        assert "user0001" not in text


def pdf_text(path: Path) -> str:
    return "".join(page.extract_text() for page in PdfReader(path).pages).replace("\n", "")


def test_what_was_read_of_devices_registers_them_with_autopilot(
    run, ordered, centre: Centre, tmp_path: Path
) -> None:
    out = tmp_path / "autopilot.csv"
    centre.receive("SN1")
    missing = run("enrol", "K-1", "--town", TOWN, "--out", out)
    assert isinstance(missing.exception, artefacts.Unfit)
    assert "hardware hash was not read" in str(missing.exception)
    centre.take_in("SN1")
    assert run("enrol", "K-1", "--town", TOWN, "--out", out).output == f"1 devices in {out}\n"
    head, row = out.read_text().splitlines()
    assert head.startswith("Device Serial Number,")
    assert row.startswith("SN1,,")


def test_a_portals_list_has_the_columns_that_are_asked_for(
    run, ordered, centre: Centre, tmp_path: Path
) -> None:
    out = tmp_path / "portal.csv"
    centre.receive("SN1")
    centre.take_in("SN1")
    asked = ("--column", "type==SERIAL", "--column", "id=serial", "--column", "maker=maker")
    run("enrol", "K-1", "--town", TOWN, "--out", out, *asked)
    assert out.read_text() == "type,id,maker\nSERIAL,SN1,Dell Inc.\n"
    lacks = run("enrol", "K-1", "--town", TOWN, "--out", out, "--column", "modemid=imei")
    assert "no imei" in str(lacks.exception)
    assert "COLUMN=FIELD" in run("enrol", "K-1", "--town", TOWN, "--out", out, "--column", "imei").output


# -- contracts, technicians, spares, a day ---------------------------------------------------------------
def test_a_contract_and_its_month(run) -> None:
    kept = run("agreement", contract.EXAMPLE, "--town", TOWN)
    assert kept.exit_code == 0, kept.output
    assert "MC-2026-01" in kept.output
    said = json.loads(run("statement", "MC-2026-01", "--town", TOWN, "--month", "2026-11", "--json").output)
    assert (said["number"], said["yen"], said["lines"]) == ("MC-2026-01", 0, [])
    assert "0 yen" in run("statement", "MC-2026-01", "--town", TOWN, "--month", "2026-11").output
    assert run("statement", "MC-9", "--town", TOWN, "--month", "2026-11").exit_code == 1


def test_a_roster_needs_accounts(run) -> None:
    without = run("roster", roster_file.EXAMPLE, "--town", TOWN)
    assert "no account: genchi" in str(without.exception)
    with towns.inside(TOWN):
        make_staff("technician", login="genchi", name="現地 八重")
    assert "1 technicians and 2 ferries" in run("roster", roster_file.EXAMPLE, "--town", TOWN).output


def test_spares_come_in_by_a_list(run, tmp_path: Path) -> None:
    path = tmp_path / "spares.csv"
    path.write_text("番号,コンピューター名,製造番号\n1,SPARE-1,SP1\n2,SPARE-2,SP2\n", "utf-8-sig")
    options = ("--profile", profile.EXAMPLE, "--depot", "高知", "--town", TOWN)
    assert "2 spares" in run("stock", path, "--number", "POOL-1", *options).output
    assert figures.spares() == {"高知": {"staff-notebook": 2}}
    wrong = run("stock", path, "--number", "K-1", *options)
    assert "POOL-" in str(wrong.exception)


def test_a_day_that_nobody_worked_is_all_noughts(run) -> None:
    said = json.loads(run("day", "--hall", TOWN, "--date", "2001-01-01", "--json").output)
    assert (said["asked"], said["planned"], said["done"], said["unserved"]) == (0, 0, 0, {})
    assert said["exchanges"] == {"done": 0, "waiting": 0, "median_minutes_to_restore": None}
    assert "first_pass: None" in run("day", "--hall", TOWN, "--date", "2001-01-01").output
