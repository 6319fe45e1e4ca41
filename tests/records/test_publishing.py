"""A town publishes what it has: checked, with small counts kept back, once for each change, described for catalogues."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from csvw import CSVW
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF

from tests.booking.conftest import offer
from yakuba.access import towns
from yakuba.records import publishing
from yakuba.records.commands import records
from yakuba.records.opendata import population
from yakuba.records.opendata.shelf import Shelf
from yakuba.register import actions as register

__all__ = ["offer"]
TOWN = "394262"
NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
SITES = "全国地方公共団体コード,ID,名称,緯度,経度,災害種別_地震,管理人\n394262,1,上山小学校（架空）,34.2,134.0,1,見本 太郎\n"
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")


@pytest.fixture
def town(db: None) -> str:
    register.create_town(TOWN, 900, 1, as_of=NOW.date())
    return TOWN


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "published")


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """A folder with what the town keeps in files: evacuation sites, as Excel writes them."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "evacuation-sites.csv").write_bytes(SITES.encode("cp932"))
    return folder


def published(shelf: Shelf, *, as_of: datetime = NOW, **more: Any) -> dict[str, publishing.Outcome]:
    return {one.dataset.id: one for one in publishing.publish(TOWN, shelf, as_of=as_of, **more)}


def rows(shelf: Shelf, dataset: str) -> list[dict[str, str]]:
    kept = shelf.newest()[dataset]
    content = shelf.file(dataset, kept, "csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


# -- people -------------------------------------------------------------------------------------------
def test_people_are_counted_by_district_and_age_as_of_the_first_of_the_month(town: str, shelf: Shelf) -> None:
    outcome = published(shelf)["population"]
    found = rows(shelf, "population")
    assert outcome.state == "published"
    assert {one["調査年月日"] for one in found} == {"2026-11-01"}
    assert {one["地域名"] for one in found} >= {"上山", "桑ノ川", "城ノ下"}
    with towns.inside(TOWN), connection.cursor() as cursor:
        cursor.execute("select count(*) from register_person where moved_in <= '2026-11-01'")
        (people,) = cursor.fetchone()
    counted = [one["総人口"] for one in found]
    assert "X" in counted or sum(map(int, counted)) == people


def test_no_count_below_ten_is_published_and_the_proof_says_what_was_tried(town: str, shelf: Shelf) -> None:
    outcome = published(shelf)["population"]
    numbers = [one[name] for one in rows(shelf, "population") for name in population.COLUMNS]
    assert all(number == "X" or int(number) >= 10 for number in numbers)
    proof = outcome.proof
    assert proof is not None
    assert proof["over"] == ("地域", "性別", "年齢階級")
    assert proof["k"] >= 10
    assert proof["narrowest"] >= proof["width"] == 10
    assert proof["attempts"] > 0


def test_counting_takes_the_same_few_queries_for_any_number_of_people(db: None, tmp_path: Path) -> None:
    taken = []
    for code, people in ((TOWN, 60), ("394297", 600)):
        register.create_town(code, people, 1, as_of=NOW.date())
        with CaptureQueriesContext(connection) as queries:
            publishing.publish(code, Shelf(tmp_path / code), as_of=NOW)
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_a_file_of_people_that_the_town_hands_in_is_protected_as_its_own_register(
    town: str, shelf: Shelf, handed_in: Path
) -> None:
    _write_people(handed_in, {"山": 3, "川": 500, "谷": 400})
    assert published(shelf, given=handed_in)["population"].state == "published"
    shown = {one["地域名"]: one["総人口"] for one in rows(shelf, "population")}
    assert shown["山"] == "X"
    assert "X" in (shown["川"], shown["谷"])


def test_a_file_of_people_that_does_not_add_up_is_not_published(
    town: str, shelf: Shelf, handed_in: Path
) -> None:
    _write_people(handed_in, {"山": 30, "川": 500}, men=1)
    refused = published(shelf, given=handed_in)["population"]
    assert refused.state == "refused"
    assert refused.why is not None
    assert "人数の合計が合いません" in refused.why.ja
    assert "population" not in shelf.newest()


def _write_people(folder: Path, districts: dict[str, int], men: int = 0) -> None:
    names = ("全国地方公共団体コード", "調査年月日", "地域名", *population.COLUMNS, "世帯数")
    with (folder / "population.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, names, restval="0")
        out.writeheader()
        for name, count in districts.items():
            women = population.column("female", 3)
            out.writerow(
                {"全国地方公共団体コード": TOWN, "調査年月日": "2026-10-01", "地域名": name, "総人口": count,
                 "女性": count, "男性": men, women: count, "世帯数": count // 2}
            )  # fmt: skip


# -- other datasets -----------------------------------------------------------------------------------
def test_a_file_that_the_town_hands_in_is_published_without_columns_that_nobody_knows(
    town: str, shelf: Shelf, handed_in: Path
) -> None:
    assert published(shelf, given=handed_in)["evacuation-sites"].state == "published"
    (site,) = rows(shelf, "evacuation-sites")
    assert site["名称"] == "上山小学校（架空）"
    assert "管理人" not in site
    record = shelf.records("evacuation-sites", shelf.newest()["evacuation-sites"])[0]
    assert (record["緯度"], record["災害種別_地震"]) == (34.2, "1")


def test_a_faulty_file_is_refused_and_what_was_published_before_stays(
    town: str, shelf: Shelf, handed_in: Path
) -> None:
    published(shelf, given=handed_in)
    (handed_in / "evacuation-sites.csv").write_text(SITES.replace("34.2,134.0", "134.0,34.2"), "utf-8")
    refused = published(shelf, given=handed_in)["evacuation-sites"]
    assert refused.state == "refused"
    assert refused.report is not None
    assert refused.report.kinds == {"latitude": 1, "longitude": 1, "own_column": 1}
    assert rows(shelf, "evacuation-sites")[0]["緯度"] == "34.2"


def test_courses_that_residents_can_apply_for_are_events(in_town: str, shelf: Shelf, offer) -> None:
    offer("course-application", {"pottery": 12}, starts=NOW + timedelta(days=9))
    assert published(shelf)["events"].state == "published"
    (event,) = rows(shelf, "events")
    assert (event["ID"], event["開始日"], event["定員"]) == ("pottery", "2026-12-08", "12")


# -- versions -----------------------------------------------------------------------------------------
def test_what_did_not_change_is_not_published_anew_and_what_did_keeps_its_versions(
    town: str, shelf: Shelf, handed_in: Path
) -> None:
    published(shelf, given=handed_in)
    later = published(shelf, given=handed_in, as_of=NOW + timedelta(hours=2))
    assert {one.state for one in later.values()} == {"unchanged", "nothing"}
    (handed_in / "evacuation-sites.csv").write_text(SITES + "394262,2,谷,,,,\n", "utf-8")
    published(shelf, given=handed_in, as_of=NOW + timedelta(hours=3))
    assert [one.version for one in shelf.versions("evacuation-sites")] == ["2026-11-29.2", "2026-11-29"]
    assert len(shelf.versions("population")) == 1
    first = shelf.versions("evacuation-sites")[1]
    assert "谷" not in shelf.file("evacuation-sites", first, "csv").read_text("utf-8")


def test_a_run_that_was_interrupted_leaves_no_version_behind(
    town: str, shelf: Shelf, handed_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Shelf, "_write", lambda *_: (_ for _ in ()).throw(OSError("no space left")))
        with pytest.raises(OSError, match="no space left"):
            published(shelf, given=handed_in)
    assert shelf.newest() == {}
    assert published(shelf, given=handed_in)["evacuation-sites"].version == "2026-11-29"


# -- what programs read -------------------------------------------------------------------------------
def test_the_metadata_of_each_csv_file_are_csv_on_the_web_and_its_rows_keep_to_them(
    town: str, shelf: Shelf, handed_in: Path, tmp_path: Path
) -> None:
    published(shelf, given=handed_in)
    for name, kept in shelf.newest().items():
        for kind in ("csv", "csv-metadata.json"):
            (tmp_path / f"{name}.{kind}").write_bytes(shelf.file(name, kept, kind).read_bytes())
        described = CSVW(str(tmp_path / f"{name}.csv-metadata.json"), validate=True)
        assert described.is_valid, [str(one.message) for one in described.warnings]
        assert len(list(described.tables[0])) == kept.rows


def test_the_catalogue_says_in_rdf_what_there_is_under_which_licence(
    town: str, shelf: Shelf, handed_in: Path
) -> None:
    published(shelf, given=handed_in, licence="PDL-1.0")
    turtle = Graph().parse(shelf.catalogue("ttl"), format="turtle")
    json_ld = Graph().parse(shelf.catalogue("jsonld"), format="json-ld")
    assert set(turtle) == set(json_ld)
    (home,) = turtle.subjects(RDF.type, DCAT.Catalog)
    for wanted in (DCTERMS.title, DCTERMS.description, DCTERMS.publisher):  # mandatory in DCAT-AP 3.0
        assert turtle.value(home, wanted, any=True)
    listed = set(turtle.objects(home, DCAT.dataset))
    assert listed == set(turtle.subjects(RDF.type, DCAT.Dataset))
    assert len(listed) == len(shelf.newest())
    for dataset in listed:
        assert turtle.value(dataset, DCTERMS.title, any=True)
        assert turtle.value(dataset, DCTERMS.description, any=True)
        assert turtle.value(turtle.value(dataset, DCAT.contactPoint), VCARD.fn)
        assert turtle.value(turtle.value(dataset, DCTERMS.publisher), FOAF.name)
        for distribution in turtle.objects(dataset, DCAT.distribution):
            assert turtle.value(distribution, DCAT.accessURL)
            licence = turtle.value(distribution, DCTERMS.license)
            assert licence == URIRef("https://www.digital.go.jp/resources/open_data/public_data_license_v1.0")


# -- the command --------------------------------------------------------------------------------------
def run(*words: str) -> Any:
    return CliRunner().invoke(records, words)


def test_the_command_publishes_and_says_so_for_people_and_programs(
    town: str, handed_in: Path, tmp_path: Path
) -> None:
    words = ("publish", "--town", TOWN, "--out", str(tmp_path / "out"), "--from", str(handed_in))
    answer = run(*words, "--json")
    assert answer.exit_code == 0
    found = {one["id"]: one for one in json.loads(answer.output)["datasets"]}
    assert found["evacuation-sites"]["state"] == "published"
    assert found["population"]["proof"]["k"] >= 10
    said = run(*words, "--language", "en").output
    assert "Designated emergency evacuation sites: unchanged" in said
    assert "Counts below 10 are not shown" in said


def test_the_command_ends_with_an_error_where_a_file_is_refused(
    town: str, handed_in: Path, tmp_path: Path
) -> None:
    (handed_in / "aed.csv").write_text("全国地方公共団体コード,ID,名称,設置位置\n1,2,3,4\n", "utf-8")
    answer = run("publish", "--town", TOWN, "--out", str(tmp_path / "out"), "--from", str(handed_in))
    assert answer.exit_code == 1
    assert "AED設置箇所一覧：公開しません" in answer.output
    assert "全国地方公共団体コードではありません" in answer.output


def test_a_town_that_is_not_here_publishes_nothing(db: None) -> None:
    answer = run("publish", "--town", "011002")
    assert answer.exit_code == 1
    assert answer.output == "Error: There is no town 011002 here.\n"


def test_any_file_is_checked_as_a_dataset_with_or_without_its_prefix(handed_in: Path) -> None:
    file = str(handed_in / "evacuation-sites.csv")
    for name in ("evacuation-sites", "open-data/evacuation-sites"):
        answer = run("check", file, "--as", name, "--json")
        assert answer.exit_code == 0
        found = json.loads(answer.output)
        assert (found["dataset"], found["edition"], found["in"]) == ("evacuation-sites", "provisional", 1)
    assert "there is no such dataset" in run("check", file, "--as", "open-data/nothing").output
    assert {"aed", "events"} <= {one["id"] for one in json.loads(run("datasets", "--json").output)}
