"""Addresses in parts, and the base that they are read by."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from yakuba.command_line import var_folder
from yakuba.records.commands.group import records, the_file


def own_addresses() -> Path:
    """Where an address base lies that was brought in here."""
    return var_folder() / "address-base"


base_option = click.option(
    "--base", type=click.Path(file_okay=False, path_type=Path), help="The folder of the base."
)


@records.command("address-base")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=the_file,
)
@base_option
def address_base(files: tuple[Path, ...], base: Path | None) -> None:
    """Load CSV files of the national address base (町字マスター). Addresses are read by them from then on."""
    from yakuba import clock
    from yakuba.records.addresses import FaultyBase, read_registry, write_base

    try:
        names = ", ".join(file.name for file in files)
        read = read_registry(files, f"アドレス・ベース・レジストリ ({names})", as_of=clock.now().date())
    except FaultyBase as error:
        raise click.ClickException(str(error)) from error
    written = write_base(read, base or own_addresses())
    towns = sum(len(one.towns) for one in read.municipalities)
    click.echo(f"{len(read.municipalities):,} municipalities, {towns:,} towns: {written}")


@records.command("normalize-addresses")
@click.argument("file", required=False, type=the_file)
@base_option
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each address.")
@click.option(
    "--agree", is_flag=True, help="Print only what does not agree with the parts that the file gives."
)
def normalize_addresses(file: Path | None, base: Path | None, as_json: bool, agree: bool) -> None:
    """Addresses in parts: of the column 住所 of a CSV file, or one a line; of FILE or of what is piped in. Where the file gives
    parts, how far they agree is counted at the end."""
    from yakuba.records.addresses import FaultyBase
    from yakuba.records.addresses.listing import normalised

    try:
        text = (file.read_bytes() if file else sys.stdin.buffer.read()).decode("utf-8-sig")
        for line, is_result in normalised(
            text, base or own_addresses(), as_json=as_json, only_disagreements=agree
        ):
            click.echo(line, err=not is_result)
    except UnicodeDecodeError as error:
        raise click.ClickException(
            "The file is not UTF-8. yakuba records look FILE says what it is."
        ) from error
    except FaultyBase as error:
        raise click.ClickException(str(error)) from error
