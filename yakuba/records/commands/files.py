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

from yakuba.records.commands import opendata
from yakuba.records.commands.definitions import about
from yakuba.records.commands.group import (
    as_json_option,
    definition_named,
    echo,
    group_named,
    in_language,
    newest_definitions,
    records,
    refused,
    the_file,
    the_folder,
)
from yakuba.records.commands.rules import all_rules
from yakuba.words import ui

if TYPE_CHECKING:
    from yakuba.records.checking import Conformance, Engine
    from yakuba.records.standards import Definition


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
def _engine(name: str, master: str) -> Iterator[Engine | None]:
    if name == "duckdb":
        yield None
        return
    from yakuba.records import spark

    try:
        with spark.session(master) as started:
            yield partial(spark.Checked, started)
    except (spark.Absent, spark.NotSpoken) as error:
        raise click.ClickException(str(error)) from error


@records.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--as", "what", required=True,
    help="A group of a definition, such as 支払, or ID/GROUP; or a dataset of open data, such as evacuation-sites.",
)  # fmt: skip
@engine_option
@master_option
@as_json_option
@in_language
def check(files: tuple[Path, ...], what: str, engine: str, master: str, as_json: bool, language: str) -> None:
    """Hold a CSV file to a group of the standard, or several and folders of them that are its parts; or a file to a dataset of
    open data. Ends with 1 where a row is held."""
    from yakuba import clock
    from yakuba.records import checking, telling

    if opendata.is_dataset(what):
        if len(files) > 1 or files[0].is_dir():
            raise click.UsageError(
                f"A dataset of open data is one file. Check the {len(files)} files one by one."
            )
        opendata.check(files[0], what, as_json, language)
    definition, group = group_named(what)
    parts = [one for file in files for one in (sorted(file.glob("*.csv")) if file.is_dir() else [file])]
    if not parts:
        raise click.ClickException(f"{files[0]} has no file whose name ends with .csv.")
    with _engine(engine, master) as by:
        report = checking.check(parts, definition, group, as_of=clock.now().date(), by=by)
    echo(telling.report_json(report, language), as_json, telling.report_text(report, language))
    raise SystemExit(0 if report.conforms else 1)


@records.command()
@click.argument("folder", type=the_folder)
@click.option(
    "--as", "names", multiple=True, help="A definition's id, such as child-allowance; again for more."
)
@click.option("--all", "every", is_flag=True, help="Every definition that has a folder ID below FOLDER.")
@engine_option
@master_option
@as_json_option
@in_language
def conform(
    folder: Path, names: tuple[str, ...], every: bool, engine: str, master: str, as_json: bool, language: str
) -> None:
    """Hold what a vendor delivers, a file GROUP.csv for each group (or a folder GROUP of its parts), to an operation, or
    ID/GROUP.csv to several, and to the rules across rows (with DuckDB). Ends with 1 where it does not conform."""
    from yakuba import clock
    from yakuba.records import checking

    with _engine(engine, master) as by:
        found = checking.conform_all(
            _deliveries(folder, names, every), as_of=clock.now().date(), rules=all_rules(), by=by
        )
    shown = [_conformance(one, language) for one in found]
    several = {"conforms": all(one.conforms for one in found), "operations": shown}
    text = "\n\n".join(_told(one, language) for one in found)
    echo(several if every or len(names) > 1 else shown[0], as_json, text)
    raise SystemExit(0 if all(one.conforms for one in found) else 1)


def _deliveries(folder: Path, names: tuple[str, ...], every: bool) -> dict[Path, Definition]:
    """Which folder is held to which definition. Raises ClickException: none is named, or one that is not there."""
    if every == bool(names):
        raise click.UsageError("Say --as ID, once or more often, or --all.")
    if not every and len(names) == 1:
        return {folder: definition_named(names[0])}
    if every:
        names = tuple(one.id for one in newest_definitions() if (folder / one.id).is_dir())
    found = {folder / name: definition_named(name) for name in names}
    if missing := [path.name for path in found if not path.is_dir()] or ([] if found else ["ID"]):
        raise click.ClickException(f"{folder}: there is no folder {', '.join(missing)} in it.")
    return found


def _conformance(found: Conformance, language: str) -> dict[str, Any]:
    from yakuba.records import telling

    groups = [telling.report_json(report, language) for report in found.reports.values()]
    return {
        **about(found.definition),
        "conforms": found.conforms,
        "rules": [rule.id for rule in found.rules],
        "groups": groups,
    }


def _told(found: Conformance, language: str) -> str:
    from yakuba.records import telling

    lines = [telling.report_text(report, language) for report in found.reports.values()]
    if found.rules:
        lines.append(ui("rules.asked", language, name=found.definition.name["ja"], count=len(found.rules)))
    return "\n\n".join(lines)


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

    definition, group = group_named(what)
    with refused(language):
        found = comparing.compare(old, new, definition, group)
    echo(telling.comparison_json(found), as_json, telling.comparison_text(found, language))
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
