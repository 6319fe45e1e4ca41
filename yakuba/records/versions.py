"""One version of a definition, read once in a process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from yakuba.records.folders import own_standards
from yakuba.records.standards import ROOT, Definition, load


def exactly(name: str, version: str) -> Definition:
    """One version of a definition. Raises KeyError, FaultyDefinition."""
    for root in (own_standards(), ROOT):
        if (root / name / version / "about.yaml").is_file():
            return _read(root / name / version)
    raise KeyError(f"{name} {version}: there is no such version of a definition.")


@lru_cache(maxsize=64)
def _read(folder: Path) -> Definition:
    """A version does not change, so it is read once in a process."""
    return load(folder)
