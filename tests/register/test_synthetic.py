"""A synthetic town looks like a small ageing town and is the same for the same seed."""

import itertools
from collections import Counter
from datetime import date, timedelta

import pytest

from yakuba.clock import age
from yakuba.money import banks
from yakuba.money.kana import bank_kana
from yakuba.register.synthetic import MadeHousehold, MadePerson, Maker

DAY = date(2026, 11, 24)
Town = list[MadeHousehold]


def made(seed: int = 1, population: int = 4000, as_of: date = DAY, code: str = "394262") -> Town:
    return list(Maker(code, seed, as_of, "高知県山あい町").households(population))


def everyone(town: Town) -> list[MadePerson]:
    return [one for home in town for one in home.people]


@pytest.fixture(scope="module")
def town() -> Town:
    return made()


def test_the_same_seed_makes_the_same_town() -> None:
    assert made(population=300) == made(population=300)


def test_another_seed_or_code_makes_other_people() -> None:
    first, second, third = made(1, 300), made(2, 300), made(1, 300, code="394297")
    ids = [{one.id for one in everyone(town)} for town in (first, second, third)]
    assert not (ids[0] & ids[1])
    assert not (ids[0] & ids[2])
    assert not (ids[1] & ids[2])


@pytest.mark.parametrize("population", [1, 2, 599, 4000])
def test_a_town_has_exactly_the_people_asked_for(population: int) -> None:
    assert len(everyone(made(population=population))) == population


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_about_four_in_ten_are_65_or_older_and_one_in_ten_is_a_child(seed: int) -> None:
    ages = [age(one.birth_date, DAY) for one in everyone(made(seed))]
    assert 0.38 < sum(years >= 65 for years in ages) / len(ages) < 0.45
    assert 0.08 < sum(years < 15 for years in ages) / len(ages) < 0.14
    assert max(ages) < 105


def test_households_are_small_and_every_size_up_to_six_is_there(town: Town) -> None:
    sizes = Counter(len(home.people) for home in town)
    assert 1.7 < 4000 / len(town) < 2.4
    assert set(range(1, 7)) <= set(sizes)


def test_nobody_is_born_or_moves_in_after_the_day_and_nobody_moves_in_unborn(town: Town) -> None:
    assert all(one.birth_date <= one.moved_in <= DAY for one in everyone(town))


def test_some_children_were_born_in_the_last_months(town: Town) -> None:
    assert sum(one.birth_date > DAY - timedelta(days=180) for one in everyone(town)) >= 3


def test_no_household_is_without_an_adult_and_each_has_one_head(town: Town) -> None:
    for home in town:
        assert any(age(one.birth_date, DAY) >= 18 for one in home.people)
        assert [one.relation for one in home.people].count("head") == 1


def test_mothers_were_between_18_and_45_and_siblings_are_nine_months_apart(town: Town) -> None:
    known = {one.id: one for one in everyone(town)}
    births: dict[object, list[date]] = {}
    for one in known.values():
        if one.mother:
            mother = known[one.mother]
            births.setdefault(mother.id, []).append(one.birth_date)
            assert mother.sex == "female"
            assert 18 <= age(mother.birth_date, one.birth_date) <= 45
        if one.father:
            assert age(known[one.father].birth_date, one.birth_date) >= 18
    for days in births.values():
        days.sort()
        assert all(after - before > timedelta(days=280) for before, after in itertools.pairwise(days))


def test_old_characters_and_people_of_other_countries_live_in_the_town(town: Town) -> None:
    names = "".join(one.name for one in everyone(town))
    assert all(character in names for character in "髙﨑邊邉𠮷齋")
    foreign = [one for one in everyone(town) if one.nationality != "日本"]
    assert 0.01 < len(foreign) / 4000 < 0.05
    assert all(one.name.isascii() for one in foreign)


def test_about_six_in_ten_adults_have_an_account_that_a_bank_file_can_name(town: Town) -> None:
    adults = [one for one in everyone(town) if age(one.birth_date, DAY) >= 18]
    accounts = [one.account for one in adults if one.account]
    assert 0.55 < len(accounts) / len(adults) < 0.65
    for bank, branch in {account[:2] for account in accounts}:
        assert banks.branch(bank, branch)
    for holder in {account[4] for account in accounts}:
        assert bank_kana(holder)


def test_a_leap_day_is_a_day_like_any_other() -> None:
    assert len(everyone(made(population=200, as_of=date(2028, 2, 29)))) == 200


def test_some_households_pay_no_residence_tax(town: Town) -> None:
    free = sum(not any(one.taxed for one in home.people) for home in town)
    assert 0.2 < free / len(town) < 0.6
