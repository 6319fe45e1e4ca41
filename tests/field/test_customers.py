"""Contracts: which is in force, what a month comes to, how satisfied customers are."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.field.hall import DAY, TERMS, Hall, at
from yakuba import access
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.field import customers, onsite


def worked(hall: Hall, number: int, **found) -> None:
    """A visit that was done, with what was found."""
    case = hall.ask(number, kind=found.pop("kind", "install"), customer=found.pop("customer", "C-1"))
    hall.plan()
    one = hall.visit(case)
    kita = hall.person("technician", "kita")
    onsite.arrive(one.task, by=kita, as_of=at(9, number))
    onsite.finish(one.task, {"visit": {"finding": "終えた"} | found}, [], by=kita, as_of=at(10, number))


def test_a_month_counts_what_was_accepted_at_the_contracts_prices(hall: Hall) -> None:
    hall.technician("kita")
    worked(hall, 1, signed_by="担当", satisfaction=5)
    worked(hall, 2, signed_by="担当", satisfaction=4)
    worked(hall, 3, kind="lecture", signed_by="担当", satisfaction=3)
    worked(hall, 4)
    worked(hall, 5, customer="C-2", signed_by="担当", satisfaction=1)
    found = customers.statement("MC-1", DAY, at(18))
    assert found is not None
    assert [(line.work, line.count, line.price, line.yen) for line in found.lines] == [
        ("install", 2, 6500, 13000), ("lecture", 1, None, 0),
    ]  # fmt: skip
    assert (found.yen, len(found.waiting), found.satisfaction, found.answers) == (13000, 1, 4.0, 3)
    assert found.levels == {"window": (4, 4)}


def test_what_is_accepted_afterwards_is_counted_and_what_is_refused_is_not(hall: Hall) -> None:
    hall.technician("kita")
    worked(hall, 1)
    worked(hall, 2)
    manager = hall.person("manager")
    for number, task in enumerate(list(case_queries.queue(step="accept"))):
        outcome = ("accepted", "refused")[number]
        cases.finish(task.id, by=manager, as_of=at(15), outcome=outcome)
    found = customers.statement("MC-1", DAY, at(18))
    assert found is not None
    assert (found.yen, len(found.waiting)) == (6500, 1)


def test_what_customers_said_stands_with_the_work_it_is_about_the_least_content_first(hall: Hall) -> None:
    hall.technician("kita")
    worked(hall, 1, satisfaction=5, comment="早かった")
    worked(hall, 2, kind="lecture", satisfaction=2, comment="早口だった")
    worked(hall, 3)
    found = customers.statement("MC-1", DAY, at(18))
    assert found is not None
    assert [(one.work, one.mark, one.comment) for one in found.said] == [
        ("lecture", 2, "早口だった"), ("install", 5, "早かった"),
    ]  # fmt: skip


def test_another_month_has_none_of_it(hall: Hall) -> None:
    hall.technician("kita")
    worked(hall, 1, signed_by="担当")
    for month in (date(2026, 10, 15), date(2026, 12, 1)):
        found = customers.statement("MC-1", month, at(18))
        assert found is not None
        assert (found.yen, found.lines) == (0, [])
    assert customers.statement("MC-9", DAY, at(18)) is None


def test_few_answers_give_no_mean(hall: Hall) -> None:
    hall.technician("kita")
    worked(hall, 1, signed_by="担当", satisfaction=2)
    found = customers.statement("MC-1", DAY, at(18))
    assert found is not None
    assert (found.satisfaction, found.answers) == (None, 1)


def test_a_contract_is_in_force_from_its_first_to_its_last_day(hall: Hall) -> None:
    last = date(2026, 12, 31)
    customers.agree(TERMS.model_copy(update={"until": last}), by=hall.system)
    assert customers.contract_for("C-1", last) is not None
    assert customers.contract_for("C-1", last + timedelta(days=1)) is None
    assert customers.contract_for("C-1", TERMS.since - timedelta(days=1)) is None
    assert customers.contract_for("C-9", last) is None


def test_the_newest_contract_counts_when_there_are_two(hall: Hall) -> None:
    newer = TERMS.model_copy(update={"number": "MC-2", "since": date(2026, 6, 1)})
    customers.agree(newer, by=hall.system)
    found = customers.contract_for("C-1", DAY)
    assert found is not None
    assert found.number == "MC-2"


def test_only_managers_keep_contracts(hall: Hall) -> None:
    for role in ("agent", "dispatcher", "technician", "clerk"):
        with pytest.raises(access.Denied):
            customers.agree(TERMS, by=hall.person(role))
    customers.agree(TERMS, by=hall.person("manager"))
