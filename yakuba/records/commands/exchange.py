"""Files on a schedule, and what goes to other towns and comes from them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from yakuba.command_line import needs_django
from yakuba.records.commands.group import (
    as_json_option,
    echo,
    in_language,
    records,
    refused,
    the_file,
    town_option,
)

out_option = click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=".", help="Where the file goes."
)


@records.command()
@town_option
@as_json_option
@needs_django
def inbox(town: str, as_json: bool) -> None:
    """Take in what lies in the inbox of a town (YAKUBA_VAR/inbox/CODE/SOURCE), as is done every five minutes. Ends with 1 where
    a file was refused."""
    from yakuba import clock
    from yakuba.records import held
    from yakuba.records import inbox as inboxes
    from yakuba.records.folders import inbox as folder
    from yakuba.records.importing.unattended import bring_folder

    now = clock.now()
    found = inboxes.look_through(town, folder(), bring_folder, as_of=now)
    held.open_all(town, as_of=now)
    lines = ["\t".join((one.state, one.source, one.file, one.sha256, one.load, one.why)) for one in found]
    echo([asdict(one) for one in found], as_json, "\n".join(lines))
    raise SystemExit(1 if any(one.state == "refused" for one in found) else 0)


@records.command("exchange-keys")
@town_option
@needs_django
def exchange_keys(town: str) -> None:
    """Print the public keys of a town, for other towns to trust; they are made when they are first asked for."""
    from yakuba.records.exchange import Keys
    from yakuba.records.folders import exchange

    click.echo(json.dumps(Keys(exchange(town)).public(), indent=2))


@records.command()
@click.argument("other")
@click.argument("file", type=the_file)
@town_option
@in_language
@needs_django
def trust(other: str, file: Path, town: str, language: str) -> None:
    """Trust the public keys in FILE to be those of the town OTHER. Compare them by telephone first."""
    from yakuba.records.exchange import Keys
    from yakuba.records.folders import exchange

    try:
        keys = json.loads(file.read_text("utf-8"))
    except ValueError:
        keys = {}
    with refused(language):
        Keys(exchange(town)).trust(other, keys)
    click.echo(f"{town} trusts {other}.")


@records.command("hand-over")
@click.argument("people", nargs=-1, required=True, metavar="NUMBER...")
@click.option("--to", required=True, help="6-digit code of the town that they move to.")
@town_option
@out_option
@as_json_option
@in_language
@needs_django
def hand_over(people: tuple[str, ...], to: str, town: str, out: Path, as_json: bool, language: str) -> None:
    """Write the standard data of people who move (宛名番号) as a package that only the town they move to can open."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.records import exchange
    from yakuba.records.folders import exchange as folder

    with refused(language), towns.inside(town):
        keys = exchange.Keys(folder(town))
        package, content = exchange.hand_over(people, to, keys, by=SYSTEM(town), as_of=clock.now())
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{package.id}.package"
    path.write_bytes(content)
    shown = {"package": str(package.id), "to": to, "people": package.people, "file": str(path)}
    echo(shown, as_json, str(path))


@records.command("take-over")
@click.argument("file", type=the_file)
@town_option
@out_option
@as_json_option
@in_language
@needs_django
def take_over(file: Path, town: str, out: Path, as_json: bool, language: str) -> None:
    """Take a package of another town over: it becomes a case, and the receipt that goes back is written. One that is refused
    is kept."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.records import exchange
    from yakuba.records.errors import BadPackage
    from yakuba.records.folders import exchange as folder

    content = file.read_bytes()
    with refused(language):
        try:
            with towns.inside(town):
                keys = exchange.Keys(folder(town))
                receipt, answer = exchange.take_over(content, keys, by=SYSTEM(town), as_of=clock.now())
        except BadPackage as bad:
            exchange.keep_refused(content, folder(town), bad)
            raise
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{receipt.package}.receipt"
    path.write_bytes(answer)
    shown = {"package": str(receipt.package), "reference": receipt.reference, "file": str(path)}
    echo(shown, as_json, f"{receipt.reference}\t{path}")


@records.command()
@click.argument("file", type=the_file)
@town_option
@as_json_option
@in_language
@needs_django
def receipt(file: Path, town: str, as_json: bool, language: str) -> None:
    """Check and keep the receipt of another town for a package that was handed over."""
    from yakuba.access import towns
    from yakuba.records import exchange
    from yakuba.records.folders import exchange as folder

    content = file.read_bytes()
    with refused(language), towns.inside(town):
        found = exchange.acknowledged(content, exchange.Keys(folder(town)))
    kept = folder(town) / "receipts" / f"{found.package}.receipt"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(content)
    echo(found.model_dump(mode="json"), as_json, f"{found.package}\t{found.sender}\t{found.reference}")
