"""Towns that are alike, and in what they are ahead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.progress.disparity.made import town, write
from yakuba.progress.disparity import table
from yakuba.progress.disparity.peers import Profile, compared, having, of_town
from yakuba.progress.disparity.table import Table


@pytest.fixture
def towns(tmp_path: Path) -> Table:
    """A and B are alike; C is larger; D is as B but nobody knows its money."""
    rows = [
        town("A村", 2_000, aged=50, money=0.2, rpa=0, ai=None, online32=0.30, 妊娠の届出=0),
        town("B町", 2_200, aged=49, money=0.2, rpa=1, ai=1, online32=0.34, 妊娠の届出=0.4),
        town("C市", 90_000, aged=25, money=0.8, rpa=1, ai=1, online32=0.50),
        town("D市", 2_100, aged=50, money=None, rpa=1, ai=1, online32=0.90),
    ]
    return table.read(write(tmp_path, rows))


def test_the_most_alike_come_first_and_a_town_is_not_its_own_peer(towns: Table) -> None:
    found = of_town(towns, towns.towns[0])
    assert [one.town.name for one in found.peers] == ["B町", "C市"]
    assert found.peers[0].distance < 0.2 < found.peers[1].distance


def test_a_town_of_which_money_is_unknown_is_not_called_alike_in_money(towns: Table) -> None:
    assert "D市" not in [one.town.name for one in of_town(towns, towns.towns[0]).peers]
    without = compared(towns, Profile(2_000, 50))
    assert without.by == ("population", "aged")
    assert [one.town.name for one in without.peers] == ["A村", "D市", "B町", "C市"]


def test_ahead_is_what_a_peer_has_and_the_town_has_not(towns: Table) -> None:
    """Four points are no lead, and of AI nothing is known here."""
    found = of_town(towns, towns.towns[0])
    assert [one.ahead for one in found.peers] == [("rpa",), ("rpa", "online32")]
    assert [(one.id, one.own, [town.name for town in one.towns]) for one in found.leads] == [
        ("rpa", 0, ["B町", "C市"]),
        ("online32", 0.30, ["C市"]),
    ]
    (use,) = found.use
    assert (use.id, use.own, use.known) == ("妊娠の届出", 0, 1)


def test_of_a_town_that_the_table_does_not_have_only_is_said_what_towns_alike_do(towns: Table) -> None:
    found = compared(towns, Profile(2_100, 50, 0.2), most=2)
    assert [(one.town.name, one.ahead) for one in found.peers] == [("A村", ()), ("B町", ())]
    assert [(one.id, one.own, len(one.towns), one.known) for one in found.leads] == [
        ("ai", None, 1, 1),
        ("rpa", None, 1, 2),
    ]
    assert found.use == ()


def test_what_peers_have_is_told_by_item_of_the_plan(towns: Table) -> None:
    """Of 100 % of the 26 procedures nothing is known here, so nothing is told of it."""
    found = having(of_town(towns, towns.towns[0]))
    assert found == {"rpa": (2, 2), "ai": (2, 2)}
