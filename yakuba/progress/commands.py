"""`yakuba progress`: the plan, what it brought, and disparity between localities."""

from __future__ import annotations

import click

from yakuba.progress.brought.commands import commands as brought
from yakuba.progress.disparity.commands import commands as disparity
from yakuba.progress.plan.commands import commands as plan


@click.group()
def progress() -> None:
    """How far towns are with the DX plan, what it brought, and whether all get on without disparity."""


for _command in (*plan, *brought, *disparity):
    progress.add_command(_command)

commands = [progress]
