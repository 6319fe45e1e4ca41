"""Absence and deputies: who may enter one, what it lends and for how long, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from ipaddress import ip_network

import pytest
from django.test import Client

from tests.access.people import TOWN, make_staff, sign_in
from yakuba import clock
from yakuba.access import SYSTEM, Denied, Resource, acting_for, actions, may, queries, seals
from yakuba.access.errors import (
    AbsenceError,
    AwayAlready,
    DaysOver,
    DaysTurned,
    DeputyAway,
    IsDeputy,
    NoSuchColleague,
    NotInForce,
    OwnDeputy,
    TooLong,
)
from yakuba.access.models import Absence, AccessEvent, Staff
from yakuba.access.situation import Seen
from yakuba.access.worker import DELEGABLE, PROVEN, Delegation, Worker

NOW = datetime(2026, 12, 1, 9, tzinfo=clock.TOKYO)
TODAY = NOW.date()
CASE = Resource("Case", "1", TOWN, {"role": "reviewer"})


@pytest.fixture
def people(in_town) -> dict[str, Staff]:
    """A reviewer, a clerk who stands in for them, a manager, somebody else."""
    roles = {"kato": "reviewer", "sato": "clerk", "ito": "manager", "mori": "clerk"}
    return {login: make_staff(role, login=login, name=login) for login, role in roles.items()}


@pytest.fixture
def absent(people) -> Callable[..., Absence]:
    """`absent("kato", "sato", 0, 2)`: from today until the day after tomorrow; entered by the manager."""

    def enter(who: str, deputy: str, first: int = 0, last: int = 2, by: str = "ito") -> Absence:
        days = [TODAY + timedelta(days=n) for n in (first, last)]
        ids = [people[name].worker().id for name in (who, deputy)]
        return actions.enter_absence(*ids, *days, by=people[by].worker(), as_of=NOW)

    return enter


def on(people: dict[str, Staff], who: str, day: date = TODAY) -> Worker:
    """As whom somebody acts on a day."""
    at_the_counter = Seen(ip_network("127.0.0.1/32"))
    found = queries.signed_in(people[who].id, at_the_counter, NOW, as_of=datetime.combine(day, NOW.timetz()))
    assert found is not None
    return found[1]


def test_a_deputy_acts_in_the_roles_of_who_is_absent_and_stays_themselves(people, absent):
    assert not may(on(people, "sato"), "case.decide", CASE)
    absent("kato", "sato")
    deputy = on(people, "sato")
    assert may(deputy, "case.decide", CASE)
    assert deputy.id == people["sato"].worker().id
    assert deputy.roles == {"clerk"}
    assert acting_for(deputy, "case.decide", CASE) == (people["kato"].worker().id,)
    assert acting_for(deputy, "case.note", CASE) == ()


@pytest.mark.parametrize(("day", "holds"), [(-1, False), (0, True), (2, True), (3, False)])
def test_it_holds_from_the_first_day_until_the_last_one_is_over(day, holds, people, absent):
    absent("kato", "sato")
    assert may(on(people, "sato", TODAY + timedelta(days=day)), "case.decide", CASE) is holds


def test_a_deputy_cannot_confirm_what_they_proposed_themselves(people, absent):
    absent("kato", "sato")
    deputy = on(people, "sato")
    proposed = replace(CASE, attributes={**CASE.attributes, "proposed_by": deputy.id})
    assert not may(deputy, "case.decide", proposed)


def test_an_auditor_and_an_administrator_lend_nothing(people, absent):
    actions.change_roles(people["kato"], ["auditor", "admin", "approver"], by=SYSTEM(TOWN))
    absent("kato", "sato")
    assert on(people, "sato").acts_in == {"clerk", "approver"}
    assert DELEGABLE.isdisjoint({"auditor", "admin"})


def test_what_was_lent_is_not_lent_on(people, absent):
    absent("kato", "sato", 0, 0)
    absent("mori", "ito", 0, 0, by="mori")
    assert on(people, "ito").acts_in == {"manager", "clerk"}


def test_who_left_the_town_hall_lends_nothing(people, absent):
    absent("kato", "sato")
    actions.close_staff(people["kato"], by=SYSTEM(TOWN))
    assert on(people, "sato").delegations == ()


def test_it_can_be_ended_before_its_last_day_and_once_only(people, absent):
    found = absent("kato", "sato")
    actions.end_absence(found.id, by=people["kato"].worker(), as_of=NOW)
    assert on(people, "sato").delegations == ()
    assert queries.absences(TODAY) == []
    assert Absence.objects.get().ended_by == people["kato"].worker().id
    with pytest.raises(NotInForce):
        actions.end_absence(found.id, by=people["kato"].worker(), as_of=NOW)


def test_staff_enter_their_own_absence_and_managers_that_of_others(absent):
    absent("kato", "sato", by="kato")
    with pytest.raises(Denied):
        absent("mori", "ito", by="sato")


def test_nobody_makes_themselves_a_deputy(absent):
    with pytest.raises(Denied, match="Nobody makes themselves a deputy"):
        absent("kato", "ito", by="ito")


@pytest.mark.parametrize(
    ("before", "entered", "error"),
    [
        ([], ("kato", "kato"), OwnDeputy),
        ([], ("kato", "sato", 2, 1), DaysTurned),
        ([], ("kato", "sato", -3, -1), DaysOver),
        ([], ("kato", "sato", 0, 400), TooLong),
        ([("kato", "sato", 0, 2)], ("kato", "mori", 2, 5), AwayAlready),
        ([("sato", "mori", 2, 5)], ("kato", "sato", 0, 2), DeputyAway),
        ([("kato", "sato", 0, 2)], ("sato", "mori", 1, 1), IsDeputy),
    ],
)
def test_what_leaves_nobody_to_act_is_refused_in_words(before, entered, error, absent):
    for one in before:
        absent(*one)
    with pytest.raises(error) as refused:
        absent(*entered)
    assert isinstance(refused.value, AbsenceError)
    assert len({refused.value.text.get(lang) for lang in ("ja", "easy", "en")}) == 3
    assert Absence.objects.count() == len(before)


def test_days_that_do_not_touch_are_fine(absent):
    absent("kato", "sato", 0, 2)
    absent("kato", "mori", 3, 5)
    absent("sato", "mori", 3, 5)


def test_somebody_of_another_town_is_no_deputy(people, other_town):
    with other_town:
        stranger = make_staff("reviewer", town="394271", login="stranger").worker().id
    with pytest.raises(NoSuchColleague):
        actions.enter_absence(
            people["kato"].worker().id, stranger, TODAY, TODAY, by=people["ito"].worker(), as_of=NOW
        )


def test_a_robot_is_no_deputy(people):
    with pytest.raises(NoSuchColleague):
        actions.enter_absence(
            people["kato"].worker().id, "robot:1", TODAY, TODAY, by=people["ito"].worker(), as_of=NOW
        )


def test_the_access_log_says_in_whose_place_and_its_chain_holds(people, absent):
    today = clock.now().date()
    actions.enter_absence(
        people["kato"].worker().id, people["sato"].worker().id, today, today, by=people["ito"].worker(),
        as_of=clock.now(),
    )  # fmt: skip
    client = Client()
    sign_in(client, "sato")
    assert client.get(f"/{TOWN}/staff/queue/decide-all/").status_code == 200
    row = AccessEvent.objects.get(action="case.bulk_decide")
    assert (row.worker_id, row.acting_for) == (people["sato"].worker().id, [people["kato"].worker().id])
    seals.seal(TOWN, as_of=clock.now() + 2 * seals.SETTLED)
    assert seals.verify(TOWN).breaks == []


def test_equal_questions_of_a_deputy_are_answered_from_memory_like_any_others():
    deputy = Worker(
        "staff", "staff:1", TOWN, roles=frozenset({"clerk"}), strength=PROVEN,
        delegations=(Delegation("staff:2", frozenset({"reviewer"})),),
    )  # fmt: skip
    assert may(deputy, "case.decide", CASE)
    assert not may(replace(deputy, delegations=()), "case.decide", CASE)
