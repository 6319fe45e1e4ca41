"""A town leaves one installation in one file, and comes into another as it was: rows, secrets, files, both logs, its work."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

import pyrage
import pytest
from django.apps import apps

from tests.cases.conftest import SMALL
from tests.installation import drop_database, fresh_database, said_by
from tests.server import VAR
from yakuba.site import safety
from yakuba.site.moving_town import envelope, tables
from yakuba.site.moving_town.errors import Damaged, MovingError, WrongPassphrase

pytestmark = pytest.mark.long
TOWN, NEIGHBOUR = "394262", "394297"
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "alone")
NEW_HERE = {"cases_arrival", "cases_checkpoint"}
"""Tables to which coming and going adds a row."""


class Moved:
    """What both installations say of the move."""

    def __init__(self, there: dict[str, Any], here: dict[str, Any]):
        self.there, self.here = there, here


@pytest.fixture(scope="module")
def moved() -> Iterator[Moved]:
    """The town is filled in one installation, and comes into another, where a neighbour works already."""
    with TemporaryDirectory(dir=VAR) as folder:
        file = Path(folder) / "town.age"
        yield Moved(
            _installation("there", Path(folder), "leave", file),
            _installation("here", Path(folder), "arrive", file),
        )


def _installation(name: str, folder: Path, what: str, file: Path) -> dict[str, Any]:
    """An installation with a database, a folder and keys of its own does its part."""
    own = f"moving_{name}_{PROCESS}"
    (folder / name).mkdir()
    copytree(SMALL, folder / name / "services")
    chosen = {
        "DATABASE_URL": fresh_database(own),
        "YAKUBA_VAR": str(folder / name),
        "YAKUBA_SERVICES": str(folder / name / "services"),
        "YAKUBA_SMTP_URL": "smtp://127.0.0.1:9",
    }
    try:
        return said_by("tests.site.moving", what, str(file), env=chosen)
    finally:
        drop_database(own)


def test_every_table_has_the_same_rows_here_as_there(moved):
    assert {name for name, one in moved.there["tables"].items() if not one["rows"]} == set(
        moved.there["signed"]
    )
    assert moved.here["manifest"]["tables"] == moved.there["tables"]
    left = moved.here["left"]["tables"]
    changed_by_work = {name for name, one in left.items() if one != moved.there["tables"][name]}
    assert changed_by_work >= NEW_HERE
    assert left["cases_arrival"]["rows"] == moved.there["tables"]["cases_arrival"]["rows"] + 1


def test_both_logs_hold_here_and_their_heads_are_the_same(moved):
    assert moved.there["findings"] == moved.here["seen"]["findings"] == moved.here["after"]["findings"] == []
    for log in ("case_log", "access_log"):
        assert moved.here["manifest"][log] == moved.there[log]
    assert moved.there["case_log"]["cases"] == moved.here["seen"]["cases"] == 3


def test_numbers_that_a_neighbour_has_too_stay_as_they_are_and_new_ones_come_after_them(moved):
    seen, after = moved.here["seen"]["looks"], moved.here["after"]["looks"]
    assert seen[0] == 1, "there and here begin with the same numbers"
    assert after[: len(seen)] == seen
    assert moved.here["neighbour"]["access_accessevent"]["rows"] > 0


def test_secrets_are_sealed_with_the_keys_of_where_the_town_is(moved):
    seen = moved.here["seen"]
    assert {name: seen[name] for name in ("webhook", "robot", "field")} == moved.there["sealed"]
    assert (seen["totp"], seen["line"]) == ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "token")


def test_the_towns_own_files_come_along_and_links_and_locks_do_not(moved):
    services = moved.here["files"].pop("services")
    assert [path for path, _, _ in services] == ["heating.yaml"]
    assert moved.here["files"] == {
        name: [["below/file.txt", f"{name} of {TOWN}", 0o600]] for name in ("answers", "exchange", "inbox")
    }


def test_what_was_under_way_is_worked_to_its_end(moved):
    worked = moved.here["worked"]
    assert worked[moved.there["waits"]] == ["closed", "refused"]
    assert worked[moved.there["fresh"]] == ["open", None], "decided, and waits for its money"
    assert moved.here["after"]["events"] > moved.here["seen"]["events"]


def test_a_town_that_is_here_does_not_come_in_again(moved):
    kind, says = moved.here["again"]
    assert kind == "AlreadyHere"
    assert f"town {TOWN} is here already" in says


def test_the_list_says_how_each_hall_stands(moved):
    assert [(one["code"], one["cases"]) for one in moved.here["listed"]] == [(TOWN, 3), (NEIGHBOUR, 3)]


REFUSED = {
    "the passphrase is another": ("WrongPassphrase", "does not open"),
    "a bit of the content": ("Damaged", "was changed"),
    "a letter of the header": ("Damaged", "was changed"),
    "cut off in the middle": ("Damaged", "ends too early"),
    "cut off between two chunks": ("Damaged", "ends too early"),
    "the last byte is missing": ("Damaged", "ends too early"),
    "a byte too many": ("Damaged", "its end"),
    "two chunks changed places": ("Damaged", "was changed"),
    "no archive": ("Damaged", "no archive of a town"),
    "nothing": ("Damaged", "no archive of a town"),
    "a key that takes a day to make": ("Damaged", "scrypt with 2^40"),
    "signed by somebody else than was said": ("NotAsItLeft", "ask who made it"),
    "of other tables": ("OtherSchema", "same version"),
    "of another form": ("OtherSchema", "form 2"),
    "a manifest that nobody signed": ("NotAsItLeft", "signature"),
    "a row is missing": ("NotAsItLeft", "cases_task"),
    "a row is missing, and the manifest says so": ("NotAsItLeft", ""),
    "an event says something else": ("NotAsItLeft", "was changed"),
    "a look at the register was taken out": ("NotAsItLeft", "access log, "),
    "a case is decided otherwise": ("NotAsItLeft", "logs do not hold"),
    "a row of the neighbour": ("NotAsItLeft", "row-level security"),
    "a neighbour comes along": ("NotAsItLeft", "register_town"),
    "a number nobody has given": ("NotAsItLeft", ""),
    "a reference to nothing": ("NotAsItLeft", "foreign key"),
    "a value that is none": ("NotAsItLeft", "invalid input syntax"),
    "a table is missing": ("Damaged", "where the rows of cases_document belong"),
    "an end without a manifest": ("Damaged", "manifest.json"),
    "a file outside of the folders": ("Damaged", "outside of the town's folders"),
    "a file at the root": ("Damaged", "outside of the town's folders"),
    "a link": ("Damaged", "no plain file"),
    "another folder": ("Damaged", "'secrets'"),
    "a file that the manifest does not know": ("NotAsItLeft", "inbox"),
    "something after the end": ("Damaged", "'more'"),
}


def test_an_archive_that_is_damaged_or_forged_is_refused_with_the_reason(moved):
    assert moved.here["refused"].keys() == REFUSED.keys()
    wrong = {
        what: said
        for what, said in moved.here["refused"].items()
        if not said or said[0] != REFUSED[what][0] or REFUSED[what][1] not in said[1]
    }
    assert wrong == {}


def test_what_was_refused_changed_nothing(moved):
    assert moved.here["untouched"]


# -- the envelope ------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 200_000])
def test_what_is_sealed_opens_with_its_passphrase_and_no_other(size):
    content, sealed = os.urandom(size), io.BytesIO()
    with envelope.Sealing(sealed, "a passphrase", work=4) as sealing:
        for begin in range(0, size, 1000):
            sealing.write(content[begin : begin + 1000])
    assert envelope.Opening(io.BytesIO(sealed.getvalue()), "a passphrase").readall() == content
    with pytest.raises(WrongPassphrase):
        envelope.Opening(io.BytesIO(sealed.getvalue()), "A passphrase")
    for cut in {len(sealed.getvalue()) - 1, len(sealed.getvalue()) - 17}:
        with pytest.raises(Damaged):
            envelope.Opening(io.BytesIO(sealed.getvalue()[:cut]), "a passphrase").readall()


@pytest.mark.parametrize("content", [b"", b"town" * 40_000])
def test_other_programs_open_it(content):
    sealed = io.BytesIO()
    with envelope.Sealing(sealed, "a passphrase", work=4) as sealing:
        sealing.write(content)
    assert pyrage.passphrase.decrypt(sealed.getvalue(), "a passphrase") == content


def test_a_short_passphrase_guards_nothing():
    with pytest.raises(MovingError, match="12 or more"):
        envelope.Sealing(io.BytesIO(), "short")


# -- what goes along ---------------------------------------------------------------------------------
def test_every_column_of_what_is_sealed_is_declared_so_that_it_is_opened(db):
    declared = {table.columns[place] for table in tables.of_a_town() for place in table.sealed}
    written = [
        line.strip()
        for file in (Path(__file__).parents[2] / "yakuba").rglob("*.py")
        if "sealed.seal(" in (text := file.read_text("utf-8")) or "access.sealed import seal" in text
        for line in text.splitlines()
        if re.search(r"(?<!def )\bseal\(", line)
    ]
    assert len(written) >= 6
    renewed = {(apps.get_model(room, model)._meta.db_table, field) for room, model, field in safety.SEALED}
    assert renewed == {(table.name, table.columns[n]) for table in tables.of_a_town() for n in table.sealed}
    assert [line for line in written if not any(f"{one}" in line for one in declared)] == []
