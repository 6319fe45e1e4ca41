"""Deciding by a declared service."""

from __future__ import annotations

from datetime import date

import pytest

from yakuba import declare

DAY = date(2025, 5, 1)
ACCOUNT = {"bank": "0001", "branch": "001", "type": "1", "number": "1234567", "holder": "ヤマダ タロウ"}
GOOD = {
    "applicant": {"resident": True, "birth_date": "1950-01-01"},
    "members": [{"birth_date": "1950-01-01", "taxed": False}],
    "account": ACCOUNT,
}


def test_all_conditions_true_and_everything_known_grants_with_the_amount(heating):
    decision = declare.decide(heating, GOOD, as_of=DAY)
    assert (decision.outcome, decision.amount, decision.missing) == ("granted", 7000, [])


def test_one_false_condition_refuses_whatever_else_is_unknown(heating):
    decision = declare.decide(heating, {"applicant": {"resident": False}}, as_of=DAY)
    assert (decision.outcome, decision.amount, decision.missing) == ("refused", None, [])


def test_unknown_is_not_no(heating):
    decision = declare.decide(heating, {**GOOD, "members": [{"taxed": None}]}, as_of=DAY)
    assert decision.outcome == "unknown"
    assert decision.missing == ["members[0].taxed"]


def test_a_needed_fact_that_no_condition_uses_keeps_it_from_being_granted(heating):
    decision = declare.decide(heating, {**GOOD, "account": {**ACCOUNT, "holder": None}}, as_of=DAY)
    assert (decision.outcome, decision.missing) == ("unknown", ["account.holder"])


def test_the_parameter_of_the_day_counts(heating):
    assert declare.decide(heating, GOOD, as_of=date(2025, 3, 31)).amount == 6000


def test_a_day_before_the_rules_hold_is_an_error_and_never_an_amount(heating):
    with pytest.raises(declare.NotInForce, match="no version for 2024-03-31: its rules hold from 2024-04-01"):
        declare.decide(heating, GOOD, as_of=date(2024, 3, 31))
    assert declare.decide(heating, GOOD, as_of=date(2024, 4, 1)).outcome == "granted"


def test_every_condition_says_its_law_its_facts_and_the_version_of_its_parameter(heating):
    old = next(j for j in declare.decide(heating, GOOD, as_of=DAY).conditions if j.name == "old")
    assert old.law == "暖房費助成要綱 第2条"
    assert old.why.facts == {"applicant.birth_date": date(1950, 1, 1)}
    assert [(p.name, p.value, p.since) for p in old.why.params] == [("age", 65, date(2024, 4, 1))]


def test_many_cases_come_out_in_their_order(heating):
    outcomes = [
        d.outcome
        for d in declare.decide_many(heating, [GOOD, {}, {"applicant": {"resident": False}}], as_of=DAY)
    ]
    assert outcomes == ["granted", "unknown", "refused"]


@pytest.mark.parametrize(
    ("decision", "identified", "holds"),
    [("granted", True, False), ("granted", False, True), (None, True, True), ("refused", True, False)],
)
def test_a_step_looks_at_how_the_case_stands(heating, decision, identified, holds):
    case = {"decision": decision, "identified": identified}
    assert heating.step_holds("review", {"case": case}, as_of=DAY) is holds


def test_a_step_comes_after_the_one_before_it_unless_it_says_otherwise(heating):
    assert {step.id: step.after for step in heating.steps} == {
        "decide": [],
        "review": ["decide"],
        "pay": ["review"],
        "fix-account": [],
        "tell": ["review"],
    }


def test_steps_after_a_step_are_all_that_wait_for_it(heating):
    assert [step.id for step in heating.steps_after("review")] == ["pay", "tell"]


def test_an_unknown_step_is_an_error_that_names_the_known_ones(heating):
    with pytest.raises(declare.UnknownStep, match="decide, review"):
        heating.step("reveiw")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("applicant.name", "氏名"),
        ("members", "世帯員"),
        ("members[2].taxed", "課税"),
        ("member.taxed", "課税"),
        ("tax_paper", "課税証明書"),
        ("nobody", "nobody"),
    ],
)
def test_everything_has_a_label(heating, name, label):
    assert heating.label(name).ja == label
