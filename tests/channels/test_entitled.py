"""Who is entitled and has not applied: from the register alone, for a whole town at once."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cases.conftest import GOOD, MONDAY
from tests.channels.conftest import person
from yakuba.cases import actions, catalogue
from yakuba.channels.entitled import entitled
from yakuba.clock import fiscal_year
from yakuba.register.models import Household, Person, Taxation

DAY = MONDAY.date()


@pytest.fixture
def heating(small):
    return catalogue.service("heating")


def untaxed(*people: Person, levied: bool = False) -> None:
    for one in people:
        Taxation.objects.create(
            town=one.town, person=one, year=fiscal_year(DAY), levied=levied, income=600_000
        )


def names(heating) -> dict[str, bool]:
    return {one.person.name: one.sure for one in entitled(heating, as_of=DAY)}


def test_whoever_fulfils_every_condition_is_listed_with_the_amount(heating, taro):
    untaxed(*Person.objects.all())
    found = entitled(heating, as_of=DAY)
    assert [(one.person.name, one.sure, one.amount) for one in found] == [
        ("山田 太郎", True, 8000),
        ("山田 花子", True, 8000),
    ]


def test_whoever_fails_one_condition_is_not_listed(heating, taro, household):
    person(household, "山田 若子", "ヤマダ ワカコ", date(1990, 1, 1))
    untaxed(*Person.objects.all())
    assert "山田 若子" not in names(heating)
    Taxation.objects.filter(person=taro).update(levied=True)
    assert names(heating) == {}


def test_what_the_register_does_not_know_makes_somebody_unsure_and_comes_last(heating, taro, household):
    alone = Household.objects.create(town=taro.town, number=2)
    person(alone, "安藤 一", "アンドウ ハジメ", date(1940, 1, 1))
    untaxed(*Person.objects.filter(household=household))
    assert names(heating) == {"山田 太郎": True, "山田 花子": True, "安藤 一": False}
    assert list(names(heating)) == ["山田 太郎", "山田 花子", "安藤 一"]
    assert entitled(heating, as_of=DAY)[-1].unknown == ["untaxed"]


def test_whoever_has_applied_already_is_not_listed(heating, taro, apply):
    untaxed(*Person.objects.all())
    case = apply(GOOD, applicant=taro.id, worked=False)
    assert list(names(heating)) == ["山田 花子"]
    from yakuba.access import SYSTEM

    actions.withdraw(case.id, by=SYSTEM(taro.town), as_of=MONDAY)
    assert list(names(heating)) == ["山田 太郎", "山田 花子"]


def test_the_dead_and_those_who_moved_away_are_not_listed(heating, taro):
    untaxed(*Person.objects.all())
    Person.objects.filter(id=taro.id).update(died_on=date(2025, 1, 1))
    assert list(names(heating)) == ["山田 花子"]
    Person.objects.exclude(id=taro.id).update(moved_out=date(2025, 1, 1))
    assert names(heating) == {}


def test_a_whole_town_takes_no_more_queries_than_one_household(heating, taro):
    untaxed(*Person.objects.all())
    with CaptureQueriesContext(connection) as one:
        entitled(heating, as_of=DAY)
    for number in range(2, 40):
        home = Household.objects.create(town=taro.town, number=number)
        untaxed(person(home, f"人 {number}", "ヒト", date(1945, 1, 1)))
    with CaptureQueriesContext(connection) as many:
        assert len(entitled(heating, as_of=DAY)) == 40
    assert len(many) == len(one) <= 15
