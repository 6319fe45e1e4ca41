"""How many spares to keep, held against exact sums, a simulation, and figures from the literature."""

from __future__ import annotations

import json
from itertools import pairwise, product
from math import comb, exp, factorial
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from yakuba.field import spares_file
from yakuba.field.commands import field
from yakuba.field.spares import (
    Base,
    Item,
    Stock,
    best_splits,
    choices,
    erlang_b,
    outlook,
    reorder,
    simulated,
    waiting,
)

FIVE = Item("five", tuple(Base(f"b{n}", 23.2, 0.2, 0.01, 0.01) for n in range(5)), 0.02531, 120_000)
EXAMPLE = Path(__file__).parents[2] / "docs/examples/spares.yaml"


def poisson(mean: float, number: int) -> float:
    return exp(-mean) * mean**number / factorial(number)


def exact(depot: int, base: int) -> float:
    """Expected backorders of all five bases, by summing over how many orders wait at the depot and whose they are."""
    load, way = 5 * 23.2 * 0.8 * 0.02531, 23.2 * 0.01
    total = 0.0
    for out, mine, coming in product(range(25), range(12), range(12)):
        late = max(0, out - depot)
        if mine <= late:
            share = comb(late, mine) * 0.2**mine * 0.8 ** (late - mine)
            total += poisson(load, out) * share * poisson(way, coming) * max(0, mine + coming - base)
    return 5 * total


@pytest.mark.parametrize(("depot", "expected"), [(2, 0.3610), (3, 0.2266)])
def test_five_bases_wait_as_the_literature_says(depot: int, expected: float) -> None:
    assert waiting(FIVE, Stock(depot, (1,) * 5)) == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize("depot", [0, 2, 3, 5])
def test_expected_backorders_are_within_half_a_per_cent_of_the_exact_sum(depot: int) -> None:
    assert waiting(FIVE, Stock(depot, (1,) * 5)) == pytest.approx(exact(depot, 1), rel=0.005)


def test_a_simulation_of_every_demand_agrees_within_two_per_cent() -> None:
    stock = Stock(2, (1,) * 5)
    seen = sum(simulated(FIVE, stock, years=40_000, seed=1))
    assert seen == pytest.approx(exact(2, 1), rel=0.01)
    assert waiting(FIVE, stock) == pytest.approx(seen, rel=0.02)


def test_metric_says_too_little_by_about_a_tenth() -> None:
    stock = Stock(2, (1,) * 5)
    assert waiting(FIVE, stock, "metric") / waiting(FIVE, stock) == pytest.approx(0.91, abs=0.01)


def test_one_base_that_repairs_all_itself_is_a_poisson_queue() -> None:
    item = Item("own", (Base("b", 10, 1, 0.1, 0.01),), 0.5)
    (found,) = outlook(item, Stock(9, (2,)))
    assert found.none == pytest.approx(1 - poisson(1, 0) - poisson(1, 1))
    assert found.waiting == pytest.approx(sum((n - 2) * poisson(1, n) for n in range(3, 40)))
    assert found.wait_hours == pytest.approx(found.waiting / 10 * 365.25 * 24)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.1, 50), st.floats(0, 1)), min_size=1, max_size=3),
    st.integers(0, 3),
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
)
def test_more_spares_never_make_more_people_wait(bases: list, depot: int, kept: list[int]) -> None:
    item = Item("x", tuple(Base(str(n), d, own, 0.02, 0.01) for n, (d, own) in enumerate(bases)), 0.05)
    stock = Stock(depot, tuple(kept[: len(bases)]))
    now = waiting(item, stock)
    assert now >= waiting(item, stock, "metric") - 1e-9
    assert waiting(item, Stock(depot + 1, stock.bases)) <= now + 1e-9
    assert waiting(item, Stock(depot, (stock.bases[0] + 1, *stock.bases[1:]))) <= now + 1e-9


def test_the_best_split_is_the_best_of_all_splits() -> None:
    item = Item("two", (Base("a", 30, 0.1, 0.01, 0.02), Base("b", 5, 0.5, 0.01, 0.05)), 0.04)
    for units, (stock, left) in enumerate(best_splits(item, 5)):
        every = [
            Stock(units - a - b, (a, b)) for a, b in product(range(units + 1), repeat=2) if a + b <= units
        ]
        assert left == pytest.approx(min(waiting(item, one) for one in every))
        assert left == pytest.approx(waiting(item, stock))
        assert stock.units == units


def test_every_purchase_is_worth_no_more_per_yen_than_the_one_before() -> None:
    cheap = Item("mouse", (Base("a", 12, 0, 0, 0.02),), 0.04, 2_000)
    steps = choices([FIVE, cheap], 12)
    assert steps[0].yen == 0
    worth = [(a.waiting - b.waiting) / (b.yen - a.yen) for a, b in pairwise(steps)]
    assert worth == sorted(worth, reverse=True)
    for step in steps:
        kept = sum(waiting(item, step.stocks[item.name]) for item in (FIVE, cheap))
        assert step.waiting == pytest.approx(kept)
        assert step.yen == sum(step.stocks[i.name].units * i.price for i in (FIVE, cheap))


def test_erlangs_formula_gives_his_own_figures() -> None:
    assert erlang_b(0, 2.0) == 1
    assert erlang_b(2, 1.0) == pytest.approx(0.2)
    assert erlang_b(5, 3.0) == pytest.approx(0.1101, abs=1e-4)


def test_a_reorder_lists_only_what_changes() -> None:
    assert reorder(Stock(2, (1, 1)), Stock(3, (1, 0))) == {"depot": 1, "1": -1}


@pytest.mark.parametrize("wrong", [{"own_share": 1.2}, {"demands": -1.0}, {"order_and_ship": -0.1}])
def test_a_base_that_cannot_be_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=r"north: "):
        Base(**({"name": "north", "demands": 1.0} | wrong))


def test_the_example_is_computed_and_simulated_on_the_command_line() -> None:
    result = CliRunner().invoke(field, ["spares", str(EXAMPLE), "--simulate", "5000", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert found["items"][0]["waiting"] == pytest.approx(0.361, abs=1e-3)
    assert found["items"][0]["simulated"] == pytest.approx(0.361, rel=0.05)
    assert len(found["items"][0]["bases"]) == 5
    assert found["choices"][-1]["stocks"]["five-base example"]["depot"] >= 2
    spoken = CliRunner().invoke(field, ["spares", str(EXAMPLE)])
    assert "five-base example: 2 at the depot; 0.361 wait on average" in spoken.output


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("demands: 23.2", "demands: many", r"items\.0\.bases\.0\.demands"),
        ("[1, 1, 1, 1, 1]", "[1, 1]", "2 numbers for 5 bases"),
        ("own_share: 0.2", "own_share: 20", "own_share"),
        ("items:", "itmes:", "itmes"),
        ("items:", "items: [", "spares.yaml"),
    ],
)
def test_a_file_with_a_slip_is_refused_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "spares.yaml"
    path.write_text(EXAMPLE.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(spares_file.Unreadable, match=says):
        spares_file.read(path)
