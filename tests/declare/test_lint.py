"""`yakuba check`: one slip in a good file is found, and nothing else."""

from __future__ import annotations

import pytest

from yakuba import declare
from yakuba.declare import lint

SLIPS = {
    "nothing said about a remedy": ("appeal: none\n", "", "no appeal"),
    "a procedure that the plan does not have": ("keep: {", "plan: kosodate-99\nkeep: {", "kosodate-99"),
    "an unknown fact in a condition": ("if: applicant.resident\n", "if: applicant.residnt\n", "applicant.residnt"),
    "a function outside of the language": ("if: age(applicant", "if: getenv(applicant", "getenv"),
    "a number where yes or no is needed": ("if: applicant.resident\n", "if: param.base\n", "resident"),
    "a comparison of a date with a number": ("age(applicant.birth_date, as_of) >= param.age", "applicant.birth_date >= param.age", "old"),
    "an unknown name in a step": ("if: case.decision = 'granted'", "if: case.decison = 'granted'", "case.decison"),
    "an outcome that no decision has": ("case.decision = 'granted'", "case.decision = 'grantet'", "grantet"),
    "a condition that decides nothing": ("grant: [resident, old, untaxed]", "grant: [resident, old]", "untaxed"),
    "a condition that is not there": ("grant: [resident,", "grant: [residence,", "residence"),
    "an amount nobody computes": ("amount: total", "amount: totl", "totl"),
    "a needed fact nobody knows": ("need: [account]", "need: [acount]", "acount"),
    "a parameter without source": (", source: 暖房費助成要綱 第3条}", "}", "source"),
    "a parameter without date": ("values: {2024-04-01: 65}", "values: {}", "date"),
    "a question for an unknown fact": ("{fact: member.taxed,", "{fact: member.texed,", "member.texed"),
    "a question about nothing": ("- {fact: member.birth_date}", "- {required: false}", "a fact or for a file"),
    "a page over an unknown list": ("each: members\n    questions", "each: member\n    questions", "member"),
    "a question's condition with an unknown name": ('if: "member.birth_date <= as_of"', 'if: "member.born <= as_of"', "member.born"),
    "a step after one that is not there": ("after: [review]", "after: [reviw]", "reviw"),
    "steps that wait for each other": ("letter: decision, after: [review]", "letter: decision, after: [tell]", "tell"),
    "a mender that is not there": ("on_failure: fix-account", "on_failure: fix-acount", "fix-acount"),
    "a mender that nothing leads to": (", on_failure: fix-account", "", "fix-account"),
    "a staff step for nobody": ("role: clerk, only", "only", "no role"),
    "two steps of one name": ("{id: tell,", "{id: review,", "two steps"),
    "a step that every service has": ("{id: tell,", "{id: attend,", "already"),
    "a fact recorded that is not there": ("record: [account]", "record: [acount]", "acount"),
    "money without a step that pays": ("do: pay, if", "do: work, role: clerk, if", "no step pays"),
    "money without an amount": ("amount: total, ", "", "how much"),
    "a letter for an outcome that there is not": ("returned: returned}", "returnd: returned}", "returnd"),
    "a list that nobody declares": ("lists: {members: {}}", "lists: {members: {}, people: {}}", "people"),
    "a parameter with a text for a number": ("2024-04-01: 5000", '2024-04-01: "5,000"', "not a whole number"),
    "a parameter without a value": ("2024-04-01: 5000", "2024-04-01: null", "no value from 2024-04-01"),
    "a value that says nothing": ("if: member.taxed, law", "law", "neither or both"),
    "a value that says two things": ("if: member.taxed, law", "if: member.taxed, is: '1', law", "neither or both"),
    "a value that needs itself": ("if: member.taxed, law", "if: member.pays_tax, law", "needs itself"),
    "an amount for each member": ("amount: total", "amount: pays_tax", "one value for each"),
    "an amount with fractions": ("1000 * count", "0.5 * count", "whole yen"),
    "an amount that is a date": ('is: "param.base + 1000 * count(members, true)"', "is: 'add_days(as_of, param.base)'", "whole yen"),
    "a condition without law": ("en: Lives in the town}\n    law: 暖房費助成要綱 第2条", "en: Lives in the town}", "no law"),
    "something disclosed that is not there": ("[case.reference]", "[case.refrence]", "case.refrence"),
    "a fee that nobody sets": ("deadlines:", "fee: {amount: param.fee}\ndeadlines:", "param.fee"),
    "a text where a step needs yes or no": ("if: case.decision = 'granted'", "if: case.channel", 'step "pay" gives a text'),
    "work that nobody can tell from other work": ("name: {ja: 振込先の口座を確かめる, easy: 口座を しらべる, en: Put the account right}, ", "", "has no name"),
    "a visit to nobody knows where": ("do: work, role: clerk, only", "do: visit, visit: {minutes: 30}, role: clerk, only", "does not know where"),
    "a visit that finds nobody at home": ("do: work, role: clerk, only", "do: visit, visit: {minutes: 30}, role: clerk, only", "another day"),
    "a value with the name of a fact": ("  pays_tax:", "  taxed:", "name of a fact"),
}  # fmt: skip


@pytest.mark.parametrize("slip", list(SLIPS), ids=str)
def test_one_slip_is_found(edited, slip):
    old, new, named = SLIPS[slip]
    found = lint.check(declare.load_catalogue(edited(old, new)))
    assert any(named in f"{fault.what} {fault.mend}" for fault in found), [str(f) for f in found]


def test_every_fault_names_file_line_and_mend(edited):
    folder = edited("if: applicant.resident\n", "if: applicant.residnt\n")
    (fault,) = lint.check(declare.load_catalogue(folder))
    lines = (folder / "heating/service.yaml").read_text().splitlines()
    assert "residnt" in lines[fault.line - 1]
    assert fault.file == "services/heating/service.yaml"
    assert "applicant.resident" in fault.mend


def test_a_placeholder_that_no_case_has_is_found_in_a_letter(edited):
    folder = edited("{case.amount}円", "{case.amont}円", "heating/letters/granted.yaml")
    edited("{case.amount}円", "{case.amont}円", "heating/letters/granted.yaml")
    edited("{case.amount} yen", "{case.amont} yen", "heating/letters/granted.yaml")
    found = lint.check(declare.load_catalogue(folder))
    assert any("case.amont" in fault.what and "case.amount" in fault.mend for fault in found)


@pytest.mark.parametrize("slip", ["{case.amount円", "{}円", "{case.amount:>9}円", "case.amount}円"])
def test_a_brace_that_belongs_to_nothing_is_found_in_a_letter(edited, slip):
    folder = edited("{case.amount}円", slip, "heating/letters/granted.yaml")
    (fault,) = lint.check(declare.load_catalogue(folder))
    assert "brace" in fault.what
    assert (fault.file, fault.line) == ("services/heating/letters/granted.yaml", 2)


def test_furigana_in_a_letter_is_no_slip(edited):
    folder = edited("{case.amount}円", "{支給|しきゅう} {case.amount}円", "heating/letters/granted.yaml")
    assert lint.check(declare.load_catalogue(folder)) == []


def test_a_service_without_worked_examples_is_found(edited):
    folder = edited()
    (folder / "heating/examples.yaml").unlink()
    (fault,) = lint.check(declare.load_catalogue(folder))
    assert "no worked example" in fault.what


def test_an_example_that_expects_a_value_nobody_computes_is_found(edited):
    folder = edited("amount: 7000", "values: {totl: null}", "heating/examples.yaml")
    assert any("totl" in fault.what for fault in lint.check(declare.load_catalogue(folder)))


def test_a_slip_in_a_parameter_is_told_once_and_at_its_line(edited):
    folder = edited("2024-04-01: 5000", "2024-04-01: five")
    (fault,) = lint.check(declare.load_catalogue(folder))
    assert "2024-04-01: five" in (folder / "heating/service.yaml").read_text().splitlines()[fault.line - 1]


def test_a_fact_that_decides_and_that_nobody_can_know_is_found(edited):
    folder = edited('      - {fact: member.taxed, if: "member.birth_date <= as_of"}\n', "")
    assert any("member.taxed" in fault.what for fault in lint.check(declare.load_catalogue(folder)))


def test_an_unused_parameter_is_found(edited):
    folder = edited("params:\n", "params:\n  old: {type: int, values: {2024-04-01: 1}, source: 要綱}\n")
    assert any("used nowhere" in fault.what for fault in lint.check(declare.load_catalogue(folder)))


def test_an_example_that_comes_out_differently_is_a_fault_at_its_line(edited):
    folder = edited("amount: 7000", "amount: 7001", "heating/examples.yaml")
    (fault,) = lint.check(declare.load_catalogue(folder))
    assert "7001" in fault.what
    assert "7000" in fault.what
    assert fault.file == "services/heating/examples.yaml"
    assert fault.line > 1


def test_an_example_with_a_slip_in_a_fact_is_not_taken_for_unknown(edited):
    folder = edited(
        "birth_date: 1960-04-01}\n    members", "birthdate: 1960-04-01}\n    members", "heating/examples.yaml"
    )
    found = lint.check(declare.load_catalogue(folder))
    assert any("birthdate" in fault.what for fault in found)


def test_a_good_catalogue_has_no_fault(edited):
    assert lint.check(declare.load_catalogue(edited())) == []
