"""Values, unknowns, lists, dates, parameters, explanations; and one case is decided as a million are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yakuba import clock
from yakuba.conditions import (
    Answer,
    FactType,
    ListType,
    Param,
    Program,
    Rule,
    Schema,
    WrongFact,
    check_facts,
    compile_rules,
    register_connection,
)

DAY = date(2026, 11, 24)
SCHEMA = Schema(
    {
        "p": FactType("bool"),
        "q": FactType("bool"),
        "x": FactType("int"),
        "ratio": FactType("number", "percent"),
        "birth": FactType("date"),
        "name": FactType("text"),
        "kind": FactType("choice", choices=("a", "b")),
    },
    {
        "children": ListType(
            "child", {"birth": FactType("date"), "ok": FactType("bool"), "n": FactType("int")}
        )
    },
)
PARAMS = {
    "rate": Param("rate", "int", {date(2024, 10, 1): 10, date(2026, 4, 1): 20}, "JPY", "the Act, article 6")
}


def program(*rules: Rule | str) -> Program:
    """Rules given as text are called r0, r1 …"""
    named = [Rule(f"r{n}", rule) if isinstance(rule, str) else rule for n, rule in enumerate(rules)]
    return compile_rules(SCHEMA, named, PARAMS)


def answer(expression: str, facts: dict[str, Any], as_of: date = DAY) -> Answer:
    return program(expression).run(facts, as_of=as_of)


def value(expression: str, facts: dict[str, Any], as_of: date = DAY) -> Any:
    return answer(expression, facts, as_of).values["r0"]


@pytest.mark.parametrize(
    ("expression", "facts", "expected"),
    [
        ("p and q", {"p": False}, False),
        ("p and q", {"p": True}, None),
        ("p or q", {"p": True}, True),
        ("p or q", {"p": False}, None),
        ("not p", {}, None),
        ("known(p)", {}, False),
        ("coalesce(p, true)", {}, True),
        ("least(x, 3)", {}, None),
        ("greatest(x, 3)", {"x": 5}, 5),
        ("case when p then 1 else 2 end", {}, None),
        ("case when p then 1 else 2 end", {"p": False}, 2),
        ("x in (1, 2)", {}, None),
        ("x between 1 and 3", {"x": 3}, True),
        ("x / 0", {"x": 1}, None),
        ("x % 0", {"x": 1}, None),
        ("kind = 'a'", {"kind": "a"}, True),
        ("name = 'O''Brien'", {"name": "O'Brien"}, True),
        ("birth < '2000-01-01'", {"birth": "1999-12-31"}, True),
    ],
)
def test_unknown_is_neither_yes_nor_no(expression: str, facts: dict[str, Any], expected: Any) -> None:
    assert value(expression, facts) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("floor(ratio * 100)", 29),
        ("ratio + 0.01 = 0.3", True),
        ("floor(x / 100 * 100)", 57),
        ("floor(-x / 100 * 100)", -57),
        ("ceil(0.1 * 3 * 10)", 3),
        ("floor(x / 12 * 12)", 57),
        ("round(2.5)", 3),
        ("round(0 - 2.5)", -3),
        ("ratio", 0.29),
        ("least(x, 2.5)", 2.5),
    ],
)
def test_no_yen_is_lost_to_binary_fractions(expression: str, expected: Any) -> None:
    assert value(expression, {"ratio": 0.29, "x": 57}) == expected


MOST = 999_999_999_999


@pytest.mark.parametrize(
    "expression",
    [
        "x * x",
        "999999999999999 * 9000 + 999999999999999 * 9000",
        "0 - 999999999999999 * 9000 - 999999999999999 * 9000",
        "add_days(birth, x)",
        "add_months(birth, x)",
        "add_years(birth, x)",
        "add_years(birth, 8000)",
        "add_days(date '9999-12-31', 1)",
        "attained_on(birth, x)",
        "attained_on(birth, 0 - x)",
        "after_fiscal_age(birth, x)",
        "after_fiscal_age(date '9999-12-31', 0 - 0)",
        "make_date(x, 1, 1)",
        "make_date(2025, 2, 29)",
    ],
)
def test_what_no_number_and_no_calendar_holds_is_unknown(expression: str) -> None:
    assert value(expression, {"x": MOST, "birth": "2000-02-29"}) is None


def test_a_sum_that_no_number_holds_is_unknown() -> None:
    facts = {"children": [{"n": MOST}] * 10}
    assert value("sum(children, child.n * 9000000)", facts) is None
    assert value("sum(children, child.n)", facts) == 10 * MOST


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        ("2004-02-29", "2024-02-28", 19),
        ("2004-02-29", "2024-02-29", 20),
        ("2004-02-29", "2025-02-28", 20),
        ("2004-02-29", "2025-03-01", 21),
        ("2008-04-01", "2026-03-31", 17),
        ("明治45年7月29日", "2026-07-29", 114),
        ("2030-01-01", "2026-04-01", None),
    ],
)
def test_an_age_grows_on_the_birthday(birth: str, on: str, years: int | None) -> None:
    assert value("age(birth, as_of)", {"birth": birth}, date.fromisoformat(on)) == years


@pytest.mark.parametrize(
    ("expression", "absent", "empty", "unknown_item", "known"),
    [
        ("count(children)", None, 0, 2, 2),
        ("count(children, child.ok)", None, 0, None, 1),
        ("any(children, child.ok)", None, False, True, True),
        ("all(children, child.ok)", None, True, None, False),
        ("sum(children, child.n)", None, 0, None, 7),
        ("min(children, child.n)", None, None, None, 3),
        ("max(children, child.n)", None, None, None, 4),
    ],
)
def test_values_over_lists(expression: str, absent: Any, empty: Any, unknown_item: Any, known: Any) -> None:
    half = [{"ok": True, "n": 3}, {}]
    whole = [{"ok": True, "n": 3}, {"ok": False, "n": 4}]
    found = [value(expression, facts) for facts in ({}, *({"children": c} for c in ([], half, whole)))]
    assert found == [absent, empty, unknown_item, known]


def test_rank_counts_only_those_who_count_from_the_eldest() -> None:
    ranked = program(Rule("place", "rank(child.ok, child.birth)", "children"))
    births = [("2020-01-01", True), ("2010-01-01", True), ("2005-01-01", False), ("2015-01-01", True)]
    facts = {"children": [{"birth": birth, "ok": ok} for birth, ok in births]}
    places = [item["place"] for item in ranked.run(facts, as_of=DAY).items["children"]]
    assert places == [3, 1, None, 2]


def test_no_rank_is_sure_while_one_item_is_unknown() -> None:
    ranked = program(Rule("place", "rank(child.ok, child.birth)", "children"))
    facts = {"children": [{"birth": "2020-01-01", "ok": True}, {"birth": "2010-01-01"}]}
    assert [i["place"] for i in ranked.run(facts, as_of=DAY).items["children"]] == [None, None]


dates = st.dates(date(1920, 1, 1), date(2060, 12, 31)) | st.sampled_from(
    [date(y, m, d) for y in (1999, 2000, 2004, 2100) for m, d in ((2, 28), (3, 1), (3, 31), (4, 1), (4, 2))]
    + [date(2000, 2, 29), date(2004, 2, 29)]
)
AGES = program(
    "age(birth, as_of)",
    "fiscal_year(birth)",
    "fiscal_year_age(birth, as_of)",
    "after_fiscal_age(birth, 18)",
    "attained_on(birth, 18)",
    "school_year(birth, as_of)",
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.one_of(dates), min_size=1, max_size=40),
    st.sampled_from([DAY, date(2027, 3, 31), date(2027, 4, 1), date(2028, 2, 29)]),
)
def test_dates_are_counted_as_the_clock_counts_them(births: list[date], on: date) -> None:
    born = [birth for birth in births if birth <= on]
    for birth, found in zip(born, AGES.run_many([{"birth": birth} for birth in born], as_of=on), strict=True):
        assert list(found.values.values()) == [
            clock.age(birth, on),
            clock.fiscal_year(birth),
            clock.fiscal_year_age(birth, on),
            clock.after_fiscal_age(birth, 18),
            clock.attained_on(birth, 18),
            clock.school_year(birth, on),
        ]


def test_one_born_on_1_april_leaves_a_year_earlier_than_one_born_on_2_april() -> None:
    assert value("after_fiscal_age(birth, 18)", {"birth": "2008-04-01"}) == date(2026, 3, 31)
    assert value("after_fiscal_age(birth, 18)", {"birth": "2008-04-02"}) == date(2027, 3, 31)


def test_a_term_that_ends_on_a_closed_day_ends_on_the_next_open_day() -> None:
    hall, first = clock.BusinessCalendar(), date(2025, 1, 1)
    days = [first + timedelta(n) for n in range(3 * 365)]
    found = program("open_day(birth)").run_many([{"birth": day} for day in days], as_of=DAY)
    assert [answer.values["r0"] for answer in found] == [hall.on_or_after(day) for day in days]


@pytest.mark.parametrize(
    ("born", "until"),
    [("12", "07"), ("22", "07"), ("23", "08"), ("24", "09"), ("25", "10"), ("26", "13"), ("28", "13"), ("29", "14"),
     ("30", "15")],
)  # fmt: skip
def test_the_fifteen_days_of_a_spring_with_ten_closed_days_end_as_a_town_published_them(
    born: str, until: str
) -> None:
    """さくら市の2019年（平成31年）の大型連休の表: born in April, the last day for child allowance in May."""
    ends = program("open_day(add_days(birth, 15))").run({"birth": f"2019-04-{born}"}, as_of=date(2019, 5, 7))
    assert ends.values["r0"] == date(2019, 5, int(until))


def test_opening_days_are_not_known_more_than_a_year_off() -> None:
    assert value("open_day(birth)", {"birth": "2024-12-31"}) is None
    assert value("open_day(birth)", {"birth": "2028-01-01"}) is None


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [(date(2024, 9, 30), None), (date(2024, 10, 1), 10), (date(2026, 3, 31), 10), (date(2026, 4, 1), 20)],
)
def test_a_parameter_has_the_value_of_its_day(as_of: date, expected: int | None) -> None:
    assert value("param.rate", {}, as_of) == expected


def test_an_explanation_names_facts_and_the_parameter_with_its_source() -> None:
    decided = program("sum(children, child.n) * param.rate", "r0 > x").run(
        {"children": [{"n": 2}], "x": 1}, as_of=DAY
    )
    why = decided.explain("r1")
    assert (why.value, dict(why.facts)) == (True, {"children[0].n": 2, "x": 1})
    (rate,) = why.params
    assert (rate.value, rate.since, rate.source) == (20, date(2026, 4, 1), "the Act, article 6")


@pytest.mark.parametrize(
    ("expression", "facts", "expected"),
    [
        ("p and x > 3", {}, ["p", "x"]),
        ("p and x > 3", {"p": False}, []),
        ("p and x > 3", {"p": True}, ["x"]),
        ("case when p then x else 2 end", {}, ["p"]),
        ("case when p then x > 1 else q end", {"p": False}, ["q"]),
        ("any(children, child.ok)", {}, ["children"]),
        ("any(children, child.ok)", {"children": [{"ok": False}, {}]}, ["children[1].ok"]),
        ("any(children, child.ok)", {"children": [{"ok": True}, {}]}, []),
    ],
)
def test_only_facts_that_can_still_change_the_result_are_missing(
    expression: str, facts: dict[str, Any], expected: list[str]
) -> None:
    assert answer(expression, facts).missing(["r0"]) == expected


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"nmae": "A"}, r'"nmae" is not a fact.*Nearest: name'),
        ({"p": 1}, "not a yes or no"),
        ({"x": "12a"}, "not a whole number"),
        ({"x": 10**13}, "at most a million million"),
        ({"birth": "昭和65年1月1日"}, "birth"),
        ({"birth": "2026-02-30"}, "birth"),
        ({"kind": "c"}, "one of: a, b"),
        ({"ratio": "nan"}, "ratio"),
        ({"ratio": float("inf")}, "ratio"),
        ({"ratio": "1e300"}, "at most a million million"),
        ({"birth": "明治5年12月2日"}, "1873"),
        ({"children": "two"}, "must be a list"),
        ({"children": [{"age": 3}]}, r"children\[\]\.age"),
        ({"name": "a\x00b"}, "cannot be stored"),
        ({"name": "\ud800"}, "cannot be stored"),
    ],
)
def test_a_fact_that_does_not_fit_is_told(facts: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongFact, match=said):
        check_facts(facts, SCHEMA)


HOUSE = program(
    Rule("total", "sum(children, child.pay)"),
    Rule("share", "floor(ratio * total / 100)"),
    Rule("adult", "age(birth, as_of) >= 18"),
    Rule("granted", "adult and (p or any(children, child.counts))"),
    Rule("counts", "child.ok and age(child.birth, as_of) < 20", "children"),
    Rule("place", "rank(child.counts, child.birth)", "children"),
    Rule("pay", "case when child.place >= 3 then param.rate when adult then child.n else 0 end", "children"),
)
maybe_bool, maybe_int = st.none() | st.booleans(), st.none() | st.integers(0, 10**6)
child = st.fixed_dictionaries({"birth": st.none() | dates, "ok": maybe_bool, "n": maybe_int})
household = st.fixed_dictionaries(
    {
        "p": maybe_bool,
        "birth": st.none() | dates,
        "x": maybe_int,
        "ratio": st.none() | st.decimals(0, 100, places=4).map(float),
        "name": st.none()
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
    },
    optional={"children": st.lists(child, max_size=4)},
)


@settings(deadline=None, max_examples=40)
@given(st.lists(household, min_size=1, max_size=12))
def test_one_by_one_equals_register_wide(cases: list[dict[str, Any]]) -> None:
    together = HOUSE.run_many(cases, as_of=DAY)
    alone = [HOUSE.run(case, as_of=DAY) for case in cases]
    assert [(a.values, a.items) for a in together] == [(a.values, a.items) for a in alone]

    con = register_connection(threads=1)
    con.execute(
        'create table facts (_case bigint, p bool, q bool, x bigint, ratio double, birth date, name text, kind text, "#children" bool)'
    )
    con.execute(
        'create table children (_case bigint, _pos bigint, "child.birth" date, "child.ok" bool, "child.n" bigint)'
    )
    for number, case in enumerate(cases):
        row = [number, case["p"], None, *(case[key] for key in ("x", "ratio", "birth", "name")), None]
        con.execute("insert into facts values (?, ?, ?, ?, ?, ?, ?, ?, ?)", [*row, "children" in case])
        for position, item in enumerate(case.get("children", [])):
            con.execute(
                "insert into children values (?, ?, ?, ?, ?)",
                [number, position, *(item[key] for key in ("birth", "ok", "n"))],
            )
    names = ["total", "share", "adult", "granted"]
    wide = HOUSE.run_tables(con, as_of=DAY, columns=names).order("_case").fetchall()
    assert [row[1:] for row in wide] == [tuple(a.values[n] for n in names) for a in alone]
