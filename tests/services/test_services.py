"""What holds for the catalogue as a whole; the money services have sweeps of their own beside this file."""

import copy

import pytest

from tests.server import VAR
from yakuba import declare


@pytest.fixture(scope="module")
def catalogue():
    return declare.load_catalogue(keep_in=VAR / "catalogue")


# ---------------------------------------------------------------- the catalogue


def test_the_claim_and_the_change_of_child_allowance_share_the_same_rules_for_children(catalogue):
    claim, change = (catalogue.services[s] for s in ("child-allowance", "child-allowance-change"))
    shared = [
        "of_age",
        "in_reach",
        "raised",
        "eligible",
        "older",
        "counted",
        "place",
        "under_three",
        "monthly",
        "total",
    ]
    for name in shared:
        assert claim.values[name] == change.values[name]


# ---------------------------------------------------------------- what the form asks


def without_what_is_not_asked(service, example):
    """The facts of an example without those whose question has an `if` that is false."""
    facts = copy.deepcopy(dict(example.facts))
    answer = service.form.run(example.facts, as_of=example.as_of)
    for page in service.pages:
        no_page = answer.values.get(f"?page:{page.page}") is False
        for question in [one for one in page.questions if one.fact]:
            group, key = question.fact.split(".", 1)
            places = facts.get(page.each, []) if page.each else [facts.get(group, {})]
            unguarded = [{} for _ in places]  # a list none of whose questions has an `if`
            said = answer.items.get(page.each, unguarded) if page.each else [answer.values]
            for place, guards in zip(places, said, strict=True):
                if no_page or guards.get(f"?question:{page.page}:{question.fact}") is False:
                    place.pop(key, None)
    return facts


SERVICES = sorted(path.parent.name for path in declare.load.ROOT.glob("*/service.yaml"))


@pytest.mark.parametrize("name", SERVICES)
def test_a_decision_never_waits_for_an_answer_that_the_form_does_not_ask(catalogue, name):
    service = catalogue.services[name]
    for example in catalogue.examples[name]:
        whole = declare.decide(service, example.facts, as_of=example.as_of)
        asked = declare.decide(service, without_what_is_not_asked(service, example), as_of=example.as_of)
        assert (asked.outcome, asked.amount) == (whole.outcome, whole.amount), example.id


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_three_worked_examples_and_ten_where_money_is_paid(catalogue, name):
    service = catalogue.services[name]
    assert len(catalogue.examples[name]) >= (10 if service.pay else 3 if service.offered else 0)


def test_every_procedure_that_the_plan_counts_has_its_service(catalogue):
    counted = catalogue.plan.counted
    assert len(counted) == 27
    assert len(counted) + sum(one.startswith("jidosha-") for one in catalogue.plan.procedures) == 31
    assert all(catalogue.fulfilling(name) for name in counted)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("dog-registration", "手数料"),
        ("facility-reservation", "使用料"),
        ("road-occupancy", "占用料"),
        ("repayment", "返還金"),
    ],
)
def test_what_is_owed_is_called_what_the_law_calls_it(catalogue, name, called):
    assert catalogue.services[name].fee_name.ja == called
