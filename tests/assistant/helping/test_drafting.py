"""A draft is made of declared parts and of the case; what is missing is a gap, and nothing is made up."""

from __future__ import annotations

import pytest

from tests.cases.conftest import GOOD, MONDAY, UNSURE, small
from yakuba.assistant.facts_in_text import verified
from yakuba.assistant.helping.drafting import asking, gaps_in, letter, reason, to_mend
from yakuba.cases import catalogue
from yakuba.words import Text

__all__ = ["small"]
LETTER = Text(
    ja="{applicant.name} 様\n\n{case.amount}円を{first_paid}に支給します。\n\n{case.appeal}\n\n{town.name}",
    easy="{case.amount}円 {first_paid} {applicant.name} {case.appeal} {town.name}",
    en="{case.amount} yen on {first_paid}, {applicant.name} {case.appeal} {town.name}",
)


@pytest.fixture
def heating(small):
    return catalogue.service("heating")


def judged(service, facts):
    return service.judge(facts, as_of=MONDAY.date())


def test_what_is_not_known_is_a_gap_that_says_what_is_missing(heating):
    draft = letter(heating, LETTER, {"town.name": "山あい町"}, "ja", optional={"case.appeal"})
    assert "【要確認：金額】円を【要確認：first_paid】に支給します。" in draft
    assert gaps_in(draft) == 3
    assert "\n\n\n" not in draft


def test_what_is_known_stands_in_it_and_nothing_else(heating):
    known = {
        "applicant.name": "山田 太郎",
        "case.amount": "7,000",
        "first_paid": "令和7年6月10日",
        "town.name": "山あい町",
    }
    draft = letter(heating, LETTER, known, "ja", optional={"case.appeal"})
    assert gaps_in(draft) == 0
    assert verified(draft, [LETTER.ja, *known.values(), "7,000円"])


def test_a_correction_asks_only_what_is_missing_and_says_why(heating):
    missing = ["members[0].taxed"]
    draft = asking(heating, judged(heating, UNSURE), missing, "ja")
    assert to_mend(heating, missing) == ["members"]
    assert draft.splitlines()[0] == "「暖房費の助成」の審査のため、次のことを教えてください。"
    assert "・世帯全員が非課税であること（暖房費助成要綱 第2条）" in draft
    assert "65歳" not in draft


def test_where_nothing_is_missing_nothing_is_asked(heating):
    assert asking(heating, judged(heating, GOOD), [], "ja") == ""
    assert reason(judged(heating, GOOD), "ja") == ""


@pytest.mark.parametrize(
    ("language", "mark"), [("ja", "【要確認"), ("easy", "【要確認"), ("en", "[to check")]
)
def test_a_reason_names_the_condition_and_leaves_what_was_found_out_to_the_person(heating, language, mark):
    draft = reason(judged(heating, UNSURE), language)
    assert draft.count(mark) == 1
    assert "暖房費助成要綱 第2条" in draft
    assert gaps_in(draft) == 1
