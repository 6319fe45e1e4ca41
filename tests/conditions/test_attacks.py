"""Whatever is not one value computed from facts is refused before anything runs, with what is wrong and how to mend it."""

from __future__ import annotations

from datetime import date

import pytest

from yakuba.conditions import Errors, FactType, ListType, Param, Rule, Schema, compile_rules

SCHEMA = Schema(
    {"x": FactType("int"), "name": FactType("text"), "kind": FactType("choice", choices=("a", "b"))},
    {"children": ListType("child", {"age": FactType("int"), "ok": FactType("bool")})},
)
PARAMS = {"rate": Param("rate", "int", {date(2024, 1, 1): 5})}

ATTACKS = [
    "read_csv('/etc/passwd')",
    "read_text('/etc/passwd')",
    "read_parquet('https://example.org/a.parquet')",
    "glob('/*')",
    "getenv('HOME')",
    "current_setting('threads')",
    "system('id')",
    "query('select 1')",
    "query_table('facts')",
    "nextval('s')",
    "random() < 1",
    "gen_random_uuid() = name",
    "now() > as_of",
    "today() > as_of",
    "current_date > as_of",
    "current_timestamp > as_of",
    "current_user = name",
    "version() = name",
    "(select 1)",
    "x in (select 1)",
    "exists(select 1)",
    "x = any(select 1)",
    "select 1",
    "from facts",
    "x from facts",
    "table facts",
    "values (1)",
    "1 union select 2",
    "with t as (select 1) select * from t",
    "pragma version",
    "pragma database_list",
    "attach 'a.db'",
    "install httpfs",
    "load httpfs",
    "copy facts to 'x.csv'",
    "drop table facts",
    "set threads = 1",
    "call pragma_version()",
    "1; drop table facts",
    "x = 1 -- and false",
    "x = 1 /* and false */",
    "x::text",
    "cast(x as text)",
    "try_cast(name as int)",
    "cast(name as date)",
    "interval 1 day",
    "timestamp '2026-01-01'",
    "$1",
    "?",
    ":p",
    "@x",
    "prepare q as select 1",
    "execute planned_1",
    "list_transform(children, lambda c: c)",
    "lambda c: c",
    "c -> c",
    "columns('x')",
    "columns(*)",
    "*",
    "count(*)",
    "children.*",
    "struct_pack(a := 1)",
    "{'a': 1}",
    "[1, 2]",
    "array[1]",
    "x[1]",
    "unnest(children)",
    "range(1000000000)",
    "repeat('a', 1000000000)",
    "regexp_matches(name, '(a+)+$')",
    "name ~ '(a+)+$'",
    "name like '%a%'",
    "name similar to 'a*'",
    "name || name",
    "name collate nocase",
    "rank() over (order by x)",
    "row_number() over ()",
    "sum(x) filter (where true)",
    "max(x)",
    "case x when 1 then 2 end",
    "x is distinct from 1",
    '"x" = 1',
    "`x` = 1",
    "x = 1 collate de",
    "main.facts.x = 1",
    "_case = 1",
    "c._case = 1",
    "ｘ = 1",
    "x\u202e = 1",
    "x = '{as_of}'",
    "x = 1 \\g",
    "E'\\x41' = name",
    "1" * 30,
    "1e308 * 10",
    "not " * 60 + "true",
    "(" * 500 + "1" + ")" * 500,
    " and ".join(["x = 1"] * 1000),
    "",
    "   ",
    "x =",
    "(x = 1",
    "f__age(as_of, as_of)",
    "after_fiscal_age(" * 30 + "as_of" + ", 1)" * 30,
    "case when " * 30 + "x = 1" + " then true else false end" * 30,
    "least(" * 35 + "x" + ", 1)" * 35,
    "x = 0x10",
    "x = 1e3",
    "date 'today' = as_of",
    "date 'infinity' = as_of",
    "extract(year from as_of) = 1",
    "position('a' in name) = 1",
    "as_of at time zone 'UTC' = as_of",
    "name -> 'a' = name",
    "age(birth => as_of, on => as_of)",
    "sum(children, child.age order by child.age)",
    "min(children, child.age ignore nulls)",
    "х = 1",
    "x\u200b = 1",
    "age（as_of, as_of）",
    "AGE",
]


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_is_refused_when_it_is_read(attack: str) -> None:
    with pytest.raises(Errors) as refused:
        compile_rules(SCHEMA, [Rule("rule_in_hand", attack)], PARAMS)
    for error in refused.value.errors:
        assert error.what
        assert error.mend, "says how to mend it"
        assert error.rule == "rule_in_hand", "says where"


@pytest.mark.parametrize("choice", ["c", "A", "a' or '1'='1", "a\u0000"])
def test_a_choice_that_there_is_not_is_refused(choice: str) -> None:
    quoted = choice.replace("'", "''")
    with pytest.raises(Errors, match="not one of the choices"):
        compile_rules(SCHEMA, [Rule("r", f"kind = '{quoted}'")], PARAMS)


def test_an_aggregate_without_a_list_says_which_lists_there_are() -> None:
    with pytest.raises(Errors, match=r"calls sum\(\) without a list.*Lists: children"):
        compile_rules(SCHEMA, [Rule("r", "sum(x)")], PARAMS)


def test_a_list_alone_is_no_value() -> None:
    with pytest.raises(Errors, match=r'uses the list "children" as a value.*count\(children\)'):
        compile_rules(SCHEMA, [Rule("r", "children")], PARAMS)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Errors) as refused:
        compile_rules(SCHEMA, [Rule("a", "y = 1"), Rule("b", "name + 1"), Rule("c", "foo(x)")], PARAMS)
    assert [error.rule for error in refused.value.errors] == ["a", "b", "c"]


def test_a_rule_that_needs_itself_is_told_so() -> None:
    with pytest.raises(Errors, match="needs itself"):
        compile_rules(SCHEMA, [Rule("a", "a and x = 1")], PARAMS)


@pytest.mark.parametrize(
    "expression", ["rank(child.ok, child.age) * 2", "rank(child.ok, rank(child.ok, child.age))"]
)
def test_a_rank_is_a_value_of_its_own(expression: str) -> None:
    with pytest.raises(Errors, match="and nothing else"):
        compile_rules(SCHEMA, [Rule("r", expression, "children")], PARAMS)


def test_rules_that_need_each_other_are_named() -> None:
    with pytest.raises(Errors, match="These need each other: a, b"):
        compile_rules(SCHEMA, [Rule("a", "b"), Rule("b", "a")], PARAMS)
