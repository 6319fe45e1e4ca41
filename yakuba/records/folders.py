"""Where the records room keeps files, below the folder of everything that is kept here."""

from __future__ import annotations

from pathlib import Path

from yakuba.command_line import var_folder


def own_standards() -> Path:
    """Definitions that were brought in here, beside those of the project."""
    return var_folder() / "standards"


def inbox() -> Path:
    """Where files of old systems are laid down, by town and source."""
    return var_folder() / "inbox"


def exchange(town: str) -> Path:
    """Keys of a town and of those that it trusts, packages that were refused, receipts of other towns."""
    return var_folder() / "exchange" / town
