"""A day of a nationwide partner, played and counted; and played again without a change."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from yakuba.access import towns
from yakuba.cases.models import Event
from yakuba.clock import TOKYO
from yakuba.field import customers, figures, national, queries
from yakuba.register.models import Town

pytestmark = pytest.mark.long
HALL, ON = "900001", date(2026, 11, 27)
NEXT = datetime(2026, 11, 28, 9, tzinfo=TOKYO)


@pytest.fixture
def played(db: None) -> figures.Figures:
    Town.objects.create(code=HALL, name="デモ保守", prefecture="", mayor_title="", contact="", synthetic=True)
    national.play(HALL, ON, seconds=1)
    with towns.inside(HALL):
        return figures.of_day(ON, NEXT)


def test_the_day_adds_up_and_everything_that_was_not_done_says_why(played: figures.Figures) -> None:
    assert played.asked == national.ASKED + national.FAILING
    assert played.done + played.nobody_there + len(played.unserved) == played.asked
    assert played.planned == played.done + played.nobody_there
    assert played.nobody_there == 1
    assert {"late_parts", "no_way"} <= set(played.unserved.values())
    assert "unplanned" not in played.unserved.values()
    assert played.exchanges.done + played.exchanges.waiting <= national.FAILING
    assert played.devices_kitted == national.KITTED + national.FAILING
    assert played.first_pass is not None
    assert 0.85 < played.first_pass < 1
    for kept, asked in played.sla.values():
        assert kept <= asked
    with towns.inside(HALL):
        spares = sum(number for kinds in figures.spares().values() for number in kinds.values())
        assert spares == 4 * len(national.DEPOTS) - national.FAILING + min(1, played.exchanges.done)
        before = Event.objects.count()
    national.play(HALL, ON)
    with towns.inside(HALL):
        assert Event.objects.count() == before
        serial = "SIM26112601-000001"
        life = [held.holder.split(":")[0] for held in queries.custody(serial)]
        assert life[:3] == ["depot", "carrier", "customer"]
        bills = [customers.statement(terms.number, ON, NEXT) for terms in customers.all_contracts()]
        assert sum(bill.yen for bill in bills if bill) > 0


def test_a_day_that_was_only_planned_is_worked_when_it_has_come(db: None) -> None:
    Town.objects.create(code=HALL, name="デモ保守", prefecture="", mayor_title="", contact="", synthetic=True)
    national.ask_for_more(HALL, ON, 3, as_of=datetime(2026, 11, 26, 9, tzinfo=TOKYO), seconds=1)
    national.play(HALL, ON, seconds=1)
    with towns.inside(HALL):
        found = figures.of_day(ON, NEXT)
    assert found.asked == national.ASKED + national.FAILING + 3
    assert found.done > national.ASKED / 2
