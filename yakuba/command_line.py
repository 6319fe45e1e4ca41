"""Commands that work with stored data. They stand in their rooms; what makes the data ready (the database started, Django
set up, new migrations applied) is the command line's own, `site.cli`, which is above all rooms and hands it down. This module
is below all rooms, and imports none.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click


def var_folder() -> Path:
    """The folder of what is kept here: the setting `YAKUBA_VAR`, else `var` where the command was given."""
    return Path(os.environ.get("YAKUBA_VAR", "var")).resolve()


def needs_django(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command works with stored data: whatever the command line gave for it makes that ready first. A command that was
    reached without the command line (a test) finds it ready."""

    @wraps(command)
    def ready(*args: Any, **kwargs: Any) -> Any:
        prepare = click.get_current_context().find_root().obj
        if prepare is not None:
            prepare()
        return command(*args, **kwargs)

    return ready
