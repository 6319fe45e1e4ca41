"""Nobody can be found in a published table: what is kept back cannot be computed from the rest, whatever the counts are."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from yakuba.records.opendata import population
from yakuba.records.opendata.disclosure import Counts, Safe, Sum, Unsafe, protect

Cell = tuple[int, int]
OVER = ("row", "column")


def table(cells: list[list[int]], *, known_totals: bool = False) -> Counts[Cell]:
    """Counts in rows and columns with all their totals: row and column -1."""
    height, width = range(len(cells)), range(len(cells[0]))
    values = {(r, c): cells[r][c] for r in height for c in width}
    values |= {(r, -1): sum(cells[r]) for r in height}
    values |= {(-1, c): sum(cells[r][c] for r in height) for c in width}
    values[-1, -1] = sum(map(sum, cells))
    sums = [Sum((r, -1), tuple((r, c) for c in width)) for r in (*height, -1)]
    sums += [Sum((-1, c), tuple((r, c) for r in height)) for c in (*width, -1)]
    return Counts(values, sums, frozenset((-1, c) for c in (*width, -1)) if known_totals else frozenset())


def intervals(found: Safe[Cell]) -> dict[Cell, tuple[float, float]]:
    """What a reader can find out of each cell kept back, by a way of their own: every cell is unknown, published ones are fixed."""
    cells = list(found.counts.values)
    rows, right = [], []
    for one in found.counts.sums:
        rows.append([(cell in one.parts) - (cell == one.total) for cell in cells])
        right.append(0)
    shown = [found.shown(cell) for cell in cells]
    bounds = [(0, 10_000) if value is None else (value, value) for value in shown]
    ends = {}
    for at, cell in enumerate(cells):
        if shown[at] is None:
            cost = [0.0] * len(cells)
            cost[at] = 1.0
            low = linprog(cost, A_eq=rows, b_eq=right, bounds=bounds)
            high = linprog([-one for one in cost], A_eq=rows, b_eq=right, bounds=bounds)
            ends[cell] = (low.fun, -high.fun)
    return ends


tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 40), min_size=width, max_size=width), min_size=1, max_size=4
    )
)


@settings(max_examples=30)
@given(tables)
def test_no_small_count_is_shown_and_none_kept_back_can_be_found_out(cells: list[list[int]]) -> None:
    found = protect(table(cells), over=OVER)
    assert all(value >= 10 for cell in found.counts.values if (value := found.shown(cell)) is not None)
    for low, high in intervals(found).values():
        assert high - low >= 10 - 1e-6


@settings(max_examples=30)
@given(tables)
def test_totals_that_others_publish_give_nothing_back_either(cells: list[list[int]]) -> None:
    try:
        found = protect(table(cells, known_totals=True), over=OVER)
    except Unsafe:
        return  # nothing is published at all
    assert not found.hidden & found.counts.known
    for (row, column), (low, high) in intervals(found).items():
        left = min(10, found.counts.values[-1, column]) if row >= 0 else 10
        assert high - low >= left - 1e-6


def test_the_ends_of_an_interval_are_tables_of_whole_counts_that_some_town_could_have() -> None:
    found = protect(table([[3, 12], [15, 40]]), over=OVER)
    assert found.hidden == {(0, 0), (0, 1), (1, 0), (1, 1)}
    possible = [one for one in range(0, 100) if one <= 15 and one <= 18 and 40 - 3 + one >= 0]
    assert intervals(found)[0, 0] == (min(possible), max(possible))


def test_a_lone_small_count_takes_others_with_it_that_a_difference_would_give_back() -> None:
    found = protect(table([[3, 40, 50], [60, 70, 80], [90, 95, 99]]), over=OVER)
    assert (0, 0) in found.hidden
    assert len([cell for cell in found.hidden if cell[0] == 0]) >= 2
    assert len([cell for cell in found.hidden if cell[1] == 0]) >= 2
    assert (found.proof.small, found.proof.over) == (1, OVER)
    assert found.proof.k is not None
    assert found.proof.k >= 10
    assert found.proof.narrowest is not None
    assert found.proof.narrowest >= 10
    assert found.proof.attempts > 0


def test_two_small_counts_whose_sum_is_known_are_too_near_and_a_third_goes_with_them() -> None:
    found = protect(Counts({"a": 2, "b": 3, "c": 90, "all": 95}, [Sum("all", ("a", "b", "c"))]), over=("x",))
    assert found.hidden >= {"a", "b", "c"}


def test_a_table_of_large_counts_is_shown_as_it_is() -> None:
    found = protect(table([[10, 20], [30, 40]]), over=OVER)
    assert not found.hidden
    assert found.proof.k == 10


def test_counts_that_do_not_add_up_are_no_table() -> None:
    with pytest.raises(ValueError, match="all is not the sum of its parts"):
        Counts({"a": 1, "all": 3}, [Sum("all", ("a",))])
    with pytest.raises(ValueError, match="below zero"):
        Counts({"a": -1})


# -- the dataset of people ----------------------------------------------------------------------------
def district(men: int, women: int, **more: int) -> dict[str, int]:
    """A district whose people are all of two ages."""
    return {
        "総人口": men + women,
        "男性": men,
        "女性": women,
        population.column("male", 8): men,
        population.column("female", 12): women,
        "世帯数": (men + women) // 2,
        **more,
    }


def test_a_district_of_few_people_shows_neither_its_people_nor_its_households() -> None:
    found = population.safe(
        {"山": district(3, 4), "川": district(300, 400), "谷": district(90, 70)}, threshold=10
    )
    shown = population.rows(found, ["山", "川", "谷"])
    assert shown["山"]["総人口"] == shown["山"]["世帯数"] == "X"
    assert "X" in (shown["川"]["総人口"], shown["谷"]["総人口"])
    assert set(shown["山"].values()) == {"X"}


def test_people_whose_sex_is_not_written_down_are_not_what_is_left_over() -> None:
    one, two = district(100, 100), district(100, 100)
    one["総人口"] += 1
    found = population.safe({"山": one, "川": two}, threshold=10)
    shown = population.rows(found, ["山", "川"])["山"]
    assert "X" in (shown["総人口"], shown["男性"], shown["女性"])


@settings(max_examples=5)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=6))
def test_no_difference_from_what_the_nation_publishes_gives_a_district_away(
    people: list[tuple[int, int]],
) -> None:
    districts = {str(at): district(men, women) for at, (men, women) in enumerate(people)}
    try:
        found = population.safe(districts, threshold=10)
    except Unsafe:
        return
    bound = found.counts.bounds()
    for cell, (low, high) in intervals(found).items():  # type: ignore[arg-type]
        assert high - low >= min(10, bound[cell]) - 1e-6  # type: ignore[index]


def test_a_large_table_takes_few_attempts_for_its_many_cells() -> None:
    random = Random(1)
    districts = {}
    for at in range(60):
        row = {
            population.column(sex, band): random.randint(0, 60)
            for sex in population.SEXES
            for band in range(18)
        }
        for sex, name in population.SEXES.items():
            row[name] = sum(row[population.column(sex, band)] for band in range(18))
        districts[str(at)] = {**row, "総人口": row["男性"] + row["女性"], "世帯数": 400}
    proof = population.safe(districts, threshold=10).proof
    assert proof.cells == 2400
    assert proof.attempts < proof.suppressed / 10
    assert proof.others < proof.small / 4
