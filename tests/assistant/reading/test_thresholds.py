"""From which confidence on an answer may stand unseen: only where enough was seen to know that it is rarely wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yakuba.assistant.reading import thresholds
from yakuba.assistant.reading.thresholds import NEVER, learnt, relearnt

SEEN = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


@given(SEEN)
@settings(deadline=None)
def test_a_few_answers_are_never_enough(seen):
    assert learnt(seen) == NEVER


def test_three_thousand_right_ones_are_enough_and_one_wrong_one_among_them_is_not():
    right = [(0.99, True)] * 3000
    assert learnt(right) == 0.99
    assert learnt([*right, (0.995, False)]) == NEVER


def test_the_limit_lies_above_what_was_wrong():
    assert learnt([(0.99, True)] * 4000 + [(0.6, False)] * 50 + [(0.5, True)] * 50) == 0.99


@given(st.integers(0, 50), st.integers(51, 5000))
@settings(deadline=None, max_examples=40)
def test_the_true_share_is_between_the_two_bounds(wrong, of):
    assert thresholds.lowest_share(wrong, of) <= wrong / of <= thresholds.highest_share(wrong, of)


@pytest.mark.parametrize(
    ("seen", "limit"),
    [
        ([], 0.9),
        ([(0.95, True)] * 200, 0.9),
        ([(0.95, True)] * 50 + [(0.95, False)] * 5, NEVER),
        ([(0.8, True)] * 4000, 0.8),
    ],
)
def test_what_people_corrected_moves_the_limit_only_when_it_says_enough(seen, limit):
    assert relearnt(0.9, seen) == limit


def test_the_limits_that_come_with_the_project_are_confidences_of_kinds_that_are_read():
    assert thresholds.kept()
    assert all(0.5 < limit < 1 for limit in thresholds.kept().values())
