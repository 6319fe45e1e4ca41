"""Files: held to the standard, compared, looked at."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yakuba.records.commands.definitions import about
from yakuba.records.commands.group import (
    as_json_option,
    definition_named,
    group_named,
    in_language,
    records,
    the_file,
    the_folder,
)
from yakuba.words import ui

if TYPE_CHECKING:
    from yakuba.records.checking import Engine


engine_option = click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="What runs the checks: this machine alone, or Apache Spark.",
)
master_option = click.option(
    "--master", default="local[*]", show_default=True, help="The cluster of Spark, such as spark://HOST:7077."
)


@contextmanager
def _engine(name: str, master: str) -> Iterator[Engine]:
    from yakuba.records import checking, spark

    if name == "duckdb":
        yield checking.Checked
        return
    try:
        with spark.session(master) as started:
            yield partial(spark.Checked, started)
    except (spark.Absent, spark.NotSpoken) as error:
        raise click.ClickException(str(error)) from error


@records.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, path_type=Path)
)
@click.option("--as", "what", required=True, help="A group of a definition, such as 支払, or ID/GROUP.")
@engine_option
@master_option
@as_json_option
@in_language
def check(files: tuple[Path, ...], what: str, engine: str, master: str, as_json: bool, language: str) -> None:
    """Hold a CSV file to a group of the standard, or several and folders of them that are its parts. Ends with 1 where a row is
    held."""
    from yakuba import clock
    from yakuba.records import checking, telling

    definition, group = group_named(what)
    parts = [one for file in files for one in (sorted(file.glob("*.csv")) if file.is_dir() else [file])]
    if not parts:
        raise click.ClickException(f"{files[0]} has no file whose name ends with .csv.")
    with _engine(engine, master) as by:
        report = checking.check(parts, definition, group, as_of=clock.now().date(), by=by)
    if as_json:
        click.echo(json.dumps(telling.report_json(report, language), ensure_ascii=False, indent=2))
    else:
        click.echo(telling.report_text(report, language))
    raise SystemExit(0 if report.conforms else 1)


@records.command()
@click.argument("folder", type=the_folder)
@click.option("--as", "what", required=True, help="The definition's id, such as child-allowance.")
@engine_option
@master_option
@as_json_option
@in_language
def conform(folder: Path, what: str, engine: str, master: str, as_json: bool, language: str) -> None:
    """Hold what a vendor delivers, a file GROUP.csv for each group (or a folder GROUP of its parts), to an operation. Ends with 1
    where it does not conform."""
    from yakuba import clock
    from yakuba.records import checking, telling

    with _engine(engine, master) as by:
        found = checking.conform(folder, definition_named(what), as_of=clock.now().date(), by=by)
    if as_json:
        groups = [telling.report_json(report, language) for report in found.reports.values()]
        shown = {**about(found.definition), "conforms": found.conforms, "groups": groups}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        click.echo("\n\n".join(telling.report_text(report, language) for report in found.reports.values()))
    raise SystemExit(0 if found.conforms else 1)


@records.command()
@click.argument("old", type=the_file)
@click.argument("new", type=the_file)
@click.option("--as", "what", required=True, help="A group of a definition, such as 支払, or ID/GROUP.")
@as_json_option
@in_language
def compare(old: Path, new: Path, what: str, as_json: bool, language: str) -> None:
    """Compare what the OLD system and the NEW one say of the same things, item by item (現新比較). Ends with 1 where they
    differ."""
    from yakuba.records import comparing, telling
    from yakuba.records.values.encodings import Refused

    definition, group = group_named(what)
    try:
        found = comparing.compare(old, new, definition, group)
    except Refused as refused:
        raise click.ClickException(refused.text.get(language)) from refused
    if as_json:
        click.echo(json.dumps(telling.comparison_json(found), ensure_ascii=False, indent=2))
    else:
        click.echo(telling.comparison_text(found, language))
    raise SystemExit(0 if found.equal else 1)


@records.command("look")
@click.argument("file", type=the_file)
@click.option("--encoding", default="", help="As declared, such as CP932; found when not given.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@in_language
def look_at(file: Path, encoding: str, as_json: bool, language: str) -> None:
    """Look at an old file: its encoding and why, its columns, rows and SHA-256, the first faults; exit 1 for any."""
    from yakuba.records.look import look

    seen = look(file, encoding, language)
    click.echo(json.dumps(seen, ensure_ascii=False) if as_json else _seen(seen, language))
    sys.exit(1 if seen.get("refused") or seen["held"] else 0)


def _seen(seen: dict[str, Any], language: str) -> str:
    if "refused" in seen:
        return str(seen["refused"])
    named = {**seen, "columns": len(seen["heads"]), "heads": ", ".join(seen["heads"])}
    del named["faults"]
    return "\n".join([ui("records.look", language, **named), *(fault["text"] for fault in seen["faults"])])
