"""What the demo town says for itself, and the questions that it is tried with."""

from datetime import date

import pytest

from bench.asked import FILE, known, read
from tests.assistant.knowledge.conftest import DAY
from yakuba.assistant.knowledge import overridden, urgent
from yakuba.assistant.knowledge.demonstration import demo_entries, demo_town
from yakuba.site.demo import TOWN


@pytest.fixture(scope="module")
def own():
    return demo_entries(as_of=DAY)


@pytest.fixture(scope="module")
def everything():
    return known()


def test_the_town_is_the_one_of_the_demo():
    assert demo_town().code == TOWN


def test_all_that_it_says_is_marked_as_made_up(own):
    assert all(
        "架空" in f"{one.question['ja']}{one.answer['ja']}{one.source.title}"
        for one in own
        if ":week" not in one.id
    )


def test_the_manual_is_for_staff_and_nothing_else_is(own):
    assert {one.id.split(":")[0] for one in own if one.audience == "staff"} == {"manual"}
    assert sum(one.audience == "staff" for one in own) >= 30
    assert all(one.audience == "staff" for one in own if one.source.kind == "manual")


def test_its_own_answers_take_the_place_of_shared_ones_that_there_are(own, shared):
    replaced = {one.replaces for one in own if one.replaces}
    assert len(replaced) >= 10
    assert replaced <= {one.id for one in shared}
    assert len(overridden(shared, own)) == len(shared) + len(own) - len(replaced)


def test_what_it_says_is_of_some_day_and_office(own):
    assert all(one.source.as_of and one.source.as_of <= DAY and one.source.office for one in own)
    assert {one.source.as_of for one in own} == {date(2026, 4, 1), DAY}


def test_the_questions_it_is_tried_with_lead_to_answers_that_there_are(everything):
    ids = {id for one in everything for id in (one.id, one.replaces)}
    questions = read()
    assert len(questions) >= 250
    assert {answer for one in questions for answer in one.answers} - ids == set()
    assert len({one.ask for one in questions}) == len(questions), FILE


def test_no_question_it_is_tried_with_is_in_the_index_word_for_word(everything):
    told = {way for one in everything for way in [*one.question.values(), *one.others]}
    assert {one.ask for one in read()} & told == set()


def test_no_question_it_is_tried_with_is_taken_for_danger(town):
    assert {one.ask for one in read() if urgent(one.ask, town)} == set()
