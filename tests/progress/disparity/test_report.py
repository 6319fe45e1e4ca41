"""What the table tells: bands, gaps, who lags, what is missing; offering beside use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.progress.disparity.made import AT, town, write, write_kaso
from yakuba.progress.disparity import table
from yakuba.progress.disparity.report import Report, report

OFFERS = {"online26": 1}


@pytest.fixture
def told(tmp_path: Path) -> Report:
    """Two villages of which one is unknown in AI, a town, and a large city."""
    write_kaso(tmp_path, {AT["A村"]: "全部過疎", AT["B町"]: "全部過疎"})
    rows = [
        town("A村", 900, rpa=0, ai=None, online32=0.1, **OFFERS, 妊娠の届出=0, 支給認定の申請=0),
        town("B町", 4_999, rpa=0, ai=1, online32=0.3, **OFFERS),
        town("C市", 5_000, rpa=1, ai=1, online32=None, **OFFERS, 妊娠の届出=0.2, 支給認定の申請=0),
        town("D市", 200_000, rpa=1, ai=0, online32=0.6, online26=0.96, 妊娠の届出=0),
    ]
    return report(table.read(write(tmp_path, rows)))


def test_the_gap_is_between_the_bands_that_lead_and_lag(told: Report) -> None:
    rpa = told.measured["rpa"]
    assert [(one.id, one.towns, one.mean, one.lag) for one in rpa.sizes if one.towns] == [
        ("under_5000", 2, 0, 100),
        ("5000_to_10000", 1, 1, 0),
        ("over_200000", 1, 1, 0),
    ]
    assert rpa.gap == 100
    assert next(one for one in rpa.sizes if not one.towns).mean is None, "a band without towns is no nought"


def test_a_town_that_is_unknown_counts_for_nothing_and_is_counted(told: Report) -> None:
    country = told.measured["ai"].country
    assert (country.towns, country.known, country.missing, country.mean) == (4, 3, 1, pytest.approx(2 / 3))
    assert told.measured["online32"].country.mean == pytest.approx((0.1 + 0.3 + 0.6) / 3)


def test_depopulated_areas_are_compared_with_the_others(told: Report) -> None:
    groups = {one.id: one for one in told.measured["online32"].kaso}
    assert (groups["all"].towns, groups["all"].mean, groups["none"].missing) == (2, pytest.approx(0.2), 1)
    assert groups["all"].lag == pytest.approx(40)


def test_gini_theil_and_percentiles_are_told_of_ratios_only(told: Report) -> None:
    rpa, online = told.measured["rpa"], told.measured["online32"]
    assert rpa.gini is rpa.theil is rpa.country.p50 is None
    assert online.theil is not None
    assert online.theil.total == pytest.approx(online.theil.between + online.theil.within)
    assert online.country.p50 == pytest.approx(0.3)


def test_offering_everything_is_told_apart_from_being_used(told: Report) -> None:
    """D offers 25 of 26 only; B does not say how much is used; C has a rate above 0."""
    use = told.use
    assert (use.offering, use.reporting, use.silent, use.at_zero) == (3, 2, 1, 1)
