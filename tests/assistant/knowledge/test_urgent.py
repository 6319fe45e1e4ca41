"""Danger is noticed in many ways of saying it, and ordinary questions are not taken for it."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from yakuba.assistant.knowledge import DEMO, FaultyUrgent, danger, read_town, urgent, urgent_entries
from yakuba.assistant.knowledge import emergencies as module
from yakuba.words import LANGUAGES

SAID = YAML(typ="safe").load(Path(__file__).with_name("urgent.yaml"))
TOWN = read_town(DEMO / "town.yaml")


@pytest.mark.parametrize("kind", SAID["danger"])
def test_danger_is_noticed(kind):
    found = {question: danger(question) for question in SAID["danger"][kind]}
    assert {question: got for question, got in found.items() if got is None} == {}
    assert sum(got == kind for got in found.values()) >= 0.9 * len(found), found


def test_danger_is_noticed_in_what_was_written_later():
    assert {question for question in SAID["noticed"] if danger(question) is None} == set()


def test_ordinary_questions_are_no_danger():
    assert len(SAID["ordinary"]) >= 300
    assert {q: danger(q) for q in SAID["ordinary"] if danger(q)} == {}


@given(st.sampled_from([q for some in SAID["danger"].values() for q in some if not q.isascii()]))
def test_danger_is_noticed_in_katakana_half_width_and_with_blanks_between(question):
    import jaconv

    assert danger(jaconv.hira2kata(question))
    assert danger(jaconv.z2h(jaconv.hira2kata(question)))
    assert danger(" ".join(question))


def test_danger_is_noticed_at_the_end_of_a_long_text():
    assert danger("住民票の取り方を教えてください。" * 2000 + "もう死にたい") == "suicide"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_tells_whom_to_call_and_the_town_that_answers(language):
    for entry in urgent_entries(TOWN):
        assert set(entry.aspects.values()) & {"110", "119"}
        assert all(number in entry.answer[language] for number in entry.aspects.values())
        assert entry.source.kind == "urgent"
        assert entry.source.title
        assert "{" not in entry.answer[language]
        assert all(danger(one) for one in entry.others)


def test_the_answer_is_the_one_that_was_declared():
    entry = urgent("もう死にたい", TOWN)
    assert entry is not None
    assert entry.id == "urgent:suicide"
    assert entry.answer["ja"].startswith("つらい気持ちを")
    assert "0120-279-338" in entry.answer["ja"]
    assert urgent("住民票がほしい", TOWN) is None


def test_no_number_stands_in_an_answer_without_who_publishes_it(tmp_path):
    written = module.FILE.read_text("utf-8").replace(
        "・いのちの電話 0570-783-556", "・だれかの電話 0120-000-000"
    )
    (tmp_path / "urgent.yaml").write_text(written, "utf-8")
    with pytest.raises(FaultyUrgent, match="0120-000-000"):
        module.read(tmp_path / "urgent.yaml")


def test_nobody_has_approved_what_comes_with_the_project():
    assert module.read().approved == "provisional"
    assert module.read().as_of <= date.today()
