"""`yakuba progress …`: the commands of this part."""

from __future__ import annotations

import click

commands: list[click.Command] = []
