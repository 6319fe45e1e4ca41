"""`yakuba workbench …`: what a town has published, and its services as files."""

from __future__ import annotations

from pathlib import Path

import click

from yakuba import clock
from yakuba.command_line import needs_django


@click.group()
def workbench() -> None:
    """Services that a town writes and publishes itself."""


town_option = click.option("--town", required=True, help="6-digit code of the town.")


@workbench.command()
@town_option
@needs_django
def published(town: str) -> None:
    """What the town has published over the files, and what is stopped: who, when, why."""
    from yakuba.access import SYSTEM, Resource, require, towns
    from yakuba.workbench import queries

    with towns.inside(town):
        require(SYSTEM(town), "workbench.read", Resource("Town", town, town))
        rows = [row for row in queries.rows() if row.last is not None]
    for row in rows:
        last = row.last
        assert last is not None
        at = clock.say_datetime(last.at, "en")
        click.echo(f"{row.id:28} {row.state:10} {at}  {last.by_name}: {' '.join(last.why.split())}")
    click.echo(f"{len(rows)} services published or stopped in {town}")


@workbench.command()
@town_option
@click.argument("service")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@needs_django
def export(town: str, service: str, folder: Path) -> None:
    """Write the files of a service as they count in the town into a folder like services/; what is there is not overwritten."""
    from yakuba.access import SYSTEM, Resource, require, towns
    from yakuba.workbench import queries

    with towns.inside(town):
        require(SYSTEM(town), "workbench.read", Resource("Town", town, town))
        texts = queries.texts_of(service)
    if not texts:
        raise click.ClickException(f"there is no service {service!r} in {town}.")
    if there := [where for where in texts if (folder / where).exists()]:
        raise click.ClickException(f"{folder / there[0]} is there already; nothing was written.")
    for where, text in texts.items():
        (folder / where).parent.mkdir(parents=True, exist_ok=True)
        (folder / where).write_text(text, encoding="utf-8")
        click.echo(f"wrote {folder / where}")


commands = [workbench]
