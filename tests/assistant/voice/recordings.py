"""Recordings made up for tests."""

from __future__ import annotations

import io
import wave

import numpy as np

RATE = 16_000


def wav(samples: np.ndarray) -> bytes:
    """Samples between -1 and 1 as a WAV file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return made.getvalue()


def silence(seconds: float) -> bytes:
    """Nobody speaks."""
    return wav(np.zeros(int(seconds * RATE)))


def tone(seconds: float = 0.2) -> bytes:
    """A whistle."""
    return wav(0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * RATE)) / RATE))


def noise(seconds: float) -> bytes:
    """A hiss, the same each time."""
    return wav(np.random.default_rng(1).normal(0, 0.1, int(seconds * RATE)))
