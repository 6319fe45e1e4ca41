"""`yakuba records …`: standard data."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yakuba.command_line import var_folder
from yakuba.words import LANGUAGES, ui

if TYPE_CHECKING:
    from yakuba.records.standards import Definition

in_language = click.option("--language", type=click.Choice(LANGUAGES), default="ja", show_default=True)


@click.group()
def records() -> None:
    """Standard data: definitions, files held to them, old and new compared."""


# -- definitions of the standard ---------------------------------------------------------------------
def own_standards() -> Path:
    """Where lists lie that were brought in here, beside those of the project."""
    return var_folder() / "standards"


@records.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def standards(name: str | None, as_json: bool) -> None:
    """The item definitions there are; of one NAME its items, group by group."""
    if name:
        one = _definition(name)
        click.echo(json.dumps(_items(one), ensure_ascii=False, indent=2) if as_json else _table(one))
        return
    newest = _newest()
    if as_json:
        click.echo(json.dumps([_about(one) for one in newest], ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join("\t".join(map(str, _about(one).values())) for one in newest))


def _about(one: Definition) -> dict[str, str | int | bool]:
    return {
        "id": one.id,
        "name": one.name["ja"],
        "version": one.version,
        "provisional": one.provisional,
        "groups": len(one.groups()),
        "items": len(one.items),
    }


def _items(one: Definition) -> dict[str, object]:
    groups = {
        group: [
            {
                "id": item.id,
                "name": item.name,
                "romaji": item.romaji,
                "key": item.key,
                "type": item.type,
                "digits": [item.digits.whole, item.digits.fraction] if item.digits else None,
                "code": item.code,
                "output": item.output,
            }
            for item in items
        ]
        for group, items in one.groups().items()
    }
    return {**_about(one), "source": one.source, "groups": groups}


def _table(one: Definition) -> str:
    lines = [f"{one.name['ja']}\t{one.version}\t{one.source}"]
    for group, items in one.groups().items():
        lines.append(f"\n{group}")
        for item in items:
            digits = (
                f"{item.digits.whole}{f',{item.digits.fraction}' * bool(item.digits.fraction)}"
                if item.digits
                else ""
            )
            lines.append(
                "\t".join((item.id, "○" * item.key, item.name, item.romaji, item.type, digits, item.output))
            )
    return "\n".join(lines)


@records.command()
@click.argument("name")
@click.argument("items", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--codes", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its lists of codes."
)
@click.option("--version", required=True, help="What the version is called, such as 2026-08 or 4.0.")
@click.option(
    "--published", required=True, type=click.DateTime(["%Y-%m-%d"]), help="From when it is in force."
)
@click.option("--source", required=True, help="Who published it, and under which title.")
@click.option("--licence", required=True, help="Its terms of use.")
def define(
    name: str, items: Path, codes: Path | None, version: str, published: datetime, source: str, licence: str
) -> None:
    """Bring in the official item definition sheet ITEMS (CSV or XLSX) as a version of NAME. It then stands before a
    provisional one."""
    from yakuba.records.standards import About, FaultyDefinition, bring_in, read_items
    from yakuba.records.standards.library import NOT_WRITTEN

    before = _definition(name)
    try:
        operation = read_items(items.read_bytes(), items.name)[0].id[:3]
        about = About(
            operation=operation, name=before.name, published=_day(published), provisional=False, source=source,
            licence=licence,
        )  # fmt: skip
        made = bring_in(own_standards(), name, version, about, items=items, codes=codes, before=before)
    except FaultyDefinition as error:
        raise click.ClickException(str(error)) from error
    open_ = sum(one.untold == NOT_WRITTEN for one in made.requirements.values())
    click.echo(f"{made.id} {made.version}: {len(made.items)} items in {len(made.groups())} groups.")
    if open_:
        click.echo(
            f"{open_} conditions are to be written in {own_standards() / name / version / 'conditions.yaml'}"
        )


def _day(moment: datetime) -> date:
    return moment.date()


# -- files of the standard ---------------------------------------------------------------------------
@records.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "what", required=True, help="A group of a definition, such as 支払, or ID/GROUP.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@in_language
def check(file: Path, what: str, as_json: bool, language: str) -> None:
    """Hold a CSV file to a group of the standard. Ends with 1 where a row is held."""
    from yakuba import clock
    from yakuba.records import checking, telling

    definition, group = _group(what)
    report = checking.check(file, definition, group, as_of=clock.now().date())
    if as_json:
        click.echo(json.dumps(telling.report_json(report, language), ensure_ascii=False, indent=2))
    else:
        click.echo(telling.report_text(report, language))
    raise SystemExit(0 if report.conforms else 1)


@records.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--as", "what", required=True, help="The definition's id, such as child-allowance.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@in_language
def conform(folder: Path, what: str, as_json: bool, language: str) -> None:
    """Hold what a vendor delivers, a file GROUP.csv for each group, to an operation. Ends with 1 where it does not conform."""
    from yakuba import clock
    from yakuba.records import checking, telling

    found = checking.conform(folder, _definition(what), as_of=clock.now().date())
    if as_json:
        groups = [telling.report_json(report, language) for report in found.reports.values()]
        shown = {**_about(found.definition), "conforms": found.conforms, "groups": groups}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        click.echo("\n\n".join(telling.report_text(report, language) for report in found.reports.values()))
    raise SystemExit(0 if found.conforms else 1)


@records.command()
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "what", required=True, help="A group of a definition, such as 支払, or ID/GROUP.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@in_language
def compare(old: Path, new: Path, what: str, as_json: bool, language: str) -> None:
    """Compare what the OLD system and the NEW one say of the same things, item by item (現新比較). Ends with 1 where they
    differ."""
    from yakuba.records import comparing, telling
    from yakuba.records.values.encodings import Refused

    definition, group = _group(what)
    try:
        found = comparing.compare(old, new, definition, group)
    except Refused as refused:
        raise click.ClickException(refused.text.get(language)) from refused
    if as_json:
        click.echo(json.dumps(telling.comparison_json(found), ensure_ascii=False, indent=2))
    else:
        click.echo(telling.comparison_text(found, language))
    raise SystemExit(0 if found.equal else 1)


def _definition(name: str) -> Definition:
    from yakuba.records.standards import ROOT, FaultyDefinition, definition

    try:
        return definition(name, ROOT, own_standards())
    except (FaultyDefinition, KeyError) as error:
        raise click.ClickException(str(error.args[0])) from error


def _newest() -> list[Definition]:
    """The version in use of each definition."""
    from yakuba.records.standards import ROOT, FaultyDefinition, definitions

    try:
        return [versions[0] for versions in definitions(ROOT, own_standards()).values()]
    except FaultyDefinition as error:
        raise click.ClickException(str(error)) from error


def _group(what: str) -> tuple[Definition, str]:
    """The definition that has a group of that name. Raises ClickException: none, or several."""
    name, _, group = what.rpartition("/")
    known = [_definition(name)] if name else _newest()
    found = [one for one in known if group in one.groups()]
    if len(found) != 1:
        several = ", ".join(f"{one.id}/{group}" for one in found) or "none"
        raise click.ClickException(f"{what}: {several}. yakuba records standards lists what there is.")
    return found[0], group


# -- old files ---------------------------------------------------------------------------------------
@records.command("look")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
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


# -- addresses ---------------------------------------------------------------------------------------
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
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
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
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
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


commands = [records]
