"""A recording as it came in: looked into before it is believed, and cut where nobody speaks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from yakuba.assistant.voice.errors import NotAudio, TooLong, Unavailable

RATE = 16_000
"""Samples a second that the engine hears."""
LARGEST = 60 * 1024 * 1024
"""Bytes of a file: ten minutes of uncompressed sound in CD quality on one channel fit in it."""
LONGEST = 10 * 60
"""Seconds of a recording."""
WINDOW = 28.0
"""Seconds that the engine listens to at once; it knows 30."""
FORMATS = {"wav", "ogg", "mp3", "mov", "matroska", "flac"}
"""Containers that are taken, by FFmpeg's names: WAV, Ogg (Opus), MP3, MP4/M4A, WebM, FLAC. Told by content, not by name."""

Samples = np.ndarray
"""float32, one channel, `RATE` a second, between -1 and 1."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of a recording in which somebody speaks; begin and end in seconds."""

    begin: float
    end: float
    samples: Samples


def samples_of(content: bytes) -> Samples:
    """The sound of a file. Raises NotAudio, TooLong, and Unavailable where the extra `voice` is missing."""
    if not content:
        raise NotAudio("voice.empty")
    if len(content) > LARGEST:
        raise TooLong("voice.too_large", most=LARGEST // 1024 // 1024)
    try:
        import av
    except ImportError as missing:
        raise Unavailable("voice.not_installed", package=missing.name) from missing
    try:
        with av.open(BytesIO(content), mode="r", metadata_errors="ignore") as opened:
            if opened.format.name.split(",")[0] not in FORMATS or not opened.streams.audio:
                raise NotAudio("voice.not_audio")
            pieces, length = [], 0
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in opened.decode(audio=0):
                for piece in resampler.resample(frame):
                    pieces.append(piece.to_ndarray().ravel())
                    length += piece.samples
                if length > LONGEST * RATE:  # what a header says of its length is not believed
                    raise TooLong("voice.too_long", most=LONGEST // 60)
            pieces += [piece.to_ndarray().ravel() for piece in resampler.resample(None)]
    except av.FFmpegError as broken:
        raise NotAudio("voice.not_audio") from broken
    if not pieces:
        raise NotAudio("voice.empty")
    return np.concatenate(pieces).astype(np.float32) / 32768


def spoken(samples: Samples) -> list[Spoken]:
    """The pieces in which somebody speaks, each at most `WINDOW` long; none for silence. Neighbouring ones are one."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    found = get_speech_timestamps(
        samples,
        VadOptions(max_speech_duration_s=WINDOW, min_silence_duration_ms=500, min_speech_duration_ms=150),
    )
    windows: list[list[dict[str, int]]] = []
    for one in found:
        if windows and one["end"] - windows[-1][0]["start"] <= WINDOW * RATE:
            windows[-1].append(one)
        else:
            windows.append([one])
    return [_piece(samples, window) for window in windows]


def _piece(samples: Samples, window: Sequence[dict[str, int]]) -> Spoken:
    begin, end = window[0]["start"], window[-1]["end"]
    return Spoken(begin / RATE, end / RATE, samples[begin:end])
