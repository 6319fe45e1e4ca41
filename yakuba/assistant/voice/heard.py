"""What was heard, as it is given on. Pure; what hears is `engine`, in a process of its own (`listening`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from yakuba.assistant.voice.repair import Change


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a recording, from `begin` to `end` in seconds. `raw`: what the engine wrote; `text`: with the words of the
    town put right, which are in `changes`; `numbers`: those in it that were heard differently the second time, and must be
    looked at."""

    begin: float
    end: float
    text: str
    raw: str
    confidence: float
    changes: tuple[Change, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """A transcript: always machine-made, always to be read by a person. `confidence`: from 0 to 1, how sure the engine was of
    each character on average; `seconds`: how long the recording is. No text: nobody spoke."""

    text: str
    segments: tuple[Segment, ...]
    confidence: float
    seconds: float
    machine_made: bool = True

    def json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def heard_in(plain: Mapping[str, Any]) -> Heard:
    """What `Heard.json` wrote.

    >>> once = Heard("はい。", (Segment(0.0, 1.0, "はい。", "はい。", 0.9),), 0.9, 1.0)
    >>> heard_in(once.json()) == once
    True
    """
    segments = tuple(
        Segment(
            **one | {"changes": tuple(Change(**c) for c in one["changes"]), "numbers": tuple(one["numbers"])}
        )
        for one in plain["segments"]
    )
    return Heard(**dict(plain) | {"segments": segments})
