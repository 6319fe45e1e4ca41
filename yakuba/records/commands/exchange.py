"""Files on a schedule, and what goes to other towns and comes from them."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from yakuba.command_line import needs_django
from yakuba.records.commands.group import as_json_option, records, town_option


@records.command()
@town_option
@as_json_option
@needs_django
def inbox(town: str, as_json: bool) -> None:
    """Take in what lies in the inbox of a town (YAKUBA_VAR/inbox/CODE/SOURCE), as is done every five minutes. Ends with 1 where
    a file was refused."""
    from django.utils.module_loading import import_string

    from yakuba import clock
    from yakuba.records import held
    from yakuba.records import inbox as inboxes
    from yakuba.records.folders import inbox as folder

    now = clock.now()
    found = inboxes.look_through(town, folder(), import_string(inboxes.BRING_IN), as_of=now)
    held.open_all(town, as_of=now)
    lines = ["\t".join((one.state, one.source, one.file, one.sha256, one.load, one.why)) for one in found]
    text = (
        json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2)
        if as_json
        else "\n".join(lines)
    )
    click.echo(text)
    raise SystemExit(1 if any(one.state == "refused" for one in found) else 0)
