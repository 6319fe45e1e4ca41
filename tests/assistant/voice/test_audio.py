"""A recording is looked into before it is believed."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from tests.assistant.voice.recordings import RATE, noise, silence, tone, wav
from yakuba.assistant.voice import audio
from yakuba.assistant.voice.errors import NotAudio, TooLong


def encoded(container: str, codec: str, seconds: float = 0.5) -> bytes:
    """A whistle in another form."""
    made = io.BytesIO()
    with av.open(made, "w", format=container) as file:
        stream = file.add_stream(codec, rate=48_000, layout="mono")
        sound = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * 48_000)) / 48_000)
        frame = av.AudioFrame.from_ndarray(
            (sound * 32767).astype(np.int16)[None], format="s16", layout="mono"
        )
        frame.rate = 48_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            file.mux(packet)
    return made.getvalue()


@pytest.mark.parametrize(
    ("container", "codec"),
    [("wav", "pcm_s16le"), ("webm", "libopus"), ("ogg", "libopus"), ("mp3", "libmp3lame"), ("ipod", "aac")],
)
def test_recordings_of_browsers_and_telephones_are_read(container, codec):
    samples = audio.samples_of(encoded(container, codec))
    assert len(samples) == pytest.approx(0.5 * audio.RATE, rel=0.15)
    assert 0.2 < np.abs(samples).max() < 0.5


def test_two_channels_become_one():
    left = wav(np.repeat(np.sin(np.arange(RATE) / 10), 1))
    assert audio.samples_of(left).ndim == 1


@pytest.mark.parametrize(
    "content", [b"<html></html>", b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(1000), b"RIFF1234WAVE"]
)
def test_what_is_no_recording_is_refused(content):
    with pytest.raises(NotAudio):
        audio.samples_of(content)


@pytest.mark.parametrize("content", [b"", tone()[:44]])
def test_an_empty_recording_is_refused(content):
    with pytest.raises(NotAudio):
        audio.samples_of(content)


def test_a_recording_cut_off_in_the_middle_is_heard_as_far_as_it_goes():
    assert len(audio.samples_of(tone(1)[:16_044])) == 8000


def test_a_long_recording_is_refused_whatever_its_head_says(monkeypatch):
    monkeypatch.setattr(audio, "LONGEST", 1)
    with pytest.raises(TooLong):
        audio.samples_of(silence(2))


def test_a_large_file_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(audio, "LARGEST", 10)
    with pytest.raises(TooLong):
        audio.samples_of(tone())


@pytest.mark.parametrize("sound", [silence(5), noise(5), tone(2)])
def test_in_silence_hiss_and_a_whistle_nobody_speaks(sound):
    assert audio.spoken(audio.samples_of(sound)) == []
