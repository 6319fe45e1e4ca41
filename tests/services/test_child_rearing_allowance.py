"""Child rearing allowance against the Act, its order and the published figures.

The oracle is written from 児童扶養手当法 and 児童扶養手当法施行令 in plain Python with exact fractions, and shares
nothing with the service file, the condition language or yakuba.clock.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.server import VAR
from yakuba import declare

CASES = 6_000
DAYS = [
    date(2024, 4, 1), date(2024, 9, 30), date(2024, 10, 1), date(2024, 10, 31), date(2024, 11, 1), date(2024, 12, 31),
    date(2025, 1, 1), date(2025, 3, 31), date(2025, 4, 1), date(2025, 9, 30), date(2025, 10, 1), date(2026, 2, 28),
    date(2026, 3, 31), date(2026, 4, 1), date(2026, 11, 24), date(2027, 3, 31),
]  # fmt: skip

FIGURES = {  # 第5条 and 施行令 第2条の4: first, second and further child: full amount and rate of the cut
    date(2024, 4, 1): [(45_500, "0.0243007"), (10_750, "0.0037483"), (6_450, "0.0022448")],
    date(2024, 11, 1): [(45_500, "0.0250000"), (10_750, "0.0038561"), (10_750, "0.0038561")],
    date(2025, 4, 1): [(46_690, "0.0256619"), (11_030, "0.0039568"), (11_030, "0.0039568")],
    date(2026, 4, 1): [(48_050, "0.0264029"), (11_350, "0.0040719"), (11_350, "0.0040719")],
}


@pytest.fixture(scope="module")
def service():
    return declare.load_catalogue(keep_in=VAR / "catalogue").services["child-rearing-allowance"]


# ---------------------------------------------------------------- the Act


def rounded(value: Fraction) -> int:
    """四捨五入 to whole numbers."""
    return int(value + Fraction(1, 2))


def last_day(birth: date, years: int) -> date:
    """n歳に達する日以後の最初の3月31日: an age is reached on the eve of the birthday."""
    eve = date(birth.year + years, birth.month, 1) + timedelta(days=birth.day - 2)
    return date(eve.year if (eve.month, eve.day) <= (3, 31) else eve.year + 1, 3, 31)


def assessed(income: dict) -> int:
    """所得の額: 施行令 第3条・第4条, child support by 80 %."""
    net = (
        income["total"] - min(100_000, income["earned"]) + rounded(Fraction(8, 10) * income["child_support"])
    )
    taken = 80_000 + income["other_deductions"]
    return max(0, net - taken - 270_000 * income["disabled"] - 400_000 * income["severely_disabled"])


def limits(income: dict, on: date) -> tuple[int, int]:
    """The income from which on it is paid in part, and not at all."""
    more = 380_000 * income["dependants"]
    more += 100_000 * income["elderly_dependants"] + 150_000 * income["specific_dependants"]
    full, part = (690_000, 2_080_000) if on >= date(2024, 11, 1) else (490_000, 1_920_000)
    return full + more, part + more


def obligor_is_low(one: dict) -> bool:
    """第10条・第11条, 施行令 第2条の4: 60,000 for each old dependant, but one if all are old."""
    old = one["elderly_dependants"] - (one["elderly_dependants"] == one["dependants"] > 0)
    limit = 2_360_000 + 380_000 * one["dependants"] + 60_000 * old
    return one["income"] - min(100_000, one["earned"]) - 80_000 - one["deductions"] < limit


def monthly(children: int, income: dict, on: date) -> int:
    figures = FIGURES[max(start for start in FIGURES if start <= on)]
    full, _ = limits(income, on)
    over, total = assessed(income) - full, 0
    for place in range(children):
        amount, rate = figures[min(place, 2)]
        total += amount if over < 0 else amount - 10 - 10 * rounded(over * Fraction(rate) / 10)
    return total


def year_of_income(claimed: date) -> int:
    """第9条第1項: paid from the month after the claim; November to October look at the year before."""
    first = date(claimed.year + claimed.month // 12, claimed.month % 12 + 1, 1)
    return first.year - 1 if first.month >= 11 else first.year - 2


SURE = {"divorced", "parent_died", "unmarried_mother", "protection_order"}
ABSENT_SPOUSE = {"protection_order", "parent_disabled", "parent_missing", "abandoned", "imprisoned"}


def is_child(one: dict, on: date) -> bool | None:
    """第3条・第4条; None: papers decide."""
    twenty = date(one["birth_date"].year + 20, one["birth_date"].month, 1) + timedelta(
        one["birth_date"].day - 1
    )
    young = on <= last_day(one["birth_date"], 18) or (one["disabled"] and on < twenty)
    if not (young and one["in_japan"] and one["cared_for"] and not one["in_institution"]):
        return False
    return {"none": False}.get(one["ground"], True if one["ground"] in SURE else None)


def decision(facts: dict, on: date) -> tuple[str, int | None]:
    applicant, income = facts["applicant"], facts["income"]
    children = [is_child(one, on) for one in facts["children"]]
    spouse_may_be = any(one["ground"] in ABSENT_SPOUSE for one in facts["children"])
    _, none_from = limits(income, on)
    no = [
        not applicant["resident"],
        applicant["has_partner"] and not spouse_may_be,
        all(one is False for one in children),
        assessed(income) >= none_from,
        not all(obligor_is_low(one) for one in facts["obligors"]),
    ]
    if any(no):
        return "refused", None
    person = [
        applicant["rearing_role"] == "guardian",
        applicant["has_partner"],
        applicant["public_pension"],
        None in children,
        income["year"] != year_of_income(on),
    ]
    return ("unknown", None) if any(person) else ("granted", monthly(children.count(True), income, on))


# ---------------------------------------------------------------- families


def one_in(chance: random.Random, n: int) -> bool:
    return chance.random() < 1 / n


def child(chance: random.Random, on: date) -> dict:
    years = chance.choice([1, 5, 9, 15, 17, 18, 18, 18, 19, 20])
    month, day = chance.choice([(4, 1), (4, 2), (3, 31), (2, 28), (on.month, min(on.day, 28)), (8, 8)])
    birth = min(date(on.year - years, month, day) + timedelta(days=chance.choice([-1, 0, 0, 1])), on)
    if one_in(chance, 10):
        birth = date(2008, 2, 29)
    rare = ["parent_disabled", "parent_missing", "abandoned", "imprisoned", "unknown_parents", "none"]
    return {
        "birth_date": birth,
        "disabled": one_in(chance, 4),
        "in_japan": not one_in(chance, 20),
        "cared_for": not one_in(chance, 20),
        "in_institution": one_in(chance, 20),
        "ground": chance.choice([*sorted(SURE) * 12, *rare]),
    }


def income(chance: random.Random, on: date) -> dict:
    dependants = chance.choice([0, 1, 1, 2, 3, 5])
    facts = {
        "year": year_of_income(on) - one_in(chance, 20),
        "earned": 0,
        "child_support": chance.choice([0, 0, 12_346, 300_000, chance.randint(0, 900_000)]),
        "other_deductions": chance.choice([0, 0, 0, 53_000]),
        "disabled": chance.choice([0, 0, 0, 1]),
        "severely_disabled": chance.choice([0, 0, 0, 1]),
        "dependants": dependants,
        "elderly_dependants": chance.choice([0, 0, min(1, dependants)]),
        "specific_dependants": chance.choice([0, 0, min(1, dependants)]),
        "total": 0,
    }
    full, none_from = limits(facts, on)
    near = chance.choice(
        [full, full, none_from, chance.randint(0, none_from), chance.randint(full, none_from)]
    )
    off = chance.choice([-1, 0, 1, 195, -195, chance.randint(-2000, 2000)])
    counted = near + off - rounded(Fraction(8, 10) * facts["child_support"]) + facts["other_deductions"]
    counted += 80_000 + 270_000 * facts["disabled"] + 400_000 * facts["severely_disabled"]
    facts["total"] = max(0, counted)
    if facts["total"] > 200_000 and one_in(chance, 2):
        facts["earned"], facts["total"] = facts["total"] + 100_000, facts["total"] + 100_000
    return facts


def obligor(chance: random.Random) -> dict:
    dependants = chance.choice([0, 1, 2])
    old = chance.randint(0, dependants)
    near = 2_440_000 + 380_000 * dependants + 60_000 * (old - (old == dependants > 0))
    deductions = chance.choice([0, 260_000])
    off = chance.choice([-1, 0, 1, -1_000_000, -1_000_000])
    return {
        "income": near + deductions + off,
        "earned": 0,
        "deductions": deductions,
        "dependants": dependants,
        "elderly_dependants": old,
    }


def family(chance: random.Random, on: date) -> dict:
    applicant = {
        "resident": not one_in(chance, 50),
        "rearing_role": chance.choice([*["mother", "father"] * 12, "guardian"]),
        "has_partner": one_in(chance, 12),
        "public_pension": one_in(chance, 25),
    }
    return {
        "applicant": applicant,
        "income": income(chance, on),
        "children": [child(chance, on) for _ in range(chance.choice([0, 1, 1, 2, 3, 4]))],
        "obligors": [obligor(chance) for _ in range(chance.choice([0, 0, 0, 1, 2]))],
    }


def test_every_family_gets_what_the_act_says(service):
    chance, groups = random.Random(1), defaultdict(list)
    for _ in range(CASES):
        on = chance.choice(DAYS)
        groups[on].append(family(chance, on))
    seen = defaultdict(int)
    for on, group in groups.items():
        for facts, found in zip(group, declare.decide_many(service, group, as_of=on), strict=True):
            assert (found.outcome, found.amount) == decision(facts, on), (on, facts)
            seen[found.outcome] += 1
    assert all(seen[outcome] > CASES / 20 for outcome in ("granted", "refused", "unknown")), seen


# ---------------------------------------------------------------- what was published


def facts_of(
    assessed: int, dependants: int, children: int, year: int, obligors: list[dict] | None = None
) -> dict:
    return {
        "applicant": {"resident": True, "rearing_role": "mother", "has_partner": False, "public_pension": False},
        "income": {
            "year": year, "total": assessed + 80_000, "earned": 0, "child_support": 0, "other_deductions": 0,
            "disabled": 0, "severely_disabled": 0, "dependants": dependants, "elderly_dependants": 0,
            "specific_dependants": 0,
        },
        "children": [{"birth_date": date(2018, 5, 5), "in_japan": True, "in_institution": False, "cared_for": True,
                      "ground": "divorced", "disabled": False}] * children,
        "obligors": obligors or [],
    }  # fmt: skip


PUBLISHED = [  # こども家庭庁 (from), children: full; most and least in part
    (date(2024, 9, 1), 1, 45_500, 45_490, 10_740),
    (date(2024, 9, 1), 2, 56_250, 45_490 + 10_740, 10_740 + 5_380),
    (date(2024, 9, 1), 3, 62_700, 45_490 + 10_740 + 6_440, 10_740 + 5_380 + 3_230),
    (date(2024, 11, 1), 1, 45_500, 45_490, 10_740),
    (date(2024, 11, 1), 3, 67_000, 45_490 + 2 * 10_740, 10_740 + 2 * 5_380),
    (date(2025, 4, 1), 1, 46_690, 46_680, 11_010),
    (date(2025, 4, 1), 2, 57_720, 46_680 + 11_020, 11_010 + 5_520),
    (date(2025, 4, 1), 3, 68_750, 46_680 + 2 * 11_020, 11_010 + 2 * 5_520),
    (date(2026, 4, 1), 1, 48_050, 48_040, 11_340),
    (date(2026, 4, 1), 2, 59_400, 48_040 + 11_340, 11_340 + 5_680),
]


@pytest.mark.parametrize(("on", "children", "full", "most", "least"), PUBLISHED)
def test_the_published_amounts_hold_at_both_ends_of_the_partial_payment(
    service, on, children, full, most, least
):
    full_from, none_from = (1_070_000, 2_460_000) if on >= date(2024, 11, 1) else (870_000, 2_300_000)
    paid = {full_from - 1: full, full_from: most, none_from - 1: least, none_from: None}
    cases = [facts_of(income, 1, children, year_of_income(on)) for income in paid]
    found = declare.decide_many(service, cases, as_of=on)
    assert [one.amount for one in found] == list(paid.values())
    assert found[-1].outcome == "refused"


LIMITS = [  # published table from November 2024, by dependants: full payment, partial payment, others in the household
    (0, 690_000, 2_080_000, 2_360_000),
    (1, 1_070_000, 2_460_000, 2_740_000),
    (2, 1_450_000, 2_840_000, 3_120_000),
    (3, 1_830_000, 3_220_000, 3_500_000),
    (4, 2_210_000, 3_600_000, 3_880_000),
    (5, 2_590_000, 3_980_000, 4_260_000),
]


@pytest.mark.parametrize(("dependants", "full", "part", "others"), LIMITS)
def test_the_published_limits_are_limits_from_which_on_less_or_nothing_is_paid(
    service, dependants, full, part, others
):
    on = date(2025, 6, 1)

    def relative(income: int) -> list[dict]:
        return [{"income": income + 80_000, "earned": 0, "deductions": 0, "dependants": dependants,
                 "elderly_dependants": 0}]  # fmt: skip

    cases = [
        facts_of(full - 1, dependants, 1, 2023),
        facts_of(full, dependants, 1, 2023),
        facts_of(part - 1, dependants, 1, 2023),
        facts_of(part, dependants, 1, 2023),
        facts_of(0, 1, 1, 2023, relative(others - 1)),
        facts_of(0, 1, 1, 2023, relative(others)),
    ]
    found = [one.amount for one in declare.decide_many(service, cases, as_of=on)]
    assert found == [46_690, 46_680, 11_010, None, 46_690, None]


@settings(max_examples=60, deadline=None)
@given(excess=st.integers(0, 1_389_999), children=st.integers(1, 3))
def test_a_partial_allowance_is_exact_to_the_yen_for_every_income(service, excess, children):
    facts = facts_of(1_070_000 + excess, 1, children, 2023)
    found = declare.decide(service, facts, as_of=date(2025, 6, 1))
    assert found.amount == sum(
        full - 10 - 10 * rounded(excess * Fraction(rate) / 10)
        for full, rate in FIGURES[date(2025, 4, 1)][:children]
    )


def test_no_amount_is_given_for_a_day_whose_figures_are_not_declared(service):
    facts = facts_of(0, 1, 1, 2021)
    with pytest.raises(declare.NotInForce, match="no version for 2024-03-31"):
        declare.decide(service, facts, as_of=date(2024, 3, 31))
    later = declare.decide(service, facts_of(0, 1, 1, 2025), as_of=date(2027, 4, 1))
    assert (later.outcome, later.amount) == ("unknown", None)
    assert [one.name for one in later.conditions if one.value is None] == ["figures"]


def test_the_months_of_a_claim_look_at_the_income_of_its_time_until_october(service):
    claimed = {"case": {"received_on": date(2025, 6, 10)}}
    years = {
        month: declare.decide(service, claimed, as_of=month).values["income_year"]
        for month in (date(2025, 7, 1), date(2025, 10, 1), date(2025, 11, 1), date(2026, 10, 1))
    }
    assert list(years.values()) == [2023, 2023, 2024, 2024]
