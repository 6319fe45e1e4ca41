"""The process that speaks one text and ends: `aloud` starts it. It is given the text, and answers a WAV file."""

from __future__ import annotations

import io
import os
import sys
import wave

import numpy as np
import pyopenjtalk
from scipy.signal import resample_poly

RATE = 24_000
"""Samples a second; the voice has twice as many, which nobody hears in speech."""
SLOWLY = 0.85
"""How fast easy Japanese is spoken, for one."""


def wav(text: str, speed: float = 1.0, half_tones: float = 0.0, rate: int = RATE) -> bytes:
    """The text spoken, as a WAV file of 16 bits and one channel."""
    spoken, made_at = pyopenjtalk.tts(text, speed=speed, half_tone=half_tones)
    samples = np.clip(resample_poly(spoken, rate, made_at), -32768, 32767).astype("<i2")
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return made.getvalue()


if __name__ == "__main__":
    os.nice(5)
    sys.stdout.buffer.write(wav(sys.stdin.read(), SLOWLY if "slowly" in sys.argv[1:] else 1.0))
