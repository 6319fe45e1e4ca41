"""Who writes: the town as it signs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sender:
    """The town as it signs."""

    name: str
    prefecture: str
    mayor: str
    contact: str
    synthetic: bool
