"""The register finds people by any spelling, keeps towns apart, and tells one and all the same facts."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from django.db import connection

from tests.server import VAR
from yakuba import conditions, declare
from yakuba.access import towns
from yakuba.conditions import FactType, ListType, Schema
from yakuba.register import actions, codes, queries
from yakuba.register.models import Address, BankAccount, Household, Organisation, Person, Taxation, Town
from yakuba.site import cli, town_commands
from yakuba.words import search_key

DAY = date(2026, 11, 24)
TOWN, OTHER = "394262", "394297"
MODELS = (Household, Address, Person, BankAccount, Taxation, Organisation)


@pytest.fixture
def people(db: None) -> Town:
    """A synthetic town of 600."""
    return actions.create_town(TOWN, 600, 1, as_of=DAY)


@pytest.fixture
def inside(people: Town):
    with towns.inside(TOWN):
        yield people


def add(
    name: str, kana: str, *, born: date = date(1980, 5, 1), home: Household | None = None, **more
) -> Person:
    if home is None:
        home = Household.objects.create(town=TOWN, number=Household.objects.count() + 100_001)
    return Person.objects.create(
        town=TOWN, household=home, name=name, kana=kana, search=f"{search_key(name)} {search_key(kana)}",
        birth_date=born, sex="female", nationality="日本", moved_in=more.pop("moved_in", born),
        relation=more.pop("relation", "head"), **more,
    )  # fmt: skip


# -- towns ---------------------------------------------------------------------------------------
def test_a_town_says_that_it_is_synthetic(people: Town) -> None:
    town = queries.town(TOWN)
    assert town
    assert town.synthetic
    assert town.prefecture == "高知県"
    assert town.name == "山あい町"
    assert queries.town_codes() == [TOWN]
    assert queries.town(OTHER) is None


def test_a_real_municipality_is_not_filled_with_made_up_people(db: None) -> None:
    with pytest.raises(codes.BadCode, match="東京都 千代田区: a real municipality"):
        actions.create_town("131016", 10, 1, as_of=DAY)
    assert queries.town_codes() == []


def test_a_town_is_made_once(people: Town) -> None:
    with pytest.raises(actions.TownExists, match="394262 is here already"):
        actions.create_town(TOWN, 10, 1, as_of=DAY)


def test_the_town_hall_is_closed_on_weekends_at_the_turn_of_the_year_and_on_its_own_days(
    people: Town,
) -> None:
    Town.objects.filter(code=TOWN).update(closures=[date(2026, 11, 25)])
    calendar = queries.calendar(TOWN)
    closed = (date(2026, 11, 25), date(2026, 11, 28), date(2026, 12, 29), date(2027, 1, 3))
    assert not any(calendar.is_open(day) for day in closed)
    assert calendar.is_open(date(2026, 11, 26))


def test_neither_town_sees_the_other(people: Town) -> None:
    actions.create_town(OTHER, 50, 1, as_of=DAY)
    ids = {}
    for code, population in ((TOWN, 600), (OTHER, 50)):
        with towns.inside(code):
            assert queries.people_count() == population
            ids[code] = Person.objects.values_list("id", flat=True)[0]
            for model in MODELS:
                assert set(model.objects.values_list("town", flat=True)) == {code}
    with towns.inside(OTHER):
        assert queries.person(ids[TOWN]) is None
        assert queries.facts_of(ids[TOWN], as_of=DAY) == {}


def test_the_database_plans_for_the_people_who_are_there(people: Town) -> None:
    with towns.inside(TOWN), connection.cursor() as cursor:
        cursor.execute("explain (format json) select from register_person")
        ((plan,),) = cursor.fetchone()
    assert plan["Plan"]["Plan Rows"] == pytest.approx(600, rel=0.2), "and not for an empty table"


def test_the_command_says_that_nobody_is_real(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "prepare", lambda: None)  # the tests' database is up already
    made = CliRunner().invoke(town_commands.town, ["create", "--code", OTHER, "--population", "20"])
    assert made.exit_code == 0, made.output
    assert "synthetic people: nobody is real" in made.output
    listed = CliRunner().invoke(town_commands.town, ["list"])
    assert listed.output.split("\t")[:2] == [OTHER, "高知県潮見町"]
    assert "synthetic" in listed.output


# -- finding -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "高橋",
        "髙橋　﨑子",
        "高橋崎子",
        "ﾀｶﾊｼ",
        "たかはし さきこ",
        "タカハシ　サキコ",
        "サキコ 高橋",
    ],
)
def test_a_person_is_found_by_any_spelling_of_name_or_kana(inside: Town, text: str) -> None:
    Person.objects.all().update(search="")
    wanted = add("髙橋　﨑子", "タカハシ　サキコ")
    assert queries.find_person(text) == [wanted]
    assert queries.find_person(f"{text} 咲") == []


def test_a_birth_date_narrows_the_search_and_the_dead_and_gone_are_not_found(inside: Town) -> None:
    born = date(1931, 2, 3)
    wanted = add("潮見　波", "シオミ　ナミ", born=born)
    add("潮見　波", "シオミ　ナミ", born=born + timedelta(days=1))
    add("潮見　波", "シオミ　ナミ", born=born, died_on=date(2020, 1, 1))
    add("潮見　波", "シオミ　ナミ", born=born, moved_out=date(2020, 1, 1))
    assert queries.find_person("しおみ", born) == [wanted]
    assert queries.same_person("潮見 波", born) == [wanted]


def test_a_search_gives_no_more_than_asked_for(inside: Town) -> None:
    assert len(queries.find_person("", limit=7)) == 7


def test_the_head_comes_first_in_a_household_and_who_left_is_not_in_it(inside: Town) -> None:
    head = add("谷　一", "タニ　ハジメ", born=date(1985, 1, 1))
    mother = add("谷　ミ", "タニ　ミ", born=date(1950, 1, 1), home=head.household, relation="parent")
    add("谷　二", "タニ　ニ", home=head.household, relation="child", moved_out=date(2026, 4, 1))
    assert queries.household_of(mother.id, as_of=DAY) == [head, mother]
    assert len(queries.household_of(head.id, as_of=date(2026, 3, 31))) == 3


# -- facts ---------------------------------------------------------------------------------------
def family() -> tuple[Person, Person]:
    mother = add("浜　海", "ハマ　ウミ")
    home = mother.household
    Address.objects.create(
        town=TOWN, household=home, postal_code="7899901", line="浜1番地", since=date(2000, 1, 1)
    )
    add("浜　一", "ハマ　イチ", born=date(2010, 4, 2), home=home, relation="child", mother=mother)
    add("浜　二", "ハマ　ニ", born=date(2005, 4, 2), mother=mother)
    add("浜　三", "ハマ　サン", born=date(2012, 4, 2), mother=mother, home=home, died_on=date(2013, 1, 1))
    add("浜　四", "ハマ　シ", born=date(1999, 4, 2), mother=mother, home=home, relation="child")
    Taxation.objects.create(town=TOWN, person=mother, year=2026, levied=False, income=0)
    return mother, Person.objects.get(name="浜　一")


def test_facts_name_the_applicant_the_children_and_the_household(inside: Town) -> None:
    mother, child = family()
    facts = queries.facts_of(mother.id, as_of=DAY)
    assert facts["applicant"] == {
        "name": "浜　海", "kana": "ハマ　ウミ", "birth_date": date(1980, 5, 1), "postal_code": "7899901",
        "address": "浜1番地", "resident": True,
    }  # fmt: skip
    assert facts["children"] == [
        {"name": "浜　二", "birth_date": date(2005, 4, 2), "relation": "own", "living_together": False, "in_japan": True},
        {
            "name": child.name, "birth_date": child.birth_date, "relation": "own", "living_together": True,
            "cared_for": True, "in_japan": True,
        },
    ]  # fmt: skip
    taxed = {member["name"]: member.get("taxed") for member in facts["members"]}
    assert taxed == {"浜　海": False, "浜　一": None, "浜　四": None}
    assert "account" not in facts


def test_facts_are_those_of_the_day_asked_for(inside: Town) -> None:
    mother, _ = family()
    Person.objects.filter(id=mother.id).update(moved_out=date(2026, 10, 1))
    Address.objects.filter(household=mother.household).update(until=date(2026, 10, 1))
    Address.objects.create(
        town=TOWN,
        household=mother.household,
        postal_code="7899902",
        line="新町2番地",
        since=date(2026, 10, 1),
    )
    before = queries.facts_of(mother.id, as_of=date(2026, 9, 30))["applicant"]
    after = queries.facts_of(mother.id, as_of=date(2026, 10, 1))["applicant"]
    assert (before["resident"], before["address"]) == (True, "浜1番地")
    assert (after["resident"], after["address"]) == (False, "新町2番地")
    assert len(queries.facts_of(mother.id, as_of=date(2009, 1, 1))["children"]) == 2


SCHEMA = Schema(
    facts={
        "applicant.name": FactType("text"), "applicant.birth_date": FactType("date"),
        "applicant.resident": FactType("bool"), "applicant.postal_code": FactType("text"),
        "applicant.public_servant": FactType("bool"), "account.bank": FactType("text"),
        "account.number": FactType("text"),
    },
    lists={
        "children": ListType("child", {
            "name": FactType("text"), "birth_date": FactType("date"), "living_together": FactType("bool"),
            "cared_for": FactType("bool"), "disabled": FactType("bool"),
        }),
        "members": ListType("member", {"birth_date": FactType("date"), "taxed": FactType("bool")}),
        "dogs": ListType("dog", {"born": FactType("date")}),
    },
)  # fmt: skip


def test_the_facts_of_the_whole_town_are_those_of_each_person(inside: Town) -> None:
    family()
    con = conditions.register_connection(threads=1)
    queries.fact_tables(con, schema=SCHEMA, as_of=DAY)
    subjects = dict(con.execute("select _case, person from subjects").fetchall())
    assert set(subjects.values()) == set(Person.objects.filter(died_on=None).values_list("id", flat=True))
    facts = {row["_case"]: row for row in rows(con, "facts")}
    lists = {name: rows(con, f'"{name}"') for name in ("children", "members")}
    for case, person in list(subjects.items())[::7]:
        one = queries.facts_of(person, as_of=DAY)
        for name in SCHEMA.facts:
            group, key = name.split(".")
            assert facts[case][name] == one.get(group, {}).get(key), name
        for name, items in lists.items():
            kind = SCHEMA.lists[name]
            found = sorted((row for row in items if row["_case"] == case), key=lambda row: row["_pos"])
            assert [row["_pos"] for row in found] == list(range(len(found)))
            told = [{key: row[f"{kind.item}.{key}"] for key in kind.facts} for row in found]
            assert told == [{key: item.get(key) for key in kind.facts} for item in one[name]]
    assert all(row["#children"] and row["#members"] and not row["#dogs"] for row in facts.values())
    assert rows(con, "dogs") == []


def rows(con, table: str) -> list[dict]:
    answer = con.execute(f"select * from {table}")
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def test_every_declared_service_decides_the_whole_town(inside: Town) -> None:
    for service in declare.load_catalogue(keep_in=VAR / "catalogue").services.values():
        con = conditions.register_connection(threads=1)
        queries.fact_tables(con, schema=service.schema, as_of=DAY)
        assert len(service.program.run_tables(con, as_of=DAY).fetchall()) == 600, service.id


def test_leading_zeros_of_accounts_and_empty_registers_survive(inside: Town) -> None:
    one = add("零　子", "レイ　コ")
    BankAccount.objects.create(
        town=TOWN, person=one, bank="0001", branch="001", type="1", number="0000012", holder="レイ　コ"
    )
    Person.objects.exclude(id=one.id).update(died_on=date(2020, 1, 1))
    con = conditions.register_connection(threads=1)
    queries.fact_tables(con, schema=SCHEMA, as_of=DAY)
    assert [row["account.number"] for row in rows(con, "facts")] == ["0000012"]
    assert queries.account_of(one.id).number == "0000012"
    assert queries.account_of(uuid.uuid4()) is None
    Person.objects.update(died_on=date(2020, 1, 1))
    con = conditions.register_connection(threads=1)
    queries.fact_tables(con, schema=SCHEMA, as_of=DAY)
    assert rows(con, "facts") == []
    assert rows(con, "children") == []
