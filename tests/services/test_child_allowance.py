"""Child allowance and its change against the Act, over thousands of families.

The oracle is written from 児童手当法 (as it stands since October 2024) in plain Python and shares nothing with the
service files, the condition language or yakuba.clock. What is not known, or is left to a person, is every answer that
it could be: a decision is right when it is what all of them give, and `unknown` where they differ.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from datetime import date, timedelta

import jpholiday
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.server import VAR
from yakuba import declare

FAMILIES = 6_000
DAYS = [
    date(2024, 10, 1), date(2024, 12, 31), date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 1),
    date(2025, 4, 30), date(2025, 5, 1), date(2026, 3, 31), date(2026, 4, 1), date(2027, 2, 28), date(2027, 3, 1),
    date(2028, 2, 29), date(2028, 3, 1), date(2026, 11, 24), date(2025, 7, 15),
]  # fmt: skip
BOOLEANS = (True, False)


@pytest.fixture(scope="module")
def catalogue():
    return declare.load_catalogue(keep_in=VAR / "catalogue")


# ---------------------------------------------------------------- the Act


def last_day(birth: date, years: int) -> date:
    """n歳に達する日以後の最初の3月31日: an age is reached on the eve of the birthday (年齢計算ニ関スル法律)."""
    birthday = date(birth.year + years, birth.month, 1) + timedelta(days=birth.day - 1)
    reached = birthday - timedelta(days=1)
    return date(reached.year if (reached.month, reached.day) <= (3, 31) else reached.year + 1, 3, 31)


def monthly(children: list[dict], on: date) -> int:
    """第6条第1項: from the oldest, the third and further of those who count bring 30,000; 0 when there is no child.
    `raised`: 第4条第1項第1号, `counts`: 第三子以降算定額算定対象者 of 19 to 22."""
    total, place = 0, 0
    for child in sorted(children, key=lambda one: one["birth"]):
        is_child = child["birth"] <= on <= last_day(child["birth"], 18)
        older = last_day(child["birth"], 18) < on <= last_day(child["birth"], 22)
        if is_child and child["raised"]:
            place += 1
            months = 12 * (on.year - child["birth"].year) + on.month - child["birth"].month
            total += 30_000 if place >= 3 else 15_000 if months <= 36 else 10_000
        elif older and child["counts"]:
            place += 1
    return total


def possible_children(child: dict) -> list[dict]:
    """What a child as declared may be in law: one, or several where something is open."""
    births = [child["birth_date"]] if child.get("birth_date") else SOME_BIRTHS
    found = []
    for birth, japan, studies, institution, cared, own, supported in itertools.product(
        births,
        open_(child, "in_japan"),
        open_(child, "studies_abroad"),
        open_(child, "in_institution"),
        open_(child, "cared_for"),
        [True] if child.get("relation") == "own" else BOOLEANS,  # others are looked at by a person
        open_(child, "supported"),
    ):
        reach = japan or studies
        counts = [supported] if reach or not supported else BOOLEANS  # abroad for other reasons: by a person
        raised = reach and not institution and cared and own
        found += [{"birth": birth, "raised": raised, "counts": one} for one in counts]
    return [dict(one) for one in {tuple(one.items()) for one in found}]


SOME_BIRTHS = [date(2024, 9, 9), date(2021, 5, 5), date(2014, 4, 1), date(2005, 1, 1), date(1999, 1, 1)]


def open_(facts: dict, name: str) -> tuple:
    return (facts[name],) if name in facts else BOOLEANS


def outcomes(facts: dict, on: date) -> set[tuple[str, int | None]]:
    """What the Act can give for these facts: (outcome, yen a month)."""
    applicant = facts["applicant"]
    roles = {"higher_income": [True], "only_parent": [True], "lower_income": [False]}
    may = {
        resident and not servant and earner
        for resident in open_(applicant, "resident")
        for servant in open_(applicant, "public_servant")
        for earner in roles.get(applicant.get("parent_role"), BOOLEANS)
    }
    families = itertools.product(*(possible_children(child) for child in facts["children"]))
    totals = {monthly(list(family), on) for family in families}
    return {("granted", total) if ok and total else ("refused", None) for ok in may for total in totals}


# ---------------------------------------------------------------- families


def birth(chance: random.Random, on: date) -> date:
    """Born in the years around which something ends: mostly near the day's own anniversaries and the school year."""
    year = on.year - chance.choice([0, 1, 2, 3, 3, 4, 8, 12, 17, 18, 18, 19, 20, 21, 22, 22, 23, 24])
    month, day = chance.choice(
        [(4, 1), (4, 2), (3, 31), (2, 28), (3, 1), (on.month, on.day), (7, 7), (12, 31)]
    )
    day = 28 if (month, day) == (2, 29) else day
    if chance.random() < 0.1:
        return date(year - year % 4, 2, 29)
    return min(date(year, month, day) + timedelta(days=chance.choice([-1, 0, 0, 0, 1])), on)


def child(chance: random.Random, on: date, doubt: float) -> dict:
    facts = {
        "birth_date": birth(chance, on),
        "relation": "own" if chance.random() < 0.93 else chance.choice(["ward", "other"]),
        "cared_for": chance.random() < 0.95,
        "in_japan": chance.random() < 0.93,
        "studies_abroad": chance.random() < 0.5,
        "in_institution": chance.random() < 0.05,
        "supported": chance.random() < 0.7,
    }
    return {name: value for name, value in facts.items() if chance.random() >= doubt}


def family(chance: random.Random, on: date, doubt: float) -> dict:
    applicant = {
        "resident": chance.random() < 0.97,
        "public_servant": chance.random() < 0.03,
        "parent_role": chance.choice(
            ["higher_income"] * 12 + ["only_parent"] * 6 + ["lower_income", "divorcing"]
        ),
    }
    return {
        "applicant": {name: value for name, value in applicant.items() if chance.random() >= doubt},
        "children": [child(chance, on, doubt) for _ in range(chance.randint(0, 4))],
    }


def decided_by_day(service, cases: list[tuple[date, dict]]):
    """(day, facts, decision) of each case, the cases of one day in one run."""
    groups = defaultdict(list)
    for on, facts in cases:
        groups[on].append(facts)
    for on, group in groups.items():
        for facts, decision in zip(group, declare.decide_many(service, group, as_of=on), strict=True):
            yield on, facts, decision


def test_every_family_of_which_all_is_known_gets_what_the_act_says(catalogue):
    chance = random.Random(1)
    cases = [(on, family(chance, on, doubt=0)) for on in (chance.choice(DAYS) for _ in range(FAMILIES))]
    left_to_a_person = 0
    for on, facts, decision in decided_by_day(catalogue.services["child-allowance"], cases):
        expected = outcomes(facts, on)
        if decision.outcome == "unknown":
            left_to_a_person += 1
            assert decision.missing == [], (on, facts)
            assert len(expected) > 1 or third_is_open(facts, on), (on, facts)
        else:
            assert {(decision.outcome, decision.amount)} == expected, (on, facts)
    assert left_to_a_person < FAMILIES / 4


def test_what_is_not_known_never_becomes_a_decision_that_an_answer_could_overturn(catalogue):
    chance = random.Random(2)
    cases = [(on, family(chance, on, doubt=0.05)) for on in (chance.choice(DAYS) for _ in range(FAMILIES))]
    for on, facts, decision in decided_by_day(catalogue.services["child-allowance"], cases):
        expected = outcomes(facts, on)
        if decision.outcome != "unknown":
            assert expected == {(decision.outcome, decision.amount)}, (on, facts)
        else:
            assert len(expected) > 1 or third_is_open(facts, on), (on, facts)


def by_the_table(births: list[date], supported: list[bool], on: date) -> int:
    """The same law once more, by the table of 第6条第1項: older ones first, then from 3, then under 3."""
    older = sum(
        helped and last_day(b, 18) < on <= last_day(b, 22)
        for b, helped in zip(births, supported, strict=True)
    )
    eligible = [b for b in births if b <= on <= last_day(b, 18)]
    under_three = sum((on.year - b.year) * 12 + on.month - b.month <= 36 for b in eligible)
    small = [10_000] * (len(eligible) - under_three) + [15_000] * under_three
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
    expected = by_the_table([b for b, _ in family], [s for _, s in family], on)
    assert decision.values["total"] == expected
    assert decision.outcome == ("granted" if expected else "refused")


def third_is_open(facts: dict, on: date) -> bool:
    """Three or more may count and it is open whether one of them does: then the open one is asked for or looked at,
    even where its place would not change the sum."""
    kinds = [{counts_as_child_or_older(one, on) for one in possible_children(c)} for c in facts["children"]]
    return sum(True in kind for kind in kinds) >= 3 and any(len(kind) > 1 for kind in kinds)


def counts_as_child_or_older(one: dict, on: date) -> bool:
    if one["birth"] <= on <= last_day(one["birth"], 18):
        return one["raised"]
    return on <= last_day(one["birth"], 22) and one["counts"]


def test_one_answer_less_leaves_the_decision_or_asks_for_that_answer(catalogue):
    chance, service = random.Random(3), catalogue.services["child-allowance"]
    whole, less, removed = [], [], []
    for _ in range(1_500):
        on = chance.choice(DAYS)
        facts = family(chance, on, doubt=0)
        places = [("applicant", name) for name in facts["applicant"]]
        places += [(f"children[{n}]", name) for n, one in enumerate(facts["children"]) for name in one]
        place, name = chance.choice(places)
        groups = {"applicant": dict(facts["applicant"])}
        groups |= {f"children[{n}]": dict(one) for n, one in enumerate(facts["children"])}
        del groups[place][name]
        whole.append((on, facts))
        less.append((on, {"applicant": groups.pop("applicant"), "children": list(groups.values())}))
        removed.append(f"{place}.{name}")
    by_day = {on: index for index, on in enumerate(dict.fromkeys(on for on, _ in whole))}
    removed = [
        name for _, name in sorted(zip(whole, removed, strict=True), key=lambda one: by_day[one[0][0]])
    ]
    decisions = zip(decided_by_day(service, whole), decided_by_day(service, less), removed, strict=True)
    for (on, facts, before), (_, _, after), name in decisions:
        if after.outcome == "unknown" and before.outcome != "unknown":
            assert after.missing == [name], (on, facts)
        else:
            assert (after.outcome, after.amount) == (before.outcome, before.amount), (on, facts, name)


def test_no_amount_is_given_for_a_day_before_the_law_of_october_2024(catalogue):
    facts = {
        "applicant": {"resident": True, "public_servant": False, "parent_role": "only_parent"},
        "allowance": {"received": True, "current": 0},
        "children": [{"birth_date": date(2023, 1, 1), "relation": "own", "cared_for": True, "in_japan": True,
                      "in_institution": False}],
    }  # fmt: skip
    for name in ("child-allowance", "child-allowance-change"):
        service = catalogue.services[name]
        with pytest.raises(declare.NotInForce, match=f"{name} has no version for 2024-09-30"):
            declare.decide(service, facts, as_of=date(2024, 9, 30))
        assert declare.decide(service, facts, as_of=date(2024, 10, 1)).amount == 15_000


# ---------------------------------------------------------------- from when it is paid


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def last_of_the_fifteen_days(event: date) -> date:
    """第8条第3項 with 地方自治法 第4条の2第3項: a closed day moves it on."""
    day = event + timedelta(days=15)
    while day.weekday() >= 5 or jpholiday.is_holiday(day) or (day.month, day.day) in YEAR_END:
        day += timedelta(days=1)
    return day


YEAR_END = {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}


def begins(event: date, claimed: date) -> date:
    """第8条第2項・第3項: the month after the claim, or after the event when it was claimed in time."""
    return next_month(event if claimed <= last_of_the_fifteen_days(event) else claimed)


def test_it_is_paid_from_the_month_after_the_claim_or_the_event_of_the_fifteen_days(catalogue):
    service, facts_of_a_year = catalogue.services["child-allowance"], []
    for n in range(365):
        claimed = date(2025, 1, 1) + timedelta(days=n)
        for late in (0, 1, 13, 14, 15, 16, 17, 18, 19, 20, 25, 26, 40):
            event = claimed - timedelta(days=late)
            if event >= date(2024, 10, 1):
                facts_of_a_year.append((event, claimed))
    cases = [
        {"claim": {"reason": "birth", "event_date": event}, "case": {"received_on": claimed}}
        for event, claimed in facts_of_a_year
    ]
    decisions = declare.decide_many(service, cases, as_of=date(2025, 12, 31))
    found = [decision.values["first_month"] for decision in decisions]
    assert found == [begins(event, claimed) for event, claimed in facts_of_a_year]


def test_the_day_of_decision_and_the_month_that_is_looked_at_do_not_move_the_first_month(catalogue):
    facts = {
        "claim": {"reason": "birth", "event_date": date(2025, 5, 28)},
        "case": {"received_on": date(2025, 6, 12)},
    }
    for as_of in (date(2025, 6, 12), date(2025, 7, 20), date(2026, 5, 1)):
        decision = declare.decide(catalogue.services["child-allowance"], facts, as_of=as_of)
        assert decision.values["first_month"] == date(2025, 6, 1)


@pytest.mark.parametrize("name", ["child-allowance", "child-allowance-change"])
def test_money_is_paid_from_the_month_that_the_letter_names(catalogue, name):
    service = catalogue.services[name]
    assert service.pay.schedule.from_ == "first_month"
    assert "first_month" in service.letters["granted"].body.placeholders()


# ---------------------------------------------------------------- the change of the amount


def test_every_change_is_what_the_act_gives_for_the_family_after_it(catalogue):
    chance = random.Random(4)
    cases = []
    for _ in range(2_000):
        on = chance.choice(DAYS)
        facts = family(chance, on, doubt=0)
        current = chance.choice([10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 55_000])
        received = chance.random() < 0.95
        event = on - timedelta(days=chance.choice([0, 3, 14, 15, 16, 17, 30, 70]))
        changed = {
            "allowance": {"received": received, "current": current},
            "change": {"reason": "birth", "date": event},
        }
        cases.append((on, {**changed, "children": facts["children"]}))
    for on, facts, decision in decided_by_day(catalogue.services["child-allowance-change"], cases):
        families = itertools.product(*(possible_children(one) for one in facts["children"]))
        totals = {monthly(list(one), on) for one in families}
        current = facts["allowance"]["current"]
        expected = {
            ("granted", total)
            if facts["allowance"]["received"] and total not in (0, current)
            else ("refused", None)
            for total in totals
        }
        if decision.outcome == "unknown":
            assert len(totals) > 1 or third_is_open(facts, on), (on, facts)
            continue
        assert expected == {(decision.outcome, decision.amount)}, (on, facts)
        if decision.outcome == "granted":
            event = facts["change"]["date"]
            more = decision.amount > current
            assert decision.values["first_month"] == (begins(event, on) if more else next_month(event))
