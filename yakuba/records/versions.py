"""The definitions and rules in use here: those of the project, and those that were brought in over them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from yakuba.records.folders import own_standards
from yakuba.records.rules import Rules
from yakuba.records.standards import ROOT, Definition, definition, definitions, load


def in_use(name: str) -> Definition:
    """The version of a definition in use. Raises KeyError, FaultyDefinition."""
    return definition(name, ROOT, own_standards())


def all_in_use() -> list[Definition]:
    """The version in use of each definition. Raises FaultyDefinition."""
    return [versions[0] for versions in definitions(ROOT, own_standards()).values()]


def rules_in_use() -> Rules:
    """The rules of the project and of the town, for the definitions in use. Raises FaultyDefinition, FaultyRules."""
    return Rules.load(all_in_use(), ROOT, own_standards())


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
