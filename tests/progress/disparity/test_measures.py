"""Measures of disparity against what they are defined by."""

from __future__ import annotations

import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from yakuba.progress.disparity import measures

SHARES = some.lists(some.floats(0, 1).map(lambda one: round(one, 4)), min_size=1, max_size=30)


@settings(max_examples=30)
@given(SHARES, some.sampled_from([0.1, 0.5, 0.9]))
def test_percentiles_are_those_of_numpy(values: list[float], share: float) -> None:
    assert measures.percentile(values, share) == pytest.approx(float(numpy.quantile(values, share)))


@settings(max_examples=30)
@given(SHARES.filter(any))
def test_gini_is_half_the_mean_difference_of_two_towns_by_the_mean(values: list[float]) -> None:
    middle = sum(values) / len(values)
    difference = sum(abs(a - b) for a in values for b in values) / len(values) ** 2
    assert measures.gini(values) == pytest.approx(difference / (2 * middle), abs=1e-9)


@settings(max_examples=30)
@given(some.lists(SHARES, min_size=1, max_size=5).filter(lambda groups: any(map(any, groups))))
def test_what_lies_between_prefectures_and_within_them_adds_up_to_the_whole(
    groups: list[list[float]],
) -> None:
    found = measures.theil_by(groups)
    assert found is not None
    assert found.between + found.within == pytest.approx(found.total, abs=1e-9)
    assert found.between >= -1e-12
    assert found.within >= -1e-12


def test_theil_is_0_where_all_are_equal_and_ln_n_where_one_has_everything() -> None:
    assert measures.theil([0.4] * 7) == pytest.approx(0)
    assert measures.theil([0, 0, 0, 1]) == pytest.approx(math.log(4))


def test_of_nothing_and_of_noughts_nothing_is_told() -> None:
    assert (
        measures.mean([])
        is measures.percentile([], 0.5)
        is measures.theil([])
        is measures.gini([0, 0])
        is None
    )
    assert measures.theil_by([[0.0], []]) is None
