"""The pages of disparity: small, without script, honest about what is unknown."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.test import Client

from tests.conftest import TOWN
from tests.progress.disparity.made import town, write
from yakuba.channels.progress import disparity_map
from yakuba.progress.disparity import table
from yakuba.progress.disparity.errors import NoTable
from yakuba.progress.disparity.table import Table

COUNTRY = "/progress/disparity/"
BESIDE = Path(__file__).resolve().parents[4] / "shared" / "data" / "progress"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table of four towns in two prefectures."""
    monkeypatch.setenv("YAKUBA_PROGRESS_DATA", str(tmp_path))
    rows = [
        town("A村", 2_000, aged=50, money=0.2, rpa=0, online32=0.10, online26=1, 妊娠の届出=0),
        town("B町", 9_000, aged=40, money=0.3, rpa=None, online32=0.70),
        town("C市", 250_000, aged=25, money=0.9, rpa=1, online32=None),
        town("D市", 60_000, aged=30, money=0.6, rpa=1, online32=0.40),
    ]
    return write(tmp_path, rows)


def test_the_country_shows_bands_prefectures_and_what_is_unknown(
    made: Path, db: None, client: Client
) -> None:
    said = client.get(f"{COUNTRY}?measure=rpa&lang=en").content.decode()
    assert "67 %" in said
    assert "(1 unknown, left out)" in said
    assert '<a href="/progress/disparity/02/?measure=rpa" lang="ja">青森県</a>' in said
    assert "100 points" in said
    assert "p10" not in said, "percentiles are told of ratios only"
    assert "p10" in client.get(f"{COUNTRY}?measure=online32&lang=en").content.decode()


def test_what_is_known_of_no_town_is_called_unknown_on_the_page(
    made: Path, in_town: str, client: Client
) -> None:
    for where in (COUNTRY, f"/{TOWN}{COUNTRY}", "/progress/disparity/02/"):
        answer = client.get(f"{where}?measure=ai&lang=en")
        assert answer.status_code == 200
        assert "None" not in answer.content.decode()


def test_a_prefecture_shows_its_towns_and_sorts_the_unknown_last(
    made: Path, db: None, client: Client
) -> None:
    said = client.get("/progress/disparity/02/?measure=online32&order=value&lang=en").content.decode()
    assert said.index(">D市</th>") < said.index(">C市</th>")
    assert "A村" not in said
    assert ">unknown</td>" in said
    assert client.get("/progress/disparity/48/").status_code == 404
    assert client.get("/progress/disparity/03/").status_code == 404, "no town of it stands in this table"


def test_the_files_have_every_town_and_an_empty_cell_for_what_is_unknown(
    made: Path, db: None, client: Client
) -> None:
    text = client.get(f"{COUNTRY}municipalities.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [one["RPAの導入状況"] for one in rows] == ["0", "", "1", "1"]
    found = client.get(f"{COUNTRY}municipalities.json").json()
    assert found["municipalities"][0]["online_use"] == {"妊娠の届出": 0}
    assert client.get(f"{COUNTRY}report.json").json()["municipalities"] == 4


def test_a_town_stands_beside_all_others_with_those_that_are_like_it(
    made: Path, in_town: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = client.get(f"/{TOWN}/progress/disparity/?lang=en").content.decode()
    assert "The published table has no row for 山あい町" in said
    monkeypatch.setattr(Table, "town", lambda self, code: self.towns[0])
    said = client.get(f"/{TOWN}/progress/disparity/?lang=en").content.decode()
    assert "Where 山あい町 stands" in said
    assert "北海道B町" in said


def test_without_a_table_the_page_says_so_and_where_it_would_come_from(
    tmp_path: Path, db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YAKUBA_PROGRESS_DATA", str(tmp_path))
    answer = client.get(f"{COUNTRY}?lang=en")
    assert answer.status_code == 404
    assert "The published table of municipalities is not here yet" in answer.content.decode()
    assert str(tmp_path) not in answer.content.decode(), "where files lie is nobody's business"
    assert client.get(f"{COUNTRY}municipalities.csv").status_code == 404


def test_a_table_with_renamed_columns_is_shown_as_such(made: Path, db: None, client: Client) -> None:
    made.write_text(made.read_text("utf-8-sig").replace("AIの導入状況", "AIの状況"), "utf-8")
    said = client.get(f"{COUNTRY}?lang=en").content.decode()
    assert "AIの導入状況 (→ AIの状況 ?)" in said


# -- the map -----------------------------------------------------------------------------------------
def test_every_municipality_of_a_real_code_is_on_both_maps() -> None:
    """1,741, and the six villages of 北方領土, of which no table has a row."""
    country = disparity_map._areas("country")["areas"]
    by_prefecture: dict[str, str] = {}
    for number in range(1, 48):
        by_prefecture |= disparity_map._areas(f"{number:02}")["areas"]
    assert country.keys() == by_prefecture.keys()
    assert len(country) == 1741 + 6
    assert len(disparity_map._areas("country")["prefectures"]) == 47
    assert all(path.startswith("M") and path.endswith("z") for path in country.values())


def test_who_has_no_value_is_drawn_as_unknown_and_not_as_the_lowest() -> None:
    drawn = disparity_map.prefecture("13", {"131016": 0.0, "131024": 0.85})
    assert drawn is not None
    shades = {one.code: one.shade for one in drawn.areas}
    assert (shades["131016"], shades["131024"], shades["131032"]) == ("0", "4", "x")


def test_the_country_with_all_municipalities_stays_under_300_kilobytes(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page, map and style sheet, as they are before anything is compressed; in the language with the most letters."""
    try:
        table.read(BESIDE)
    except NoTable as missing:
        pytest.skip(str(missing))
    monkeypatch.setenv("YAKUBA_PROGRESS_DATA", str(BESIDE))
    page = client.get(f"{COUNTRY}?measure=online32&lang=easy").content
    sheet = client.get("/static/site/yakuba.css").getvalue()
    assert len(page) + len(sheet) < 300_000
    squeezed = client.get(COUNTRY, headers={"accept-encoding": "gzip"})
    assert squeezed["Content-Encoding"] == "gzip"
