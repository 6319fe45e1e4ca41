"""The base that all towns share: complete, sourced, without anything that a town would have to set."""

import re
from dataclasses import replace

import pytest

from tests.assistant.knowledge.conftest import DAY
from yakuba.assistant.knowledge import Entry, FaultyBase, Source, base, overridden, shared_entries
from yakuba.command_line import var_folder

FILE = """topic: 見本
office: tax
as_of: 2026-11-29
entries:
- id: one
  q: {ja: どこですか。}
  others: [どこ]
  a: {ja: '{town}の{office}です。'}
"""


def test_there_are_many_and_each_is_asked_in_several_ways(shared):
    assert len({one.id for one in shared}) == len(shared) >= 100
    for entry in shared:
        assert len(entry.others) >= 2
        assert entry.question["ja"] not in entry.others
        assert entry.source.office
        assert entry.source.as_of == DAY
        assert entry.source.title


def test_no_question_is_asked_twice(shared):
    asked = [way for entry in shared for way in {entry.question["ja"], *entry.others}]
    assert sorted({way for way in asked if asked.count(way) > 1}) == []


def test_the_most_asked_are_there_in_three_languages(shared):
    both = [one for one in shared if {"easy", "en"} <= set(one.answer)]
    assert len(both) >= 50
    assert all(set(one.question) == set(one.answer) for one in shared)


def test_every_number_of_an_answer_in_another_language_stands_in_the_japanese_one(shared):
    def numbers(text):
        return set(re.findall(r"\d+", text.replace(",", "")))

    for entry in shared:
        for language in ("easy", "en"):
            said = numbers(entry.answer.get(language, "")) - {"1", "2", "2025", "2024"}
            assert said <= numbers(entry.answer["ja"]) | {"24", "4"}, entry.id


def test_easy_sentences_are_short(shared):
    for entry in shared:
        for sentence in re.split(r"[。\n]", entry.answer.get("easy", "")):
            assert len(sentence.replace(" ", "")) <= 60, f"{entry.id}: {sentence}"


def test_a_service_that_an_answer_leads_to_is_declared(shared, catalogue):
    assert {one.service for one in shared if one.service} <= {
        name for name, one in catalogue.services.items() if one.offered
    }


def test_name_and_office_are_the_towns_own(tmp_path, town):
    (tmp_path / "sample.yaml").write_text(FILE)
    (entry,) = shared_entries(town, folder=tmp_path)
    assert entry.id == "shared:sample:one"
    assert entry.answer == {"ja": "山あい町の税務課です。"}
    assert entry.source.office == "税務課（電話 000-0000-0002）"


def test_a_town_switches_an_answer_off(tmp_path, town):
    (tmp_path / "sample.yaml").write_text(FILE)
    assert shared_entries(town.model_copy(update={"off": ("shared:sample:one",)}), folder=tmp_path) == []


def test_an_entry_of_the_town_takes_the_place_of_a_shared_one(shared):
    own = Entry(
        "faq:1",
        {"ja": "何時から？"},
        {"ja": "八時半から。"},
        Source("faq", "山あい町"),
        replaces=shared[0].id,
    )
    mixed = overridden(shared, [own])
    assert own in mixed
    assert shared[0] not in mixed
    assert len(mixed) == len(shared)
    assert overridden(shared, [replace(own, replaces=None)]) == [replace(own, replaces=None), *shared]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (FILE.replace("'{town}の{office}です。'", "'{fee}円です。'"), "placeholders"),
        (FILE.replace("office: tax", "office: taxes"), "no office"),
        (
            FILE.replace("q: {ja: どこですか。}", "q: {ja: どこですか。, en: Where?}"),
            "both question and answer in en",
        ),
        (FILE.replace("others: [どこ]", "others: []"), "others"),
        (FILE + FILE.split("entries:\n")[1], "two entries"),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path, wrong, said):
    (tmp_path / "sample.yaml").write_text(wrong)
    with pytest.raises(FaultyBase, match=said) as refused:
        base.read(tmp_path)
    assert "sample.yaml" in str(refused.value)


def test_what_was_read_once_is_kept_and_read_anew_when_a_file_changes(tmp_path, town, monkeypatch):
    folder, kept = tmp_path / "base", tmp_path / "kept"
    folder.mkdir()
    (folder / "sample.yaml").write_text(FILE)
    reads = []
    read = base.read
    monkeypatch.setattr(base, "read", lambda where: reads.append(where) or read(where))
    first, again = (shared_entries(town, folder=folder, keep_in=kept) for _ in range(2))
    assert first == again
    assert len(reads) == 1
    (folder / "sample.yaml").write_text(FILE.replace("どこですか", "どちらですか"))
    assert shared_entries(town, folder=folder, keep_in=kept)[0].question["ja"] == "どちらですか。"
    assert len(reads) == 2


def test_the_kept_base_is_the_one_that_was_written(shared, town):
    assert shared_entries(town, keep_in=var_folder() / "knowledge") == shared
