"""What a town publishes is told in the words of its tables."""

import csv
from datetime import date
from pathlib import Path

import pytest

from tests.assistant.knowledge.conftest import DAY
from yakuba.assistant.knowledge import DEMO
from yakuba.assistant.knowledge.open_data import of_dataset
from yakuba.site.demo import OPEN_DATA
from yakuba.words import LANGUAGES, Text


@pytest.fixture
def told(town):
    """`told("events", path)`: entries by id."""

    def of(dataset, given, name="公共施設一覧", as_of=DAY):
        rows = list(csv.DictReader(given.open(encoding="utf-8"))) if isinstance(given, Path) else given
        return {one.id: one for one in of_dataset(dataset, Text.same(name), rows, town, as_of=as_of)}

    return of


def test_a_place_says_where_it_is_when_it_is_open_and_what_it_is(told):
    entries = told("public-facilities", OPEN_DATA / "public-facilities.csv")
    library = {
        a: entries[f"open_data:public-facilities:F003:{a}"].answer for a in ("where", "hours", "about")
    }
    assert library["where"]["ja"] == "町立図書館（架空）は、山あい町城ノ下5番地にあります。"
    assert "火・水・木・金・土・日曜日 09:30～18:00" in library["hours"]["ja"]
    assert "Tue, Wed, Thu, Fri, Sat, Sun 09:30～18:00" in library["hours"]["en"]
    assert library["about"]["ja"] == "本と雑誌、学習席"
    assert "open_data:public-facilities:F003:phone" not in entries


def test_a_telephone_is_told_where_the_table_has_one(told):
    row = {"ID": "1", "名称": "集会所", "電話番号": "000-0000-0009"}
    entries = told("public-facilities", [row])
    assert (
        entries["open_data:public-facilities:1:phone"].answer["ja"] == "集会所の電話番号は000-0000-0009です。"
    )
    assert set(entries) == {"open_data:public-facilities:1:phone", "open_data:public-facilities:all"}


def test_what_is_at_a_place_is_told_together(told):
    (entry,) = told("aed", OPEN_DATA / "aed.csv", "AED設置箇所一覧").values()
    assert entry.question["ja"] == "この町のAED設置箇所を教えてください。"
    assert "・町立図書館（架空）：山あい町城ノ下44番地（入口 右側）" in entry.answer["ja"]


def test_where_to_go_depends_on_the_disaster(told):
    entries = told("evacuation-sites", OPEN_DATA / "evacuation-sites.csv", "指定緊急避難場所一覧")
    assert "上山小学校" in entries["open_data:evacuation-sites:洪水"].answer["ja"]
    assert "上山小学校" not in entries["open_data:evacuation-sites:崖崩れ、土石流及び地滑り"].answer["ja"]


def test_sights_are_told_with_their_charge_in_three_languages(told):
    entries = told("sightseeing", OPEN_DATA / "sightseeing.csv", "観光施設一覧")
    bath = entries["sight:sightseeing:S004:about"]
    assert "料金：600円" in bath.answer["ja"]
    assert bath.answer["en"].startswith("A hot spring for day visitors")
    assert bath.source.office == "企画観光課（電話 000-0000-0015）"
    assert all("架空" in one.question["ja"] for one in entries.values() if not one.id.endswith(":all"))


def test_events_of_the_week_are_those_of_seven_days_and_what_is_over_is_not_told(told):
    events = DEMO / "events.csv"
    now = told("events", events, "イベント一覧")
    week = now["open_data:events:week"].answer["ja"]
    assert "冬の灯り市" in week
    assert "門松づくり教室" not in week
    later = told("events", events, "イベント一覧", date(2026, 12, 7))
    assert "open_data:events:V001" not in later
    assert "ありません" in later["open_data:events:week"].answer["ja"]


def test_every_entry_speaks_three_languages_and_has_its_table_as_source(told):
    for path in OPEN_DATA.glob("*.csv"):
        for entry in told(path.stem, path).values():
            assert set(entry.answer) == set(entry.question) == set(LANGUAGES)
            assert entry.source.link == f"/394262/open-data/{path.stem}/"


def test_markup_and_a_bad_address_of_a_table_stay_out(told):
    row = {
        "ID": "1",
        "名称": "<b>塔</b>",
        "所在地_連結表記": "1番地\u202e<script>x</script>",
        "URL": "javascript:alert(1)",
    }
    entry = told("public-facilities", [row])["open_data:public-facilities:1:where"]
    assert entry.answer["ja"] == "塔は、1番地にあります。"
    assert entry.source.link == "/394262/open-data/public-facilities/"


def test_an_empty_table_says_nothing(told):
    assert told("public-facilities", []) == {}
