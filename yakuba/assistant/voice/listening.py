"""Speech to text for whoever must not block or grow: each recording is heard in a process of its own, whose memory is given back
when it ends, and whose crash is nobody else's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from yakuba.assistant.voice import errors
from yakuba.assistant.voice.audio import LARGEST, LONGEST
from yakuba.assistant.voice.errors import TooLong, Unavailable
from yakuba.assistant.voice.heard import Heard, heard_in
from yakuba.assistant.voice.vocabulary import TownWords

WITHIN = 60.0 + 2 * LONGEST
"""Seconds that a recording may take: the longest one takes about half as long as it lasts, on a machine that has time."""


def hear(audio: bytes, words: TownWords | None, *, own_model: Path | None, within: float = WITHIN) -> Heard:
    """What is said in a recording. `words`: what the town's words are taken from, None to hear without; `own_model`: the folder
    of the town's own model, None for that of the packages. Raises NotAudio, TooLong, Unavailable."""
    if len(audio) > LARGEST:
        raise TooLong("voice.too_large", most=LARGEST // 1024 // 1024)
    asked = {"own_model": str(own_model) if own_model else "", "words": asdict(words) if words else None}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "yakuba.assistant.voice.listener"],
            input=json.dumps(asked).encode() + b"\n" + audio,
            capture_output=True,
            timeout=within,
            check=True,
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired as slow:
        raise Unavailable("voice.took_too_long") from slow
    except subprocess.CalledProcessError as broken:
        said = broken.stderr.decode(errors="replace").strip().splitlines()
        raise Unavailable("voice.failed", why=said[-1] if said else broken.returncode) from broken
    answer = json.loads(done.stdout)
    if refused := answer.get("refused"):
        kind, key, values = refused
        raise getattr(errors, kind)(key, **values)
    return heard_in(answer["heard"])
