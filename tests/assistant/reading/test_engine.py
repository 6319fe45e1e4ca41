"""An alphabet of one's own over what a network says step by step; only the models that were measured are loaded."""

from __future__ import annotations

from itertools import product
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yakuba.assistant.reading import engine
from yakuba.assistant.reading.engine import Steps


def steps(seed: int, rows: int, signs: str) -> Steps:
    made = np.random.default_rng(seed).random((rows, len(signs) + 1)).astype(np.float32) + 0.01
    return Steps(made / made.sum(axis=1, keepdims=True), tuple(signs))


def spelt(path: tuple[int, ...], signs: str) -> str:
    """What a path of columns says: repeated columns count once, column 0 is nothing."""
    kept = [c for n, c in enumerate(path) if c and (n == 0 or path[n - 1] != c)]
    return "".join(signs[c - 1] for c in kept)


@given(st.integers(0, 10**6), st.integers(1, 5), st.text("ab", max_size=3))
@settings(max_examples=40, deadline=None)
def test_a_text_is_as_probable_as_all_ways_of_spelling_it_together(seed, rows, text):
    said = steps(seed, rows, "ab")
    ways = [path for path in product(range(3), repeat=rows) if spelt(path, "ab") == text]
    together = sum(float(np.prod([said.rows[n, c] for n, c in enumerate(path)])) for path in ways)
    assert exp(engine.log_probability(said, text)) == pytest.approx(together, rel=1e-3, abs=1e-7)


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_only_signs_of_the_alphabet_are_read_and_probabilities_stay_whole(seed):
    said = engine.restricted(steps(seed, 6, "0OoA7T"), "07")
    assert set(engine.likeliest(said)[0]) <= {"0", "7"}
    assert np.allclose(said.rows.sum(axis=1), 1, atol=1e-4)


def test_a_letter_that_looks_like_a_digit_counts_for_it():
    rows = np.array([[0.1, 0.1, 0.7, 0.1]], np.float32)
    assert engine.likeliest(Steps(rows, ("0", "O", "A")))[0] == "O"
    assert engine.likeliest(engine.restricted(Steps(rows, ("0", "O", "A")), "0")) == (
        "0",
        pytest.approx(8 / 9),
    )


def test_a_model_that_is_not_the_measured_one_is_not_loaded(monkeypatch, tmp_path):
    (tmp_path / engine.READER).write_bytes(b"another")
    monkeypatch.setattr(engine, "folder", lambda: tmp_path)
    with pytest.raises(engine.NoEngine, match="not the model that was measured"):
        engine.checked(engine.READER)


def test_without_the_extra_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(engine.util, "find_spec", lambda name: None)
    with pytest.raises(engine.NoEngine, match=r"yakuba\[paper\]"):
        engine.folder()
