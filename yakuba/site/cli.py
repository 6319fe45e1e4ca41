"""The command line: one group, each room's commands in its `commands.py`, loaded when they are asked for."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from yakuba.command_line import var_folder

#: Which room has which command: only that room's module is imported when a command runs.
ROOMS = {
    "access": "site",
    "assistant": "assistant",
    "booking": "booking",
    "catalogue": "declare",
    "check": "declare",
    "clients": "access",
    "decide": "declare",
    "facts": "declare",
    "schema": "declare",
    "new-service": "declare",
    "town": "site",
    "entitled": "channels",
    "push": "channels",
    "intake": "channels",
    "log": "audit",
    "migrate-cases": "cases",
    "retain": "audit",
    "money": "money",
    "staff": "access",
    "policies": "access",
    "security": "site",
    "db": "site",
    "migrate": "site",
    "serve": "site",
    "work": "site",
    "day": "site",
    "robots": "site",
    "records": "records",
    "field": "field",
    "play": "site",
    "workbench": "workbench",
    "run": "site",
    "backup": "site",
    "doctor": "site",
    "restore": "site",
    "paper": "channels",
    "offline": "channels",
    "progress": "progress",
    "voice": "assistant",
}


class Rooms(click.Group):
    """Finds a command in its room's `commands.py`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(ROOMS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in ROOMS:
            return None
        module = import_module(f"yakuba.{ROOMS[name]}.commands")
        return next(command for command in module.commands if command.name == name)


@click.group(
    cls=Rooms,
    # what `command_line.needs_django` finds
    context_settings={"help_option_names": ["-h", "--help"], "obj": lambda: prepare()},
)
def yakuba() -> None:
    """Yakuba (役場): the open-source town hall."""


def prepare() -> None:
    """Start the database unless it runs, set Django up, apply migrations that are new. Raises DatabaseTrouble."""
    from yakuba.site import database

    os.environ["YAKUBA_DB_ADDRESS"] = database.url(var_folder())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yakuba.site.settings")
    import django

    django.setup()
    from yakuba.site import migrate

    migrate.bring_up_to_date()


def main() -> None:
    """Entry point of `yakuba`. Our own errors are printed as they are, without a traceback."""
    try:
        yakuba(standalone_mode=True)
    except Exception as error:
        if getattr(error, "__module__", "").startswith("yakuba."):
            click.echo(str(error), err=True)
            sys.exit(2)
        raise


if __name__ == "__main__":
    main()
