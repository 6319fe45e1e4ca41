"""What the worked examples of services/ cannot say: sweeps over many families, dates and incomes.

The expected values come from plain Python below, written from the Acts and sharing nothing with the
condition language or with yakuba.clock.
"""

import copy
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yakuba import declare


@pytest.fixture(scope="module")
def catalogue():
    return declare.load_catalogue()


# ---------------------------------------------------------------- child allowance, 児童手当法


def end_of_fiscal_year_of_reaching(birth: date, years: int) -> date:
    """n歳に達する日以後の最初の3月31日: an age is reached on the eve of the birthday."""
    try:
        birthday = birth.replace(year=birth.year + years)
    except ValueError:  # born on 29 February
        birthday = date(birth.year + years, 3, 1)
    reached = birthday - timedelta(days=1)
    return date(reached.year + (reached.month > 3), 3, 31)


def monthly_child_allowance(births: list[date], supported: list[bool], on: date) -> int:
    """児童手当法 第6条第1項 by its table: older counted ones first, then from 3, then under 3."""
    older = sum(
        helped and end_of_fiscal_year_of_reaching(b, 18) < on <= end_of_fiscal_year_of_reaching(b, 22)
        for b, helped in zip(births, supported, strict=True)
    )
    eligible = [b for b in births if b <= on <= end_of_fiscal_year_of_reaching(b, 18)]
    under_three = sum((on.year - b.year) * 12 + on.month - b.month <= 36 for b in eligible)
    from_three = len(eligible) - under_three
    small = [10_000] * from_three + [15_000] * under_three
    first_two = max(0, 2 - older)
    return sum(small[:first_two]) + 30_000 * len(small[first_two:])


births = st.dates(date(2000, 1, 1), date(2026, 12, 31)) | st.sampled_from(
    [date(y, m, d) for y in range(2002, 2026) for m, d in [(4, 1), (4, 2), (3, 31), (2, 28)]]
    + [date(y, 2, 29) for y in range(2004, 2026, 4)]
)
days = st.dates(date(2024, 10, 1), date(2027, 3, 31)) | st.sampled_from(
    [date(y, m, d) for y in (2025, 2026) for m, d in [(3, 31), (4, 1), (4, 30), (5, 1), (2, 28)]]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(births, st.booleans()), min_size=1, max_size=6), days)
def test_any_family_is_paid_what_the_table_of_the_act_says(catalogue, family, on):
    facts = {
        "applicant": {"resident": True, "public_servant": False, "parent_role": "only_parent"},
        "claim": {"reason": "other", "event_date": on},
        "children": [
            {
                "birth_date": birth,
                "relation": "own",
                "cared_for": True,
                "in_japan": True,
                "in_institution": False,
                "supported": supported,
            }
            for birth, supported in family
        ],
    }
    decision = declare.decide(catalogue.services["child-allowance"], facts, as_of=on)
    expected = monthly_child_allowance([b for b, _ in family], [s for _, s in family], on)
    assert decision.values["total"] == expected
    assert decision.outcome == ("granted" if expected else "refused")


# ---------------------------------------------------------------- child rearing allowance, 児童扶養手当法


def partial_amount(full: int, excess: int, rate: Fraction) -> int:
    """児童扶養手当法施行令 第2条の4: the cut rounded half up to 10 yen, and 10 yen more."""
    return full - 10 - 10 * int(excess * rate / 10 + Fraction(1, 2))


RATES_FROM_APRIL_2025 = [
    (46_690, Fraction("0.0256619")),
    (11_030, Fraction("0.0039568")),
    (11_030, Fraction("0.0039568")),
]


@settings(max_examples=60, deadline=None)
@given(excess=st.integers(0, 1_389_999), children=st.integers(1, 3))
def test_a_partial_allowance_is_exact_to_the_yen_for_every_income(catalogue, excess, children):
    assessed = 1_070_000 + excess
    facts = {
        "applicant": {
            "resident": True,
            "rearing_role": "mother",
            "has_partner": False,
            "public_pension": False,
        },
        "income": {
            "year": 2023,
            "total": assessed + 80_000,
            "earned": 0,
            "child_support": 0,
            "other_deductions": 0,
            "disabled": 0,
            "severely_disabled": 0,
            "dependants": 1,
            "elderly_dependants": 0,
            "specific_dependants": 0,
        },
        "children": [
            {
                "birth_date": date(2018, 5, 5),
                "in_japan": True,
                "in_institution": False,
                "cared_for": True,
                "ground": "divorced",
                "disabled": False,
            }
        ]
        * children,
        "obligors": [],
    }
    decision = declare.decide(catalogue.services["child-rearing-allowance"], facts, as_of=date(2025, 6, 1))
    assert decision.amount == sum(
        partial_amount(full, excess, rate) for full, rate in RATES_FROM_APRIL_2025[:children]
    )


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
            said = answer.items.get(page.each, []) if page.each else [answer.values]
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
