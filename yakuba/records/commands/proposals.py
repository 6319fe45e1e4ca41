"""Proposals for the mapping of an old file."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yakuba.records.commands.group import as_json_option, group_named, in_language, records, refused, the_file

if TYPE_CHECKING:
    from yakuba.records.values.reading import Csv, Excel, Fixed

ROWS = 5_000
"""Good rows of a file that are looked at."""


@records.command()
@click.argument("file", type=the_file)
@click.option("--as", "what", required=True, help="A group of a definition, such as resident-register/住民.")
@click.option("--encoding", default="", help="As declared, such as CP932; found when not given.")
@click.option("--heads", default="", help="Of a file of fixed width: its columns, parted by commas.")
@click.option(
    "--widths", default="", help="Of a file of fixed width: the bytes of each column, parted by commas."
)
@as_json_option
@in_language
def propose(
    file: Path, what: str, encoding: str, heads: str, widths: str, as_json: bool, language: str
) -> None:
    """Propose a mapping for an old FILE, by its heads and by what stands in it, each item with how likely it is. A person
    reads, mends and confirms it."""
    from yakuba.records.importing import proposing
    from yakuba.records.values.encodings import NAMES

    definition, group = group_named(what)
    layout, written = _layout(file, heads, widths)
    with refused(language):
        columns, found = columns_of(file, layout, encoding)
    proposal = proposing.propose(columns, definition, group)
    if as_json:
        click.echo(json.dumps(proposing.as_json(proposal, language), ensure_ascii=False, indent=2))
    else:
        click.echo(proposing.as_yaml(proposal, file.name, NAMES.get(found, ""), language, written), nl=False)


def columns_of(
    file: Path, layout: Csv | Fixed | Excel, encoding: str = ""
) -> tuple[dict[str, list[str]], str]:
    """The first good rows of a file as texts by head, and the file's encoding. Raises Refused."""
    from yakuba.records.values.reading import Row, read

    reading = read(file, layout, encoding)
    rows = list(islice((row.cells for row in reading if isinstance(row, Row)), ROWS))
    return {
        head: [cells[at] for cells in rows] for at, head in enumerate(reading.heads)
    }, reading.decision.encoding


def _layout(file: Path, heads: str, widths: str) -> tuple[Csv | Fixed | Excel, str | dict[str, Any]]:
    """As it is read, and as the mapping file says it."""
    from yakuba.records.values.reading import Csv, Excel, Fixed

    if bool(heads) != bool(widths):
        raise click.UsageError("--heads and --widths go together.")
    if heads:
        names, sizes = heads.split(","), [int(one) for one in widths.split(",") if one.strip().isdigit()]
        if len(names) != len(sizes):
            raise click.UsageError(f"There are {len(names)} heads and {len(sizes)} widths.")
        return Fixed(names, sizes), {"heads": names, "widths": sizes, "lines": True}
    if file.suffix.lower() == ".xlsx":
        return Excel(), "xlsx"
    with file.open("rb") as opened:
        first = opened.readline(100_000)
    return (Csv("\t"), "tsv") if first.count(b"\t") > first.count(b",") else (Csv(), "csv")
