"""`yakuba access emergency …`: disaster mode from the server, when the site cannot be reached. `yakuba offline …`: the packs of shelters, and
taking in what was entered with them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
import orjson

from yakuba.command_line import needs_django

if TYPE_CHECKING:
    from yakuba.access import Worker

town_option = click.option("--town", required=True, help="6-digit code.")
by_option = click.option("--by", required=True, help="Login of the member of staff who says so.")


@click.group()
def emergency() -> None:
    """Disaster mode: declared by one, confirmed by another, over by itself."""


def _staff(town: str, login: str) -> Worker:
    """Whose login it is, in the open town."""
    from yakuba.access import queries

    found = queries.staff_by_login(login)
    if found is None or not found.is_active:
        raise click.BadParameter(f"there is no active account {login!r} in {town}", param_hint="--by")
    return found.worker()


@emergency.command()
@town_option
@by_option
@click.option("--name", required=True, help="Of the disaster.")
@click.option("--reason", required=True)
@click.option("--hours", type=int, default=72, show_default=True, help="How long it lasts, from now on.")
@click.option("--service", "services", multiple=True, help="What comes first; may be given several times.")
@needs_django
def declare(town: str, by: str, name: str, reason: str, hours: int, services: tuple[str, ...]) -> None:
    """Declare it. It begins once somebody else has confirmed it."""
    from yakuba import clock
    from yakuba.access import towns
    from yakuba.channels.disaster import mode
    from yakuba.channels.disaster.errors import DisasterError

    now = clock.now()
    try:
        with towns.inside(town):
            mode.declare(
                name,
                reason,
                now,
                now + timedelta(hours=hours),
                services or mode.FIRST,
                by=_staff(town, by),
                as_of=now,
            )
    except DisasterError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"declared by {by}; now somebody else: yakuba access emergency confirm --town {town} --by LOGIN"
    )


@emergency.command()
@town_option
@by_option
@needs_django
def confirm(town: str, by: str) -> None:
    """Confirm the declaration that waits: it begins."""
    from yakuba import clock
    from yakuba.access import towns
    from yakuba.cases.errors import CaseError
    from yakuba.channels.disaster import mode
    from yakuba.channels.disaster.errors import DisasterError

    try:
        with towns.inside(town):
            waiting = next((one for one in mode.declarations() if one.waits), None)
            if waiting is None:
                raise click.ClickException(f"nothing waits to be confirmed in {town}")
            mode.confirm(waiting.case, by=_staff(town, by), as_of=clock.now())
    except (DisasterError, CaseError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"disaster mode until {_said(waiting.ends)}")


@emergency.command()
@town_option
@by_option
@click.option("--note", required=True, help="Why it ends.")
@needs_django
def end(town: str, by: str, note: str) -> None:
    """End it before its end."""
    from yakuba import clock
    from yakuba.access import towns
    from yakuba.cases.errors import CaseError
    from yakuba.channels.disaster import mode
    from yakuba.channels.disaster.errors import DisasterError

    try:
        with towns.inside(town):
            mode.end(by=_staff(town, by), as_of=clock.now(), note=note)
    except (DisasterError, CaseError) as error:
        raise click.ClickException(str(error)) from error
    click.echo("disaster mode is over")


@emergency.command()
@town_option
@needs_django
def status(town: str) -> None:
    """Whether it is in force: who, why, until when."""
    from yakuba import clock
    from yakuba.access import queries, towns
    from yakuba.channels.disaster import mode

    with towns.inside(town):
        names, found = queries.staff_names(), mode.in_force(clock.now())
        if found is None:
            click.echo("disaster mode is not in force")
        else:
            who = (names.get(one, one) for one in (found.declared_by, found.confirmed_by))
            click.echo(f"disaster mode until {_said(found.ends)}: {found.reason} ({' and '.join(who)})")
            click.echo(f"first: {' '.join(found.services)}")
        for one in mode.declarations():
            if one.waits:
                by = names.get(one.declared_by, one.declared_by)
                click.echo(f"waits for a second person: {one.disaster}, declared by {by}")


def _said(at: datetime) -> str:
    from yakuba.clock import in_tokyo

    return f"{in_tokyo(at):%Y-%m-%d %H:%M}"


@click.group()
def offline() -> None:
    """Packs with which shelters work without a line, and taking in what was entered with them."""


@offline.command()
@click.argument("town")
@click.option("--shelter", required=True, help="Name of the shelter.")
@click.option("--services", help="What is in it, separated by commas; the three of a disaster if not given.")
@click.option("--hours", type=int, default=72, show_default=True, help="How long its list opens.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@needs_django
def pack(town: str, shelter: str, services: str | None, hours: int, out: Path) -> None:
    """Write the pack of a shelter of TOWN, and print its passphrase, this once."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.channels.disaster import mode
    from yakuba.channels.disaster import pack as packs
    from yakuba.channels.disaster.errors import DisasterError

    names = services.split(",") if services else mode.FIRST
    try:
        with towns.inside(town):
            made = packs.make(shelter, names, hours, by=SYSTEM(town), as_of=clock.now())
    except DisasterError as error:
        raise click.ClickException(str(error)) from error
    out.write_bytes(made.content)
    click.echo(f"{out}: {made.cases} cases, until {_said(made.ends)}")
    click.echo(f"passphrase (shown this once): {made.passphrase}")


@offline.command()
@click.argument("file", type=click.File("rb"))
@town_option
@click.option(
    "--language", type=click.Choice(["ja", "easy", "en"]), default="ja", show_default=True,
    help="Of who reads what is wrong.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def merge(file: BinaryIO, town: str, language: str, as_json: bool) -> None:
    """Take in the FILE that a pack exported. The same file again changes nothing."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.channels.disaster import merging
    from yakuba.channels.disaster.errors import DisasterError

    now, taken = clock.now(), list[merging.Taken]()
    try:
        returned = merging.opened(file.read(merging.MOST_BYTES + 1))
        for some in merging.batches(returned):
            with towns.inside(town):
                taken += merging.take_in(returned.pack, some, by=SYSTEM(town), as_of=now, language=language)
    except DisasterError as error:
        raise click.ClickException(error.text.get(language)) from error
    report = merging.counts(taken)
    if as_json:
        rows = [
            {"entry": one.number, "state": one.state, "reference": one.reference, "why": one.why}
            for one in taken
        ]
        click.echo(orjson.dumps({**report, "entries": rows}, option=orjson.OPT_INDENT_2).decode())
        return
    click.echo("\n".join(f"{name}: {value}" for name, value in report.items()))
    for one in taken:
        if one.why and one.wrong:
            click.echo(f"{one.number} ({one.reference}) {one.why}: {one.wrong.get(language)}")
