"""`yakuba progress disparity` and `yakuba progress peers`."""

from __future__ import annotations

import json
from pathlib import Path

import click

_TABLE = click.option(
    "--table",
    "given",
    type=click.Path(path_type=Path),
    help="The published table, or the folder it lies in.",
)


@click.command()
@_TABLE
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")
def disparity(given: Path | None, as_json: bool) -> None:
    """Whether all municipalities get on without disparity, from the published table of all of them."""
    from yakuba.progress.disparity import table, told, written
    from yakuba.progress.disparity.report import report

    made = report(table.read(given))
    if as_json:
        click.echo(json.dumps(written.written(made), ensure_ascii=False, indent=1))
    else:
        click.echo(told.told(made))


@click.command()
@click.option("--town", "code", required=True, help="The town's official code of six digits.")
@_TABLE
@click.option("--most", type=click.IntRange(1, 200), default=20, help="How many towns count as alike.")
@click.option("--population", type=click.IntRange(1), help="People, for a town that the table does not have.")
@click.option(
    "--aged", type=click.FloatRange(0, 100), help="Of 100 people, how many are 65 or over; likewise."
)
@click.option("--fiscal-index", type=click.FloatRange(0, 10), help="財政力指数; likewise.")
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")
def peers(
    code: str,
    given: Path | None,
    most: int,
    population: int | None,
    aged: float | None,
    fiscal_index: float | None,
    as_json: bool,
) -> None:
    """Towns most like a town, by size, age and money, and in what they are ahead of it."""
    from yakuba.progress.disparity import table, told, written
    from yakuba.progress.disparity.errors import NoSuchTown
    from yakuba.progress.disparity.peers import Profile, compared, of_town

    whole = table.read(given)
    town = whole.town(code)
    if town is not None:
        found = of_town(whole, town, most)
    elif population is not None:
        found = compared(whole, Profile(population, aged, fiscal_index), most=most)
    else:
        raise NoSuchTown("no_such_town", code=code, file=whole.file.name)
    if as_json:
        click.echo(json.dumps(written.peers(code, found), ensure_ascii=False, indent=1))
    else:
        click.echo(told.peers(code, found))


commands: list[click.Command] = [disparity, peers]
