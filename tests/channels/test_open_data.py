"""The catalogue of open data: for everybody, without signing in and without JavaScript; files and an API for programs."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.test.utils import override_settings
from rdflib import Graph
from rdflib.namespace import DCAT, RDF

from tests.conftest import TOWN
from yakuba.channels.open_data import PAGE
from yakuba.records import publishing
from yakuba.records.opendata.shelf import Shelf

HERE = f"/{TOWN}/open-data/"
NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
HEADS = "全国地方公共団体コード,ID,名称,緯度,経度,災害種別_地震,URL\n"


def sites(count: int) -> str:
    return HEADS + "".join(
        f"{TOWN},{n},小学校{n} <b>,{34 + n / 1000},{134 + n / 1000},1,https://example.jp/{n}\n"
        for n in range(1, count + 1)
    )


@pytest.fixture
def published(in_town: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`published({"evacuation-sites": "…"})`: the town has published these files."""
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path))
    files = tmp_path / "files"
    files.mkdir()

    def publish(given: dict[str, str], as_of: datetime = NOW, **more) -> Client:
        for name, text in given.items():
            (files / f"{name}.csv").write_text(text, "utf-8")
        publishing.publish(TOWN, Shelf(publishing.folder(TOWN)), given=files, as_of=as_of, **more)
        return Client()

    return publish


def test_everybody_sees_what_is_published_under_which_licence_in_each_language(published) -> None:
    client = published({"evacuation-sites": sites(2)}, licence="CC0-1.0")
    for language, name in (
        ("ja", "指定緊急避難場所一覧"),
        ("en", "Designated emergency evacuation sites"),
        ("easy", "場所"),
    ):
        shown = client.get(HERE, {"lang": language}).content.decode()
        assert name in shown
        assert 'href="https://creativecommons.org/publicdomain/zero/1.0/"' in shown
        assert f'href="{HERE}evacuation-sites.csv"' in shown
    assert "<script" not in shown


def test_a_town_that_published_nothing_says_so(in_town: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path))
    assert "公開しているデータはまだありません" in Client().get(HERE, {"lang": "ja"}).content.decode()
    for gone in ("aed/", "aed.csv", "aed.json", "aed.csv-metadata.json", "aed/2026-11-29.csv", "catalog.ttl"):
        assert Client().get(HERE + gone).status_code == 404


def test_the_map_and_the_table_of_a_page_say_the_same_and_the_rest_is_on_the_next_page(published) -> None:
    client = published({"evacuation-sites": sites(PAGE + 1)})
    first = client.get(f"{HERE}evacuation-sites/", {"lang": "ja"}).content.decode()
    assert first.count('class="mark"') == PAGE
    for number, name in re.findall(r"<g class=\"mark\"><title>(\d+) ([^<]+)</title>", first):
        row = re.search(rf'<td class="number">{number}</td><th scope="row">([^<]+)</th>', first)
        assert row is not None
        assert row[1] == name
    assert "小学校1 &lt;b&gt;" in first
    second = client.get(f"{HERE}evacuation-sites/", {"page": 2}).content.decode()
    assert second.count('class="mark"') == 1
    assert f'<td class="number">{PAGE + 1}</td>' in second


def test_counts_that_are_kept_back_are_kept_back_on_every_way_out(published) -> None:
    heads = "全国地方公共団体コード,調査年月日,地域名,総人口,男性,女性,"
    from yakuba.records.opendata.population import COLUMNS

    bands = COLUMNS[3:]
    text = heads + ",".join(bands) + "\n"
    for name, men, women in (("山", 4, 777), ("川", 400, 500), ("谷", 300, 200)):
        cells = ["0"] * len(bands)
        cells[0], cells[1] = str(men), str(women)
        text += f"{TOWN},2026-10-01,{name},{men + women},{men},{women},{','.join(cells)}\n"
    client = published({"population": text})
    page = client.get(f"{HERE}population/", {"lang": "ja"}).content.decode()
    assert "10未満の数と、差し引きでそれが分かってしまう数は、X として公開しません" in page
    assert '<abbr title="少数のため公開していません">X</abbr>' in page
    record = client.get(f"{HERE}population.json").json()["records"][0]
    assert record["男性"] is None
    csv = client.get(f"{HERE}population.csv").content.decode("utf-8-sig").splitlines()[1].split(",")
    assert csv[4] == "X"
    assert ">4<" not in page
    assert record["0-4歳の男性"] is None


def test_rows_come_in_pages_for_programs_with_the_address_of_the_next(published) -> None:
    client = published({"evacuation-sites": sites(5)})
    first = client.get(f"{HERE}evacuation-sites.json", {"size": 2})
    found = first.json()
    assert (found["total"], found["page"], found["pages"], len(found["records"])) == (5, 1, 3, 2)
    assert found["records"][0] == {
        "全国地方公共団体コード": TOWN, "ID": "1", "名称": "小学校1 <b>", "緯度": 34.001, "経度": 134.001,
        "災害種別_地震": "1", "URL": "https://example.jp/1",
    }  # fmt: skip
    assert found["next"] == f"http://testserver{HERE}evacuation-sites.json?size=2&page=2"
    assert first["Link"] == f'<{found["next"]}>; rel="next"'
    last = client.get(found["next"].replace("page=2", "page=3")).json()
    assert last["next"] is None
    assert client.get(f"{HERE}evacuation-sites.json", {"size": "²", "page": "x"}).json()["page"] == 1


@pytest.mark.parametrize(
    "file", ["evacuation-sites.csv", "evacuation-sites.json", "evacuation-sites.csv-metadata.json"]
)
def test_what_did_not_change_is_not_sent_again_and_any_site_may_read_it(published, file: str) -> None:
    client = published({"evacuation-sites": sites(1)})
    first = client.get(HERE + file)
    assert first["Access-Control-Allow-Origin"] == "*"
    assert first["Last-Modified"] == "Sun, 29 Nov 2026 03:00:00 GMT"
    assert "public" in first["Cache-Control"]
    assert client.get(HERE + file, headers={"if-none-match": first["ETag"]}).status_code == 304
    published({"evacuation-sites": sites(2)}, as_of=datetime(2026, 11, 30, tzinfo=UTC))
    again = client.get(HERE + file, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200
    assert client.post(HERE + file).status_code in (403, 405)


def test_an_older_version_stays_at_its_address(published) -> None:
    published({"evacuation-sites": sites(1)})
    client = published({"evacuation-sites": sites(2)}, as_of=datetime(2026, 11, 30, tzinfo=UTC))
    page = client.get(f"{HERE}evacuation-sites/").content.decode()
    assert f'href="{HERE}evacuation-sites/2026-11-29.csv"' in page
    old = client.get(f"{HERE}evacuation-sites/2026-11-29.json").content
    assert len(json.loads(old)) == 1
    assert client.get(f"{HERE}evacuation-sites/2026-11-28.csv").status_code == 404
    assert client.get(f"{HERE}evacuation-sites/..%2F..%2Fmanifest.json").status_code == 404


@override_settings(YAKUBA_BASE_URL="https://yakuba.example.jp")
def test_addresses_in_the_catalogue_lead_to_the_pages(published) -> None:
    client = published({"evacuation-sites": sites(1)})
    for kind, name in (("ttl", "turtle"), ("jsonld", "json-ld")):
        answer = client.get(f"{HERE}catalog.{kind}")
        graph = Graph().parse(data=answer.content, format=name)
        addresses = [*graph.objects(None, DCAT.accessURL), *graph.objects(None, DCAT.downloadURL)]
        addresses += [*graph.objects(None, DCAT.landingPage), *graph.subjects(RDF.type, DCAT.Catalog)]
        assert len(addresses) == 6
        for one in map(str, addresses):
            assert one.startswith(f"https://yakuba.example.jp{HERE}")
            assert client.get(one.removeprefix("https://yakuba.example.jp")).status_code == 200
