"""Files for systems that cannot hold all characters of the standard."""

from __future__ import annotations

import json
from pathlib import Path

import click

from yakuba.records.commands.group import as_json_option, in_language, records, refused, the_file
from yakuba.words import ui

out_option = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The new file."
)
encoding_option = click.option("--encoding", required=True, help="What the system can hold, such as CP932.")
_BESIDE = ".changes.csv"


@records.command("shrink-characters")
@click.argument("file", type=the_file)
@encoding_option
@out_option
@click.option("--table", type=the_file, help="The town's own table of characters (docs/old-data.md).")
@as_json_option
@in_language
def shrink_characters(
    file: Path, encoding: str, out: Path, table: Path | None, as_json: bool, language: str
) -> None:
    """Write a file of the standard for a system that cannot hold all its characters (縮退). What was changed lies beside it in
    OUT.changes.csv. Ends with 1 where a character became 〓."""
    from yakuba.records.shrinking import shrink_file
    from yakuba.records.values.characters import FaultyTable, read_map
    from yakuba.records.values.encodings import Refused, codec

    try:
        own = read_map(table.read_text("utf-8").splitlines()) if table else None
        found = shrink_file(file, out, out.with_name(out.name + _BESIDE), codec(encoding), own)
    except (Refused, FaultyTable) as error:
        raise click.ClickException(error.text.get(language)) from error
    counts = {"rows": found.rows, "texts": found.texts, "unknown": found.unknown}
    click.echo(json.dumps(counts) if as_json else ui("importing.shrunk", language, file=str(out), **counts))
    raise SystemExit(1 if found.unknown else 0)


@records.command("restore-characters")
@click.argument("file", type=the_file)
@encoding_option
@out_option
@in_language
def restore_characters(file: Path, encoding: str, out: Path, language: str) -> None:
    """Undo shrink-characters: with FILE.changes.csv beside it, the file has its characters again, in UTF-8."""
    from yakuba.records.shrinking import restore_file
    from yakuba.records.values.characters import NotTheText
    from yakuba.records.values.encodings import codec

    changes = file.with_name(file.name + _BESIDE)
    if not changes.is_file():
        raise click.ClickException(f"{changes}: there is no such file.")
    try:
        with refused(language):
            count = restore_file(file, changes, out, codec(encoding))
    except NotTheText as error:
        raise click.ClickException(
            ui("importing.not_the_text", language, file=file.name, why=str(error))
        ) from error
    click.echo(ui("importing.restored", language, texts=count))
