"""What can I get? Few questions, the one first that settles most, none twice, and an end to them."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.channels.browser import Visitor, day
from tests.channels.conftest import person, sign_in
from tests.conftest import TOWN
from yakuba import declare
from yakuba.cases import catalogue
from yakuba.channels import finder
from yakuba.channels.finder import CHILDREN, MOST_QUESTIONS, decide_all, next_question, paying, possible

pytestmark = pytest.mark.long
DAY = date(2026, 11, 25)
PARENT = {
    "applicant": {"resident": True, "public_servant": False, "parent_role": "higher_income"},
    "children": [
        {
            "birth_date": "2024-06-01",
            "relation": "own",
            "cared_for": True,
            "in_japan": True,
            "in_institution": False,
        }
    ],
}


def found(facts, service="child-allowance"):
    return next(one for one in decide_all(paying(), facts, DAY) if one.service.id == service)


def some():
    """A third of what pays: the way through all of it asks some sixty times."""
    return [one for number, one in enumerate(paying()) if number % 3 == 0 or one.id == "child-allowance"]


def asked(answer, facts=None) -> list[str]:
    """The questions in their order; `answer(name)` is a value, or None for "I don't know"."""
    facts, skipped, names = facts or {}, [], []
    most = len({fact for service in some() for fact in service.facts}) + 1
    while (name := next_question(facts, skipped, DAY, some())) is not None:
        names.append(name)
        value = answer(name)
        if value is None:
            skipped.append(name)
        else:
            facts = finder._with(facts, name, value)
        assert len(names) <= most
    return names


def is_general(name: str) -> bool:
    return name == CHILDREN or name in catalogue.current().vocabulary.facts


@cache
def asked_of(which: int | None) -> list[str]:
    """The questions to somebody who always gives the first, second or last answer; None: who knows nothing. Long, so walked
    once for all tests."""
    return asked(lambda name: None if which is None else possible(name, DAY)[which])


# -- what comes out ----------------------------------------------------------------------------------
def test_a_parent_can_have_the_allowance_and_hears_what_a_month_is_worth():
    one = found(PARENT)
    assert (one.answer, one.decision.amount, one.service.monthly) == ("can", 15_000, True)


def test_what_is_still_needed_is_said_once_for_all_children():
    facts = {**PARENT, "children": [{"birth_date": "2024-06-01"}, {"birth_date": "2020-06-01"}]}
    one = found(facts)
    labels = [label.ja for label in one.missing]
    assert one.answer == "may"
    assert len(labels) == len(set(labels))
    assert all("[" not in label for label in labels)


def test_what_cannot_be_had_says_why_and_by_which_law():
    one = found({"applicant": {"public_servant": True}})
    assert one.answer == "not"
    [reason] = one.reasons
    assert "公務員" in reason.because.ja
    assert reason.law.startswith("児童手当法")


def test_what_can_be_had_comes_first_and_only_services_that_pay_are_looked_at():
    results = decide_all(paying(), PARENT, DAY)
    assert [one.answer for one in results] == sorted(
        (one.answer for one in results), key=("can", "may", "not").index
    )
    assert {"dog-registration", "resident-record"}.isdisjoint(one.service.id for one in results)


# -- what is asked -----------------------------------------------------------------------------------
def test_the_question_that_settles_most_comes_first():
    """Whoever has no children is through with three services at once."""
    assert next_question({}, [], DAY) == CHILDREN
    without = {"children": []}
    settled = [one for one in decide_all(paying(), without, DAY) if one.answer != "may"]
    assert len(settled) >= 2


def test_no_question_comes_twice_and_none_that_is_answered_already():
    names = asked_of(-1)
    assert len(names) == len(set(names))
    assert CHILDREN in names
    assert {CHILDREN, "applicant.resident"}.isdisjoint(asked(lambda name: None, PARENT))


def test_not_knowing_anything_comes_to_an_end():
    names = asked_of(None)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("which", [0, 1, -1])
def test_every_way_of_answering_comes_to_an_end(which):
    names = asked_of(which)
    assert len(names) == len(set(names))


def test_what_services_share_is_asked_before_what_only_one_wants_to_know():
    names = asked_of(None)
    general = [is_general(name) for name in names]
    assert general == sorted(general, reverse=True)
    first: list[str] = []
    for _ in range(finder.MOST_QUESTIONS):
        first.append(next_question({}, first, DAY))
    assert all(map(is_general, first))


def test_only_what_a_resident_can_say_is_asked():
    for name in asked_of(None):
        if name != CHILDREN:
            fact = finder._fact(name)
            assert fact.question
            assert fact.type in ("bool", "choice", "date")


def test_a_page_costs_few_runs_of_the_rules(monkeypatch):
    """Its work does not grow with questions times services: each is decided as it stands, and once with all answers."""
    runs = []
    many = declare.decide_many
    monkeypatch.setattr(declare.service, "decide_many", lambda *a, **k: runs.append(a) or many(*a, **k))
    monkeypatch.setattr(declare, "decide_many", declare.service.decide_many)
    next_question({}, [], DAY)
    paying = [one for one in catalogue.current().services.values() if one.pay]
    assert len(runs) <= 2 * len(paying)


# -- the pages ---------------------------------------------------------------------------------------
@pytest.fixture
def at_finder(household) -> Visitor:
    browser = Visitor(Client())
    browser.open("finder/")
    return browser


def question(browser: Visitor) -> str:
    found = re.search(r'name="name" value="([^"]+)"', browser.text)
    return found[1] if found else ""


def answer(browser: Visitor, **typed: str) -> None:
    browser.send(to=f"/{TOWN}/finder/", name=question(browser), **typed)


def test_children_are_counted_first_and_then_asked_for_one_by_one(at_finder):
    assert question(at_finder) == CHILDREN
    answer(at_finder, children="2")
    assert question(at_finder) == CHILDREN
    assert "2人目のお子さんの生年月日" in at_finder.text
    answer(at_finder, **day("child1", "reiwa", "6", "6", "1"))
    assert at_finder.page.status_code == 422
    assert 'value="6"' in at_finder.text  # what was typed is still there
    answer(at_finder, **day("child1", "reiwa", "6", "6", "1"), **day("child2", "reiwa", "2", "6", "1"))
    assert question(at_finder) not in ("", CHILDREN)


def test_without_children_one_answer_is_enough(at_finder):
    answer(at_finder, children="0")
    assert question(at_finder) not in ("", CHILDREN)
    at_finder.open("finder/?results=1")
    assert "いまは対象になりません" in at_finder.text


@pytest.mark.parametrize("typed", [{}, {"children": "many"}, {"children": "-1"}, {"children": "99"}])
def test_an_answer_that_is_none_is_asked_for_again(at_finder, typed):
    answer(at_finder, **typed)
    assert at_finder.page.status_code == 422
    assert question(at_finder) == CHILDREN


@pytest.mark.parametrize("name", ["", "nothing.known", "applicant", "__proto__"])
def test_a_question_that_does_not_exist_is_passed_over(at_finder, name):
    at_finder.send(to=f"/{TOWN}/finder/", name=name)
    assert at_finder.page.status_code == 200


def test_saying_i_dont_know_to_everything_ends_with_what_may_be_had(at_finder):
    for _ in range(MOST_QUESTIONS):
        assert question(at_finder)
        answer(at_finder, skip="1")
    assert question(at_finder) == ""
    assert "受けられるかもしれません" in at_finder.text
    assert "まだ分からないこと" in at_finder.text


def test_results_lead_on_to_the_service_and_the_answers_go_along(at_finder):
    answer(at_finder, children="1")
    answer(at_finder, **day("child1", "reiwa", "6", "6", "1"))
    at_finder.open("finder/?results=1")
    assert f"/{TOWN}/services/child-allowance/" in at_finder.text
    at_finder.start("child-allowance")
    from yakuba.channels.models import Draft

    assert Draft.objects.get().facts["children"] == [{"birth_date": "2024-06-01"}]


def test_the_finder_begins_anew_when_asked(at_finder):
    answer(at_finder, children="0")
    at_finder.open("finder/?again=1")
    assert question(at_finder) == CHILDREN


def test_who_is_signed_in_is_asked_nothing_that_the_register_knows(household, taro):
    child = person(household, "山田 子", "ヤマダ コ", date(2024, 6, 1), relation="child", father=taro)
    browser = Visitor(sign_in(Client(), taro))
    with CaptureQueriesContext(connection) as queries:
        browser.open("finder/")
    assert len(queries) <= 15
    assert question(browser) not in (CHILDREN, "applicant.resident", "applicant.birth_date")
    browser.open("finder/?results=1")
    assert "町の台帳とあなたの答えからの目安" in browser.text
    assert child.name not in browser.text


def test_signing_in_half_way_keeps_the_answers_and_adds_the_register(at_finder, taro):
    answer(at_finder, children="1")
    answer(at_finder, **day("child1", "reiwa", "6", "6", "1"))
    sign_in(at_finder.client, taro)
    at_finder.open("finder/")
    assert question(at_finder) != "applicant.resident"


def test_a_question_that_is_not_asked_here_is_not_remembered(visitor):
    visitor.send(to=f"/{TOWN}/finder/", name="x" * 100_000, skip="1")
    assert len(str(dict(visitor.client.session))) < 1000
