"""`yakuba records …`: standard data."""

from __future__ import annotations

import click


@click.group()
def records() -> None:
    """Standard data: definitions, addresses, values as the national standard wants them."""


commands = [records]
