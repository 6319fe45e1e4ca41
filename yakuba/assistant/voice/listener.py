"""The process that listens to one recording and ends: `listening` starts it. It is given a line of JSON, then the recording;
it answers a line of JSON."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yakuba.assistant.voice.engine import Engine

NICENESS = 5
"""The site goes before what can wait a second longer."""


def main() -> None:
    """Listen to what comes in on standard input."""
    os.nice(NICENESS)
    asked = json.loads(sys.stdin.buffer.readline())
    sys.stdout.write(json.dumps(answered(asked, sys.stdin.buffer.read()), ensure_ascii=False))


def answered(asked: dict[str, Any], audio: bytes) -> dict[str, Any]:
    """What was heard, or what the recording was refused for."""
    from yakuba.assistant.voice.audio import samples_of
    from yakuba.assistant.voice.errors import VoiceError
    from yakuba.assistant.voice.vocabulary import TownWords, vocabulary

    try:
        samples = samples_of(audio)  # what is no recording is refused before anything heavy is loaded
        own_model = Path(asked["own_model"]) if asked["own_model"] else None
        words = vocabulary(TownWords(**asked["words"])) if asked["words"] else None
        return {"heard": _engine(own_model).hear(samples, words).json()}
    except VoiceError as refused:
        return {"refused": [type(refused).__name__, refused.key, refused.values]}


def _engine(own_model: Path | None) -> Engine:
    """The engine that hears here."""
    from yakuba.assistant.voice.engine import Whisper

    return Whisper(own_model)


if __name__ == "__main__":
    main()
