"""The files that a service is written in, as texts: those that are installed, and those that lie over them."""

from __future__ import annotations

from collections.abc import Mapping

from yakuba.access import towns
from yakuba.cases import catalogue

Files = Mapping[str, str]
"""Texts by their path below `services/`."""


def installed(service: str) -> dict[str, str]:
    """The files of a service as they were installed, with what this town lays over them; none of one that is new."""
    return catalogue.national().tree.of_service(service, towns.current_town())


def over(service: str, files: Files) -> dict[str, str]:
    """The texts that stand in the place of what is installed: those that differ, and empty ones for what is gone."""
    here = installed(service)
    changed = {where: text for where, text in files.items() if here.get(where) != text}
    return changed | {where: "" for where in here if where not in files}


def overlay_of(service: str) -> str:
    """Where the open town writes what it lays over a service."""
    return f"towns/{towns.current_town()}/{service}.yaml"
