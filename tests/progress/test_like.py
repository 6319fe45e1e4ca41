"""The open town among all municipalities."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.channels.conftest import person
from tests.conftest import TOWN
from tests.progress.disparity.made import town, write
from yakuba import clock
from yakuba.progress.disparity.peers import having
from yakuba.progress.like import alike
from yakuba.progress.plan.beside import beside
from yakuba.register.models import Address, Household


@pytest.fixture
def home(in_town: str) -> Household:
    """A household with an address."""
    made = Household.objects.create(town=in_town, number=1)
    Address.objects.create(
        town=in_town, household=made, postal_code="9990001", line="1番地", since=date(2000, 1, 1)
    )
    return made


def test_a_made_up_town_is_compared_by_who_lives_there(
    home: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YAKUBA_PROGRESS_DATA", str(tmp_path))
    now = clock.now()
    assert alike(TOWN, as_of=now) is None, "there is no table"
    write(
        tmp_path,
        [
            town("A村", 2, aged=50, rpa=0, cio=1, online26=1),
            town("B町", 9_000, aged=40, rpa=1, cio=1, online26=0.5),
        ],
    )
    assert alike(TOWN, as_of=now) is None, "nobody lives here yet"
    person(home, "山田 太郎", "ヤマダ タロウ", date(1950, 1, 1))
    found = alike(TOWN, as_of=now)
    assert found is not None
    assert having(found.compared) == {"organisation": (2, 2), "rpa": (1, 2), "online": (1, 2)}
    shown = {one.item: (one.own, one.have, one.known) for one in beside(TOWN, found).lines}
    assert shown["organisation"] == (None, 2, 2)
    assert shown["rpa"] == (None, 1, 2)
    assert "online" not in shown, "how much is online is no yes or no"
