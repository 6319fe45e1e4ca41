"""The figures of the published table itself, where it is at hand: it is not part of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from yakuba.progress.disparity import table
from yakuba.progress.disparity.errors import NoTable
from yakuba.progress.disparity.peers import of_town
from yakuba.progress.disparity.report import report
from yakuba.progress.disparity.table import Table
from yakuba.progress.disparity.written import headline, written

BESIDE = Path(__file__).resolve().parents[4] / "shared" / "data" / "progress"


@pytest.fixture(scope="module")
def published() -> Table:
    """The table of 2024-07-12."""
    try:
        return table.read(BESIDE)
    except NoTable as missing:
        pytest.skip(str(missing))


def test_the_quoted_figures_are_found_in_the_published_table(published: Table) -> None:
    assert headline(report(published)) == {
        "rpa": {"under_5000_percent": 7, "over_200000_percent": 98, "gap_points": 91},
        "online32": {
            "mean_percent": 33,
            "gini": 0.299,
            "theil": 0.145,
            "p10_percent": 13,
            "p50_percent": 30,
            "p90_percent": 55,
        },
        "use26": {"all_online_and_use_reported": 783, "of_them_0_on_all": 546},
    }


def test_every_municipality_is_there_and_what_is_missing_is_counted(published: Table) -> None:
    made = written(report(published))
    assert (made["municipalities"], made["merged"], made["codes_newer_than_ours"]) == (1741, [], [])
    assert made["indicators"]["online32"]["country"]["missing"] == 2, "草津町 and 天川村 offer none of the 32"
    assert made["indicators"]["cio"]["country"]["missing"] == 8
    assert len(made["indicators"]["rpa"]["by_prefecture"]) == 47
    assert [one["municipalities"] for one in made["indicators"]["rpa"]["by_depopulated_area"]] == [
        713,
        158,
        14,
        856,
    ]


def test_the_wards_of_tokyo_have_no_fiscal_index_and_are_compared_without(published: Table) -> None:
    ward = published.town("131016")
    assert ward is not None
    assert of_town(published, ward).by == ("population", "aged")
