"""The file that places are taken in from: all of it, or nothing with every wrong row named."""

import hashlib
import json
from datetime import datetime

import pytest
from click.testing import CliRunner

from tests.booking.conftest import LATER
from tests.conftest import TOWN
from yakuba.access import SYSTEM
from yakuba.booking import actions, places_file
from yakuba.booking.commands import booking
from yakuba.booking.errors import Unreadable
from yakuba.clock import TOKYO

HEAD = "round,round_name_ja,round_name_easy,round_name_en,opens,closes,code,name_ja,name_easy,name_en,kind,starts,ends,capacity\n"
GOOD = (
    "oct,10月,10月,October,2026-10-01 09:00,,hall-1,公民館,公民館,Hall,,2026-10-03 09:00,2026-10-03 12:00,1\n"
)


def read(*rows: str):
    return places_file.read((HEAD + "".join(rows)).encode("utf-8-sig"))


def test_rows_of_one_round_come_together():
    (one,) = read(GOOD, GOOD.replace("hall-1", "hall-2"))
    assert (one.code, one.name.en, one.closes) == ("oct", "October", None)
    assert [place.code for place in one.places] == ["hall-1", "hall-2"]
    assert one.places[0].starts == datetime(2026, 10, 3, 9, tzinfo=TOKYO)


WRONG = {
    "a time that is none": GOOD.replace("2026-10-03 09:00", "10/3 morning"),
    "room for nobody": GOOD.replace(",1\n", ",0\n"),
    "no name": GOOD.replace(",公民館,公民館,Hall,", ",,公民館,Hall,"),
    "a code that no address can have": GOOD.replace("hall-1", "ホール 1"),
    "a column too many": GOOD.replace(",1\n", ",1,more\n"),
    "a row cut off": GOOD[:40] + "\n",
}


@pytest.mark.parametrize("slip", WRONG)
def test_a_wrong_row_is_named_and_nothing_is_taken_in(slip):
    with pytest.raises(Unreadable) as found:
        read(GOOD, WRONG[slip].replace("hall-1", "hall-2"))
    assert "3:" in found.value.text.en


def test_two_places_of_one_code_are_named():
    with pytest.raises(Unreadable, match="hall-1"):
        read(GOOD, GOOD)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_read_as_offices_write_it(encoding):
    (one,) = places_file.read((HEAD + GOOD.replace("公民館", "髙田公民館①")).encode(encoding))
    assert one.places[0].name.ja == "髙田公民館①"


def test_a_character_of_no_encoding_is_named_with_its_row():
    broken = (HEAD + GOOD + GOOD.replace("hall-1", "hall-2")).encode().replace(b"hall-2,\xe5", b"hall-2,\xff")
    with pytest.raises(Unreadable, match="3: UTF-8"):
        places_file.read(broken)


def test_a_file_in_another_encoding_is_named():
    with pytest.raises(Unreadable, match="UTF-8"):
        places_file.read((HEAD + GOOD).encode("utf-16"))


def test_an_empty_file_is_no_file_of_places():
    with pytest.raises(Unreadable):
        read()


@pytest.fixture
def run(in_town):
    """The command line on the database of the test."""
    return CliRunner().invoke


def test_the_commands_take_places_in_and_show_them(tmp_path, run):
    (tmp_path / "places.csv").write_bytes((HEAD + GOOD).encode())
    said = run(booking, ["places", "--town", TOWN, "facility-reservation", str(tmp_path / "places.csv")])
    assert said.output == "1 places in 1 rounds\n"
    shown = run(booking, ["show", "--town", TOWN, "facility-reservation"])
    assert "hall-1" in shown.output
    assert "1 of 1 free" in shown.output


def test_before_a_draw_only_the_digest_of_its_seed_is_shown_and_afterwards_the_seed(run, offer, ask, in_town):
    offer("course-application", {"tea": 1})
    ask("course-application", "tea")
    show = ["show", "--town", TOWN, "course-application", "--json"]
    (before,) = json.loads(run(booking, show).output)
    assert before["seed"] is None
    actions.draw("course-application", "autumn", by=SYSTEM(in_town), as_of=LATER)
    (after,) = json.loads(run(booking, show).output)
    assert hashlib.sha256(bytes.fromhex(after["seed"])).hexdigest() == before["seed_sha256"]


def test_a_round_that_cannot_be_drawn_is_said(run):
    said = run(booking, ["draw", "--town", TOWN, "course-application", "oct"])
    assert said.exit_code == 1
    assert "no round oct" in said.output
