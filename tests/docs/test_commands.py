"""docs/commands.md is the command line itself, written down: every command, what it takes, what it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from yakuba.site.cli import yakuba

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that can be run, with its full name, in alphabetical order."""
    context = click.Context(group)
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        assert command is not None, f"`{path} {name}` is listed and not there"
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield f"{path} {name}", command
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def row(name: str, command: click.Command) -> str:
    """The line of a command: its arguments, its options, the first sentence of its help."""
    context = click.Context(command)
    arguments = [p.make_metavar(context) for p in command.params if isinstance(p, click.Argument)]
    options = [f"`{max(p.opts, key=len)}`" for p in command.params if isinstance(p, click.Option)]
    says = " ".join((command.help or "").split()).replace("|", "\\|")
    return f"| `{' '.join([name, *arguments])}` | {' '.join(options)} | {says} |"


def test_the_page_lists_every_command_with_what_it_takes_and_no_other() -> None:
    now = [row(name, command) for name, command in commands(yakuba, "yakuba")]
    written = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `yakuba")]
    assert written == now, "docs/commands.md is out of date; its rows should be:\n" + "\n".join(now)
