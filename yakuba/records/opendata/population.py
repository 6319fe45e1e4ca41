"""地域・年齢別人口 as a table of counts: districts by columns, with the sums that hold between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yakuba.records.opendata.dataset import SUPPRESSED
from yakuba.records.opendata.disclosure import Counts, Safe, Sum, protect

BANDS = (*(f"{first}-{first + 4}歳" for first in range(0, 85, 5)), "85歳以上")
SEXES = {"male": "男性", "female": "女性"}
ALL, HOUSEHOLDS = "総人口", "世帯数"
OVER = ("地域", "性別", "年齢階級")
"""What a person could be found by (quasi-identifiers)."""
_OTHERS = "性別不詳"
"""No column of the dataset; whoever subtracts men and women from all people finds it."""
_TOWN = ""
"""The whole town among the districts."""
Cell = tuple[str, str]


def column(sex: str, band: int) -> str:
    """The column of a sex and an age band.

    >>> column("female", 0), column("male", 17)
    ('0-4歳の女性', '85歳以上の男性')
    """
    return f"{BANDS[band]}の{SEXES[sex]}"


COLUMNS = (ALL, *SEXES.values(), *(column(sex, band) for band in range(len(BANDS)) for sex in SEXES))


def table(districts: Mapping[str, Mapping[str, int]]) -> Counts[Cell]:
    """Counts by district and column. How many live in the whole town by age and sex is known: 総務省 publishes it for every
    municipality (住民基本台帳に基づく人口、人口動態及び世帯数). Raises ValueError: a sum does not hold."""
    values = {(district, name): 0 for district in districts for name in (*COLUMNS, _OTHERS, HOUSEHOLDS)}
    values |= {(district, name): n for district, row in districts.items() for name, n in row.items()}
    for district in districts:
        known = sum(values[district, name] for name in SEXES.values())
        values[district, _OTHERS] = values[district, ALL] - known
    names = dict.fromkeys(name for _, name in values)
    town = {(_TOWN, name): sum(values[district, name] for district in districts) for name in names}
    if not town[_TOWN, _OTHERS]:
        names.pop(_OTHERS)
    kept = {cell: n for cell, n in (values | town).items() if cell[1] in names}
    sums = [Sum((_TOWN, name), tuple((district, name) for district in districts)) for name in names]
    for district in (*districts, _TOWN):
        sums += _inside(district, others=_OTHERS in names)
    return Counts(kept, sums, frozenset(cell for cell in town if cell[1] in names))


def _inside(district: str, *, others: bool) -> list[Sum[Cell]]:
    parts = (*SEXES.values(), *([_OTHERS] if others else []))
    found = [Sum((district, ALL), tuple((district, name) for name in parts))]
    for sex, name in SEXES.items():
        bands = tuple((district, column(sex, band)) for band in range(len(BANDS)))
        found.append(Sum((district, name), bands))
    return found


def safe(districts: Mapping[str, Mapping[str, int]], threshold: int) -> Safe[Cell]:
    """The table with what must be kept back. Where it is not shown how many people live in a district, neither are its
    households. Raises ValueError, disclosure.Unsafe."""
    together = [((district, ALL), (district, HOUSEHOLDS)) for district in districts]
    return protect(table(districts), over=OVER, threshold=threshold, together=together)


def rows(found: Safe[Cell], districts: Sequence[str]) -> dict[str, dict[str, str]]:
    """By district the cells as they are published."""
    return {
        district: {name: _written(found.shown((district, name))) for name in (*COLUMNS, HOUSEHOLDS)}
        for district in districts
    }


def _written(count: int | None) -> str:
    return SUPPRESSED if count is None else str(count)
