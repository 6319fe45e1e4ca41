"""`yakuba assistant acceptance`: what people do with what a machine suggested to them."""

from __future__ import annotations

import json
from datetime import datetime

import click

from yakuba.assistant.commands.group import assistant
from yakuba.command_line import needs_django


@assistant.command()
@click.option("--town", required=True, help="6-digit code of the town.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="A day; ninety days ago where none is given."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def acceptance(town: str, since: datetime | None, as_json: bool) -> None:
    """How much of what was suggested to clerks they used: as it was, changed, or not, and how much they changed."""
    from yakuba import access, clock
    from yakuba.access import SYSTEM, towns
    from yakuba.assistant.helping.acceptance import SINCE
    from yakuba.assistant.helping.acceptance import acceptance as accepted

    with towns.inside(town):
        access.require(SYSTEM(town), "help.measure", access.Resource("Town", town, town))
        now = clock.now()
        begin = since.replace(tzinfo=clock.TOKYO) if since else now - SINCE
        rows = [one.json() for one in accepted(begin, as_of=now)]
    if as_json:
        click.echo(json.dumps({"town": town, "since": begin.date().isoformat(), "kinds": rows}))
        return
    for row in rows or []:
        click.echo("  ".join(f"{name}: {value}" for name, value in row.items()))
    if not rows:
        click.echo("Nothing was suggested to anybody yet: clerks see suggestions on the page of a case.")
