"""What is wrong in a declared file: where, what, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to mend. Prints as `services/x/service.yaml:41 — what. mend`."""

    file: str
    line: int
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} — {self.what} {self.mend}".rstrip()


class Faults(Exception):
    """A catalogue or a file cannot be used; `faults` has everything that was found, not only the first."""

    def __init__(self, faults: Sequence[Fault]):
        self.faults = sorted(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
