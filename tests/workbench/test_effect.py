"""What a change would mean for the people who live here, counted over the register."""

from __future__ import annotations

import pytest

from tests.channels.conftest import household, person, taro
from tests.workbench.conftest import HANAKO, NOW, words
from yakuba.cases import catalogue
from yakuba.declare import Service
from yakuba.workbench import actions, editing
from yakuba.workbench.checking import checked
from yakuba.workbench.effect import Effect, effect

__all__ = ["household", "taro"]
DAY = NOW.date()


@pytest.fixture
def people(small, taro, household):
    """山田 太郎 (76) and his wife (74); a grandson of 20 lives with them."""
    from datetime import date

    return [taro, person(household, "山田 若男", "ヤマダ ワカオ", date(2006, 1, 1), relation="other")]


def with_condition(name: str, if_: str) -> Service:
    files = editing.put_condition(
        actions.begin("heating", by=HANAKO, as_of=NOW).files, "heating", name, if_, words("x"), None, "第1条"
    )
    made = checked("heating", files).service
    assert made is not None
    return made


def seen(new: Service, old: Service | None) -> Effect:
    return effect(new, old, as_of=DAY)


def test_the_same_text_changes_nothing(people):
    service = catalogue.service("heating")
    found = seen(service, service)
    assert found.nothing
    assert found.now >= 1


def test_who_gets_it_no_more_is_counted_by_household_and_named(people):
    old = catalogue.service("heating")
    found = seen(with_condition("nobody", "applicant.birth_date < date '1900-01-01'"), old)
    assert found.now == 0
    assert found.fewer.people == seen(old, None).now
    assert found.fewer.households == 1
    assert "山田 太郎" in [one.name for one in found.fewer.some]
    assert found.more.people == 0


def test_who_may_get_it_besides_is_counted(people):
    narrow = with_condition("nobody", "applicant.birth_date < date '1900-01-01'")
    found = seen(catalogue.service("heating"), narrow)
    assert (found.more.people, found.fewer.people) == (seen(catalogue.service("heating"), None).now, 0)


def test_a_condition_on_what_the_register_does_not_know_is_counted_as_not_known(people):
    found = seen(with_condition("asked", "length(applicant.email) > 3"), None)
    yes, no, unknown = found.conditions[-1].now
    assert (yes, no + unknown) == (0, 3)


def test_of_a_new_service_everybody_who_may_get_it_is_new(people):
    found = seen(catalogue.service("heating"), None)
    assert found.more.people == found.now
    assert found.conditions[0].before is None
