"""`yakuba town …`: the towns served here."""

from __future__ import annotations

import click

from yakuba.command_line import needs_django


@click.group()
def town() -> None:
    """Towns: make a synthetic one, list them."""


@town.command()
@click.option("--code", required=True, help="6 digits that no real municipality has, such as 394262.")
@click.option("--population", type=click.IntRange(1, 2_000_000), default=4000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--name", default="", help="The town's name.")
@needs_django
def create(code: str, population: int, seed: int, name: str) -> None:
    """Make a synthetic town: nobody in it is real."""
    from yakuba import clock
    from yakuba.register import actions

    made = actions.create_town(code, population, seed, as_of=clock.now().date(), name=name)
    click.echo(
        f"Made {made.prefecture}{made.name} ({code}) with {population:,} synthetic people: nobody is real."
    )


@town.command(name="list")
@needs_django
def list_() -> None:
    """List the towns served here."""
    from yakuba.access import towns
    from yakuba.register import queries

    for one in queries.towns():
        with towns.inside(one.code):
            people = queries.people_count()
        kind = "synthetic" if one.synthetic else ""
        click.echo(f"{one.code}\t{one.prefecture}{one.name}\t{people:,}\t{kind}")


commands = [town]
