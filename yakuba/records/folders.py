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
