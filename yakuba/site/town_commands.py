"""`yakuba town …`: the towns served here, how each stands, and how one comes and goes with all its data."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import click
import orjson

from yakuba.command_line import needs_django

PASSPHRASE = click.option(
    "--passphrase-file",
    type=click.File("r", encoding="utf-8"),
    required=True,
    help="File whose first line is the passphrase; - is standard input.",
)


@click.group()
def town() -> None:
    """Towns: make a synthetic one, see how each stands, move one from here to another installation."""


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
@click.option("--size", is_flag=True, help="How many bytes of data each has: every row is looked at.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def list_(size: bool, as_json: bool) -> None:
    """List the towns and partners here and how the work of each stands, one after the other: people, open cases, those that
    are late, tasks of the system that nobody does, when the log was last signed."""
    from yakuba import clock
    from yakuba.site import town_health

    rows = town_health.of_all(clock.now(), size=size)
    if as_json:
        click.echo(orjson.dumps([asdict(row) for row in rows], option=orjson.OPT_INDENT_2).decode())
        return
    for row in rows:
        click.echo("\t".join(row.line))


@town.command()
@click.argument("code")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A new file.")
@PASSPHRASE
@click.option("--json", "as_json", is_flag=True, help="Print what the file holds as JSON.")
@needs_django
def export(code: str, out: Path, passphrase_file: TextIO, as_json: bool) -> None:
    """Write a town with all its data into one file that another installation imports, sealed with a passphrase. The town goes
    on here."""
    from yakuba import clock
    from yakuba.site.moving_town import leaving

    left = leaving.export(code, out, _first_line(passphrase_file), as_of=clock.now(), say=_say)
    if as_json:
        click.echo(orjson.dumps(left.manifest, option=orjson.OPT_INDENT_2).decode())
        return
    for line in _counts(left.manifest):
        click.echo(line)
    click.echo(f"{out}: {left.bytes:,} bytes, signed with {left.key}")
    click.echo("Give the passphrase and this key to who takes it in by another way than the file.")


@town.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@PASSPHRASE
@click.option("--signed-with", default="", help="The key that `export` printed; refused if it is another.")
@click.option("--by", default="operator", show_default=True, help="Who does it; it is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print what came in as JSON.")
@needs_django
def import_(file: Path, passphrase_file: TextIO, signed_with: str, by: str, as_json: bool) -> None:
    """Take in a town with all its data from the FILE that `export` wrote: all of it, or nothing."""
    from yakuba import clock
    from yakuba.site.moving_town import arriving

    arrived = arriving.take_in(
        file, _first_line(passphrase_file), by=by, as_of=clock.now(), signed_with=signed_with, say=_say
    )
    if as_json:
        told = arrived.manifest | {"left_to_do": arrived.left_to_do}
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    for line in _counts(arrived.manifest):
        click.echo(line)
    click.echo(f"Town {arrived.manifest['town']} is here: every row, both logs and all files as they were.")
    for line in arrived.left_to_do:
        click.echo(f"Still to do: {line}")


def _first_line(file: TextIO) -> str:
    return file.readline().rstrip("\r\n")


def _say(line: str) -> None:
    click.echo(line, err=True)


def _counts(manifest: dict[str, Any]) -> list[str]:
    rows = sum(one["rows"] for one in manifest["tables"].values())
    files = sum(one["files"] for one in manifest["folders"].values())
    case_log, looks = manifest["case_log"], manifest["access_log"]
    return [
        f"{manifest['town']}: {rows:,} rows of {len(manifest['tables'])} tables, {files} files, {manifest['jobs']} jobs",
        f"case log: {case_log['cases']:,} cases, {case_log['events']:,} events, heads {case_log['heads']}",
        f"access log: {looks['events']:,} entries, head {looks['head']}",
        *(f"does not hold, there as here: {one}" for one in manifest["findings"]),
    ]
