"""Speech understood: 100 sentences of the town hall, spoken at several speeds and pitches and heard by Whisper base without and
with the town's words in the same run, 40 of them again in noise; what a recording costs; ten minutes of silence.

    python -m bench.run voice

The limits are those of issue 8: a character error rate of 0.12 with the words, a real-time factor below 1. The factor is of
processor time, one thread: what else the machine does counts least.
"""

from __future__ import annotations

import io
import resource
import wave
from typing import Any

from bench.server import VAR

CER, FACTOR, MEMORY, SILENCE = 0.12, 1.0, 1_000, 30.0
COMMAND = "python -m bench.run voice"


def measure() -> list[dict[str, Any]]:
    """Error rates of characters, the factor of processor time to length, the peak of memory in MB of a process that hears one
    recording, and the seconds of processor time that ten minutes of silence take."""
    from yakuba.assistant.spoken_words import demo_words
    from yakuba.assistant.voice import listening, measuring
    from yakuba.declare.load import ROOT

    words = demo_words(ROOT, VAR)
    heard = listening.hear(silence(listening.LONGEST), words, own_model=None)
    took = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    if heard.text:
        raise RuntimeError(f"in silence was heard: {heard.text}")
    listening.hear(measuring.spoken("tune")[0], words, own_model=None)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    found = measuring.measure("measure", words, own_model=None)
    rates = {"without noise": found["character_error_rate"], **found["character_error_rate_in_noise"]}
    limits = {"without noise": CER}
    kana, right, factor = found["in_kana"], found["vocabulary_words_right"], found["processor_time_factor"]
    return [
        *(
            row(f"voice.errors {how}", at["with"], at["without"], most := limits.get(how, at["without"]), at["with"] <= most)
            for how, at in rates.items()
        ),
        row("voice.errors in kana", kana["with"], kana["without"], kana["without"], kana["with"] <= kana["without"]),
        row("voice.words right", right["with"], right["without"], right["without"], right["with"] >= right["without"]),
        row("voice.processor time a second", factor, "", FACTOR, factor < FACTOR),
        row("voice.memory of a process (MB)", round(memory), "", MEMORY, memory <= MEMORY),
        row("voice.ten minutes of silence (s)", round(took, 1), "", SILENCE, took <= SILENCE),
    ]  # fmt: skip


def row(name: str, ours: Any, peer: Any, limit: Any, ok: bool) -> dict[str, Any]:
    """A row beside Whisper base as it is, the peer."""
    ratio = round(ours / peer, 2) if peer else ""
    return {"name": name, "ours": ours, "peer": peer, "peer_version": "Whisper base" if peer else "", "ratio": ratio,
            "limit": limit, "ok": ok, "command": COMMAND}  # fmt: skip


def silence(seconds: int) -> bytes:
    """Nobody speaks: a WAV file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * 16_000 * seconds))
    return made.getvalue()
